/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/sources.h"

#include <string.h>

#include "tests/support/fake_files.h"
#include "tests/support/fake_sts.h"
#include "tests/support/harness.h"

/* A chain over an environment and one credentials file; `profile` as in the block. */
struct scene {
    struct env env;
    struct fake_file table[3];
    struct file_reader reader;
    struct aws_profile_files *files;
    struct aws_credentials_source source;
};

static void scene_open(struct scene *scene, struct credentials_world *world, const char *const *entries,
                       const char *credentials, const char *profile)
{
    CLEANUP(err_clear) struct err err = { 0 };
    *scene = (struct scene){
        .env = { entries },
        .table = { { "/h/.aws/credentials", str_from(credentials), ERR_NONE }, { "/token", STR("tok"), ERR_NONE } },
    };
    scene->reader = fake_files_reader(scene->table);
    const struct aws_profile_files_options files = { .env = &scene->env, .reader = &scene->reader };
    assert_true(aws_profile_files_new(&files, &scene->files, &err));
    world->doors.env = &scene->env;
    world->doors.reader = &scene->reader;
    world->doors.metadata_switch = AWS_METADATA_OFF;
    const struct aws_credentials_chain_options chain = {
        .doors = &world->doors,
        .files = scene->files,
        .profile = str_from(profile),
    };
    scene->source = aws_credentials_chain(&chain);
}

static void scene_close(struct scene *scene)
{
    aws_credentials_source_clear(&scene->source);
    aws_profile_files_free(scene->files);
}

/* The key id that the chain comes to, or the text of its error. */
static struct str outcome(struct credentials_world *world, const char *const *entries, const char *credentials,
                          const char *profile, struct err *err)
{
    struct scene scene;
    struct aws_credentials got;
    scene_open(&scene, world, entries, credentials, profile);
    bool is_done = scene.source.fetch(scene.source.self, &world->call, &got, err);
    struct str text = str_copy(world->arena, is_done ? got.access_key_id : str_from(err_text(err)));
    scene_close(&scene);
    return text;
}

static const char both_profiles[] = "[default]\naws_access_key_id=DEFAULT\naws_secret_access_key=s\n"
                                    "[p]\naws_access_key_id=P\naws_secret_access_key=s\n";
static const char *const home[] = { "HOME=/h", NULL };
static const char *const with_keys[] = { "HOME=/h", "AWS_ACCESS_KEY_ID=ENV", "AWS_SECRET_ACCESS_KEY=s", "AWS_PROFILE=p",
                                         NULL };
static const char *const with_web_identity[] = { "HOME=/h", "AWS_WEB_IDENTITY_TOKEN_FILE=/token",
                                                 "AWS_ROLE_ARN=arn:aws:iam::1:role/r", "AWS_PROFILE=p", NULL };
static const char *const with_profile[] = { "HOME=/h", "AWS_ACCESS_KEY_ID=half", "AWS_PROFILE=p", NULL };

static void sources_are_tried_in_the_order_of_hashicorp_aws(void **state)
{
    CLEANUP(err_clear) struct err err = { 0 };
    assert_str_equal(outcome(*state, with_keys, both_profiles, "", &err), "ENV");
    assert_str_equal(outcome(*state, with_web_identity, both_profiles, "", &err), "ASIA1");
    assert_str_equal(outcome(*state, with_profile, both_profiles, "", &err), "P");
    assert_str_equal(outcome(*state, home, both_profiles, "", &err), "DEFAULT");
}

/* "2 environment: ...\n" and so on: verdict and text. */
static struct str trail_of(struct credentials_world *world, const char *const *entries, const char *profile)
{
    struct scene scene;
    struct aws_credentials got;
    CLEANUP(err_clear) struct err err = { 0 };
    struct aws_credentials_trail trail = { .arena = world->arena };
    struct aws_credentials_call call = world->call;
    struct str text = STR("");
    call.trail = &trail;
    scene_open(&scene, world, entries, both_profiles, profile);
    (void)scene.source.fetch(scene.source.self, &call, &got, &err);
    for (const struct aws_credentials_step *step = trail.first; step; step = step->next)
        str_join(world->arena, &text, "\n", "%d %.*s", (int)step->verdict, STR_ARG(step->text));
    scene_close(&scene);
    return text;
}

static void a_trail_has_every_source_of_the_chain(void **state)
{
    assert_str_equal(trail_of(*state, with_keys, ""), "3 web identity\n3 profile\n3 container\n3 EC2 metadata");
    assert_str_equal(trail_of(*state, home, "p"), "3 container\n3 EC2 metadata");
    assert_true(
        str_ends_with(trail_of(*state, with_web_identity, ""), STR("\n3 profile\n3 container\n3 EC2 metadata")));
}

