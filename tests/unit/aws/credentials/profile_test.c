/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/sources.h"

#include <string.h>

#include "tests/support/fake_files.h"
#include "tests/support/fake_sts.h"
#include "tests/support/harness.h"

/* Fetches from the profile "p" of a config and a credentials text. */
static bool fetch(struct credentials_world *world, const char *config, const char *credentials, bool is_named,
                  struct aws_credentials *out, struct err *err)
{
    static const char *const entries[] = { "HOME=/h", NULL };
    struct fake_file table[] = {
        { "/h/.aws/config", str_from(config), ERR_NONE },
        { "/h/.aws/credentials", str_from(credentials), ERR_NONE },
        { 0 }
    };
    const struct env env = { entries };
    const struct file_reader reader = fake_files_reader(table);
    const struct aws_profile_files_options options = { .env = &env, .reader = &reader };
    struct aws_profile_files *files = NULL;
    if (!aws_profile_files_new(&options, &files, err))
        return false;
    const struct aws_profile_source_options profile = { files, STR("p"), is_named };
    struct aws_credentials_source source = aws_credentials_profile(&profile);
    struct aws_credentials got = { 0 };
    bool is_done = source.fetch(source.self, &world->call, &got, err);
    if (is_done)
        *out = (struct aws_credentials){
            .access_key_id = str_copy(world->arena, got.access_key_id),
            .secret_access_key = str_copy(world->arena, got.secret_access_key),
            .session_token = str_copy(world->arena, got.session_token),
            .source = str_c(world->arena, str_from(got.source)),
        };
    aws_credentials_source_clear(&source);
    aws_profile_files_free(files);
    return is_done;
}

static void static_keys_are_taken_from_either_file(void **state)
{
    struct aws_credentials got = { 0 };
    struct err err = { 0 };
    assert_true(fetch(*state, "", "[p]\naws_access_key_id=AK\naws_secret_access_key=s\naws_session_token=t\n", false,
                      &got, &err));
    assert_str_equal(got.access_key_id, "AK");
    assert_str_equal(got.session_token, "t");
    assert_string_equal(got.source, "the profile \"p\"");
    assert_true(
        fetch(*state, "[profile p]\naws_access_key_id=C\naws_secret_access_key=s\n", "[q]\n", false, &got, &err));
    assert_str_equal(got.access_key_id, "C");
}

static void a_profile_without_keys_has_none(void **state)
{
    struct aws_credentials got = { 0 };
    struct err err = { 0 };
    assert_false(fetch(*state, "[profile p]\nregion=r\n", "", true, &got, &err));
    assert_int_equal(err.kind, ERR_NOT_FOUND);
}

static void half_a_pair_is_an_error(void **state)
{
    struct aws_credentials got = { 0 };
    struct err err = { 0 };
    assert_false(fetch(*state, "", "[p]\naws_secret_access_key=s3cret\n", false, &got, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_non_null(strstr(err.text, "has aws_secret_access_key without aws_access_key_id"));
    assert_null(strstr(err.text, "s3cret"));
}

static void a_named_profile_must_exist_and_default_need_not(void **state)
{
    struct aws_credentials got = { 0 };
    struct err err = { 0 };
    assert_false(fetch(*state, "[default]\n", "", true, &got, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_non_null(
        strstr(err.text, "the profile \"p\" does not exist; looked at /h/.aws/config, /h/.aws/credentials"));
    assert_false(fetch(*state, "[default]\n", "", false, &got, &err));
    assert_int_equal(err.kind, ERR_NOT_FOUND);
}

static void every_other_way_is_refused_by_name(void **state)
{
    static const char *const keys[] = { "source_profile",          "role_arn",      "credential_source",
                                        "web_identity_token_file", "sso_session",   "sso_start_url",
                                        "sso_account_id",          "sso_role_name", "login_session",
                                        "credential_process" };
    struct credentials_world *world = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(keys); i++) {
        struct str config = str_format(world->arena, "[profile p]\n%s = something\n", keys[i]);
        struct aws_credentials got = { 0 };
        struct err err = { 0 };
        assert_false(fetch(world, config.ptr, "", false, &got, &err));
        assert_int_equal(err.kind, ERR_INVALID);
        assert_non_null(strstr(err.text, keys[i]));
        assert_non_null(strstr(err.text, "not supported yet"));
        assert_true(err.remedy[0] != '\0');
    }
}

static void static_keys_come_before_sso_but_not_before_a_role(void **state)
{
    struct aws_credentials got = { 0 };
    struct err err = { 0 };
    const char *keys = "[p]\naws_access_key_id=AK\naws_secret_access_key=s\n";
    assert_true(fetch(*state, "[profile p]\nsso_session=s\ncredential_process=x\n", keys, false, &got, &err));
    assert_false(fetch(*state, "[profile p]\nrole_arn=arn:aws:iam::1:role/r\n", keys, false, &got, &err));
    assert_int_equal(err.kind, ERR_INVALID);
}

static void keys_over_several_lines_are_refused_by_the_cache(void **state)
{
    struct credentials_world *world = *state;
    struct aws_credentials got = { 0 };
    struct err err = { 0 };
    assert_true(fetch(world, "", "[p]\naws_access_key_id=AK\n  X-Evil\naws_secret_access_key=s\n", false, &got, &err));
    const struct aws_credentials_source source =
        aws_credentials_static(got.access_key_id, got.secret_access_key, STR(""));
    struct aws_credentials_cache *cache = aws_credentials_cache_new(source, &world->clock.clock);
    assert_false(aws_credentials_cache_get(cache, &world->call, &got, &err));
    aws_credentials_cache_free(cache);
    assert_int_equal(err.kind, ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(static_keys_are_taken_from_either_file),
        cmocka_unit_test(a_profile_without_keys_has_none),
        cmocka_unit_test(half_a_pair_is_an_error),
        cmocka_unit_test(a_named_profile_must_exist_and_default_need_not),
        cmocka_unit_test(every_other_way_is_refused_by_name),
        cmocka_unit_test(static_keys_come_before_sso_but_not_before_a_role),
        cmocka_unit_test(keys_over_several_lines_are_refused_by_the_cache),
    };
    return cmocka_run_group_tests(tests, credentials_world_setup, credentials_world_teardown);
}
