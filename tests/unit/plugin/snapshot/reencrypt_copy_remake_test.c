/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/unit/plugin/snapshot/copy_apply_fixture.h"

static void a_remake_deletes_only_after_source_and_key_are_there(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, OLD("available"), SOURCE("available"), GOOD_KEY, SOURCE("available"), GOOD_KEY, ROOM,
            OLD("available"), DELETED, OLD("deleting"), NOTHING, COPIED, COPY("available"));
    assert_true(remake(world, &apply));
    assert_asked(
        world,
        "GetCallerIdentity DescribeDBClusterSnapshots DescribeDBClusterSnapshots DescribeKey "
        "DescribeDBClusterSnapshots DescribeKey DescribeAccountAttributes DescribeDBClusterSnapshots "
        "DeleteDBClusterSnapshot "
        "DescribeDBClusterSnapshots DescribeDBClusterSnapshots CopyDBClusterSnapshot DescribeDBClusterSnapshots");
    assert_true(apply.keep_state);
    assert_str_equal(state_of(&apply)->arn.value, SNAPSHOT("t"));
    assert_str_not_equal(state_of(&apply)->copy_id.value, "cccc");
    assert_str_not_equal(state_of(&apply)->holder_id.value, "hhhh");
}

static void a_remake_that_cannot_be_done_deletes_nothing(void **state)
{
    struct snapshot_world *world = *state;
    struct fake_answer disabled = is_key(world->arena, KEY("k1"), "CUSTOMER", "Disabled");
    struct fake_answer stopping = SOURCE("creating");
    stopping.cancels = world->call->waiter;
    const struct fake_answer rows[][6] = {
        { OLD("available"), SOURCE("failed"), GOOD_KEY, SOURCE("failed") },
        { OLD("available"), NOTHING, GOOD_KEY, repeated(NOTHING, REPEATS_FOR_EVER) },
        { OLD("available"), SOURCE("available"), disabled, SOURCE("available"), disabled },
        { OLD("available"), SOURCE("available"), no_key("NotFoundException"), SOURCE("available"),
         repeated(no_key("NotFoundException"), REPEATS_FOR_EVER) },
        { refuses(world->arena, 403, "AccessDenied", "no") },
        { OLD("available"), SOURCE("creating"), GOOD_KEY, stopping },
        { OLD("available"), SOURCE("available"), GOOD_KEY, SOURCE("available"), GOOD_KEY,
         quota(world->arena, 101, 100) },
    };
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, { .kind = ERR_IO }); /* learns who it is */
    assert_false(remake(world, &apply));
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        apply = (struct tf_apply){ 0 };
        script_answers(world, rows[i], ARRAY_LENGTH(rows[i]));
        assert_false(remake(world, &apply));
        assert_false(apply.keep_state);
        assert_nothing_is_deleted(world);
    }
}

static void what_was_taken_over_while_a_remake_waited_is_left_alone(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, OLD("available"), SOURCE("available"), GOOD_KEY, SOURCE("available"), GOOD_KEY, ROOM,
            theirs(world, "available", "1"));
    assert_false(remake(world, &apply));
    assert_false(apply.keep_state);
    assert_err(world, ERR_CONFLICT, "was taken over, or made anew, by somebody else");
    assert_nothing_is_deleted(world);
}

static void a_busy_old_copy_is_looked_at_anew_before_every_try(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    const struct fake_answer busy = refuses(world->arena, 400, "InvalidDBClusterSnapshotStateFault", "busy");
    ANSWERS(world, CALLER, OLD("available"), SOURCE("available"), GOOD_KEY, SOURCE("available"), GOOD_KEY, ROOM,
            OLD("available"), busy, OLD("available"), DELETED, NOTHING, COPIED, COPY("available"));
    assert_true(remake(world, &apply));
    ANSWERS(world, OLD("available"), SOURCE("available"), GOOD_KEY, SOURCE("available"), GOOD_KEY, ROOM,
            OLD("available"), { .kind = ERR_IO, .unanswered = true }, theirs(world, "available", "1"));
    assert_false(remake(world, &apply));
    assert_err(world, ERR_CONFLICT, "was taken over, or made anew, by somebody else");
}

/* SnapshotCreateTime comes when a copy is done. */
static void an_old_copy_that_was_done_meanwhile_is_still_the_old_one(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    struct shown old = shown_copy("copying");
    old.time = NULL;
    ANSWERS(world, CALLER, describes(world->arena, old), SOURCE("available"), GOOD_KEY, SOURCE("available"), GOOD_KEY,
            ROOM, OLD("available"), DELETED, NOTHING, COPIED, COPY("available"));
    assert_true(remake(world, &apply));
}

static void what_vanished_while_a_remake_waited_makes_room_by_itself(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, OLD("available"), SOURCE("available"), GOOD_KEY, SOURCE("available"), GOOD_KEY, ROOM,
            NOTHING, NOTHING, COPIED, COPY("available"));
    assert_true(remake(world, &apply));
    assert_nothing_is_deleted(world);
}

static void too_many_tags_are_found_out_before_anything_is_deleted(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy prior = copy_state(), config = copy_config();
    struct tf_apply apply = { 0 };
    struct str tags = STR("");
    for (int i = 0; i < 50; i++)
        tags = str_format(world->arena, "%.*s<Tag><Key>k%d</Key><Value>v</Value></Tag>", STR_ARG(tags), i);
    struct shown source = shown_source("available");
    source.tags = tags.ptr;
    config.source_version = text("2");
    config.copy_tags = prior.copy_tags = tf_known_bool(true);
    ANSWERS(world, CALLER, OLD("available"), describes(world->arena, source), GOOD_KEY, describes(world->arena, source),
            GOOD_KEY);
    assert_false(update(world, &config, &prior, &apply));
    assert_err(world, ERR_INVALID, "51 tags");
    assert_nothing_is_deleted(world);
    assert_false(apply.keep_state);
}

