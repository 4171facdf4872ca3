/* SPDX-License-Identifier: MPL-2.0
 *
 * A name stands for its data: what a plan makes of another source, key or option.
 */
#include "plugin/snapshot/copy/note.h"
#include "tests/unit/plugin/snapshot/copy/plan/fixture.h"

#define CALLER is_caller(world->arena, "111111111111")
/* ---- Other data under the same name -------------------------------------------- */

static void other_data_under_the_same_name_is_an_error_at_that_argument(void **state)
{
    struct snapshot_world *world = *state;
    const struct {
        struct change change;
        const char *was, *wanted;
    } rows[] = {
        { { "source_snapshot_identifier", "b" },
         "from the source arn:aws:rds:eu-west-1:111111111111:snapshot:a",                                                                         "arn:aws:rds:eu-west-1:111111111111:snapshot:b"     },
        { { "source_snapshot_identifier", "arn:aws:rds:eu-west-1:111111111111:snapshot:b" },
         "from the source arn:",                                                                                                                  "arn:aws:rds:eu-west-1:111111111111:snapshot:b"     },
        { { "source_snapshot_identifier", "arn:aws:rds:eu-west-1:222222222222:snapshot:a" },
         "from the source arn:",                                                                                                                  "arn:aws:rds:eu-west-1:222222222222:snapshot:a"     },
        { { "source_snapshot_identifier", "arn:aws:rds:us-east-1:111111111111:snapshot:a" },
         "from the source arn:",                                                                                                                  "arn:aws:rds:us-east-1:111111111111:snapshot:a"     },
        { { "source_snapshot_identifier", "arn:aws-cn:rds:cn-north-1:111111111111:snapshot:a" },
         "from the source arn:",                                                                                                                  "arn:aws-cn:rds:cn-north-1:111111111111:snapshot:a" },
        { { "kms_key_id", "arn:aws:kms:us-east-1:111111111111:key/k1" },
         "with the key " KEY("k1"),
         "arn:aws:kms:us-east-1:111111111111:key/k1"                                                                                                                                                  },
        { { "kms_key_id", OTHER_KEY },                                                           "with the key " KEY("k1"),                       OTHER_KEY                                           },
        { { "kms_key_id", "k2" },                                                                "with the key " KEY("k1"),                       "k2"                                                },
        { { "option_group_name", "og-2" },                                                       "with option_group_name = \"og\"",               "og-2"                                              },
        { { "option_group_name", NULL },                                                         "with option_group_name = \"og\"",               "nothing"                                           },
        { { "copy_option_group", "false" },                                                      "with copy_option_group = \"true\"",             "false"                                             },
        { { "copy_option_group", NULL },                                                         "with copy_option_group = \"true\"",             "nothing"                                           },
        { { "target_custom_availability_zone", "az-2" },                                         "with target_custom_availability_zone = \"az\"", "az-2"                                              },
        { { "target_custom_availability_zone", NULL },                                           "with target_custom_availability_zone = \"az\"", "nothing"                                           },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const struct reencrypt_copy prior = instance_state();
        struct reencrypt_copy config = instance_config();
        set_argument(&config, &rows[i].change);
        no_answers(world);
        refuse_plan(world, &config, &prior);
        assert_err(world, ERR_CONFLICT, "a snapshot never changes: " INSTANCE_ARN " was made at " COPY_TIME);
        assert_err(world, ERR_CONFLICT, rows[i].was);
        assert_err(world, ERR_CONFLICT,
                   str_format(world->arena, "%s now means %s", rows[i].change.path, rows[i].wanted).ptr);
        assert_string_equal(err_path(&world->err), rows[i].change.path);
        assert_non_null(strstr(err_remedy(&world->err), "\"t-2\""));
        assert_string_equal(fake_call_replaced(world->fake), "");
        assert_asked(world, "");
    }
}

static void an_alias_that_means_another_key_is_other_data(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    struct reencrypt_copy config = copy_config();
    config.kms_key_id = text("alias/mine");
    ANSWERS(world, CALLER, is_key(world->arena, OTHER_KEY, "CUSTOMER", "Enabled"));
    refuse_plan(world, &config, &prior);
    assert_err(world, ERR_CONFLICT, "with the key " KEY("k1") ", and kms_key_id now means alias/mine");
    assert_string_equal(err_path(&world->err), "kms_key_id");
}

