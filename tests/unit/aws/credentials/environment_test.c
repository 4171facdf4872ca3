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

static void the_end_of_a_session_may_be_beside_its_keys(void **state)
{
    static const char *const entries[] = { "AWS_ACCESS_KEY_ID=AK", "AWS_SECRET_ACCESS_KEY=s", "AWS_SESSION_TOKEN=t",
                                           "AWS_CREDENTIAL_EXPIRATION=2026-01-01T02:00:00+02:00", NULL };
    static const char *const unknown[] = { "AWS_ACCESS_KEY_ID=AK", "AWS_SECRET_ACCESS_KEY=s", "AWS_SESSION_TOKEN=t",
                                           "AWS_CREDENTIAL_EXPIRATION=soon", NULL };
    struct aws_credentials got;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(fetch(*state, entries, &got, &err));
    assert_true(got.ends_wall_ms == 1767225600000 && got.expires_wall_ms == got.ends_wall_ms);
    assert_true(fetch(*state, unknown, &got, &err));
    assert_true(got.ends_wall_ms == AWS_ENDS_UNKNOWN && got.expires_wall_ms == 0);
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

static void one_half_alone_is_none_and_both_variables_are_named(void **state)
{
    static const struct {
        const char *entries[3], *text;
    } rows[] = {
        { { "AWS_ACCESS_KEY_ID=AKIA", "AWS_SECRET_ACCESS_KEY=" },
         "environment: AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not, and one without the other is not "
          "used"                                                                                                                         },
        { { "AWS_SECRET_ACCESS_KEY=s3cret" },                      "AWS_SECRET_ACCESS_KEY is set and AWS_ACCESS_KEY_ID is not"           },
        { { "AWS_ACCESS_KEY=AKIA" },                               "environment: AWS_ACCESS_KEY is set and AWS_SECRET_ACCESS_KEY is not" },
        { { "AWS_SECRET_KEY=s3cret", "AWS_SESSION_TOKEN=s3cret" },
         "AWS_SECRET_KEY is set and AWS_ACCESS_KEY_ID is not"                                                                            },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct aws_credentials got;
        CLEANUP(err_clear) struct err err = { 0 };
        assert_false(fetch(*state, rows[i].entries, &got, &err));
        assert_int_equal(err.kind, ERR_NOT_FOUND);
        assert_non_null(strstr(err_text(&err), rows[i].text));
        assert_null(strstr(err_text(&err), "AKIA"));
        assert_null(strstr(err_text(&err), "s3cret"));
    }
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
        cmocka_unit_test(the_end_of_a_session_may_be_beside_its_keys),
        cmocka_unit_test(the_older_names_are_read_where_the_newer_are_missing),
        cmocka_unit_test(one_half_alone_is_none_and_both_variables_are_named),
        cmocka_unit_test(an_empty_environment_has_none),
    };
    return cmocka_run_group_tests(tests, credentials_world_setup, credentials_world_teardown);
}
