/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/unit/plugin/snapshot/copy/apply/fixture.h"

/* ---- Create -------------------------------------------------------------- */

static void a_copy_is_made_and_waited_for(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), GOOD_KEY, COPIED, repeated(COPY("copying"), 9),
            COPY("available"));
    assert_true(create(world, &config, &apply));
    assert_true(str_starts_with(operations(&world->transport, world->arena),
                                STR("GetCallerIdentity DescribeDBClusterSnapshots DescribeDBClusterSnapshots "
                                    "DescribeKey CopyDBClusterSnapshot DescribeDBClusterSnapshots ")));
    assert_str_equal(state_of(&apply)->arn.value, SNAPSHOT("t"));
    assert_str_equal(state_of(&apply)->status.value, "available");
    assert_str_equal(state_of(&apply)->kms_key_arn.value, KEY("k1"));
    assert_str_equal(state_of(&apply)->source_kms_key_arn.value, KEY("k1"));
    assert_str_equal(state_of(&apply)->engine.value, "aurora-mysql");
    assert_str_equal(state_of(&apply)->source_snapshot_create_time.value, SOURCE_TIME);
    assert_int_equal(state_of(&apply)->holder_id.value.len, 16);
    assert_string_equal(fake_call_said(world->fake), "");
}

static void the_copy_call_carries_the_mark_and_what_was_configured(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    config.kms_key_id = text("alias/mine");
    tf_string_map_put(world->arena, &config.tags, STR("Name"), text("x"));
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), GOOD_KEY, COPIED, COPY("available"));
    assert_true(create(world, &config, &apply));
    struct str body = body_of(world, 4);
    assert_true(str_find(body, STR("TargetDBClusterSnapshotIdentifier=t&")) >= 0);
    assert_true(str_find(body, STR("SourceDBClusterSnapshotIdentifier=a&")) >= 0);
    assert_true(str_find(body, STR("KmsKeyId=alias%2Fmine")) >= 0);
    assert_true(str_find(body, STR("CopyTags")) < 0);
    struct aws_tag tag = { STR(MARK_TAG), sent_mark(world->arena, body) };
    struct mark mark;
    assert_int_equal(mark_find(&(const struct aws_tags){ &tag, 1 }, &mark), MARK_FOUND);
    assert_true(str_equal(mark.holder_id, state_of(&apply)->holder_id.value));
    assert_true(str_equal(mark.source, mark_digest(world->arena, STR(SNAPSHOT("a")))));
    assert_true(str_equal(mark.key, mark_digest(world->arena, STR(KEY("k1"))))); /* what the alias means */
    assert_str_equal(mark.time, SOURCE_TIME);
}

static void copied_tags_are_sent_with_the_call(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    struct shown source = shown_source("available");
    source.tags = "<Tag><Key>Team</Key><Value>db</Value></Tag><Tag><Key>aws:x</Key><Value>y</Value></Tag>";
    config.copy_tags = tf_known_bool(true);
    ANSWERS(world, CALLER, NOTHING, describes(world->arena, source), GOOD_KEY, COPIED, COPY("available"));
    assert_true(create(world, &config, &apply));
    assert_true(is_in_body(world, 4, "Key=Team"));
    assert_false(is_in_body(world, 4, "aws%3Ax"));
    assert_int_equal(state_of(&apply)->tags_all.count, 0);
}

static void a_source_that_is_being_made_is_waited_for_first(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, NOTHING, SOURCE("creating"), no_key("NotFoundException"), GOOD_KEY,
            repeated(SOURCE("creating"), 200), SOURCE("available"), GOOD_KEY, COPIED, COPY("available"));
    assert_true(create(world, &config, &apply));
    assert_true(world->clock.monotonic_ms > 1000000 + HOUR_MS);
}

static void a_denied_describe_key_does_not_hinder_a_copy(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), repeated(no_key("AccessDeniedException"), 1), COPIED,
            COPY("available"));
    assert_true(create(world, &config, &apply));
}

