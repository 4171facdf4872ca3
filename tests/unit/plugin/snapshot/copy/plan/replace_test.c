/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/unit/plugin/snapshot/copy/plan/fixture.h"

static void only_name_kind_and_region_replace(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    const struct {
        struct tf_string target, kind, region;
        const char *replaced, *arn;
    } rows[] = {
        { text("t2"), text(NULL),       text(NULL),        "target_snapshot_identifier\n", SNAPSHOT("t2")                                  },
        { text("t"),  text("instance"), text(NULL),        "snapshot_kind\n",              "arn:aws:rds:eu-west-1:111111111111:snapshot:t" },
        { text("t"),  text(NULL),       text("us-east-1"), "region\n",
         "arn:aws:rds:us-east-1:111111111111:cluster-snapshot:t"                                                                           },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct reencrypt_copy config = copy_config();
        config.kms_key_id = text("k1");
        config.target_snapshot_identifier = rows[i].target;
        config.snapshot_kind = rows[i].kind;
        config.region = rows[i].region;
        world_configure(world);
        memory_learn(account_memory(world->call), MEMORY_READ, prior.arn.value);
        ANSWERS(world, is_caller(world->arena, "111111111111"));
        assert_str_equal(plan(world, &config, &prior)->arn.value, rows[i].arn);
        assert_string_equal(fake_call_replaced(world->fake), rows[i].replaced);
        assert_said(world, "warning target_snapshot_identifier: Another snapshot takes the place of this copy: ");
        assert_said(world, "ignore_changes = [snapshot_identifier, final_snapshot_identifier]");
        assert_said(world, "create_before_destroy = true");
    }
}

static void a_provider_of_another_region_or_account_replaces_nothing(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config(), prior = copy_state();
    world->block.region = text("us-east-1");
    world_configure(world);
    no_answers(world);
    assert_true(is_empty_plan(&prior, plan(world, &config, &prior)));
}

static void a_name_that_is_not_known_yet_keeps_the_arn(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    struct reencrypt_copy config = copy_config();
    config.target_snapshot_identifier = config.region = config.snapshot_kind = unknown_text;
    const struct reencrypt_copy *planned = plan(world, &config, &prior);
    assert_str_equal(planned->arn.value, SNAPSHOT("t"));
    assert_str_equal(planned->holder_id.value, "hhhh");
    assert_string_equal(fake_call_replaced(world->fake), "");
}

/* Core reads before it plans and does not read in an apply: what was never read is planned by one. */
static void a_place_that_only_the_apply_finds_out_is_refused(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    const struct {
        struct tf_string target, kind, region;
        const char *arn;
    } rows[] = {
        { text("t2"), text(NULL),       text(NULL),        SNAPSHOT("t2")                                          },
        { text("t"),  text("instance"), text(NULL),        "arn:aws:rds:eu-west-1:111111111111:snapshot:t"         },
        { text("t"),  text(NULL),       text("us-east-1"), "arn:aws:rds:us-east-1:111111111111:cluster-snapshot:t" },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct reencrypt_copy config = copy_config();
        config.kms_key_id = text("k1");
        config.target_snapshot_identifier = rows[i].target;
        config.snapshot_kind = rows[i].kind;
        config.region = rows[i].region;
        world_configure(world);
        no_answers(world);
        refuse_plan(world, &config, &prior);
        assert_err(world, ERR_CONFLICT, rows[i].arn);
        assert_err(world, ERR_CONFLICT, "instead of " SNAPSHOT("t"));
        assert_non_null(strstr(err_remedy(&world->err), "apply once more"));
        assert_string_equal(fake_call_replaced(world->fake), "");
        memory_learn(account_memory(world->call), MEMORY_READ, STR(SNAPSHOT("other")));
        refuse_plan(world, &config, &prior);
        memory_learn(account_memory(world->call), MEMORY_READ, prior.arn.value);
        ANSWERS(world, is_caller(world->arena, "111111111111"));
        plan(world, &config, &prior);
    }
}

/* A host that says which plan is made inside an apply is believed, whatever was read. */
static void a_host_that_hands_over_notes_tells_a_late_place_from_a_rename(void **state)
{
    static const struct {
        const char *first_note, *target;
        bool is_refused;
    } rows[] = {
        { "",                "t2", false },
        { "garbage",         "t2", false },
        { "place not known", "t2", true  },
        { "place not known", "T",  false },
        { "place not known", NULL, false }, /* still not known */
    };
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        for (int is_read = 0; is_read < 2; is_read++) {
            struct tf_plan out = { .hands_over_notes = true, .first_note = str_from(rows[i].first_note) };
            struct reencrypt_copy config = copy_config();
            config.target_snapshot_identifier = rows[i].target ? text(rows[i].target) : unknown_text;
            world_configure(world);
            if (is_read)
                memory_learn(account_memory(world->call), MEMORY_READ, prior.arn.value);
            ANSWERS(world, is_caller(world->arena, "111111111111"));
            if (run_plan(world, &reencrypt_copy_resource, &config, &prior, &out) == rows[i].is_refused)
                fail_msg("row %zu: %s", i, err_text(&world->err));
            if (rows[i].is_refused)
                assert_err(world, ERR_CONFLICT, SNAPSHOT("t2") " instead of " SNAPSHOT("t"));
        }
}

/* The first plan of an update leaves it for the second. */
static void only_an_update_of_an_unknown_place_notes_so(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    for (int row = 0; row < 4; row++) {
        struct tf_plan out = { 0 };
        struct reencrypt_copy config = copy_config();
        struct tf_string *places[] = { &config.target_snapshot_identifier, &config.snapshot_kind, &config.region };
        if (row < 3)
            *places[row] = unknown_text;
        no_answers(world);
        assert_true(run_plan(world, &reencrypt_copy_resource, &config, &prior, &out));
        assert_str_equal(out.note, row < 3 ? "place not known" : "");
    }
}

static void another_spelling_of_the_place_was_no_rename_in_the_first_place(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    struct reencrypt_copy config = copy_config();
    config.target_snapshot_identifier = text("T");
    config.region = text("eu-west-1");
    config.snapshot_kind = text("cluster");
    no_answers(world);
    assert_true(is_empty_plan(&prior, plan(world, &config, &prior)));
}

static void a_destroy_plan_asks_and_notes_nothing(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    struct tf_plan out = { .prior = &prior, .destroy = true };
    no_answers(world);
    assert_true(reencrypt_copy_resource.plan(world->call, &out, &world->err));
    assert_true(str_is_empty(out.note));
    assert_asked(world, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_WORLD(only_name_kind_and_region_replace),
        IN_A_WORLD(a_place_that_only_the_apply_finds_out_is_refused),
        IN_A_WORLD(a_host_that_hands_over_notes_tells_a_late_place_from_a_rename),
        IN_A_WORLD(only_an_update_of_an_unknown_place_notes_so),
        IN_A_WORLD(another_spelling_of_the_place_was_no_rename_in_the_first_place),
        IN_A_WORLD(a_provider_of_another_region_or_account_replaces_nothing),
        IN_A_WORLD(a_name_that_is_not_known_yet_keeps_the_arn),
        IN_A_WORLD(a_destroy_plan_asks_and_notes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
