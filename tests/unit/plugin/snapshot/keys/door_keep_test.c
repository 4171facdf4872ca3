/* SPDX-License-Identifier: MPL-2.0
 *
 * What the door keeps, for how long, and what it asks for again.
 */
#include "plugin/snapshot/keys/door.h"

#include "tests/unit/plugin/snapshot/copy/fixture.h"

#define THE_KEY own_key(world->arena, KEY("k1"), "SYMMETRIC_DEFAULT", "Enabled")
#define DISABLED own_key(world->arena, KEY("k1"), "SYMMETRIC_DEFAULT", "Disabled")
#define OPEN_TO_ALL admits(world->arena, "111111111111,222222222222")
#define CLOSED_TO_READERS admits(world->arena, "111111111111")
#define DENIED no_key("AccessDeniedException")
#define ABSENT no_key("NotFoundException")

static const struct str reader = { "222222222222", 12 };

static struct key_users the_users(void)
{
    return (struct key_users){ .part = KEY_PART_TARGET,
                               .account = STR("111111111111"),
                               .arn = STR("arn:aws:iam::111111111111:user/me"),
                               .region = STR("eu-west-1"),
                               .readers = &reader,
                               .reader_count = 1 };
}

/* A call in that Region, with an hour. */
static struct aws_call call_in(struct snapshot_world *world, const char *region)
{
    struct snapshot_ref ref = { .region = str_from(region) };
    struct aws_call aws;
    if (!account_call(world->call, &ref, clock_after_ms(&world->clock.clock, HOUR_MS), &aws, &world->err))
        fail_msg("%s", err_text(&world->err));
    return aws;
}

static struct aws_call begin(struct snapshot_world *world)
{
    ANSWERS(world, is_caller(world->arena, "111111111111"));
    return call_in(world, "eu-west-1");
}

static struct key_lookup ask(struct snapshot_world *world, const struct aws_call *aws, const char *text,
                             enum key_age age)
{
    struct key_lookup lookup;
    if (!key_ask(world->call, aws, str_from(text), age, &lookup, NULL, &world->err))
        fail_msg("%s", err_text(&world->err));
    return lookup;
}

/* What a plan says: "" is yes, or cannot tell. */
static const char *plan(struct snapshot_world *world, const struct aws_call *aws)
{
    const struct key_users users = the_users();
    fake_call_again(world->fake);
    if (!key_preflight_plan(world->call, aws, STR(KEY("k1")), "kms_key_id", &users, &world->err))
        return err_text(&world->err);
    return fake_call_said(world->fake);
}

static bool apply(struct snapshot_world *world, const struct aws_call *aws, const struct key_lookup *lookup,
                  struct key_doubt *doubt)
{
    const struct key_users users = the_users();
    return key_preflight_apply(world->call, aws, lookup, "kms_key_id", &users, doubt, &world->err);
}

/* ---- What key is this? ------------------------------------------------------ */

static void a_usable_key_is_not_asked_for_again_within_a_minute(void **state)
{
    struct snapshot_world *world = *state;
    const struct aws_call aws = begin(world);
    ANSWERS(world, THE_KEY, THE_KEY, THE_KEY);
    assert_str_equal(ask(world, &aws, KEY("k1"), KEY_FRESH).key.arn, KEY("k1"));
    const int64_t asked_ms = waiter_now_ms(aws.waiter);
    fake_clock_advance(&world->clock, MINUTE_MS - 1);
    const struct key_lookup lookup = ask(world, &aws, KEY("k1"), KEY_FRESH);
    assert_int_equal(lookup.answer, KEY_FOUND);
    assert_str_equal(lookup.key.arn, KEY("k1"));
    assert_int_equal(lookup.asked_ms, asked_ms);
    assert_asked(world, "DescribeKey");
    (void)ask(world, &aws, KEY("k1"), KEY_NOW);
    assert_asked(world, "DescribeKey DescribeKey");
    fake_clock_advance(&world->clock, MINUTE_MS);
    (void)ask(world, &aws, KEY("k1"), KEY_FRESH);
    assert_asked(world, "DescribeKey DescribeKey DescribeKey");
}