static void before_the_copy_call_every_failure_leaves_no_state(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    const struct fake_answer stop = { .kind = ERR_CANCELLED, .cancels = world->call->waiter };
    const struct {
        struct fake_answer answers[5];
        enum err_kind kind;
    } rows[] = {
        { { refuses(world->arena, 403, "AccessDenied", "no") },                                      ERR_DENIED    },
        { { NOTHING, repeated(SOURCE("failed"), 1) },                                                ERR_CONFLICT  },
        { { NOTHING, repeated(SOURCE("deleting"), 1) },                                              ERR_CONFLICT  },
        { { NOTHING, SOURCE("available"), is_key(world->arena, KEY("k1"), "CUSTOMER", "Disabled") }, ERR_DENIED    },
        { { NOTHING, NOTHING, GOOD_KEY, repeated(NOTHING, REPEATS_FOR_EVER) },                       ERR_NOT_FOUND },
        { { NOTHING, SOURCE("available"), repeated(no_key("NotFoundException"), REPEATS_FOR_EVER) }, ERR_NOT_FOUND },
        { { NOTHING, SOURCE("available"), GOOD_KEY, refuses(world->arena, 400, "SnapshotQuotaExceeded", "100 manual"),
            quota(world->arena, 100, 100) },
         ERR_CONFLICT                                                                                              },
        { { NOTHING, stop },                                                                         ERR_CANCELLED },
    };
    struct tf_apply first = { 0 };
    ANSWERS(world, CALLER, { .kind = ERR_IO }); /* learns who it is */
    assert_false(create(world, &config, &first));
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct tf_apply apply = { 0 };
        script_answers(world, rows[i].answers, ARRAY_LENGTH(rows[i].answers));
        assert_false(create(world, &config, &apply));
        assert_false(apply.keep_state);
        if (world->err.kind != rows[i].kind)
            fail_msg("row %zu: %s, %s", i, err_kind_name(world->err.kind), err_text(&world->err));
        assert_nothing_is_deleted(world);
    }
}

static void a_key_that_is_not_there_is_told_in_kms_s_words(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), repeated(no_key("NotFoundException"), REPEATS_FOR_EVER));
    assert_false(create(world, &config, &apply));
    assert_non_null(strstr(err_text(&world->err), "there is no key \"" KEY("k1") "\" in account 111111111111"));
    assert_string_equal(err_path(&world->err), "kms_key_id");
    assert_string_equal(err_part(&world->err, ERR_OPERATION), "DescribeKey");
    assert_string_equal(err_code(&world->err), "NotFoundException");
}

static void a_slot_is_waited_for(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), GOOD_KEY,
            repeated(
                refuses(world->arena, 400, "SnapshotQuotaExceeded", "Cannot copy more than 5 snapshots across regions"),
                30),
            COPIED, COPY("available"));
    assert_true(create(world, &config, &apply));
}

static void minutes_of_a_passing_refusal_do_not_count_the_hours_in_line(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), GOOD_KEY,
            repeated(refuses(world->arena, 400, "SnapshotQuotaExceeded", "across regions"), 30),
            refuses(world->arena, 400, "Throttling", "Rate exceeded"), { .kind = ERR_IO }, COPIED, COPY("available"));
    assert_true(create(world, &config, &apply));
    assert_true(world->clock.monotonic_ms - 1000000 > 10 * MINUTE_MS);
}

static void a_refusal_that_may_pass_is_given_up_after_minutes(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    ANSWERS(
        world, CALLER, NOTHING, SOURCE("available"), GOOD_KEY,
        repeated(refuses(world->arena, 400, "KMSKeyNotAccessibleFault", "The target KMS key [x]"), REPEATS_FOR_EVER));
    assert_false(create(world, &config, &apply));
    assert_false(apply.keep_state);
    assert_between(world->clock.monotonic_ms - 1000000, 5 * MINUTE_MS, 6 * MINUTE_MS);
    assert_non_null(strstr(err_remedy(&world->err), "side = \"target\""));
}

static void what_passes_is_outlived_before_the_copy_is_accepted(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    const struct fake_answer throttled = refuses(world->arena, 400, "Throttling", "Rate exceeded");
    ANSWERS(world, CALLER, NOTHING, throttled, SOURCE("available"), { .kind = ERR_IO }, GOOD_KEY, throttled,
            { .kind = ERR_IO }, COPIED, COPY("available"));
    assert_true(create(world, &config, &apply));
    memory_forget(account_memory(world->call), MEMORY_CLAIMED, STR(SNAPSHOT("t")));
    ANSWERS(world, NOTHING, SOURCE("available"), repeated(throttled, REPEATS_FOR_EVER));
    int64_t began_ms = world->clock.monotonic_ms;
    assert_false(create(world, &config, &apply));
    assert_err(world, ERR_TIMEOUT, "AWS did not accept the copy: the time limit has passed: Rate exceeded");
    assert_string_equal(err_code(&world->err), "Throttling");
    assert_between(world->clock.monotonic_ms - began_ms, 24 * HOUR_MS - MINUTE_MS, 24 * HOUR_MS);
}

