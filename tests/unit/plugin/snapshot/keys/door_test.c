/* SPDX-License-Identifier: MPL-2.0
 *
 * What plans and applies of copies say of their keys.
 */
#include "tests/unit/plugin/snapshot/keys/door_fixture.h"

static struct reencrypt_copy config_with_reader(struct snapshot_world *world)
{
    struct reencrypt_copy config = copy_config();
    config.reader_account_ids = the_reader(world);
    return config;
}

static bool plan_copy(struct snapshot_world *world, const struct reencrypt_copy *config,
                      const struct reencrypt_copy *prior)
{
    struct tf_plan out = { 0 };
    fake_call_again(world->fake);
    return run_plan(world, &reencrypt_copy_resource, config, prior, &out);
}

/* ---- Plans of copies ---------------------------------------------------------- */

static void a_plan_warns_of_a_key_that_readers_cannot_use(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = config_with_reader(world);
    ANSWERS(world, CALLER, NOTHING, OPEN_KEY, CLOSED_TO_READERS, has_no_grants());
    assert_true(plan_copy(world, &config, NULL));
    assert_said(world,
                "warning kms_key_id: The key does not admit all who need it: As it is now, the policy of the key " KEY(
                    "k1") " does not let RDS use it for account 222222222222: kms:DescribeKey, kms:CreateGrant, "
                          "kms:Decrypt, kms:ReEncryptFrom (no statement allows it)");
    assert_said(world, "{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::222222222222:root\"}");
    assert_asked(world, "GetCallerIdentity DescribeDBClusterSnapshots DescribeKey GetKeyPolicy ListGrants");
    assert_true(plan_copy(world, &config, NULL)); /* the key is asked for once */
    assert_asked(world, "GetCallerIdentity DescribeDBClusterSnapshots DescribeKey GetKeyPolicy ListGrants "
                        "DescribeDBClusterSnapshots");
}

static void a_plan_says_nothing_of_a_key_that_is_open(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = config_with_reader(world);
    ANSWERS(world, CALLER, NOTHING, OPEN_KEY, OPEN_TO_READERS);
    assert_true(plan_copy(world, &config, NULL));
    assert_string_equal(fake_call_said(world->fake), "");
}

/* A plan is often made by a role that only reads; the apply's may be the one that is named. */
static void a_plan_does_not_take_its_own_caller_for_the_one_of_the_apply(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = config_with_reader(world);
    ANSWERS(world, CALLER, NOTHING, OPEN_KEY,
            admits(world->arena, "\\\"arn:aws:iam::111111111111:role/deployer\\\",222222222222"), has_no_grants());
    assert_true(plan_copy(world, &config, NULL));
    assert_string_equal(fake_call_said(world->fake), "");
}

static void a_plan_without_a_copy_to_make_looks_at_no_key(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config(), prior = copy_state();
    no_answers(world);
    assert_true(plan_copy(world, &config, &prior));
    assert_asked(world, "");
}

static void a_plan_fails_for_what_cannot_change(void **state)
{
    static const struct {
        const char *spec, *key_state, *text;
        bool is_error;
    } rows[] = {
        { "RSA_2048",          "Enabled",         "symmetric keys only",          true  },
        { "SYMMETRIC_DEFAULT", "PendingDeletion", "its state is PendingDeletion", true  },
        { "SYMMETRIC_DEFAULT", "Disabled",        "its state is Disabled",        false },
    };
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = config_with_reader(world);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        world_configure(world);
        ANSWERS(world, CALLER, NOTHING, own_key(world->arena, KEY("k1"), rows[i].spec, rows[i].key_state), NOTHING,
                NOTHING);
        assert_int_equal(plan_copy(world, &config, NULL), !rows[i].is_error);
        if (rows[i].is_error)
            assert_non_null(strstr(err_text(&world->err), rows[i].text));
        else
            assert_said(world, rows[i].text);
    }
}