/* It may be made in the same apply. */
static void an_alias_that_is_not_there_yet_is_no_other_data(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    struct reencrypt_copy config = copy_config();
    config.kms_key_id = text("alias/mine");
    ANSWERS(world, CALLER, no_key("NotFoundException"));
    assert_true(is_empty_plan(&prior, plan(world, &config, &prior)));
    assert_said(world, "warning kms_key_id: Cannot tell whether this is another key: ");
}

/* Also where it is not finished, and whatever else changes. */
static void other_data_is_an_error_for_an_unfinished_copy_too(void **state)
{
    static const char *const statuses[] = { "copying", "pending", "creating", "incompatible-restore" };
    struct snapshot_world *world = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(statuses); i++) {
        struct reencrypt_copy prior = copy_state(), config = copy_config();
        prior.status = text(statuses[i]);
        config.source_snapshot_identifier = text("b");
        config.deletion_policy = text("retain");
        refuse_plan(world, &config, &prior);
        assert_err(world, ERR_CONFLICT, "now means " SNAPSHOT("b"));
        assert_int_equal(strstr(err_remedy(&world->err), "To cancel it") != NULL, i < 3);
    }
}

/* What was not set was made without its options, like a false; a null in the state may also be an import's. */
static void a_flag_is_compared_by_what_it_means(void **state)
{
    enum { NOTHING_SAID, WARNED, REFUSED };
    static const struct {
        const char *was, *now;
        int outcome;
    } rows[] = {
        { NULL,    "false", NOTHING_SAID },
        { "false", NULL,    NOTHING_SAID },
        { "false", "false", NOTHING_SAID },
        { NULL,    "true",  WARNED       },
        { "false", "true",  REFUSED      },
        { "true",  "false", REFUSED      },
        { "true",  NULL,    REFUSED      },
        { "false", unknown, WARNED       },
        { NULL,    unknown, WARNED       },
    };
    struct snapshot_world *world = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct reencrypt_copy prior = instance_state(), config = instance_config();
        struct tf_plan out = { 0 };
        set_argument(&prior, &(const struct change){ "copy_option_group", rows[i].was });
        set_argument(&config, &(const struct change){ "copy_option_group", rows[i].now });
        fake_call_again(world->fake);
        const bool is_planned = run_plan(world, &reencrypt_copy_resource, &config, &prior, &out);
        const bool is_warned = is_said(world, "warning copy_option_group: ");
        if (is_planned != (rows[i].outcome != REFUSED) || is_warned != (rows[i].outcome == WARNED))
            fail_msg("row %zu: %s%s", i, err_text(&world->err), fake_call_said(world->fake));
        assert_string_equal(fake_call_replaced(world->fake), "");
    }
}

static void an_option_that_the_state_does_not_know_changes_no_copy(void **state)
{
    static const struct change rows[] = {
        { "option_group_name",               "og"   },
        { "copy_option_group",               "true" },
        { "target_custom_availability_zone", "az"   },
    };
    struct snapshot_world *world = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct reencrypt_copy prior = instance_state();
        const struct reencrypt_copy config = instance_config();
        set_argument(&prior, &(const struct change){ rows[i].path, NULL });
        no_answers(world);
        struct reencrypt_copy planned = *plan(world, &config, &prior);
        assert_said(world, str_format(world->arena, "warning %s: No effect on this copy: ", rows[i].path).ptr);
        assert_string_equal(fake_call_replaced(world->fake), "");
        assert_false(is_empty_plan(&prior, &planned)); /* the value enters the state */
        set_argument(&planned, &(const struct change){ rows[i].path, NULL });
        assert_true(is_empty_plan(&prior, &planned));
    }
}

/* ---- What an import or a move does not know ---------------------------------------- */

