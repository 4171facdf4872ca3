/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/sources.h"

#include <string.h>

#include "tests/support/fake_sts.h"
#include "tests/support/harness.h"

static bool fetch(struct credentials_world *world, struct aws_credentials_source source, struct aws_credentials *out,
                  struct err *err)
{
    bool is_done = source.fetch(source.self, &world->call, out, err);
    if (is_done)
        out->secret_access_key = str_copy(world->arena, out->secret_access_key);
    aws_credentials_source_clear(&source);
    return is_done;
}

static void keys_are_given_as_they_are_and_never_expire(void **state)
{
    char key[] = "AKIA";
    struct credentials_world *world = *state;
    struct aws_credentials_source source = aws_credentials_static(str_from(key), STR("secret"), STR(""));
    struct aws_credentials got;
    CLEANUP(err_clear) struct err err = { 0 };
    key[0] = 'X'; /* the source has its own copy */
    assert_true(source.fetch(source.self, &world->call, &got, &err));
    assert_str_equal(got.access_key_id, "AKIA");
    assert_str_equal(got.secret_access_key, "secret");
    assert_true(str_is_empty(got.session_token));
    assert_true(got.expires_wall_ms == 0);
    aws_credentials_source_clear(&source);
    aws_credentials_source_clear(&source);
}

static void a_missing_half_is_an_error_that_names_it(void **state)
{
    struct credentials_world *world = *state;
    struct aws_credentials got;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_false(fetch(world, aws_credentials_static(STR("AKIA"), STR(""), STR("")), &got, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_non_null(strstr(err_text(&err), "no secret_key"));
    assert_false(fetch(world, aws_credentials_static(STR(""), STR("s3cret"), STR("")), &got, &err));
    assert_non_null(strstr(err_text(&err), "no access_key"));
    assert_null(strstr(err_text(&err), "s3cret"));
    assert_false(fetch(world, aws_credentials_static(STR(""), STR(""), STR("tok")), &got, &err));
    assert_int_equal(err.kind, ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_given_as_they_are_and_never_expire),
        cmocka_unit_test(a_missing_half_is_an_error_that_names_it),
    };
    return cmocka_run_group_tests(tests, credentials_world_setup, credentials_world_teardown);
}
