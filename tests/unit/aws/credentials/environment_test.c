/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/sources.h"

#include <string.h>

#include "tests/support/fake_sts.h"
#include "tests/support/harness.h"

static bool fetch(struct credentials_world *world, const char *const *entries, struct aws_credentials *out,
                  struct err *err)
{
    const struct env env = { entries };
    struct aws_credentials_source source = aws_credentials_environment(&env);
    bool is_done = source.fetch(source.self, &world->call, out, err);
    aws_credentials_source_clear(&source);
    return is_done;
}

static void keys_and_token_come_from_the_variables(void **state)
{
    static const char *const entries[] = { "AWS_ACCESS_KEY_ID=AKIA", "AWS_SECRET_ACCESS_KEY=se=cret",
                                           "AWS_SESSION_TOKEN=tok", NULL };
    struct aws_credentials got;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(fetch(*state, entries, &got, &err));
    assert_str_equal(got.access_key_id, "AKIA");
    assert_str_equal(got.secret_access_key, "se=cret");
    assert_str_equal(got.session_token, "tok");
    assert_string_equal(got.source, "the environment (AWS_SESSION_TOKEN)");
}

static void the_older_names_are_read_where_the_newer_are_missing(void **state)
{
    static const char *const entries[] = { "AWS_ACCESS_KEY=old", "AWS_SECRET_KEY=old-secret",
                                           "AWS_SECRET_ACCESS_KEY=secret", NULL };
    struct aws_credentials got;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(fetch(*state, entries, &got, &err));
    assert_str_equal(got.access_key_id, "old");
    assert_str_equal(got.secret_access_key, "secret");
    assert_true(str_is_empty(got.session_token));
}

static void one_half_alone_is_none(void **state)
{
    static const char *const id_only[] = { "AWS_ACCESS_KEY_ID=AKIA", "AWS_SECRET_ACCESS_KEY=", NULL };
    static const char *const secret_only[] = { "AWS_SECRET_ACCESS_KEY=s3cret", NULL };
    struct aws_credentials got;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_false(fetch(*state, id_only, &got, &err));
    assert_int_equal(err.kind, ERR_NOT_FOUND);
    assert_non_null(strstr(err_text(&err), "only AWS_ACCESS_KEY_ID is set"));
    assert_false(fetch(*state, secret_only, &got, &err));
    assert_int_equal(err.kind, ERR_NOT_FOUND);
    assert_null(strstr(err_text(&err), "s3cret"));
}

static void an_empty_environment_has_none(void **state)
{
    static const char *const nothing[] = { NULL };
    struct aws_credentials got;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_false(fetch(*state, nothing, &got, &err));
    assert_int_equal(err.kind, ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_and_token_come_from_the_variables),
        cmocka_unit_test(the_older_names_are_read_where_the_newer_are_missing),
        cmocka_unit_test(one_half_alone_is_none),
        cmocka_unit_test(an_empty_environment_has_none),
    };
    return cmocka_run_group_tests(tests, credentials_world_setup, credentials_world_teardown);
}