static void a_profile_of_the_block_goes_ahead_of_the_environment(void **state)
{
    CLEANUP(err_clear) struct err err = { 0 };
    assert_str_equal(outcome(*state, with_keys, both_profiles, "default", &err), "DEFAULT");
    outcome(*state, with_keys, both_profiles, "gone", &err);
    assert_int_equal(err.kind, ERR_INVALID);
}

static void what_is_chosen_is_kept_and_its_failure_is_the_failure(void **state)
{
    struct credentials_world *world = *state;
    struct scene scene;
    struct aws_credentials got;
    CLEANUP(err_clear) struct err err = { 0 };
    struct aws_credentials_trail trail = { .arena = world->arena };
    scene_open(&scene, world, with_web_identity, both_profiles, "");
    world->sts.failures[0] = ERR_NOT_FOUND; /* would send the chain on, were it taken for "none" */
    assert_false(scene.source.fetch(scene.source.self, &world->call, &got, &err));
    assert_int_equal(err.kind, ERR_DENIED);
    assert_true(scene.source.fetch(scene.source.self, &world->call, &got, &err));
    world->call.trail = &trail;
    assert_true(scene.source.fetch(scene.source.self, &world->call, &got, &err));
    assert_null(trail.first); /* the sources before it are not asked again */
    world->sts.failures[0] = ERR_THROTTLED;
    assert_false(scene.source.fetch(scene.source.self, &world->call, &got, &err));
    assert_int_equal(err.kind, ERR_THROTTLED);
    scene_close(&scene);
}

static void when_nothing_is_found_everything_looked_at_is_named(void **state)
{
    CLEANUP(err_clear) struct err err = { 0 };
    struct str text = outcome(*state, home, "[other]\n", "", &err);
    static const char *const expected[] = { "AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE",
                                            "the profile \"default\"", "/h/.aws/config (missing)",
                                            "/h/.aws/credentials" };
    assert_int_equal(err.kind, ERR_DENIED);
    for (size_t i = 0; i < ARRAY_LENGTH(expected); i++)
        assert_non_null(strstr(text.ptr, expected[i]));
    assert_non_null(strstr(err_remedy(&err), "whoami --explain"));
}

static void a_default_profile_that_is_not_there_is_named_by_its_variable(void **state)
{
    static const char *const entries[] = { "HOME=/h", "AWS_DEFAULT_PROFILE=typo", NULL };
    CLEANUP(err_clear) struct err err = { 0 };
    struct str text = outcome(*state, entries, "[other]\n", "", &err);
    assert_int_equal(err.kind, ERR_DENIED);
    assert_non_null(strstr(text.ptr, "AWS_DEFAULT_PROFILE: the profile \"typo\" was not found in"));
}

/* Environment variables would not be used: the advice is not to set them. */
static void a_profile_of_the_block_without_keys_is_all_that_is_looked_at(void **state)
{
    CLEANUP(err_clear) struct err err = { 0 };
    struct str text = outcome(*state, home, "[p]\nregion=r\n", "p", &err);
    assert_int_equal(err.kind, ERR_DENIED);
    assert_non_null(strstr(text.ptr, "Checked: the profile \"p\": no aws_access_key_id"));
    assert_non_null(strstr(err_remedy(&err), "remove `profile` from the provider block"));
}

static void hostile_file_contents_do_not_pass_for_credentials(void **state)
{
    CLEANUP(err_clear) struct err err = { 0 };
    outcome(*state, home, "[default\naws_access_key_id=A\naws_secret_access_key=s\n[]\n=\n\xff\xfe[default]", "", &err);
    assert_int_equal(err.kind, ERR_DENIED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sources_are_tried_in_the_order_of_hashicorp_aws, credentials_world_setup,
                                        credentials_world_teardown),
        cmocka_unit_test_setup_teardown(a_trail_has_every_source_of_the_chain, credentials_world_setup,
                                        credentials_world_teardown),
        cmocka_unit_test_setup_teardown(a_profile_of_the_block_goes_ahead_of_the_environment, credentials_world_setup,
                                        credentials_world_teardown),
        cmocka_unit_test_setup_teardown(what_is_chosen_is_kept_and_its_failure_is_the_failure, credentials_world_setup,
                                        credentials_world_teardown),
        cmocka_unit_test_setup_teardown(when_nothing_is_found_everything_looked_at_is_named, credentials_world_setup,
                                        credentials_world_teardown),
        cmocka_unit_test_setup_teardown(a_default_profile_that_is_not_there_is_named_by_its_variable,
                                        credentials_world_setup, credentials_world_teardown),
        cmocka_unit_test_setup_teardown(a_profile_of_the_block_without_keys_is_all_that_is_looked_at,
                                        credentials_world_setup, credentials_world_teardown),
        cmocka_unit_test_setup_teardown(hostile_file_contents_do_not_pass_for_credentials, credentials_world_setup,
                                        credentials_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