static void a_remake_whose_copy_is_refused_says_that_the_old_one_is_gone_and_why(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, OLD("available"), SOURCE("available"), GOOD_KEY, SOURCE("available"), GOOD_KEY, ROOM,
            OLD("available"), DELETED, NOTHING,
            refuses(world->arena, 400, "SnapshotQuotaExceeded", "Cannot create more than 100 manual snapshots"));
    assert_false(remake(world, &apply));
    assert_false(apply.keep_state);
    assert_err(world, ERR_CONFLICT, "was deleted to make room");
    assert_err(world, ERR_CONFLICT, "more than 100 manual snapshots");
    assert_non_null(strstr(world->err.remedy, "Service Quotas"));
}

static void a_stop_between_delete_and_copy_says_that_the_old_one_goes(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    struct fake_answer stopping = OLD("deleting");
    stopping.cancels = world->call->waiter;
    ANSWERS(world, CALLER, OLD("available"), SOURCE("available"), GOOD_KEY, SOURCE("available"), GOOD_KEY, ROOM,
            OLD("available"), DELETED, stopping);
    assert_false(remake(world, &apply));
    assert_false(apply.keep_state);
    assert_err(world, ERR_CANCELLED, "the old copy " SNAPSHOT("t") " is being deleted");
}

/* Two applies of one configuration: both have deleted the old copy. */
static void the_faster_one_of_two_remakes_is_adopted(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    const struct fake_answer found = theirs(world, "copying", "2");
    struct shown mine = shown_copy("available");
    mine.mark = NULL;
    ANSWERS(world, CALLER, OLD("available"), SOURCE("available"), GOOD_KEY, SOURCE("available"), GOOD_KEY, ROOM,
            OLD("available"), DELETED, found,
            refuses(world->arena, 400, "DBClusterSnapshotAlreadyExistsFault", "exists"), found, found,
            SOURCE("available"), GOOD_KEY, TAGGED, describes(world->arena, mine));
    assert_true(remake(world, &apply));
    assert_str_equal(state_of(&apply)->copy_id.value, "their-copy");
    assert_said(world, "warning: An existing copy was adopted: ");
}

static void an_unanswered_delete_is_not_told_as_a_copy(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, OLD("available"), SOURCE("available"), GOOD_KEY, SOURCE("available"), GOOD_KEY, ROOM,
            OLD("available"), { .kind = ERR_CANCELLED, .unanswered = true, .cancels = world->call->waiter });
    assert_false(remake(world, &apply));
    assert_false(apply.keep_state);
    assert_non_null(strstr(world->err.remedy, "No answer came to the Delete call, so the old copy may be gone"));
    assert_null(strstr(world->err.remedy, "Copy call"));
}

static void a_failed_remake_stays_in_the_state_for_the_next_plan(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, OLD("available"), SOURCE("available"), GOOD_KEY, SOURCE("available"), GOOD_KEY, ROOM,
            OLD("available"), DELETED, NOTHING, COPIED, COPY("failed"));
    assert_false(remake(world, &apply));
    assert_true(apply.keep_state);
    assert_str_equal(state_of(&apply)->status.value, "failed");
    assert_str_equal(state_of(&apply)->source_version.value, "2");
    assert_str_not_equal(state_of(&apply)->copy_id.value, "cccc");
    assert_false(str_ends_with(operations(&world->transport, world->arena), STR("DeleteDBClusterSnapshot")));
}

static void the_copy_of_a_killed_remake_is_adopted(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    struct shown mine = shown_copy("available");
    mine.mark = NULL;
    ANSWERS(world, CALLER, theirs(world, "available", "2"), SOURCE("available"), GOOD_KEY, TAGGED,
            describes(world->arena, mine));
    assert_true(remake(world, &apply));
    assert_str_equal(state_of(&apply)->copy_id.value, "their-copy");
    assert_nothing_is_deleted(world);
}

static void a_remake_refuses_what_was_made_by_hand_under_its_name(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    struct shown by_hand = { .name = "t", .status = "available", .key = KEY("k1"), .time = COPY_TIME };
    ANSWERS(world, CALLER, describes(world->arena, by_hand), SOURCE("available"), GOOD_KEY);
    assert_false(remake(world, &apply));
    assert_err(world, ERR_CONFLICT, "bears no readable mark");
    assert_nothing_is_deleted(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ECHOED(a_remake_deletes_only_after_source_and_key_are_there),
        ECHOED(a_remake_that_cannot_be_done_deletes_nothing),
        ECHOED(what_was_taken_over_while_a_remake_waited_is_left_alone),
        ECHOED(a_busy_old_copy_is_looked_at_anew_before_every_try),
        ECHOED(an_old_copy_that_was_done_meanwhile_is_still_the_old_one),
        ECHOED(what_vanished_while_a_remake_waited_makes_room_by_itself),
        ECHOED(too_many_tags_are_found_out_before_anything_is_deleted),
        ECHOED(a_remake_whose_copy_is_refused_says_that_the_old_one_is_gone_and_why),
        ECHOED(a_stop_between_delete_and_copy_says_that_the_old_one_goes),
        ECHOED(the_faster_one_of_two_remakes_is_adopted),
        ECHOED(an_unanswered_delete_is_not_told_as_a_copy),
        ECHOED(a_failed_remake_stays_in_the_state_for_the_next_plan),
        ECHOED(the_copy_of_a_killed_remake_is_adopted),
        ECHOED(a_remake_refuses_what_was_made_by_hand_under_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