static void a_lost_answer_is_found_by_the_mark(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), GOOD_KEY, { .kind = ERR_IO, .unanswered = true },
            COPY("copying"), COPY("available"));
    assert_true(create(world, &config, &apply));
    assert_str_equal(state_of(&apply)->status.value, "available");
    assert_true(str_find(operations(&world->transport, world->arena), STR("Copy")) > 0);
    assert_nothing_is_deleted(world);
}

static void an_unanswered_copy_call_leaves_no_state_and_says_what_to_do(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), GOOD_KEY, { .kind = ERR_IO, .unanswered = true }, NOTHING);
    assert_false(create(world, &config, &apply));
    assert_false(apply.keep_state);
    assert_true(world->err.unanswered);
    assert_non_null(strstr(err_remedy(&world->err), "may exist. Apply again"));
}

static void the_faster_one_of_two_applies_is_adopted(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    struct fake_answer exists = refuses(world->arena, 400, "DBClusterSnapshotAlreadyExistsFault", "exists");
    struct fake_answer found = theirs(world, "available");
    struct shown taken = shown_copy("available");
    taken.mark = NULL;
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), GOOD_KEY, exists, found, found, SOURCE("available"), TAGGED,
            describes(world->arena, taken));
    assert_true(create(world, &config, &apply));
    assert_str_not_equal(state_of(&apply)->holder_id.value, "their-holder");
    assert_said(world, "warning: An existing copy was adopted: ");
}

/* ---- A name that is not free ----------------------------------------------- */

static void a_name_is_cleared_of_a_failed_copy_whoever_made_it(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    const struct fake_answer failed = theirs(world, "failed");
    ANSWERS(world, CALLER, failed, failed, DELETED, NOTHING, SOURCE("available"), GOOD_KEY, COPIED, COPY("available"));
    assert_true(create(world, &config, &apply));
    assert_str_not_equal(state_of(&apply)->holder_id.value, "their-holder");
}

static void what_is_being_deleted_is_waited_for_whatever_it_is(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    struct shown by_hand = shown_copy("deleting");
    by_hand.mark = NULL;
    const struct fake_answer leaving = describes(world->arena, by_hand);
    ANSWERS(world, CALLER, leaving, repeated(leaving, 5), NOTHING, SOURCE("available"), GOOD_KEY, COPIED,
            COPY("available"));
    assert_true(create(world, &config, &apply));
    assert_nothing_is_deleted(world);
}

static void a_failed_snapshot_without_a_mark_is_somebody_s(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    struct shown by_hand = shown_copy("failed");
    by_hand.mark = NULL;
    ANSWERS(world, CALLER, describes(world->arena, by_hand), SOURCE("available"), GOOD_KEY);
    assert_false(create(world, &config, &apply));
    assert_err(world, ERR_CONFLICT, "was not made by this provider");
    assert_nothing_is_deleted(world);
}

static void a_name_that_is_taken_while_it_is_cleared_is_left(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, theirs(world, "failed"), theirs(world, "copying"));
    assert_false(create(world, &config, &apply));
    assert_err(world, ERR_CONFLICT, "was taken over by somebody else");
    assert_asked(world, "GetCallerIdentity DescribeDBClusterSnapshots DescribeDBClusterSnapshots");
}

/* ---- Waiting ------------------------------------------------------------- */

static void a_stop_while_copying_keeps_the_state_and_warns(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    struct fake_answer stopping = COPY("copying");
    stopping.cancels = world->call->waiter;
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), GOOD_KEY, COPIED, COPY("copying"), stopping);
    assert_true(create(world, &config, &apply));
    assert_str_equal(state_of(&apply)->status.value, "copying");
    assert_int_equal(state_of(&apply)->percent_progress.value, 50);
    assert_int_equal(state_of(&apply)->holder_id.value.len, 16);
    assert_said(world, "warning: Stopped while copying: ");
    assert_int_equal(world->transport.request_count, 7); /* no further call */
}