static void a_plan_fails_for_aws_rds_with_readers_unless_an_alias_names_it(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy config = config_with_reader(world);
    ANSWERS(world, CALLER, NOTHING, is_key(world->arena, KEY("k1"), "AWS", "Enabled"), NOTHING);
    assert_false(plan_copy(world, &config, NULL));
    assert_err(world, ERR_INVALID, "can never be read by another account");
    assert_string_equal(err_path(&world->err), "kms_key_id");
    world_configure(world);
    config.kms_key_id = text("alias/aws/rds");
    ANSWERS(world, CALLER, NOTHING, is_key(world->arena, KEY("k1"), "AWS", "Enabled"), NOTHING);
    assert_true(plan_copy(world, &config, NULL));
    assert_said(world, "can never be read by another account");
}

/* After a lost state: what is there is adopted, whatever has become of its key. */
static void a_copy_that_is_there_is_no_reason_to_fail(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = config_with_reader(world);
    ANSWERS(world, CALLER, NOTHING, own_key(world->arena, KEY("k1"), "SYMMETRIC_DEFAULT", "PendingDeletion"),
            OLD("available"));
    assert_true(plan_copy(world, &config, NULL));
}

static void a_plan_that_is_told_nothing_says_nothing(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = config_with_reader(world);
    ANSWERS(world, CALLER, refuses(world->arena, 403, "AccessDenied", "no"), no_key("AccessDeniedException"));
    assert_true(plan_copy(world, &config, NULL));
    world_configure(world);
    ANSWERS(world, CALLER, NOTHING, no_key("NotFoundException"));
    assert_true(plan_copy(world, &config, NULL));
    world_configure(world);
    ANSWERS(world, CALLER, NOTHING, OPEN_KEY, no_key("AccessDeniedException"));
    assert_true(plan_copy(world, &config, NULL));
    world_configure(world);
    no_answers(world);
    assert_string_equal(fake_call_said(world->fake), "");
}

static void the_key_of_the_source_is_warned_of(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy config = copy_config();
    config.kms_key_id = unknown_text;
    ANSWERS(world, CALLER, SOURCE("available"),
            own_key(world->arena, KEY("k1"), "SYMMETRIC_DEFAULT", "PendingDeletion"));
    assert_true(plan_copy(world, &config, NULL));
    assert_said(world,
                "warning source_snapshot_identifier: The source cannot be copied: As it is now, the key " KEY("k1"));
}

/* ---- Applies of copies --------------------------------------------------------- */

static void a_create_fails_before_the_copy_where_readers_are_not_admitted(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = config_with_reader(world);
    struct tf_apply apply = { 0 };
    const int64_t began_ms = world->clock.monotonic_ms;
    struct fake_answer closed = CLOSED_TO_READERS;
    struct fake_answer answers[128] = { CALLER, NOTHING, SOURCE("available"), OPEN_KEY };
    for (size_t i = 4; i + 1 < ARRAY_LENGTH(answers); i += 2) {
        answers[i] = closed;
        answers[i + 1] = has_no_grants();
    }
    script_answers(world, answers, ARRAY_LENGTH(answers));
    assert_false(create(world, &config, &apply));
    assert_err(world, ERR_DENIED, "nothing was copied: the policy of the key " KEY("k1"));
    assert_string_equal(err_path(&world->err), "kms_key_id");
    assert_non_null(strstr(err_remedy(&world->err), "kms:GrantIsForAWSResource"));
    /* As long as AWS may take to tell what was changed a moment ago. */
    assert_between(world->clock.monotonic_ms - began_ms, 5 * MINUTE_MS, 6 * MINUTE_MS);
    assert_true(str_find(operations(&world->transport, world->arena), STR("Copy")) < 0);
}

#define NARROW                                                                                                         \
    "The key may not admit all who need it: As it is now, the policy of the key " KEY(                                 \
        "k1") " does not allow what AWS's examples list for account 222222222222: kms:Decrypt, kms:ReEncryptFrom (no " \
              "statement allows it). AWS's pages disagree about"

static void what_awss_pages_disagree_about_is_a_warning_once_and_hinders_nothing(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = config_with_reader(world);
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, NOTHING, OPEN_KEY, admits_narrowly(), has_no_grants());
    assert_true(plan_copy(world, &config, NULL));
    assert_said(world, "warning kms_key_id: " NARROW);
    fake_call_again(world->fake);
    ANSWERS(world, NOTHING, SOURCE("available"), COPIED, COPY("available"));
    assert_true(create(world, &config, &apply)); /* core plans again in the connection of an apply */
    assert_string_equal(fake_call_said(world->fake), "");
}

