/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/unit/plugin/snapshot/copy/apply/hooks_fixture.h"

/* ---- Delete ------------------------------------------------------------------------ */

static void our_copy_is_deleted_and_waited_for(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    ANSWERS(world, CALLER, FOUND(shown_copy("available")), DELETED, FOUND(shown_copy("deleting")), NOTHING);
    assert_true(delete_copy(world, &prior, STR("")));
    assert_asked(world, "GetCallerIdentity DescribeDBClusterSnapshots DeleteDBClusterSnapshot "
                        "DescribeDBClusterSnapshots DescribeDBClusterSnapshots");
    assert_true(is_in_body(world, 2, "DBClusterSnapshotIdentifier=t"));
}

static void a_copy_under_way_is_cancelled_by_its_delete(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    ANSWERS(world, CALLER, FOUND(shown_copy("copying")), DELETED, NOTHING);
    assert_true(delete_copy(world, &prior, STR("")));
}

static void gone_already_is_success(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    ANSWERS(world, CALLER, NOTHING);
    assert_true(delete_copy(world, &prior, STR("")));
    ANSWERS(world, FOUND(shown_copy("available")), NOTHING, NOTHING);
    assert_true(delete_copy(world, &prior, STR("")));
}

static void a_retained_copy_stays(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy prior = copy_state();
    prior.deletion_policy = text("retain");
    ANSWERS(world, CALLER, FOUND(shown_copy("available")));
    assert_true(delete_copy(world, &prior, STR("")));
    assert_asked(world, "GetCallerIdentity DescribeDBClusterSnapshots");
    assert_said(world, "warning: The copy is retained: " SNAPSHOT("t"));
    assert_said(world, "aws rds delete-db-cluster-snapshot --region eu-west-1 "
                       "--db-cluster-snapshot-identifier t");
}

static void a_delete_leaves_what_is_not_held_any_more(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    const struct shown rows[] = {
        { .name = "t", .status = "available", .mark = "1 other - - -" },
        { .name = "t", .status = "available", .mark = "2 new" },
        { .name = "t", .status = "available", .key = KEY("k1"), .time = COPY_TIME }, /* made by hand: no source */
        { .name = "t", .status = "available", .source = SNAPSHOT("a"), .key = KEY("k9") },
        { .name = "t", .status = "available", .source = SNAPSHOT("b"), .key = KEY("k1") },
    };
    ANSWERS(world, CALLER, NOTHING);
    assert_true(delete_copy(world, &prior, STR("")));
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        ANSWERS(world, FOUND(rows[i]));
        assert_true(delete_copy(world, &prior, STR("")));
        if (was_deleted(world))
            fail_msg("row %zu", i);
        assert_said(world, "warning: The copy was left in place: ");
    }
}

/* The whole of it: a refresh does not make somebody else's snapshot ours. */
static void what_was_made_by_hand_under_our_name_survives_refresh_and_destroy(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    struct shown by_hand = { .name = "t", .status = "available", .key = KEY("k9"), .time = "2027-01-01T00:00:00Z" };
    struct tf_read read;
    ANSWERS(world, CALLER, FOUND(by_hand));
    assert_true(read_copy(world, &prior, &read));
    ANSWERS(world, FOUND(by_hand));
    assert_true(delete_copy(world, read.state, STR("")));
    assert_false(was_deleted(world));
}

/* create_before_destroy: AWS's tags may lag behind what this apply has written. */
static void what_a_create_of_this_apply_took_over_is_left(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    assert_true(memory_learn(account_memory(world->call), MEMORY_CLAIMED, STR(SNAPSHOT("t"))));
    ANSWERS(world, CALLER, FOUND(shown_copy("available")));
    assert_true(delete_copy(world, &prior, STR("")));
    assert_false(was_deleted(world));
    assert_said(world, "warning: The copy was left in place: ");
}

