/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/unit/plugin/snapshot/copy/apply/fixture.h"

static void an_existing_copy_is_adopted_and_nothing_copied(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    struct shown mine = shown_copy("available");
    mine.mark = NULL;
    ANSWERS(world, CALLER, theirs(world, "available"), SOURCE("available"), GOOD_KEY, TAGGED,
            describes(world->arena, mine));
    assert_true(create(world, &config, &apply));
    assert_str_not_equal(state_of(&apply)->holder_id.value, "their-holder");
    assert_str_equal(state_of(&apply)->source_snapshot_create_time.value, SOURCE_TIME);
    struct str mark = sent_mark(world->arena, body_of(world, 4));
    const struct str holder = state_of(&apply)->holder_id.value;
    assert_true(str_starts_with(mark, str_format(world->arena, "1 %.*s ", STR_ARG(holder))));
    assert_said(world, "Other data needs another target_snapshot_identifier");
}

static void tags_that_are_refused_while_copying_are_written_when_it_is_available(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    struct fake_answer busy = refuses(world->arena, 400, "InvalidDBClusterSnapshotStateFault", "copying");
    ANSWERS(world, CALLER, theirs(world, "copying"), SOURCE("available"), GOOD_KEY, busy, theirs(world, "copying"),
            theirs(world, "available"), TAGGED);
    assert_true(create(world, &config, &apply));
    assert_str_not_equal(state_of(&apply)->holder_id.value, "their-holder");
    assert_true(str_ends_with(operations(&world->transport, world->arena), STR("AddTagsToResource")));
}

static void tags_are_tried_again_until_they_are_taken_or_the_deadline(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    const struct fake_answer found = theirs(world, "available");
    struct fake_answer busy = refuses(world->arena, 400, "InvalidDBClusterSnapshotStateFault", "still busy");
    ANSWERS(world, CALLER, theirs(world, "copying"), SOURCE("available"), GOOD_KEY, busy, found, busy, found,
            { .kind = ERR_IO, .unanswered = true }, found, TAGGED);
    assert_true(create(world, &config, &apply));
    assert_str_not_equal(state_of(&apply)->holder_id.value, "their-holder");
    memory_forget(account_memory(world->call), MEMORY_CLAIMED, STR(SNAPSHOT("t")));
    struct fake_answer slow = busy;
    slow.takes_ms = 24 * HOUR_MS - SECOND_MS;
    ANSWERS(world, theirs(world, "copying"), SOURCE("available"), busy, found, slow);
    assert_false(create(world, &config, &apply));
    assert_false(apply.keep_state);
    assert_err(world, ERR_TIMEOUT, "adopting " SNAPSHOT("t"));
    assert_err(world, ERR_TIMEOUT, "still busy");
}

static void of_two_adopters_the_faster_one_has_it(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    struct fake_answer busy = refuses(world->arena, 400, "InvalidDBClusterSnapshotStateFault", "still busy");
    struct shown others = shown_copy("available");
    others.mark = "1 another - - -";
    ANSWERS(world, CALLER, theirs(world, "copying"), SOURCE("available"), GOOD_KEY, busy, theirs(world, "available"),
            busy, describes(world->arena, others));
    assert_false(create(world, &config, &apply));
    assert_false(apply.keep_state);
    assert_err(world, ERR_CONFLICT, "was taken over");
}

static void a_name_whose_writing_was_not_answered_is_found_to_be_written(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    struct fake_answer busy = refuses(world->arena, 400, "InvalidDBClusterSnapshotStateFault", "copying");
    struct shown named = shown_copy("available");
    named.mark = "@MARK@";
    ANSWERS(world, CALLER, theirs(world, "copying"), SOURCE("available"), GOOD_KEY, busy, theirs(world, "available"),
            { .kind = ERR_IO, .unanswered = true }, describes(world->arena, named));
    assert_true(create(world, &config, &apply));
    assert_str_not_equal(state_of(&apply)->holder_id.value, "their-holder");
}

