/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/sources.h"

#include <string.h>

#include "tests/support/fake_files.h"
#include "tests/support/fake_sts.h"
#include "tests/support/harness.h"

static const char *const home[] = { "HOME=/h", NULL };

/* The source of the profile "p" over a config and a credentials text. */
struct scene {
    struct fake_file table[3];
    struct file_reader reader;
    struct aws_profile_files *files;
    struct aws_credentials_source source;
};

static void scene_open(struct scene *scene, const char *config, const char *credentials, enum aws_profile_naming naming)
{
    CLEANUP(err_clear) struct err err = { 0 };
    *scene = (struct scene){
        .table = { { "/h/.aws/config", str_from(config), ERR_NONE },
                  { "/h/.aws/credentials", str_from(credentials), ERR_NONE } }
    };
    scene->reader = fake_files_reader(scene->table);
    const struct env env = { home };
    const struct aws_profile_files_options options = { .env = &env, .reader = &scene->reader };
    assert_true(aws_profile_files_new(&options, &scene->files, &err));
    const struct aws_profile_source_options profile = {
        .files = scene->files, .reader = &scene->reader, .profile = STR("p"), .naming = naming
    };
    scene->source = aws_credentials_profile(&profile);
}

static void scene_close(struct scene *scene)
{
    aws_credentials_source_clear(&scene->source);
    aws_profile_files_free(scene->files);
}

static bool fetch(struct credentials_world *world, const char *config, const char *credentials, bool is_named,
                  struct aws_credentials *out, struct err *err)
{
    struct scene scene;
    struct aws_credentials got = { 0 };
    scene_open(&scene, config, credentials, is_named ? AWS_PROFILE_BY_ARGUMENT : AWS_PROFILE_BY_NOBODY);
    bool is_done = scene.source.fetch(scene.source.self, &world->call, &got, err);
    if (is_done)
        *out = (struct aws_credentials){
            .access_key_id = str_copy(world->arena, got.access_key_id),
            .secret_access_key = str_copy(world->arena, got.secret_access_key),
            .session_token = str_copy(world->arena, got.session_token),
            .source = str_c(world->arena, str_from(got.source)),
        };
    scene_close(&scene);
    return is_done;
}

static void static_keys_are_taken_from_either_file(void **state)
{
    struct aws_credentials got = { 0 };
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(fetch(*state, "", "[p]\naws_access_key_id=AK\naws_secret_access_key=s\naws_session_token=t\n", false,
                      &got, &err));
    assert_str_equal(got.access_key_id, "AK");
    assert_str_equal(got.session_token, "t");
    assert_string_equal(got.source, "the profile \"p\" (/h/.aws/credentials, line 2)");
    assert_true(
        fetch(*state, "[profile p]\naws_access_key_id=C\naws_secret_access_key=s\n", "[q]\n", false, &got, &err));
    assert_str_equal(got.access_key_id, "C");
}

static void a_profile_without_keys_has_none(void **state)
{
    struct aws_credentials got = { 0 };
    CLEANUP(err_clear) struct err err = { 0 };
    assert_false(fetch(*state, "[profile p]\nregion=r\n", "", true, &got, &err));
    assert_int_equal(err.kind, ERR_NOT_FOUND);
    assert_non_null(strstr(err_text(&err), "no aws_access_key_id and aws_secret_access_key in /h/.aws/config, "));
}

/* The keys may be in the file that was not read. */
static void a_profile_without_keys_names_what_is_wrong_with_the_files(void **state)
{
    struct aws_credentials got = { 0 };
    CLEANUP(err_clear) struct err err = { 0 };
    assert_false(fetch(*state, "[profile p]\nregion=r\n", "[profile p]\naws_access_key_id=AK\n", true, &got, &err));
    assert_non_null(strstr(err_text(&err), "/h/.aws/credentials (line 1: write [p], not [profile p])"));
}