static void what_the_state_does_not_know_is_taken_as_configured(void **state)
{
    struct snapshot_world *world = *state;
    static const char *const keys[] = { KEY("k1"), OTHER_KEY, "alias/mine" };
    for (size_t i = 0; i < ARRAY_LENGTH(keys); i++) {
        struct reencrypt_copy prior = copy_state(), config = copy_config();
        prior.source_snapshot_identifier = prior.source_snapshot_arn = text(NULL);
        prior.kms_key_id = prior.kms_key_arn = text(NULL);
        config.source_snapshot_identifier = text("b");
        config.kms_key_id = text(keys[i]);
        no_answers(world);
        const struct reencrypt_copy *planned = plan(world, &config, &prior);
        assert_str_equal(planned->source_snapshot_identifier.value, "b");
        assert_str_equal(planned->source_snapshot_arn.value, SNAPSHOT("b"));
        assert_str_equal(planned->kms_key_id.value, keys[i]);
        assert_str_equal(planned->status.value, "available");
        assert_str_equal(planned->holder_id.value, "hhhh");
        assert_string_equal(fake_call_replaced(world->fake), "");
        assert_string_equal(fake_call_said(world->fake), "");
        assert_asked(world, "");
    }
}

/* ---- Another place is judged as a create -------------------------------------------- */

static void another_place_may_have_other_data(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    const struct {
        struct change changes[4];
        const char *replaced, *arn, *source;
    } rows[] = {
        { { { "target_snapshot_identifier", "t2" },
            { "source_snapshot_identifier", "b" },
            { "kms_key_id", OTHER_KEY } },
         "target_snapshot_identifier\n", SNAPSHOT("t2"),
         SNAPSHOT("b")                                   },
        { { { "snapshot_kind", "instance" },
            { "source_snapshot_identifier", "arn:aws:rds:eu-west-1:111111111111:snapshot:a" } },
         "snapshot_kind\n",              INSTANCE_ARN,
         "arn:aws:rds:eu-west-1:111111111111:snapshot:a" },
        { { { "snapshot_kind", "instance" }, { "option_group_name", "og" } },
         "snapshot_kind\n",              INSTANCE_ARN,
         "arn:aws:rds:eu-west-1:111111111111:snapshot:a" },
        { { { "region", "us-east-1" },
            { "kms_key_id", "arn:aws:kms:us-east-1:111111111111:key/k9" },
            { "source_snapshot_identifier", SNAPSHOT("a") } },
         "region\n",                     "arn:aws:rds:us-east-1:111111111111:cluster-snapshot:t",
         SNAPSHOT("a")                                   },
        { { { "target_snapshot_identifier", "t2" },
            { "source_snapshot_identifier", unknown },
            { "kms_key_id", unknown } },
         "target_snapshot_identifier\n", SNAPSHOT("t2"),
         NULL                                            },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct reencrypt_copy config = copy_config();
        for (size_t c = 0; c < ARRAY_LENGTH(rows[i].changes) && rows[i].changes[c].path; c++)
            set_argument(&config, &rows[i].changes[c]);
        world_configure(world);
        memory_learn(account_memory(world->call), MEMORY_READ, prior.arn.value);
        ANSWERS(world, CALLER);
        const struct reencrypt_copy *planned = plan(world, &config, &prior);
        assert_string_equal(fake_call_replaced(world->fake), rows[i].replaced);
        assert_str_equal(planned->arn.value, rows[i].arn);
        if (rows[i].source)
            assert_str_equal(planned->source_snapshot_arn.value, rows[i].source);
        else
            assert_int_equal(planned->source_snapshot_arn.state, TF_UNKNOWN);
        assert_said(world,
                    "warning target_snapshot_identifier: Another snapshot takes the place of this copy: " SNAPSHOT(
                        "t") " is replaced");
        assert_false(is_said(world, "Known only while applying"));
        assert_false(is_said(world, "No effect on this copy"));
    }
}