static void an_adoption_that_fails_does_not_speak_of_a_copy_call(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, theirs(world, "available"), SOURCE("available"), GOOD_KEY,
            { .kind = ERR_IO, .unanswered = true });
    assert_false(create(world, &config, &apply));
    assert_false(apply.keep_state);
    assert_non_null(strstr(err_remedy(&world->err), "Apply again to adopt it"));
    ANSWERS(world, theirs(world, "available"), SOURCE("available"), refuses(world->arena, 403, "AccessDenied", "no"));
    assert_false(create(world, &config, &apply));
    assert_non_null(strstr(err_remedy(&world->err), "IAM policy"));
}

static void an_adoption_that_is_not_sealed_at_a_stop_leaves_no_state(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    struct fake_answer busy = refuses(world->arena, 400, "InvalidDBClusterSnapshotStateFault", "copying");
    struct fake_answer stopping = theirs(world, "copying");
    stopping.cancels = world->call->waiter;
    ANSWERS(world, CALLER, theirs(world, "copying"), SOURCE("available"), GOOD_KEY, busy, stopping);
    assert_false(create(world, &config, &apply));
    assert_false(apply.keep_state);
}

static void another_copy_of_the_name_is_refused_and_left_alone(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    struct shown older = shown_copy("available");
    older.mark = "1 their-holder - - 2025-12-31T00:00:00Z";
    ANSWERS(world, CALLER, describes(world->arena, older), SOURCE("available"), GOOD_KEY);
    assert_false(create(world, &config, &apply));
    assert_err(world, ERR_CONFLICT, "the source of that name is of " SOURCE_TIME " now");
    assert_string_equal(err_path(&world->err), "target_snapshot_identifier");
    assert_asked(world, "GetCallerIdentity DescribeDBClusterSnapshots DescribeDBClusterSnapshots DescribeKey");
}

static void nothing_is_adopted_on_a_guess(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, theirs(world, "available"), { .kind = ERR_IO });
    assert_false(create(world, &config, &apply));
    assert_int_equal(world->err.kind, ERR_IO);
    ANSWERS(world, theirs(world, "available"), SOURCE("available"), { .kind = ERR_IO });
    assert_false(create(world, &config, &apply));
    assert_int_equal(world->err.kind, ERR_IO);
}

static void a_source_that_is_gone_does_not_hinder_an_adoption(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    struct shown mine = shown_copy("available");
    mine.mark = NULL;
    ANSWERS(world, CALLER, theirs(world, "available"), NOTHING, GOOD_KEY, TAGGED, describes(world->arena, mine));
    assert_true(create(world, &config, &apply));
}

static void two_resources_cannot_have_one_name(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), GOOD_KEY, COPIED, COPY("available"));
    assert_true(create(world, &config, &apply));
    no_answers(world);
    assert_false(create(world, &config, &apply));
    assert_err(world, ERR_CONFLICT, "two resources cannot have one name");
    assert_asked(world, "");
}

static void a_create_that_made_nothing_gives_its_name_back(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, NOTHING, SOURCE("failed"));
    assert_false(create(world, &config, &apply));
    ANSWERS(world, NOTHING, SOURCE("available"), GOOD_KEY, COPIED, COPY("available"));
    assert_true(create(world, &config, &apply));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ECHOED(an_existing_copy_is_adopted_and_nothing_copied),
        ECHOED(tags_that_are_refused_while_copying_are_written_when_it_is_available),
        ECHOED(tags_are_tried_again_until_they_are_taken_or_the_deadline),
        ECHOED(of_two_adopters_the_faster_one_has_it),
        ECHOED(a_name_whose_writing_was_not_answered_is_found_to_be_written),
        ECHOED(an_adoption_that_fails_does_not_speak_of_a_copy_call),
        ECHOED(an_adoption_that_is_not_sealed_at_a_stop_leaves_no_state),
        ECHOED(another_copy_of_the_name_is_refused_and_left_alone),
        ECHOED(nothing_is_adopted_on_a_guess),
        ECHOED(a_source_that_is_gone_does_not_hinder_an_adoption),
        ECHOED(two_resources_cannot_have_one_name),
        ECHOED(a_create_that_made_nothing_gives_its_name_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