static void half_a_pair_is_an_error(void **state)
{
    struct aws_credentials got = { 0 };
    CLEANUP(err_clear) struct err err = { 0 };
    assert_false(fetch(*state, "", "[p]\naws_secret_access_key=s3cret\n", false, &got, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_non_null(
        strstr(err_text(&err), "has aws_secret_access_key without aws_access_key_id in /h/.aws/credentials, line 2"));
    assert_null(strstr(err_text(&err), "s3cret"));
}

static void a_named_profile_must_exist_and_default_need_not(void **state)
{
    struct aws_credentials got = { 0 };
    CLEANUP(err_clear) struct err err = { 0 };
    assert_false(fetch(*state, "[default]\n", "", true, &got, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_non_null(strstr(err_text(&err), "the profile \"p\" was not found in /h/.aws/config, /h/.aws/credentials"));
    assert_false(fetch(*state, "[default]\n", "", false, &got, &err));
    assert_int_equal(err.kind, ERR_NOT_FOUND);
}

static void every_other_way_is_refused_by_name(void **state)
{
    static const char *const keys[] = { "source_profile", "credential_source", "web_identity_token_file",
                                        "sso_session",    "sso_start_url",     "sso_account_id",
                                        "sso_role_name",  "login_session",     "credential_process" };
    struct credentials_world *world = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(keys); i++) {
        struct str config = str_format(world->arena, "[profile p]\n%s = something\n", keys[i]);
        struct aws_credentials got = { 0 };
        CLEANUP(err_clear) struct err err = { 0 };
        assert_false(fetch(world, config.ptr, "", false, &got, &err));
        assert_int_equal(err.kind, ERR_INVALID);
        assert_non_null(strstr(err_text(&err), keys[i]));
        assert_true(err_remedy(&err)[0] != '\0');
    }
}

#define ROLE "role_arn = arn:aws:iam::111122223333:role/r\n"
#define KEYS "aws_access_key_id = AK\naws_secret_access_key = hush\n"
#define EXPORT "eval \"$(aws configure export-credentials --profile "

static void the_advice_follows_the_base_of_the_profile(void **state)
{
    static const struct {
        const char *config, *text, *remedy, *absent;
    } rows[] = {
        /* Keys: named by their profile, or already the profile's own. */
        { "[profile p]\n" ROLE "source_profile=b\n[profile b]\n" KEYS,                                        "credentials of source_profile \"b\"",
         "Set `profile` of the provider to \"b\", which has the keys. Write the role as an assume_role block",                                                                                                                                         "export"        },
        { "[profile p]\n" ROLE "source_profile=p\n" KEYS,                                                     "its own credentials",
         "Remove role_arn and source_profile from the profile. Write the role",                                                                                                                                                                        "export"        },
        { "[profile p]\n" ROLE KEYS,                                                                          "its own credentials",                          "Write the role as an assume_role block",                                                "Set `profile`" },
        { "[profile p]\n" ROLE "source_profile=q\n[profile q]\n" ROLE "source_profile=b\n[profile b]\n" KEYS,
         "source_profile \"b\"",                                                                                                                              "Write the roles as assume_role blocks of the provider, the one next to the base first", "export"        },
        { "[profile p]\n" ROLE "source_profile=b\n[profile b]\nsso_session=s\n" KEYS,                         "source_profile \"b\"",
         "Set `profile` of the provider to \"b\"",                                                                                                                                                                                                     "export"        },
        /* No keys to name. */
        { "[profile p]\nlogin_session=x\n",                                                                   "by login_session",                             EXPORT "p --format env)\". Remove `profile`",
         "assume_role"                                                                                                                                                                                                                                                 },
        { "[profile p]\n" ROLE "source_profile=b\n[profile b]\nlogin_session=x\n",                            "which come by login_session",
         EXPORT "b --format env)\". Remove `profile` from the provider block, which goes before them, and set "
                 "`region` if it came "
                 "from the profile. Write the role",                                                                                                                                                                                                   "Set `profile`" },
        { "[profile p]\n" ROLE "source_profile=It's mine\n[profile It's mine]\ncredential_process=hush\n",
         "which come by credential_process",                                                                                                                  EXPORT "'It'\\''s mine' --format env)",                                                  "Set `profile`" },
        { "[profile p]\n" ROLE "credential_source=Ec2InstanceMetadata\n",                                     "which come by credential_source",
         EXPORT "p --format",                                                                                                                                                                                                                          "assume_role"   },
        { "[profile p]\n" ROLE "source_profile=e\n[profile e]\n" ROLE "credential_source=EcsContainer\n",
         "which come by credential_source",                                                                                                                   EXPORT "e --format",                                                                     "roles"         },
        { "[profile p]\n" ROLE,                                                                               "its own credentials, of which there are none", "a profile that has keys",                                                               "export"        },
        /* The environment's. */
        { "[profile p]\n" ROLE "credential_source=Environment\n",                                             "which come by credential_source",
         "Remove `profile` from the provider block, and set `region` if it came from the profile: AWS_ACCESS_KEY_ID "
          "and "
          "AWS_SECRET_ACCESS_KEY are used then. Write the role",                                                                                                                                                                                       "export"        },
        { "[profile p]\n" ROLE "source_profile=e\n[profile e]\n" ROLE "credential_source=Environment\n",
         "source_profile \"e\"",                                                                                                                              "Remove `profile`",                                                                      "export"        },
        /* Web identities. */
        { "[profile p]\n" ROLE "web_identity_token_file=/t\n",                                                "which come by web_identity_token_file",
         "role_arn and web_identity_token_file as an assume_role_with_web_identity block",                                                                                                                                                             "export"        },
        { "[profile p]\n" ROLE "source_profile=w\n[profile w]\n" ROLE "web_identity_token_file=/t\n",
         "source_profile \"w\"",                                                                                                                              "assume_role_with_web_identity block of the provider. Write the role",                   "export"        },
        /* Not to be followed. */
        { "[profile p]\nsource_profile=b\n[profile b]\n" KEYS,                                                "has source_profile but no role_arn",
         "Remove `source_profile`",                                                                                                                                                                                                                    "export"        },
        { "[profile p]\n" ROLE "source_profile=gone\n",
         "source_profile of the profile \"p\": the profile \"gone\" was not found in /h/.aws/config, ",                                                       "Correct source_profile of the profile \"p\"",                                           "export"        },
        { "[profile p]\n" ROLE "source_profile=q\n[profile q]\n" ROLE "source_profile=p\n",                   "name each other",
         "a profile that has keys",                                                                                                                                                                                                                    "export"        },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct aws_credentials got = { 0 };
        CLEANUP(err_clear) struct err err = { 0 };
        assert_false(fetch(*state, rows[i].config, "", true, &got, &err));
        assert_int_equal(err.kind, ERR_INVALID);
        if (!strstr(err_text(&err), rows[i].text) || !strstr(err_remedy(&err), rows[i].remedy) ||
            strstr(err_remedy(&err), rows[i].absent) || strstr(err_text(&err), "hush"))
            fail_msg("row %zu: %s. %s", i, err_text(&err), err_remedy(&err));
    }
}

/* A profile of AWS_PROFILE comes after the environment's keys: it need not go, they are not set. */
static void the_advice_follows_who_names_the_profile(void **state)
{
    static const struct {
        const char *config, *remedy;
    } rows[] = {
        { "[profile p]\nsso_session=x\n",                         "--format env)\"."                                 },
        { "[profile p]\n" ROLE "credential_source=Environment\n", "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY." },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct aws_credentials got = { 0 };
        CLEANUP(err_clear) struct err err = { 0 };
        assert_false(fetch(*state, rows[i].config, "", false, &got, &err));
        assert_non_null(strstr(err_remedy(&err), rows[i].remedy));
        assert_null(strstr(err_remedy(&err), "Remove `profile`"));
    }
}

static struct str fetched_key(struct credentials_world *world, struct scene *scene)
{
    struct aws_credentials got = { 0 };
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(scene->source.fetch(scene->source.self, &world->call, &got, &err));
    return str_copy(world->arena, got.access_key_id);
}

static void each_fetch_after_the_first_reads_the_files_again(void **state)
{
    struct credentials_world *world = *state;
    struct scene scene;
    scene_open(&scene, "", "[p]\naws_access_key_id=OLD\naws_secret_access_key=s\n", AWS_PROFILE_BY_ARGUMENT);
    struct fake_file *file = &scene.table[1];
    assert_str_equal(fetched_key(world, &scene), "OLD");
    file->text = STR("[p]\naws_access_key_id=NEW\naws_secret_access_key=s\n");
    assert_str_equal(fetched_key(world, &scene), "NEW");
    file->text = STR("[p]\naws_access_key_id=HALF\n"); /* caught while it is written */
    assert_str_equal(fetched_key(world, &scene), "NEW");
    file->failure = ERR_INVALID;
    assert_str_equal(fetched_key(world, &scene), "NEW");
    *file = (struct fake_file){ file->path, STR("[p]\naws_access_key_id=NEWER\naws_secret_access_key=s\n"), ERR_NONE };
    assert_str_equal(fetched_key(world, &scene), "NEWER");
    scene_close(&scene);
}

static void static_keys_come_before_sso_but_not_before_a_role(void **state)
{
    struct aws_credentials got = { 0 };
    CLEANUP(err_clear) struct err err = { 0 };
    const char *keys = "[p]\naws_access_key_id=AK\naws_secret_access_key=s\n";
    assert_true(fetch(*state, "[profile p]\nsso_session=s\ncredential_process=x\n", keys, false, &got, &err));
    assert_false(fetch(*state, "[profile p]\nrole_arn=arn:aws:iam::1:role/r\n", keys, false, &got, &err));
    assert_int_equal(err.kind, ERR_INVALID);
}

static void keys_over_several_lines_are_refused_by_the_cache(void **state)
{
    struct credentials_world *world = *state;
    struct aws_credentials got = { 0 };
    CLEANUP(err_clear) struct err err = { 0 };
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
        cmocka_unit_test(a_profile_without_keys_names_what_is_wrong_with_the_files),
        cmocka_unit_test(half_a_pair_is_an_error),
        cmocka_unit_test(a_named_profile_must_exist_and_default_need_not),
        cmocka_unit_test(every_other_way_is_refused_by_name),
        cmocka_unit_test(the_advice_follows_the_base_of_the_profile),
        cmocka_unit_test(the_advice_follows_who_names_the_profile),
        cmocka_unit_test(each_fetch_after_the_first_reads_the_files_again),
        cmocka_unit_test(static_keys_come_before_sso_but_not_before_a_role),
        cmocka_unit_test(keys_over_several_lines_are_refused_by_the_cache),
    };
    return cmocka_run_group_tests(tests, credentials_world_setup, credentials_world_teardown);
}