/* The first of core's two passes: what a create would be refused, and what of the old place says nothing. */
static void another_place_is_checked_as_a_create_would_be(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy prior = copy_state(), config = copy_config();
    const struct shown plain = { .name = "b", .status = "available", .is_plain = true };
    memory_learn(account_memory(world->call), MEMORY_READ, prior.arn.value);
    config.target_snapshot_identifier = text("t2");
    config.source_snapshot_identifier = text("t2");
    ANSWERS(world, CALLER);
    refuse_plan(world, &config, &prior);
    assert_err(world, ERR_INVALID, "source and target are the same snapshot, " SNAPSHOT("t2"));
    config.source_snapshot_identifier = text("b");
    ANSWERS(world, describes(world->arena, plain), no_key("AccessDeniedException"));
    (void)plan(world, &config, &prior);
    assert_said(world, SNAPSHOT("b") " is not encrypted");
    config = copy_config();
    config.region = text("us-east-1");
    refuse_plan(world, &config, &prior);
    assert_err(world, ERR_INVALID, "the key " KEY("k1") " is in the Region \"eu-west-1\"");
    /* A copy of the old copy: that was its name, and is another snapshot by now. */
    config = copy_config();
    config.target_snapshot_identifier = text("t2");
    config.source_snapshot_identifier = text("t");
    no_answers(world);
    assert_str_equal(plan(world, &config, &prior)->source_snapshot_arn.value, SNAPSHOT("t"));
    /* An alias that was moved warns of the old copy, not of a new one. */
    config.kms_key_id = prior.kms_key_id = text("alias/mine");
    ANSWERS(world, describes(world->arena, shown_source("available")),
            is_key(world->arena, OTHER_KEY, "CUSTOMER", "Enabled"));
    plan(world, &config, &prior);
    assert_false(is_said(world, "The alias points to another key now"));
}

static void a_change_of_place_says_once_what_follows_from_it(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    struct reencrypt_copy config = copy_config();
    memory_learn(account_memory(world->call), MEMORY_READ, prior.arn.value);
    config.target_snapshot_identifier = text("t2");
    ANSWERS(world, CALLER);
    plan(world, &config, &prior);
    assert_said(world, "lifecycle { ignore_changes = [snapshot_identifier, final_snapshot_identifier] }");
    assert_said(world, "lifecycle { create_before_destroy = true }. Without it, the apply ends with an error before it "
                       "deletes this copy.");
    plan(world, &config, NULL); /* core's second pass, whose warnings it drops */
    assert_string_equal(fake_call_said(world->fake), "");
}

/* ---- What holds nothing is replaced --------------------------------------------------- */

static void a_copy_that_holds_nothing_is_replaced_whatever_is_wanted_now(void **state)
{
    static const char *const statuses[] = { "failed", "deleting", "deleted" };
    static const struct change rows[] = {
        { "source_snapshot_identifier", "a"          },
        { "source_snapshot_identifier", "b"          },
        { "source_snapshot_identifier", unknown      },
        { "kms_key_id",                 OTHER_KEY    },
        { "kms_key_id",                 "alias/mine" },
        { "kms_key_id",                 unknown      },
        { "deletion_policy",            "retain"     },
    };
    struct snapshot_world *world = *state;
    for (size_t s = 0; s < ARRAY_LENGTH(statuses); s++)
        for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
            struct reencrypt_copy prior = copy_state(), config = copy_config();
            prior.status = text(statuses[s]);
            set_argument(&config, &rows[i]);
            world_configure(world);
            ANSWERS(world, CALLER);
            const struct reencrypt_copy *planned = plan(world, &config, &prior);
            assert_string_equal(fake_call_replaced(world->fake), "status\n");
            assert_int_equal(planned->status.state, TF_UNKNOWN);
            assert_str_equal(planned->arn.value, SNAPSHOT("t"));
            assert_string_equal(fake_call_said(world->fake), "");
        }
}

static void options_of_a_failed_copy_are_free_too(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy prior = instance_state(), config = instance_config();
    prior.status = text("failed");
    config.option_group_name = text("og-2");
    config.copy_option_group = tf_known_bool(false);
    config.target_custom_availability_zone = text(NULL);
    ANSWERS(world, CALLER);
    plan(world, &config, &prior);
    assert_string_equal(fake_call_replaced(world->fake), "status\n");
}

static void no_other_status_replaces(void **state)
{
    static const char *const statuses[] = {
        "available", "copying", "creating", "pending", "incompatible-restore", NULL
    };
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    for (size_t i = 0; i < ARRAY_LENGTH(statuses); i++) {
        struct reencrypt_copy prior = copy_state();
        prior.status = text(statuses[i]);
        plan(world, &config, &prior);
        assert_string_equal(fake_call_replaced(world->fake), "");
    }
}

static void a_failed_copy_under_another_name_is_replaced_for_its_name(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy prior = copy_state(), config = copy_config();
    prior.status = text("failed");
    config.target_snapshot_identifier = text("t2");
    memory_learn(account_memory(world->call), MEMORY_READ, prior.arn.value);
    ANSWERS(world, CALLER);
    assert_str_equal(plan(world, &config, &prior)->arn.value, SNAPSHOT("t2"));
    assert_string_equal(fake_call_replaced(world->fake), "target_snapshot_identifier\n");
}