static void a_busy_copy_is_tried_again_until_the_deadline(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy prior = copy_state();
    struct timeouts timeouts = { .delete = text("30m") };
    const struct fake_answer busy = refuses(world->arena, 400, "InvalidDBClusterSnapshotStateFault", "busy");
    const struct fake_answer ours = FOUND(shown_copy("available"));
    prior.timeouts = (struct tf_blocks_timeouts){ TF_KNOWN, &timeouts, 1 };
    ANSWERS(world, CALLER, ours, busy, ours, { .kind = ERR_IO, .unanswered = true }, ours,
            refuses(world->arena, 400, "Throttling", "Rate exceeded"), ours, DELETED, NOTHING);
    assert_true(delete_copy(world, &prior, STR("")));
    assert_int_equal(world->transport.position, 10); /* all of them */
    int64_t began_ms = world->clock.monotonic_ms;
    struct fake_answer slow = busy;
    slow.takes_ms = 30 * MINUTE_MS - SECOND_MS;
    ANSWERS(world, ours, slow);
    assert_false(delete_copy(world, &prior, STR("")));
    assert_int_equal(world->err.kind, ERR_TIMEOUT);
    assert_int_equal(world->clock.monotonic_ms - began_ms, 30 * MINUTE_MS);
    /* The same where the deadline cuts off the look after it. */
    ANSWERS(world, ours, busy, { .status = 200, .takes_ms = HOUR_MS });
    assert_false(delete_copy(world, &prior, STR("")));
    assert_err(world, ERR_TIMEOUT, "deleting " SNAPSHOT("t") ": the time limit has passed");
    assert_non_null(strstr(err_text(&world->err), "busy"));
    assert_string_equal(err_code(&world->err), "InvalidDBClusterSnapshotStateFault");
}

/* Between two tries the name may become another apply's. */
static void what_is_somebody_elses_by_the_next_try_is_left(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    struct shown others = shown_copy("available");
    others.mark = "1 other - - -";
    ANSWERS(world, CALLER, FOUND(shown_copy("available")), { .kind = ERR_IO, .unanswered = true }, FOUND(others));
    assert_true(delete_copy(world, &prior, STR("")));
    assert_said(world, "warning: The copy was left in place: ");
    assert_asked(world, "GetCallerIdentity DescribeDBClusterSnapshots DeleteDBClusterSnapshot "
                        "DescribeDBClusterSnapshots");
}

static void a_delete_that_fails_is_an_error(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    ANSWERS(world, CALLER, refuses(world->arena, 403, "AccessDenied", "no"));
    assert_false(delete_copy(world, &prior, STR("")));
    assert_err(world, ERR_DENIED, "reading " SNAPSHOT("t"));
    ANSWERS(world, FOUND(shown_copy("available")), refuses(world->arena, 403, "AccessDenied", "no"));
    assert_false(delete_copy(world, &prior, STR("")));
    assert_err(world, ERR_DENIED, "deleting " SNAPSHOT("t"));
    struct fake_answer stopping = FOUND(shown_copy("deleting"));
    stopping.cancels = world->call->waiter;
    ANSWERS(world, FOUND(shown_copy("available")), DELETED, stopping);
    assert_false(delete_copy(world, &prior, STR("")));
    assert_int_equal(world->err.kind, ERR_CANCELLED);
}

static void a_damaged_note_deletes_nothing(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    ANSWERS(world, CALLER, FOUND(shown_copy("available")));
    assert_false(delete_copy(world, &prior, STR("1\nx\n\xff")));
    assert_err(world, ERR_CONFLICT, "another version of the provider: plan again");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HERE(our_copy_is_deleted_and_waited_for),
        HERE(a_copy_under_way_is_cancelled_by_its_delete),
        HERE(gone_already_is_success),
        HERE(a_retained_copy_stays),
        HERE(a_delete_leaves_what_is_not_held_any_more),
        HERE(what_was_made_by_hand_under_our_name_survives_refresh_and_destroy),
        HERE(what_a_create_of_this_apply_took_over_is_left),
        HERE(a_busy_copy_is_tried_again_until_the_deadline),
        HERE(what_is_somebody_elses_by_the_next_try_is_left),
        HERE(a_delete_that_fails_is_an_error),
        HERE(a_damaged_note_deletes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