static void a_no_is_always_asked_for_again(void **state)
{
    struct snapshot_world *world = *state;
    const struct aws_call aws = begin(world);
    const struct fake_answer noes[] = { DENIED, ABSENT, DISABLED };
    for (size_t i = 0; i < ARRAY_LENGTH(noes); i++) {
        ANSWERS(world, noes[i], noes[i], THE_KEY);
        const struct key_lookup lookup = ask(world, &aws, KEY("k1"), KEY_FRESH);
        assert_true(lookup.answer != KEY_FOUND || str_equal(lookup.key.key_state, STR("Disabled")));
        (void)ask(world, &aws, KEY("k1"), KEY_FRESH);
        assert_str_equal(ask(world, &aws, KEY("k1"), KEY_FRESH).key.key_state, "Enabled");
        assert_asked(world, "DescribeKey DescribeKey DescribeKey");
        fake_clock_advance(&world->clock, MINUTE_MS);
    }
}

/* Somebody may move it to another key. */
static void what_an_alias_means_is_always_asked_for(void **state)
{
    struct snapshot_world *world = *state;
    const struct aws_call aws = begin(world);
    ANSWERS(world, THE_KEY, own_key(world->arena, KEY("k2"), "SYMMETRIC_DEFAULT", "Enabled"));
    assert_str_equal(ask(world, &aws, "alias/x", KEY_FRESH).key.arn, KEY("k1"));
    assert_str_equal(ask(world, &aws, "alias/x", KEY_FRESH).key.arn, KEY("k2"));
}

static void a_key_that_is_not_found_is_an_answer_and_no_error(void **state)
{
    struct snapshot_world *world = *state;
    const struct aws_call aws = begin(world);
    const struct fake_answer noes[] = { DENIED, ABSENT };
    for (size_t i = 0; i < ARRAY_LENGTH(noes); i++) {
        CLEANUP(err_clear) struct err refusal = { 0 };
        struct key_lookup lookup;
        ANSWERS(world, noes[i]);
        assert_true(key_ask(world->call, &aws, STR(KEY("k1")), KEY_NOW, &lookup, &refusal, &world->err));
        assert_int_equal(world->err.kind, ERR_NONE);
        assert_int_equal(refusal.kind, lookup.answer == KEY_ABSENT ? ERR_NOT_FOUND : ERR_DENIED);
    }
}

static void one_spelling_in_two_regions_is_two_keys(void **state)
{
    struct snapshot_world *world = *state;
    const struct aws_call aws = begin(world), there = call_in(world, "us-east-1");
    ANSWERS(world, THE_KEY, ABSENT, DENIED);
    assert_int_equal(ask(world, &aws, "alias/x", KEY_FRESH).answer, KEY_FOUND);
    assert_int_equal(ask(world, &there, "alias/x", KEY_FRESH).answer, KEY_ABSENT);
    assert_int_equal(ask(world, &aws, "alias/y", KEY_FRESH).answer, KEY_UNTOLD);
}

static void a_failure_is_an_error_and_not_kept(void **state)
{
    struct snapshot_world *world = *state;
    const struct aws_call aws = begin(world);
    struct key_lookup lookup = { .text = STR("untouched") };
    ANSWERS(world, { .status = 400, .text = "{\"__type\":\"ValidationException\",\"message\":\"bad\"}" });
    assert_false(key_ask(world->call, &aws, STR(KEY("k1")), KEY_FRESH, &lookup, NULL, &world->err));
    assert_err(world, ERR_INVALID, "looking up the key \"" KEY("k1") "\": bad");
    assert_str_equal(lookup.text, "untouched");
    ANSWERS(world, THE_KEY, OPEN_TO_ALL);
    assert_string_equal(plan(world, &aws), "");
    assert_asked(world, "DescribeKey GetKeyPolicy");
}