static void a_stop_while_the_answer_is_held_keeps_the_state(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    struct fake_answer held = COPIED;
    held.cancels = world->call->waiter;
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), GOOD_KEY, held);
    assert_true(create(world, &config, &apply));
    assert_str_equal(state_of(&apply)->status.value, "copying");
    assert_said(world, "warning: Stopped while copying: ");
}

static void a_stop_with_no_answer_leaves_no_state(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), GOOD_KEY,
            { .kind = ERR_CANCELLED, .unanswered = true, .cancels = world->call->waiter });
    assert_false(create(world, &config, &apply));
    assert_false(apply.keep_state);
    assert_int_equal(world->transport.request_count, 5);
}

static void the_deadline_is_an_error_without_state_that_says_how_to_go_on(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy config = copy_config();
    struct timeouts timeouts = { .create = text("3h") };
    struct tf_apply apply = { 0 };
    config.timeouts = (struct tf_blocks_timeouts){ TF_KNOWN, &timeouts, 1 };
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), GOOD_KEY, COPIED, repeated(COPY("copying"), REPEATS_FOR_EVER));
    assert_false(create(world, &config, &apply));
    assert_false(apply.keep_state);
    assert_int_equal(world->clock.monotonic_ms, 1000000 + 3 * HOUR_MS);
    assert_err(world, ERR_TIMEOUT, SNAPSHOT("t"));
    assert_err(world, ERR_TIMEOUT, "copying, 50 %");
    assert_non_null(strstr(err_remedy(&world->err), "terraform import ADDRESS " SNAPSHOT("t")));
    assert_nothing_is_deleted(world);
}

static void what_ends_a_wait_is_told_with_its_cure_and_how_to_go_on(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), GOOD_KEY, COPIED, COPY("copying"),
            refuses(world->arena, 403, "AccessDenied", "no"));
    assert_false(create(world, &config, &apply));
    assert_false(apply.keep_state);
    assert_non_null(strstr(err_remedy(&world->err), "IAM policy"));
    assert_non_null(strstr(err_remedy(&world->err), "The copy goes on in AWS"));
    assert_non_null(strstr(err_remedy(&world->err), "terraform import ADDRESS " SNAPSHOT("t")));
}

static void a_failed_copy_is_removed_and_leaves_no_state(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), GOOD_KEY, COPIED, COPY("failed"), SOURCE("available"),
            GOOD_KEY, GOOD_KEY, event(world->arena, NULL), COPY("failed"), DELETED, NOTHING);
    assert_false(create(world, &config, &apply));
    assert_false(apply.keep_state);
    assert_err(world, ERR_CONFLICT, "\"failed\" at 50 %");
    assert_true(str_ends_with(operations(&world->transport, world->arena),
                              STR("DeleteDBClusterSnapshot DescribeDBClusterSnapshots")));
    assert_string_equal(fake_call_said(world->fake), "");
}

/* Looking into the failure takes its time: another apply may have been faster. */
static void what_was_made_anew_since_a_failure_is_not_removed(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    const struct fake_answer rows[] = { theirs(world, "copying"), COPY("copying"), NOTHING, theirs(world, "failed") };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct tf_apply apply = { 0 };
        fake_clock_advance(&world->clock, MINUTE_MS); /* what was seen is asked for again */
        ANSWERS(world, NOTHING, SOURCE("available"), GOOD_KEY, COPIED, COPY("failed"), SOURCE("available"), GOOD_KEY,
                GOOD_KEY, event(world->arena, NULL), rows[i]);
        if (i == 0)
            ANSWERS(world, CALLER, NOTHING, SOURCE("available"), GOOD_KEY, COPIED, COPY("failed"), SOURCE("available"),
                    GOOD_KEY, GOOD_KEY, event(world->arena, NULL), rows[i]);
        assert_false(create(world, &config, &apply));
        assert_err(world, ERR_CONFLICT, "\"failed\" at 50 %");
        assert_nothing_is_deleted(world);
        assert_string_equal(fake_call_said(world->fake), "");
        memory_forget(account_memory(world->call), MEMORY_CLAIMED, STR(SNAPSHOT("t")));
    }
}