static void what_was_warned_of_is_named_when_rds_refuses(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = config_with_reader(world);
    struct tf_apply apply = { 0 };
    ANSWERS(
        world, CALLER, NOTHING, SOURCE("available"), OPEN_KEY, admits_narrowly(), has_no_grants(),
        repeated(refuses(world->arena, 400, "KMSKeyNotAccessibleFault", "The target KMS key [x]"), REPEATS_FOR_EVER));
    assert_false(create(world, &config, &apply));
    assert_non_null(strstr(err_remedy(&world->err), "Before the copy, the policy of the key " KEY(
                                                        "k1") " does not allow what AWS's examples list"));
}

static void a_policy_that_comes_a_moment_late_is_waited_for(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = config_with_reader(world);
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), OPEN_KEY, CLOSED_TO_READERS, has_no_grants(),
            CLOSED_TO_READERS, has_no_grants(), OPEN_TO_READERS, COPIED, COPY("available"));
    assert_true(create(world, &config, &apply));
}

/* Hours later would be too late to hear it. */
static void a_source_that_is_still_made_does_not_delay_the_refusal(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = config_with_reader(world);
    struct tf_apply apply = { 0 };
    struct fake_answer answers[128] = { CALLER, NOTHING, SOURCE("creating"), OPEN_KEY };
    for (size_t i = 4; i + 1 < ARRAY_LENGTH(answers); i += 2) {
        answers[i] = CLOSED_TO_READERS;
        answers[i + 1] = has_no_grants();
    }
    script_answers(world, answers, ARRAY_LENGTH(answers));
    assert_false(create(world, &config, &apply));
    assert_err(world, ERR_DENIED, "does not let RDS use it");
}

static void what_could_not_be_told_is_told_when_aws_refuses(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = config_with_reader(world);
    struct tf_apply apply = { 0 };
    ANSWERS(
        world, CALLER, NOTHING, SOURCE("available"), OPEN_KEY, no_key("AccessDeniedException"),
        repeated(refuses(world->arena, 400, "KMSKeyNotAccessibleFault", "The target KMS key [x]"), REPEATS_FOR_EVER));
    assert_false(create(world, &config, &apply));
    assert_non_null(strstr(err_remedy(&world->err),
                           "Before the copy, whether the policy of the key " KEY(
                               "k1") " admits all who need it is not known: kms:GetKeyPolicy: AccessDeniedException."));
}

/* It is all that AWS said before the time was over. */
static void a_look_that_takes_all_the_time_is_told(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy config = config_with_reader(world);
    struct timeouts timeouts = { .create = text("1h") };
    const struct fake_answer held = { .status = 200, .takes_ms = 2 * HOUR_MS };
    struct tf_apply apply = { 0 };
    config.timeouts = (struct tf_blocks_timeouts){ TF_KNOWN, &timeouts, 1 };
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), OPEN_KEY, held);
    assert_false(create(world, &config, &apply));
    assert_int_equal(world->err.kind, ERR_TIMEOUT);
    assert_non_null(strstr(err_remedy(&world->err), "kms:GetKeyPolicy: timeout"));
    ANSWERS(world, NOTHING, SOURCE("available"), OPEN_KEY, CLOSED_TO_READERS, has_no_grants(), held);
    assert_false(create(world, &config, &apply));
    assert_non_null(
        strstr(err_remedy(&world->err), "kms:GetKeyPolicy: timeout; a moment before, the policy of the key"));
}

static void a_key_that_could_not_be_looked_at_is_told_when_aws_refuses(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy config = config_with_reader(world);
    struct tf_apply apply = { 0 };
    config.kms_key_id = text("alias/x");
    ANSWERS(
        world, CALLER, NOTHING, SOURCE("available"), repeated(no_key("AccessDeniedException"), 1),
        repeated(refuses(world->arena, 400, "KMSKeyNotAccessibleFault", "The target KMS key [x]"), REPEATS_FOR_EVER));
    assert_false(create(world, &config, &apply));
    assert_non_null(strstr(err_remedy(&world->err),
                           "Before the copy, what the key \"alias/x\" is and whether its policy "
                           "admits all who need it is not known: kms:DescribeKey is denied."));
}

