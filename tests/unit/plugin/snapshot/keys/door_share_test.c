/* SPDX-License-Identifier: MPL-2.0
 *
 * What plans and applies of shares say of their keys.
 */
#include "plugin/snapshot/share/model.h"

#include "tests/unit/plugin/snapshot/keys/door_fixture.h"

static bool plan_share(struct snapshot_world *world, const struct share *prior, const struct share *config)
{
    struct tf_plan out = { 0 };
    fake_call_again(world->fake);
    return run_plan(world, &share_resource, config, prior, &out);
}

static struct share share_with_reader(struct snapshot_world *world)
{
    return (struct share){ .snapshot_identifier = text(SNAPSHOT("a")), .account_ids = the_reader(world) };
}

static void a_planned_share_is_told_what_its_key_refuses(void **state)
{
    struct snapshot_world *world = *state;
    const struct share config = share_with_reader(world);
    ANSWERS(world, CALLER, SOURCE("available"), OPEN_KEY, CLOSED_TO_READERS, has_no_grants());
    assert_true(plan_share(world, NULL, &config));
    assert_said(world, "warning: The key does not admit all who need it: ");
    world_configure(world);
    ANSWERS(world, CALLER, SOURCE("available"), is_key(world->arena, KEY("k1"), "AWS", "Enabled"));
    assert_false(plan_share(world, NULL, &config));
    assert_err(world, ERR_INVALID, SNAPSHOT("a") " cannot be shared: the key " KEY("k1") " is managed by AWS");
}

/* As the apply has it: the share is made, and is of no use yet. */
static void a_planned_share_under_a_disabled_key_is_not_said_to_end(void **state)
{
    struct snapshot_world *world = *state;
    const struct share config = share_with_reader(world);
    ANSWERS(world, CALLER, SOURCE("available"), own_key(world->arena, KEY("k1"), "SYMMETRIC_DEFAULT", "Disabled"));
    assert_true(plan_share(world, NULL, &config));
    assert_said(world, "its state is Disabled");
    assert_null(strstr(fake_call_said(world->fake), "the apply ends here"));
}

/* Another one takes its place before it is shared, perhaps under another key. */
static void the_key_of_a_snapshot_that_holds_nothing_is_not_asked_about(void **state)
{
    static const char *const statuses[] = { "failed", "deleting" };
    struct snapshot_world *world = *state;
    const struct share config = share_with_reader(world);
    for (size_t i = 0; i < ARRAY_LENGTH(statuses); i++) {
        world_configure(world);
        ANSWERS(world, CALLER, SOURCE(statuses[i]));
        assert_true(plan_share(world, NULL, &config));
        assert_asked(world, "GetCallerIdentity DescribeDBClusterSnapshots");
        assert_string_equal(fake_call_said(world->fake), "");
    }
}

static void what_is_shared_already_is_not_questioned(void **state)
{
    struct snapshot_world *world = *state;
    struct share config = share_with_reader(world), prior = config;
    prior.snapshot_kind = text("cluster");
    prior.region = text("eu-west-1");
    prior.id = prior.snapshot_arn = text(SNAPSHOT("a"));
    no_answers(world);
    assert_true(plan_share(world, &prior, &config));
    assert_asked(world, "");
}

static bool create_share(struct snapshot_world *world, struct tf_apply *apply)
{
    struct share *planned = ARENA_NEW(world->arena, struct share);
    *planned = share_with_reader(world);
    planned->snapshot_kind = text("cluster");
    planned->region = text("eu-west-1");
    planned->id = planned->snapshot_arn = text(SNAPSHOT("a"));
    return run_apply(world, &share_resource, planned, NULL, planned, apply);
}

static void a_share_that_readers_could_not_use_is_not_made(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    struct fake_answer answers[128] = { CALLER, SOURCE("available"), OPEN_KEY };
    for (size_t i = 3; i + 1 < ARRAY_LENGTH(answers); i += 2) {
        answers[i] = CLOSED_TO_READERS;
        answers[i + 1] = has_no_grants();
    }
    script_answers(world, answers, ARRAY_LENGTH(answers));
    assert_false(create_share(world, &apply));
    assert_false(apply.keep_state);
    assert_err(world, ERR_DENIED, SNAPSHOT("a") " is not shared: the policy of the key " KEY("k1"));
    assert_string_equal(err_path(&world->err), "account_ids");
    assert_true(str_find(operations(&world->transport, world->arena), STR("Modify")) < 0);
}

