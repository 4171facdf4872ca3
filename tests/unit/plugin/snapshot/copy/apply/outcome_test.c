/* SPDX-License-Identifier: MPL-2.0 */
#include <string.h>

#include "tests/unit/plugin/snapshot/copy/apply/watch_fixture.h"

static void a_copy_is_waited_for_whatever_its_percent_says(void **state)
{
    struct aws_world *world = world_of(state);
    struct rds_snapshot last = { 0 };
    ANSWERS(world, repeated(copy_is(world, "copying", 0), 500), repeated(copy_is(world, "copying", 100), 500),
            copy_is(world, "brand-new-status", 100), copy_is(world, "available", 100));
    assert_int_equal(wait_copy(world, &last), COPY_AVAILABLE);
    assert_str_equal(last.status, "available");
    assert_true(passed_ms(world) > 8 * HOUR_MS);
}

static void right_after_the_call_a_copy_may_not_be_found(void **state)
{
    struct aws_world *world = world_of(state);
    struct rds_snapshot last = { .status = STR("copying") };
    ANSWERS(world, repeated(knows_nothing(world->arena), 3), copy_is(world, "available", 100));
    assert_int_equal(wait_copy(world, &last), COPY_AVAILABLE);
}

static void a_copy_that_stays_away_is_gone(void **state)
{
    struct aws_world *world = world_of(state);
    struct rds_snapshot last = { .status = STR("copying") };
    ANSWERS(world, repeated(knows_nothing(world->arena), REPEATS_FOR_EVER));
    assert_int_equal(wait_copy(world, &last), COPY_GONE);
    assert_int_equal(world->err.kind, ERR_NOT_FOUND);
    assert_str_equal(last.status, "copying");
    assert_between(passed_ms(world), 2 * MINUTE_MS, 3 * MINUTE_MS);
}

static void a_failed_copy_ends_the_wait(void **state)
{
    struct aws_world *world = world_of(state);
    struct rds_snapshot last = { 0 };
    ANSWERS(world, copy_is(world, "copying", 10), copy_is(world, "failed", 42));
    assert_int_equal(wait_copy(world, &last), COPY_FAILED);
    assert_non_null(strstr(err_text(&world->err), "\"failed\" at 42 %"));
}

static void somebody_elses_copy_ends_the_wait(void **state)
{
    const struct shown rows[] = {
        { "t", .status = "copying", .mark = "1 other - - -" },
        { "t", .status = "available", .mark = "1 other - - -" },
        { "t", .status = "failed", .mark = "1 other - - -" },
        { "t", .status = "copying", .mark = "2 something new" },
        { "t", .status = "available" }, /* no mark, no source: made by hand */
        { "t", .status = "available", .source = SNAPSHOT("b") },
        { "t", .status = "deleting", .mark = "1 hhhh - - -" },
    };
    struct aws_world *world = world_of(state);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct rds_snapshot last = { 0 };
        ANSWERS(world, copy_is(world, "copying", 0), describes(world->arena, rows[i]));
        if (wait_copy(world, &last) != COPY_GONE)
            fail_msg("row %zu", i);
        assert_int_not_equal(world->err.kind, ERR_NONE);
    }
}

static void a_mark_that_a_cleaner_removed_changes_nothing(void **state)
{
    struct aws_world *world = world_of(state);
    struct rds_snapshot last = { 0 };
    ANSWERS(world, describes(world->arena, (struct shown){ "t", .status = "available", .source = SNAPSHOT("a") }));
    assert_int_equal(wait_copy(world, &last), COPY_AVAILABLE);
}