/* The operation has an hour; what is only good to know has two minutes of it. */
static void a_look_has_two_minutes_and_its_end_is_not_the_operations(void **state)
{
    struct snapshot_world *world = *state;
    struct aws_call aws = begin(world);
    struct fake_answer late = THE_KEY;
    struct key_lookup lookup;
    late.takes_ms = 2 * MINUTE_MS + SECOND_MS;
    ANSWERS(world, late);
    assert_false(key_ask(world->call, &aws, STR(KEY("k1")), KEY_FRESH, &lookup, NULL, &world->err));
    assert_int_equal(world->err.kind, ERR_IO);
    aws.deadline_ms = clock_after_ms(&world->clock.clock, MINUTE_MS);
    ANSWERS(world, late);
    assert_false(key_ask(world->call, &aws, STR(KEY("k1")), KEY_FRESH, &lookup, NULL, &world->err));
    assert_int_equal(world->err.kind, ERR_TIMEOUT);
}

/* ---- Plans ------------------------------------------------------------------ */

static void a_hundred_plans_ask_once(void **state)
{
    struct snapshot_world *world = *state;
    const struct aws_call aws = begin(world);
    ANSWERS(world, THE_KEY, CLOSED_TO_READERS, has_no_grants());
    assert_non_null(strstr(plan(world, &aws), "does not let RDS use it for account 222222222222"));
    for (size_t i = 0; i < 100; i++) {
        assert_string_equal(plan(world, &aws), ""); /* said already */
        fake_clock_advance(&world->clock, MINUTE_MS);
    }
    assert_asked(world, "DescribeKey GetKeyPolicy ListGrants");
}

static void what_was_not_told_is_not_asked_again_by_plans(void **state)
{
    struct snapshot_world *world = *state;
    const struct fake_answer failures[] = {
        DENIED,
        ABSENT,
        { .status = 400, .text = "{\"__type\":\"ValidationException\"}" },
        { .kind = ERR_TIMEOUT },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(failures); i++) {
        world_configure(world);
        const struct aws_call aws = begin(world);
        struct fake_answer failure = failures[i];
        failure.repeats = REPEATS_FOR_EVER;
        ANSWERS(world, failure);
        assert_string_equal(plan(world, &aws), "");
        const size_t asked = world->transport.request_count;
        for (size_t k = 0; k < 10; k++)
            assert_string_equal(plan(world, &aws), "");
        assert_int_equal(world->transport.request_count, asked);
    }
}

static void a_plan_completes_what_was_kept(void **state)
{
    struct snapshot_world *world = *state;
    const struct aws_call aws = begin(world);
    ANSWERS(world, THE_KEY, OPEN_TO_ALL);
    (void)ask(world, &aws, KEY("k1"), KEY_FRESH);
    assert_string_equal(plan(world, &aws), "");
    assert_asked(world, "DescribeKey GetKeyPolicy");
    (void)ask(world, &aws, KEY("k1"), KEY_FRESH);
    assert_asked(world, "DescribeKey GetKeyPolicy");
}

static void a_stop_is_not_remembered_as_an_answer(void **state)
{
    struct snapshot_world *world = *state;
    struct aws_call aws = begin(world);
    struct waiter *another = waiter_new(&world->clock.clock), *own = aws.waiter;
    aws.waiter = another;
    ANSWERS(world, { .kind = ERR_CANCELLED, .cancels = another });
    assert_string_equal(plan(world, &aws), "");
    aws.waiter = own;
    ANSWERS(world, is_key(world->arena, KEY("k1"), "AWS", "Enabled"));
    assert_non_null(strstr(plan(world, &aws), "is managed by AWS"));
    waiter_free(another);
    key_cache_free(NULL);
}

/* ---- Applies ---------------------------------------------------------------- */