static void what_the_policy_lacks_may_be_the_look_at_the_key(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = config_with_reader(world);
    struct tf_apply apply = { 0 };
    struct fake_answer answers[128] = { CALLER, NOTHING, SOURCE("available"), no_key("AccessDeniedException") };
    for (size_t i = 4; i + 1 < ARRAY_LENGTH(answers); i += 2) {
        answers[i] = CLOSED_TO_READERS;
        answers[i + 1] = has_no_grants();
    }
    script_answers(world, answers, ARRAY_LENGTH(answers));
    assert_false(create(world, &config, &apply));
    assert_err(world, ERR_DENIED, "does not let RDS use it");
}

static struct fake_answer source_under_another_key(struct snapshot_world *world)
{
    struct shown source = shown_source("available");
    source.key = KEY("k2");
    return describes(world->arena, source);
}

static void and_so_it_is_with_the_key_of_the_source(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    struct fake_answer answers[128] = { CALLER, NOTHING, source_under_another_key(world), GOOD_KEY,
                                        no_key("AccessDeniedException") };
    for (size_t i = 5; i + 1 < ARRAY_LENGTH(answers); i += 2) {
        answers[i] = admits(world->arena, "222222222222");
        answers[i + 1] = has_no_grants();
    }
    script_answers(world, answers, ARRAY_LENGTH(answers));
    assert_false(create(world, &config, &apply));
    assert_err(world, ERR_DENIED, "nothing was copied: the policy of the key " KEY("k2") " does not let RDS use it");
    assert_string_equal(err_path(&world->err), "source_snapshot_identifier");
}

/* RDS reaches KMS by itself, and refuses a key that is no good at once. */
static void without_a_look_at_the_key_of_the_source_rds_is_asked(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, NOTHING, source_under_another_key(world), GOOD_KEY,
            repeated((struct fake_answer){ .kind = ERR_IO }, 1), COPIED, COPY("available"));
    assert_true(create(world, &config, &apply));
}

static void a_stop_at_the_key_of_the_source_is_one(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    const struct fake_answer stopping = { .kind = ERR_CANCELLED, .cancels = world->call->waiter };
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, NOTHING, source_under_another_key(world), GOOD_KEY, stopping);
    assert_false(create(world, &config, &apply));
    assert_err(world, ERR_CANCELLED, "looking up the key \"" KEY("k2"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ECHOED(a_plan_warns_of_a_key_that_readers_cannot_use),
        ECHOED(a_plan_says_nothing_of_a_key_that_is_open),
        ECHOED(a_plan_does_not_take_its_own_caller_for_the_one_of_the_apply),
        ECHOED(a_plan_without_a_copy_to_make_looks_at_no_key),
        IN_A_WORLD(a_plan_fails_for_what_cannot_change),
        IN_A_WORLD(a_plan_fails_for_aws_rds_with_readers_unless_an_alias_names_it),
        ECHOED(a_copy_that_is_there_is_no_reason_to_fail),
        IN_A_WORLD(a_plan_that_is_told_nothing_says_nothing),
        ECHOED(the_key_of_the_source_is_warned_of),
        ECHOED(a_create_fails_before_the_copy_where_readers_are_not_admitted),
        ECHOED(what_awss_pages_disagree_about_is_a_warning_once_and_hinders_nothing),
        ECHOED(what_was_warned_of_is_named_when_rds_refuses),
        ECHOED(a_policy_that_comes_a_moment_late_is_waited_for),
        ECHOED(a_source_that_is_still_made_does_not_delay_the_refusal),
        ECHOED(what_could_not_be_told_is_told_when_aws_refuses),
        ECHOED(a_look_that_takes_all_the_time_is_told),
        ECHOED(a_key_that_could_not_be_looked_at_is_told_when_aws_refuses),
        ECHOED(what_the_policy_lacks_may_be_the_look_at_the_key),
        ECHOED(and_so_it_is_with_the_key_of_the_source),
        ECHOED(without_a_look_at_the_key_of_the_source_rds_is_asked),
        ECHOED(a_stop_at_the_key_of_the_source_is_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