static void failures_on_the_way_are_outlived(void **state)
{
    struct aws_world *world = world_of(state);
    struct rds_snapshot last = { 0 };
    world->options.max_attempts = 1;
    aws_world_renew_client(world);
    ANSWERS(world, { .kind = ERR_IO }, { .kind = ERR_IO, .code = HTTP_NO_SUCH_HOST },
            { .kind = ERR_IO, .code = HTTP_CONNECTION_REFUSED },
            refuses(world->arena, 400, "Throttling", "Rate exceeded"), { .status = 500, .text = "<html>oops</html>" },
            { .status = 200, .text = "<Describe" }, copy_is(world, "available", 100));
    assert_int_equal(wait_copy(world, &last), COPY_AVAILABLE);
    assert_int_equal(world->transport.request_count, 7);
}

static void a_denied_look_ends_the_wait(void **state)
{
    struct aws_world *world = world_of(state);
    struct rds_snapshot last = { .status = STR("copying") };
    ANSWERS(world, copy_is(world, "copying", 7), refuses(world->arena, 403, "AccessDenied", "no"));
    assert_int_equal(wait_copy(world, &last), COPY_DENIED);
    assert_int_equal(last.percent_progress.value, 7);
    assert_string_equal(err_code(&world->err), "AccessDenied");
}

static void a_stop_and_the_deadline_end_the_wait_and_leave_what_was_seen(void **state)
{
    struct aws_world *world = world_of(state);
    struct rds_snapshot last = { 0 };
    world->call.deadline_ms = world->clock.monotonic_ms + 6 * HOUR_MS;
    ANSWERS(world, repeated(copy_is(world, "copying", 33), REPEATS_FOR_EVER));
    assert_int_equal(wait_copy(world, &last), COPY_DEADLINE);
    assert_int_equal(world->err.kind, ERR_TIMEOUT);
    assert_int_equal(last.percent_progress.value, 33);
    assert_int_equal(passed_ms(world), 6 * HOUR_MS);

    struct fake_answer stopping = copy_is(world, "copying", 34);
    stopping.cancels = world->waiter;
    world->call.deadline_ms = CLOCK_NEVER;
    ANSWERS(world, stopping);
    assert_int_equal(wait_copy(world, &last), COPY_STOPPED);
    assert_int_equal(last.percent_progress.value, 34);
    assert_int_equal(world->transport.request_count, 1);
}

/* Within one look an attempt was throttled, and the next one was answered. */
static void what_was_seen_after_a_failed_attempt_is_left_as_well(void **state)
{
    struct aws_world *world = world_of(state);
    struct rds_snapshot last = { 0 };
    struct fake_answer stopping = copy_is(world, "copying", 34);
    stopping.cancels = world->waiter;
    ANSWERS(world, refuses(world->arena, 400, "Throttling", "Rate exceeded"), stopping);
    assert_int_equal(wait_copy(world, &last), COPY_STOPPED);
    assert_str_equal(last.status, "copying");
    assert_null(strstr(err_text(&world->err), "Rate exceeded"));
}

static void a_stop_before_the_first_look_leaves_what_was_known(void **state)
{
    struct aws_world *world = world_of(state);
    struct rds_snapshot last = { .status = STR("copying") };
    waiter_cancel(world->waiter);
    assert_int_equal(wait_copy(world, &last), COPY_STOPPED);
    assert_str_equal(last.status, "copying");
    assert_int_equal(world->transport.request_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_WORLD(a_copy_is_waited_for_whatever_its_percent_says),
        IN_A_WORLD(right_after_the_call_a_copy_may_not_be_found),
        IN_A_WORLD(a_copy_that_stays_away_is_gone),
        IN_A_WORLD(a_failed_copy_ends_the_wait),
        IN_A_WORLD(somebody_elses_copy_ends_the_wait),
        IN_A_WORLD(a_mark_that_a_cleaner_removed_changes_nothing),
        IN_A_WORLD(failures_on_the_way_are_outlived),
        IN_A_WORLD(a_denied_look_ends_the_wait),
        IN_A_WORLD(a_stop_and_the_deadline_end_the_wait_and_leave_what_was_seen),
        IN_A_WORLD(what_was_seen_after_a_failed_attempt_is_left_as_well),
        IN_A_WORLD(a_stop_before_the_first_look_leaves_what_was_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