static void a_yes_of_the_last_minute_needs_no_call(void **state)
{
    static const struct {
        int64_t later_ms;
        const char *asked;
    } rows[] = {
        { 0,             "DescribeKey GetKeyPolicy"                          },
        { MINUTE_MS - 1, "DescribeKey GetKeyPolicy"                          },
        { MINUTE_MS,     "DescribeKey GetKeyPolicy DescribeKey GetKeyPolicy" },
    };
    struct snapshot_world *world = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct key_doubt doubt;
        world_configure(world);
        const struct aws_call aws = begin(world);
        ANSWERS(world, THE_KEY, OPEN_TO_ALL, THE_KEY, OPEN_TO_ALL);
        assert_string_equal(plan(world, &aws), "");
        fake_clock_advance(&world->clock, rows[i].later_ms);
        const struct key_lookup lookup = ask(world, &aws, KEY("k1"), KEY_FRESH);
        assert_true(apply(world, &aws, &lookup, &doubt));
        assert_str_equal(doubt.untold, "");
        assert_str_equal(doubt.lacking, "");
        assert_asked(world, rows[i].asked);
    }
}

/* It hinders nothing either. */
static void nor_does_what_was_warned_of(void **state)
{
    struct snapshot_world *world = *state;
    const struct aws_call aws = begin(world);
    struct key_doubt doubt;
    ANSWERS(world, THE_KEY, admits_narrowly(), has_no_grants());
    assert_non_null(strstr(plan(world, &aws), "The key may not admit all who need it"));
    assert_string_equal(plan(world, &aws), "");
    const struct key_lookup lookup = ask(world, &aws, KEY("k1"), KEY_FRESH);
    assert_true(apply(world, &aws, &lookup, &doubt));
    assert_non_null(strstr(str_c(world->arena, doubt.lacking), "kms:Decrypt, kms:ReEncryptFrom"));
    assert_asked(world, "DescribeKey GetKeyPolicy ListGrants");
}

static void the_policy_is_the_keys_however_it_is_named(void **state)
{
    struct snapshot_world *world = *state;
    const struct aws_call aws = begin(world);
    struct key_doubt doubt;
    ANSWERS(world, THE_KEY, OPEN_TO_ALL, THE_KEY);
    const struct key_lookup first = ask(world, &aws, "alias/x", KEY_FRESH);
    assert_true(apply(world, &aws, &first, &doubt));
    const struct key_lookup again = ask(world, &aws, "alias/x", KEY_FRESH);
    assert_true(apply(world, &aws, &again, &doubt));
    assert_asked(world, "DescribeKey GetKeyPolicy DescribeKey");
}

/* It may be read by the time that another resource is planned. */
static void a_policy_that_an_apply_could_not_read_is_not_kept(void **state)
{
    struct snapshot_world *world = *state;
    const struct aws_call aws = begin(world);
    struct key_doubt doubt;
    ANSWERS(world, THE_KEY, DENIED, CLOSED_TO_READERS, has_no_grants());
    const struct key_lookup lookup = ask(world, &aws, KEY("k1"), KEY_FRESH);
    assert_true(apply(world, &aws, &lookup, &doubt));
    assert_non_null(strstr(plan(world, &aws), "does not let RDS use it for account 222222222222"));
}

/* The key itself may be as it was; what its policy or a grant refused, or AWS did not tell, may not. */
static void what_was_refused_a_moment_ago_is_asked_for_again(void **state)
{
    struct snapshot_world *world = *state;
    const struct fake_answer before[] = { CLOSED_TO_READERS, DENIED };
    for (size_t i = 0; i < ARRAY_LENGTH(before); i++) {
        struct key_doubt doubt;
        world_configure(world);
        const struct aws_call aws = begin(world);
        ANSWERS(world, THE_KEY, before[i], has_no_grants());
        (void)plan(world, &aws);
        ANSWERS(world, OPEN_TO_ALL);
        const struct key_lookup lookup = ask(world, &aws, KEY("k1"), KEY_FRESH);
        assert_true(apply(world, &aws, &lookup, &doubt));
        assert_true(apply(world, &aws, &lookup, &doubt)); /* and that is kept */
        assert_asked(world, "GetKeyPolicy");
    }
}