static void the_deadline_before_the_copy_says_how_to_go_on(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy config = copy_config();
    struct timeouts timeouts = { .create = text("3h") };
    struct tf_apply apply = { 0 };
    config.timeouts = (struct tf_blocks_timeouts){ TF_KNOWN, &timeouts, 1 };
    ANSWERS(world, CALLER, NOTHING, SOURCE("creating"), GOOD_KEY, repeated(SOURCE("creating"), REPEATS_FOR_EVER));
    assert_false(create(world, &config, &apply));
    assert_false(apply.keep_state);
    assert_err(world, ERR_TIMEOUT, "waiting for the snapshot");
    assert_non_null(strstr(err_remedy(&world->err), "Nothing was copied yet. Apply again"));
}

static void a_copy_that_somebody_takes_over_is_left_to_him(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), GOOD_KEY, COPIED, theirs(world, "copying"));
    assert_false(create(world, &config, &apply));
    assert_err(world, ERR_CONFLICT, "taken over");
    assert_null(strstr(err_remedy(&world->err), "The copy goes on in AWS"));
    assert_nothing_is_deleted(world);
}

/* ---- Without an identity ------------------------------------------------- */

static void the_account_is_learned_from_what_aws_describes(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    const struct http_transport *echoing = account_aws(world->call)->transport;
    world->block.skip_requesting_account_id = tf_known_bool(true);
    world_configure(world);
    account_aws(world->call)->transport = echoing;
    ANSWERS(world, NOTHING, SOURCE("available"), GOOD_KEY, COPIED, COPY("available"));
    struct reencrypt_copy planned = config;
    planned.snapshot_kind = text("cluster");
    planned.region = text("eu-west-1");
    planned.tags_all = (struct tf_string_map){ .state = TF_KNOWN };
    planned.arn = planned.id = planned.account_id = planned.source_snapshot_arn = unknown_text;
    planned.holder_id = planned.source_snapshot_create_time = unknown_text;
    copy_forget_unreported(&planned);
    assert_true(run_apply(world, &reencrypt_copy_resource, &config, NULL, &planned, &apply));
    assert_str_equal(state_of(&apply)->arn.value, SNAPSHOT("t"));
    assert_str_equal(state_of(&apply)->account_id.value, "111111111111");
    assert_str_equal(state_of(&apply)->source_snapshot_arn.value, SNAPSHOT("a"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ECHOED(a_copy_is_made_and_waited_for),
        ECHOED(the_copy_call_carries_the_mark_and_what_was_configured),
        ECHOED(copied_tags_are_sent_with_the_call),
        ECHOED(a_source_that_is_being_made_is_waited_for_first),
        ECHOED(a_denied_describe_key_does_not_hinder_a_copy),
        ECHOED(before_the_copy_call_every_failure_leaves_no_state),
        ECHOED(a_key_that_is_not_there_is_told_in_kms_s_words),
        ECHOED(a_slot_is_waited_for),
        ECHOED(minutes_of_a_passing_refusal_do_not_count_the_hours_in_line),
        ECHOED(a_refusal_that_may_pass_is_given_up_after_minutes),
        ECHOED(what_passes_is_outlived_before_the_copy_is_accepted),
        ECHOED(a_lost_answer_is_found_by_the_mark),
        ECHOED(an_unanswered_copy_call_leaves_no_state_and_says_what_to_do),
        ECHOED(the_faster_one_of_two_applies_is_adopted),
        ECHOED(a_name_is_cleared_of_a_failed_copy_whoever_made_it),
        ECHOED(what_is_being_deleted_is_waited_for_whatever_it_is),
        ECHOED(a_failed_snapshot_without_a_mark_is_somebody_s),
        ECHOED(a_name_that_is_taken_while_it_is_cleared_is_left),
        ECHOED(a_stop_while_copying_keeps_the_state_and_warns),
        ECHOED(a_stop_while_the_answer_is_held_keeps_the_state),
        ECHOED(a_stop_with_no_answer_leaves_no_state),
        ECHOED(the_deadline_is_an_error_without_state_that_says_how_to_go_on),
        ECHOED(what_ends_a_wait_is_told_with_its_cure_and_how_to_go_on),
        ECHOED(a_failed_copy_is_removed_and_leaves_no_state),
        ECHOED(what_was_made_anew_since_a_failure_is_not_removed),
        ECHOED(the_deadline_before_the_copy_says_how_to_go_on),
        ECHOED(a_copy_that_somebody_takes_over_is_left_to_him),
        ECHOED(the_account_is_learned_from_what_aws_describes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
