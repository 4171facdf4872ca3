/* SPDX-License-Identifier: MPL-2.0
 *
 * Plans of a copy with arguments that are known only in the apply.
 */
#include "tests/unit/plugin/snapshot/copy/plan/fixture.h"

/* What a copy is made from. */
static const char *const paths[] = { "source_snapshot_identifier", "kms_key_id", "option_group_name",
                                     "copy_option_group", "target_custom_availability_zone" };

static void keep_argument(struct reencrypt_copy *planned, const struct reencrypt_copy *prior, const char *path)
{
    static const struct tf_model *const model = &reencrypt_copy_resource.model;
    for (const struct tf_attribute *row = model->attributes; row->name; row++)
        if (strcmp(row->name, path) == 0)
            memcpy((char *)planned + row->offset, (const char *)prior + row->offset, row->size);
}

/* ---- An argument that is not known yet ------------------------------------------- */

static void what_is_not_known_keeps_everything_and_warns(void **state)
{
    struct snapshot_world *world = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(paths); i++) {
        const struct reencrypt_copy prior = instance_state();
        struct reencrypt_copy config = instance_config();
        set_argument(&config, &(const struct change){ paths[i], unknown });
        no_answers(world);
        struct reencrypt_copy planned = *plan(world, &config, &prior);
        assert_said(world, str_format(world->arena, "warning %s: Known only while applying: ", paths[i]).ptr);
        assert_string_equal(fake_call_replaced(world->fake), "");
        assert_asked(world, "");
        for (size_t p = 0; p < ARRAY_LENGTH(paths); p++)
            keep_argument(&planned, &prior, paths[p]);
        assert_true(is_empty_plan(&prior, &planned)); /* all that is computed stays */
    }
}

/* Core plans again inside the apply: through a connection that has read nothing. */
static void what_the_apply_finds_out_is_the_same_or_the_same_error(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    config.source_snapshot_identifier = text(SNAPSHOT("A"));
    no_answers(world);
    const struct reencrypt_copy *planned = plan(world, &config, &prior);
    assert_true(is_empty_plan(&prior, planned));
    assert_true(run_apply(world, &reencrypt_copy_resource, &config, &prior, planned, &apply));
    assert_asked(world, "");
    config.source_snapshot_identifier = text("b");
    refuse_plan(world, &config, &prior);
    assert_err(world, ERR_CONFLICT, "and source_snapshot_identifier now means " SNAPSHOT("b"));
    assert_asked(world, "");
}

/* An import that AWS did not tell of: what the source will be is not what it was. */
static void a_source_that_nobody_knows_is_unknown(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy prior = copy_state(), config = copy_config();
    prior.source_snapshot_identifier = prior.source_snapshot_arn = text(NULL);
    config.source_snapshot_identifier = unknown_text;
    const struct reencrypt_copy *planned = plan(world, &config, &prior);
    assert_int_equal(planned->source_snapshot_arn.state, TF_UNKNOWN);
    assert_str_equal(planned->status.value, "available");
}

/* Whether an alias means the key of the copy is found out in the apply. */
static void a_key_that_cannot_be_compared_yet_is_left_to_the_apply(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    struct reencrypt_copy config = copy_config();
    config.kms_key_id = text("alias/mine");
    world->block.secret_key = unknown_text;
    world_configure(world);
    no_answers(world);
    assert_true(is_empty_plan(&prior, plan(world, &config, &prior)));
    assert_said(world, "warning kms_key_id: Known only while applying: ");
    assert_asked(world, "");
    config.kms_key_id = text(OTHER_KEY); /* this one can */
    refuse_plan(world, &config, &prior);
    assert_err(world, ERR_CONFLICT, "now means " OTHER_KEY);
}

/* ---- A name, kind or Region that is not known yet ---------------------------------- */

/* It may be another one, and then other data is well. */
static void other_data_under_a_name_that_is_not_known_is_left_to_the_apply(void **state)
{
    static const char *const places[] = { "target_snapshot_identifier", "snapshot_kind", "region" };
    static const struct change rows[] = {
        { "source_snapshot_identifier",      "b"                                                 },
        { "source_snapshot_identifier",
         "arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:a"                                 }, /* of the other kind */
        { "source_snapshot_identifier",      "arn:aws-cn:rds:cn-north-1:111111111111:snapshot:a" },
        { "kms_key_id",                      OTHER_KEY                                           },
        { "option_group_name",               "og-2"                                              },
        { "copy_option_group",               "false"                                             },
        { "target_custom_availability_zone", NULL                                                },
    };
    struct snapshot_world *world = *state;
    for (size_t p = 0; p < ARRAY_LENGTH(places); p++)
        for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
            const struct reencrypt_copy prior = instance_state();
            struct reencrypt_copy config = instance_config();
            set_argument(&config, &rows[i]);
            no_answers(world);
            refuse_plan(world, &config, &prior);
            set_argument(&config, &(const struct change){ places[p], unknown });
            const struct reencrypt_copy *planned = plan(world, &config, &prior);
            assert_said(world, str_format(world->arena, "warning %s: Known only while applying: ", rows[i].path).ptr);
            assert_said(world, "The name, kind or Region of the copy is not known yet.");
            assert_string_equal(fake_call_replaced(world->fake), "");
            assert_str_equal(planned->arn.value, INSTANCE_ARN);
            assert_str_equal(planned->status.value, "available");
            assert_str_equal(planned->holder_id.value, "hhhh");
            assert_asked(world, "");
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_WORLD(what_is_not_known_keeps_everything_and_warns),
        IN_A_WORLD(what_the_apply_finds_out_is_the_same_or_the_same_error),
        IN_A_WORLD(a_source_that_nobody_knows_is_unknown),
        IN_A_WORLD(a_key_that_cannot_be_compared_yet_is_left_to_the_apply),
        IN_A_WORLD(other_data_under_a_name_that_is_not_known_is_left_to_the_apply),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