/* The policy that was kept is that of a key which DescribeKey does not tell. */
static void a_key_that_is_not_told_stays_untold(void **state)
{
    struct snapshot_world *world = *state;
    const struct aws_call aws = begin(world);
    struct key_doubt doubt;
    ANSWERS(world, DENIED, OPEN_TO_ALL, DENIED, OPEN_TO_ALL);
    assert_string_equal(plan(world, &aws), "");
    const struct key_lookup lookup = ask(world, &aws, KEY("k1"), KEY_FRESH);
    assert_int_equal(lookup.answer, KEY_UNTOLD);
    assert_str_equal(lookup.key.arn, KEY("k1"));
    assert_true(apply(world, &aws, &lookup, &doubt));
    assert_asked(world, "DescribeKey GetKeyPolicy DescribeKey GetKeyPolicy");
}

/* While one apply waits, another one learns more. */
static void an_older_answer_does_not_replace_a_newer_one(void **state)
{
    struct snapshot_world *world = *state;
    const struct aws_call aws = begin(world);
    struct key_doubt doubt;
    ANSWERS(world, THE_KEY, THE_KEY);
    const struct key_lookup old = ask(world, &aws, KEY("k1"), KEY_NOW);
    fake_clock_advance(&world->clock, 2 * MINUTE_MS);
    (void)ask(world, &aws, KEY("k1"), KEY_NOW);
    assert_asked(world, "DescribeKey DescribeKey");
    ANSWERS(world, OPEN_TO_ALL);
    assert_true(apply(world, &aws, &old, &doubt));
    (void)ask(world, &aws, KEY("k1"), KEY_FRESH);
    assert_asked(world, "GetKeyPolicy");
}

static void who_uses_a_key_are_the_caller_and_the_known_readers(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_string accounts[] = { text("222222222222"), unknown_text, text("333333333333") };
    const struct tf_string_set readers = { .state = TF_KNOWN, .items = accounts, .count = ARRAY_LENGTH(accounts) };
    (void)begin(world);
    struct key_users users = key_users_of(world->call, KEY_PART_TARGET, STR("eu-west-1"), &readers);
    assert_str_equal(users.account, "111111111111");
    assert_str_equal(users.arn, "arn:aws:iam::111111111111:user/me");
    assert_str_equal(users.region, "eu-west-1");
    assert_int_equal(users.reader_count, 2);
    assert_str_equal(users.readers[1], "333333333333");
    users = key_users_of(world->call, KEY_PART_NONE, STR(""), NULL);
    assert_str_equal(users.account, "");
    assert_int_equal(users.reader_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_WORLD(a_usable_key_is_not_asked_for_again_within_a_minute),
        IN_A_WORLD(a_no_is_always_asked_for_again),
        IN_A_WORLD(what_an_alias_means_is_always_asked_for),
        IN_A_WORLD(a_key_that_is_not_found_is_an_answer_and_no_error),
        IN_A_WORLD(one_spelling_in_two_regions_is_two_keys),
        IN_A_WORLD(a_failure_is_an_error_and_not_kept),
        IN_A_WORLD(a_look_has_two_minutes_and_its_end_is_not_the_operations),
        IN_A_WORLD(a_hundred_plans_ask_once),
        IN_A_WORLD(what_was_not_told_is_not_asked_again_by_plans),
        IN_A_WORLD(a_plan_completes_what_was_kept),
        IN_A_WORLD(a_stop_is_not_remembered_as_an_answer),
        IN_A_WORLD(a_yes_of_the_last_minute_needs_no_call),
        IN_A_WORLD(nor_does_what_was_warned_of),
        IN_A_WORLD(the_policy_is_the_keys_however_it_is_named),
        IN_A_WORLD(a_policy_that_an_apply_could_not_read_is_not_kept),
        IN_A_WORLD(what_was_refused_a_moment_ago_is_asked_for_again),
        IN_A_WORLD(a_key_that_is_not_told_stays_untold),
        IN_A_WORLD(an_older_answer_does_not_replace_a_newer_one),
        IN_A_WORLD(who_uses_a_key_are_the_caller_and_the_known_readers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