static void what_readers_may_lack_is_named_when_rds_refuses_the_share(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, SOURCE("available"), OPEN_KEY, admits_narrowly(), has_no_grants(),
            refuses(world->arena, 400, "KMSKeyNotAccessibleFault", "The source snapshot KMS key [x]"));
    assert_false(create_share(world, &apply));
    assert_said(world, "warning: The key may not admit all who need it: ");
    assert_non_null(strstr(err_remedy(&world->err), "The key of the source does not admit this caller."));
    assert_non_null(strstr(err_remedy(&world->err), "\n\nBefore that, the policy of the key " KEY("k1")));
}

/* The look had its answer: it is not what took the time. */
static void what_readers_may_lack_is_not_named_when_the_time_is_over(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, SOURCE("available"), OPEN_KEY, admits_narrowly(), has_no_grants(),
            { .status = 200, .takes_ms = 2 * HOUR_MS });
    assert_false(create_share(world, &apply));
    assert_int_equal(world->err.kind, ERR_TIMEOUT);
    assert_null(strstr(err_remedy(&world->err), "Before that"));
}

static void a_disabled_key_does_not_hinder_a_share(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, SOURCE("available"), own_key(world->arena, KEY("k1"), "SYMMETRIC_DEFAULT", "Disabled"),
            done(world->arena, "ModifyDBClusterSnapshotAttribute"));
    assert_true(create_share(world, &apply));
    assert_said(world, "warning: Shared, but of no use yet: ");
}

static void what_the_policy_lacks_may_be_the_look_at_the_key_of_a_share_too(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    struct fake_answer answers[128] = { CALLER, SOURCE("available"), no_key("AccessDeniedException") };
    for (size_t i = 3; i + 1 < ARRAY_LENGTH(answers); i += 2) {
        answers[i] = CLOSED_TO_READERS;
        answers[i + 1] = has_no_grants();
    }
    script_answers(world, answers, ARRAY_LENGTH(answers));
    assert_false(create_share(world, &apply));
    assert_err(world, ERR_DENIED, SNAPSHOT("a") " is not shared: the policy of the key " KEY("k1"));
    assert_non_null(strstr(err_remedy(&world->err), "if it is the AWS-managed aws/rds"));
    assert_true(str_find(operations(&world->transport, world->arena), STR("Modify")) < 0);
}

static void a_share_is_made_though_kms_does_not_answer(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, SOURCE("available"), { .kind = ERR_IO },
            done(world->arena, "ModifyDBClusterSnapshotAttribute"));
    assert_true(create_share(world, &apply));
}

static void a_share_does_without_a_look_that_is_not_answered(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    struct fake_answer key = OPEN_KEY, policy = CLOSED_TO_READERS; /* both too late */
    key.takes_ms = policy.takes_ms = 2 * MINUTE_MS + SECOND_MS;
    ANSWERS(world, CALLER, SOURCE("available"), key, done(world->arena, "ModifyDBClusterSnapshotAttribute"));
    assert_true(create_share(world, &apply));
    ANSWERS(world, SOURCE("available"), OPEN_KEY, policy, done(world->arena, "ModifyDBClusterSnapshotAttribute"));
    assert_true(create_share(world, &apply));
}

static void a_look_that_takes_all_the_time_of_a_share_is_told(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, SOURCE("available"), OPEN_KEY, { .status = 200, .takes_ms = 2 * HOUR_MS });
    assert_false(create_share(world, &apply));
    assert_err(world, ERR_TIMEOUT, "changing the accounts");
    assert_non_null(strstr(err_remedy(&world->err), "kms:GetKeyPolicy: timeout"));
    ANSWERS(world, SOURCE("available"), { .kind = ERR_IO }, { .status = 200, .takes_ms = 2 * HOUR_MS });
    assert_false(create_share(world, &apply));
    assert_err(world, ERR_TIMEOUT, "changing the accounts");
    assert_non_null(strstr(err_remedy(&world->err), "Before that, the key could not be looked at (DescribeKey: "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_WORLD(a_planned_share_is_told_what_its_key_refuses),
        ECHOED(a_planned_share_under_a_disabled_key_is_not_said_to_end),
        ECHOED(the_key_of_a_snapshot_that_holds_nothing_is_not_asked_about),
        ECHOED(what_is_shared_already_is_not_questioned),
        ECHOED(a_share_that_readers_could_not_use_is_not_made),
        ECHOED(what_readers_may_lack_is_named_when_rds_refuses_the_share),
        ECHOED(what_readers_may_lack_is_not_named_when_the_time_is_over),
        ECHOED(a_disabled_key_does_not_hinder_a_share),
        ECHOED(what_the_policy_lacks_may_be_the_look_at_the_key_of_a_share_too),
        ECHOED(a_share_is_made_though_kms_does_not_answer),
        ECHOED(a_share_does_without_a_look_that_is_not_answered),
        ECHOED(a_look_that_takes_all_the_time_of_a_share_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
