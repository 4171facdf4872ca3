/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/sources.h"

#include <string.h>

#include "tests/support/fake_files.h"
#include "tests/support/fake_sts.h"
#include "tests/support/harness.h"

static bool fetch(struct credentials_world *world, const char *const *entries, unsigned times,
                  struct aws_credentials *out, struct err *err)
{
    struct fake_file table[] = {
        { "/token", STR("tok"), ERR_NONE },
        { 0 }
    };
    const struct env env = { entries };
    const struct file_reader reader = fake_files_reader(table);
    world->doors.env = &env;
    world->doors.reader = &reader;
    struct aws_credentials_source source = aws_credentials_web_identity_environment(&world->doors);
    bool is_done = false;
    for (unsigned i = 0; i < times; i++)
        is_done = source.fetch(source.self, &world->call, out, err);
    aws_credentials_source_clear(&source);
    return is_done;
}

static void the_variables_make_the_source(void **state)
{
    static const char *const entries[] = { "AWS_WEB_IDENTITY_TOKEN_FILE=/token", "AWS_ROLE_ARN=arn:aws:iam::1:role/r",
                                           "AWS_ROLE_SESSION_NAME=pod", NULL };
    struct credentials_world *world = *state;
    struct aws_credentials got;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(fetch(world, entries, 2, &got, &err));
    assert_str_equal(got.access_key_id, "ASIA2");
    assert_str_equal(world->sts.asked.session_name, "pod");
    assert_str_equal(world->sts.asked.web_identity_token, "tok");
}

static void a_missing_role_is_an_error_and_no_token_file_is_none(void **state)
{
    static const char *const no_role[] = { "AWS_WEB_IDENTITY_TOKEN_FILE=/token", NULL };
    static const char *const role_only[] = { "AWS_ROLE_ARN=arn:aws:iam::1:role/r", NULL };
    struct aws_credentials got;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_false(fetch(*state, no_role, 1, &got, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_non_null(strstr(err_remedy(&err), "Set AWS_ROLE_ARN"));
    assert_false(fetch(*state, role_only, 2, &got, &err));
    assert_int_equal(err.kind, ERR_NOT_FOUND);
}

static void a_session_name_that_sts_refuses_is_named(void **state)
{
    static const char *const names[] = { "AWS_ROLE_SESSION_NAME=feature/x", "AWS_ROLE_SESSION_NAME=a b",
                                         "AWS_ROLE_SESSION_NAME=a", "AWS_ROLE_SESSION_NAME=b\xc3\xbcro" };
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        struct credentials_world *world = *state;
        const char *const entries[] = { "AWS_WEB_IDENTITY_TOKEN_FILE=/token", "AWS_ROLE_ARN=arn:aws:iam::1:role/r",
                                        names[i], NULL };
        const unsigned before = world->sts.calls;
        struct aws_credentials got;
        CLEANUP(err_clear) struct err err = { 0 };
        assert_false(fetch(world, entries, 1, &got, &err));
        assert_int_equal(err.kind, ERR_INVALID);
        assert_int_equal(world->sts.calls, before);
        assert_non_null(strstr(err_text(&err), "AWS_ROLE_SESSION_NAME is \""));
        assert_non_null(strstr(err_remedy(&err), "2 to 64"));
    }
}

static void a_token_file_that_is_gone_is_final(void **state)
{
    static const char *const entries[] = { "AWS_WEB_IDENTITY_TOKEN_FILE=/gone", "AWS_ROLE_ARN=arn:aws:iam::1:role/r",
                                           NULL };
    struct aws_credentials got;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_false(fetch(*state, entries, 1, &got, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_non_null(strstr(err_text(&err), "/gone"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_variables_make_the_source),
        cmocka_unit_test(a_missing_role_is_an_error_and_no_token_file_is_none),
        cmocka_unit_test(a_session_name_that_sts_refuses_is_named),
        cmocka_unit_test(a_token_file_that_is_gone_is_final),
    };
    return cmocka_run_group_tests(tests, credentials_world_setup, credentials_world_teardown);
}
