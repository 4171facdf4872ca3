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

static void scene_open(struct scene *scene, struct credentials_world *world, const char *config,
                       const char *credentials, enum aws_profile_naming naming)
{
    CLEANUP(err_clear) struct err err = { 0 };
    *scene = (struct scene){
        .table = { { "/h/.aws/config", str_from(config), ERR_NONE },
                  { "/h/.aws/credentials", str_from(credentials), ERR_NONE } }
    };
    scene->reader = fake_files_reader(scene->table);
    world->doors.reader = &scene->reader;
    const struct env env = { home };
    const struct aws_profile_files_options options = { .env = &env, .reader = &scene->reader };
    assert_true(aws_profile_files_new(&options, &scene->files, &err));
    const struct aws_profile_source_options profile = {
        .doors = &world->doors, .files = scene->files, .profile = STR("p"), .naming = naming
    };
    scene->source = aws_credentials_profile_keys(&profile);
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
    scene_open(&scene, world, config, credentials, is_named ? AWS_PROFILE_BY_ARGUMENT : AWS_PROFILE_BY_NOBODY);
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
    assert_non_null(strstr(err_remedy(&err), "Add aws_access_key_id beside it"));
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
    scene_open(&scene, world, "", "[p]\naws_access_key_id=OLD\naws_secret_access_key=s\n", AWS_PROFILE_BY_ARGUMENT);
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
        cmocka_unit_test(each_fetch_after_the_first_reads_the_files_again),
        cmocka_unit_test(keys_over_several_lines_are_refused_by_the_cache),
    };
    return cmocka_run_group_tests(tests, credentials_world_setup, credentials_world_teardown);
}