/* ---- The note ---------------------------------------------------------------------------- */

static struct str planned_note(struct snapshot_world *world, const struct reencrypt_copy *config,
                               const struct reencrypt_copy *prior)
{
    struct tf_plan out = { 0 };
    world_configure(world);
    ANSWERS(world, CALLER);
    if (prior)
        memory_learn(account_memory(world->call), MEMORY_READ, prior->arn.value);
    if (!run_plan(world, &reencrypt_copy_resource, config, prior, &out))
        fail_msg("%s", err_text(&world->err));
    return out.note;
}

static void a_create_notes_what_it_will_make(void **state)
{
    static const struct {
        struct change change;
        const char *arn, *source, *key;
    } rows[] = {
        { { "kms_key_id", KEY("k1") },               SNAPSHOT("t"), SNAPSHOT("a"), KEY("k1")    },
        { { "kms_key_id", "alias/Mine" },            SNAPSHOT("t"), SNAPSHOT("a"), "alias/Mine" },
        { { "kms_key_id", unknown },                 SNAPSHOT("t"), SNAPSHOT("a"), ""           },
        { { "source_snapshot_identifier", unknown }, SNAPSHOT("t"), "",            KEY("k1")    },
        { { "source_snapshot_identifier", "A" },     SNAPSHOT("t"), SNAPSHOT("a"), KEY("k1")    },
        { { "target_snapshot_identifier", unknown }, "",            SNAPSHOT("a"), KEY("k1")    },
        { { "target_snapshot_identifier", "T" },     SNAPSHOT("t"), SNAPSHOT("a"), KEY("k1")    },
        { { "region", unknown },                     "",            "",            KEY("k1")    },
    };
    struct snapshot_world *world = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct reencrypt_copy config = copy_config();
        struct replacement_note note;
        set_argument(&config, &rows[i].change);
        if (!note_parse(planned_note(world, &config, NULL), &note))
            fail_msg("row %zu", i);
        assert_str_equal(note.arn, rows[i].arn);
        assert_str_equal(note.source_arn, rows[i].source);
        assert_str_equal(note.kms_key_id, rows[i].key);
    }
}

/* A destroy that finds the note of an update would take itself for the leg of a replacement. */
static void no_other_plan_writes_such_a_note(void **state)
{
    static const struct change rows[] = {
        { "deletion_policy",            "retain" },
        { "target_snapshot_identifier", unknown  },
        { "target_snapshot_identifier", "t2"     }, /* the first pass of a replacement */
        { "kms_key_id",                 unknown  },
    };
    struct snapshot_world *world = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const struct reencrypt_copy prior = copy_state();
        struct reencrypt_copy config = copy_config();
        struct replacement_note note;
        set_argument(&config, &rows[i]);
        assert_false(note_parse(planned_note(world, &config, &prior), &note));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_WORLD(other_data_under_the_same_name_is_an_error_at_that_argument),
        IN_A_WORLD(an_alias_that_means_another_key_is_other_data),
        IN_A_WORLD(an_alias_that_is_not_there_yet_is_no_other_data),
        IN_A_WORLD(other_data_is_an_error_for_an_unfinished_copy_too),
        IN_A_WORLD(a_flag_is_compared_by_what_it_means),
        IN_A_WORLD(an_option_that_the_state_does_not_know_changes_no_copy),
        IN_A_WORLD(what_the_state_does_not_know_is_taken_as_configured),
        IN_A_WORLD(another_place_may_have_other_data),
        IN_A_WORLD(another_place_is_checked_as_a_create_would_be),
        IN_A_WORLD(a_change_of_place_says_once_what_follows_from_it),
        IN_A_WORLD(a_copy_that_holds_nothing_is_replaced_whatever_is_wanted_now),
        IN_A_WORLD(options_of_a_failed_copy_are_free_too),
        IN_A_WORLD(no_other_status_replaces),
        IN_A_WORLD(a_failed_copy_under_another_name_is_replaced_for_its_name),
        IN_A_WORLD(a_create_notes_what_it_will_make),
        IN_A_WORLD(no_other_plan_writes_such_a_note),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
