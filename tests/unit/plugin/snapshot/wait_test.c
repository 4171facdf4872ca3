/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/wait.h"

#include <string.h>

#include "tests/support/aws_world.h"
#include "tests/unit/plugin/snapshot/rds_answers.h"

static struct aws_world *world_of(void **state)
{
    return *state;
}

#define ANSWERS(world, ...) aws_world_answers(world, __VA_ARGS__)

static int64_t passed_ms(const struct aws_world *world)
{
    return world->clock.monotonic_ms - 1000000; /* where a fake clock begins */
}

/* ---- Figures --------------------------------------------------------------- */

static void the_interval_is_a_tenth_of_the_age_from_2_to_30_seconds(void **state)
{
    static const struct {
        int64_t age_ms, low_ms, high_ms;
    } rows[] = {
        { 0,               1800,  2200  },
        { 19 * SECOND_MS,  1800,  2200  },
        { 20 * SECOND_MS,  1800,  2200  },
        { 100 * SECOND_MS, 9000,  11000 },
        { 5 * MINUTE_MS,   27000, 33000 },
        { 24 * HOUR_MS,    27000, 33000 },
        { INT64_MAX,       27000, 33000 },
        { -1,              1800,  2200  },
        { INT64_MIN,       1800,  2200  },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        assert_int_equal(wait_interval_ms(rows[i].age_ms, 0), rows[i].low_ms);
        assert_int_equal(wait_interval_ms(rows[i].age_ms, UINT32_MAX), rows[i].high_ms);
        int64_t middle = wait_interval_ms(rows[i].age_ms, UINT32_MAX / 2);
        assert_in_range(middle, rows[i].low_ms + 190, rows[i].high_ms - 190);
    }
}

static void statuses_are_told_apart(void **state)
{
    static const struct {
        const char *status;
        bool available, failed, leaving;
    } rows[] = {
        { "available",               true,  false, false },
        { "failed",                  false, true,  false },
        { "incompatible-restore",    false, true,  false },
        { "incompatible-parameters", false, true,  false },
        { "deleting",                false, false, true  },
        { "deleted",                 false, false, true  },
        { "creating",                false, false, false },
        { "copying",                 false, false, false },
        { "pending",                 false, false, false },
        { "Available",               false, false, false },
        { "",                        false, false, false },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct str status = str_from(rows[i].status);
        assert_int_equal(wait_status_is_available(status), rows[i].available);
        assert_int_equal(wait_status_is_failed(status), rows[i].failed);
        assert_int_equal(wait_status_is_leaving(status), rows[i].leaving);
    }
}

static void network_and_throttling_pass_and_nothing_else(void **state)
{
    (void)state;
    for (enum err_kind kind = ERR_NONE; kind <= ERR_INTERNAL; kind++) {
        const struct err err = { .kind = kind };
        assert_int_equal(wait_is_passing(&err), kind == ERR_IO || kind == ERR_THROTTLED);
    }
}

/* ---- A pause --------------------------------------------------------------- */

static void a_pause_ends_at_the_deadline_at_the_latest(void **state)
{
    struct aws_world *world = world_of(state);
    world->call.deadline_ms = world->clock.monotonic_ms + 1500;
    assert_false(wait_pause(&world->call, world->clock.monotonic_ms, NULL, &world->err));
    assert_int_equal(world->err.kind, ERR_TIMEOUT);
    assert_int_equal(passed_ms(world), 1500);
}

static void a_stop_ends_a_pause_at_once(void **state)
{
    struct aws_world *world = world_of(state);
    waiter_cancel(world->waiter);
    assert_false(wait_pause(&world->call, world->clock.monotonic_ms, NULL, &world->err));
    assert_int_equal(world->err.kind, ERR_CANCELLED);
    assert_int_equal(passed_ms(world), 0);
}

static void what_aws_said_last_stays_in_the_error(void **state)
{
    struct aws_world *world = world_of(state);
    struct err refusal = { .kind = ERR_THROTTLED, .text = "Rate exceeded", .code = "Throttling" };
    world->call.deadline_ms = world->clock.monotonic_ms;
    assert_false(wait_pause(&world->call, 0, &refusal, &refusal));
    assert_int_equal(refusal.kind, ERR_TIMEOUT);
    assert_string_equal(refusal.code, "Throttling");
    assert_string_equal(refusal.text, "the time limit has passed: Rate exceeded");
}

/* ---- A source -------------------------------------------------------------- */

static void a_source_that_is_available_is_not_waited_for(void **state)
{
    struct aws_world *world = world_of(state);
    struct rds_snapshot found;
    ANSWERS(world, describes(world->arena, (struct shown){ "a", .status = "available", .time = "T" }));
    assert_true(wait_source_available(&world->call, RDS_CLUSTER, STR("a"), &found, &world->err));
    assert_str_equal(found.create_time, "T");
    assert_int_equal(world->clock.waits, 0);
}

static void a_source_is_waited_for_for_hours_in_no_time(void **state)
{
    struct aws_world *world = world_of(state);
    struct rds_snapshot found;
    ANSWERS(world, repeated(describes(world->arena, (struct shown){ "a", .status = "creating" }), 400),
            describes(world->arena, (struct shown){ "a", .status = "available" }));
    assert_true(wait_source_available(&world->call, RDS_CLUSTER, STR("a"), &found, &world->err));
    assert_in_range(passed_ms(world), 3 * HOUR_MS, 4 * HOUR_MS);
    assert_int_equal(world->transport.request_count, 402);
}

static void a_source_that_will_never_be_available_is_refused(void **state)
{
    static const char *const statuses[] = { "failed", "incompatible-restore", "deleting", "deleted" };
    struct aws_world *world = world_of(state);
    for (size_t i = 0; i < ARRAY_LENGTH(statuses); i++) {
        struct rds_snapshot found = { .arn = STR("untouched") };
        ANSWERS(world, describes(world->arena, (struct shown){ "a", .status = statuses[i] }));
        assert_false(wait_source_available(&world->call, RDS_CLUSTER, STR("a"), &found, &world->err));
        assert_int_equal(world->err.kind, ERR_CONFLICT);
        assert_non_null(strstr(world->err.text, statuses[i]));
        assert_str_equal(found.arn, "untouched");
    }
}

static void a_share_may_take_minutes_to_be_seen(void **state)
{
    struct aws_world *world = world_of(state);
    struct rds_snapshot found;
    ANSWERS(world, repeated(knows_nothing(world->arena), 28),
            describes(world->arena, (struct shown){ "a", .status = "available", .arn = FOREIGN("a") }));
    assert_true(wait_source_available(&world->call, RDS_CLUSTER, STR(FOREIGN("a")), &found, &world->err));
    assert_true(passed_ms(world) > MINUTE_MS);
}

static void a_source_that_never_appears_is_given_up(void **state)
{
    static const struct {
        const char *id;
        int64_t low_ms, high_ms;
    } rows[] = {
        { "a",          30 * SECOND_MS, 40 * SECOND_MS }, /* one's own */
        { FOREIGN("a"), 5 * MINUTE_MS,  6 * MINUTE_MS  },
    };
    struct aws_world *world = world_of(state);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct rds_snapshot found;
        int64_t began_ms = world->clock.monotonic_ms;
        ANSWERS(world, repeated(knows_nothing(world->arena), REPEATS_FOR_EVER));
        assert_false(wait_source_available(&world->call, RDS_CLUSTER, str_from(rows[i].id), &found, &world->err));
        assert_int_equal(world->err.kind, ERR_NOT_FOUND);
        assert_string_equal(world->err.code, "DBClusterSnapshotNotFoundFault");
        assert_in_range(world->clock.monotonic_ms - began_ms, rows[i].low_ms, rows[i].high_ms);
    }
}

static void a_denied_source_is_not_waited_for(void **state)
{
    struct aws_world *world = world_of(state);
    struct rds_snapshot found;
    ANSWERS(world, refuses(world->arena, 403, "AccessDenied", "no"));
    assert_false(wait_source_available(&world->call, RDS_CLUSTER, STR("a"), &found, &world->err));
    assert_int_equal(world->err.kind, ERR_DENIED);
    assert_int_equal(world->clock.waits, 0);
}

static void the_deadline_ends_the_wait_for_a_source(void **state)
{
    struct aws_world *world = world_of(state);
    struct rds_snapshot found;
    world->call.deadline_ms = world->clock.monotonic_ms + HOUR_MS;
    ANSWERS(world, repeated(describes(world->arena, (struct shown){ "a", .status = "pending" }), REPEATS_FOR_EVER));
    assert_false(wait_source_available(&world->call, RDS_CLUSTER, STR("a"), &found, &world->err));
    assert_int_equal(world->err.kind, ERR_TIMEOUT);
    assert_int_equal(passed_ms(world), HOUR_MS);
}

/* ---- Our copy -------------------------------------------------------------- */

static const struct holding held = {
    .kind = RDS_CLUSTER, .holder_id = { "hhhh",        4                         },
         .source_arn = { SNAPSHOT("a"), sizeof(SNAPSHOT("a")) - 1 }
};

static enum wait_end wait_copy(struct aws_world *world, struct rds_snapshot *last)
{
    world->err = (struct err){ 0 };
    return wait_copy_available(&world->call, &held, STR("t"), last, &world->err);
}

static struct fake_answer copy_is(struct aws_world *world, const char *status, int percent)
{
    return describes(world->arena, (struct shown){ "t", .status = status, .percent = percent,
                                                   .mark = "1 cccc hhhh - - - -", .source = SNAPSHOT("a") });
}

static void a_copy_is_waited_for_whatever_its_percent_says(void **state)
{
    struct aws_world *world = world_of(state);
    struct rds_snapshot last = { 0 };
    ANSWERS(world, repeated(copy_is(world, "copying", 0), 500), repeated(copy_is(world, "copying", 100), 500),
            copy_is(world, "brand-new-status", 100), copy_is(world, "available", 100));
    assert_int_equal(wait_copy(world, &last), WAIT_AVAILABLE);
    assert_str_equal(last.status, "available");
    assert_true(passed_ms(world) > 8 * HOUR_MS);
}

static void right_after_the_call_a_copy_may_not_be_found(void **state)
{
    struct aws_world *world = world_of(state);
    struct rds_snapshot last = { .status = STR("copying") };
    ANSWERS(world, repeated(knows_nothing(world->arena), 3), copy_is(world, "available", 100));
    assert_int_equal(wait_copy(world, &last), WAIT_AVAILABLE);
}

static void a_copy_that_stays_away_is_gone(void **state)
{
    struct aws_world *world = world_of(state);
    struct rds_snapshot last = { .status = STR("copying") };
    ANSWERS(world, repeated(knows_nothing(world->arena), REPEATS_FOR_EVER));
    assert_int_equal(wait_copy(world, &last), WAIT_GONE);
    assert_int_equal(world->err.kind, ERR_NOT_FOUND);
    assert_str_equal(last.status, "copying");
    assert_in_range(passed_ms(world), 2 * MINUTE_MS, 3 * MINUTE_MS);
}

static void a_failed_copy_ends_the_wait(void **state)
{
    struct aws_world *world = world_of(state);
    struct rds_snapshot last = { 0 };
    ANSWERS(world, copy_is(world, "copying", 10), copy_is(world, "failed", 42));
    assert_int_equal(wait_copy(world, &last), WAIT_FAILED);
    assert_non_null(strstr(world->err.text, "\"failed\" at 42 %"));
}

static void somebody_elses_copy_ends_the_wait(void **state)
{
    const struct shown rows[] = {
        { "t", .status = "copying", .mark = "1 cccc other - - - -" },
        { "t", .status = "available", .mark = "1 cccc other - - - -" },
        { "t", .status = "failed", .mark = "1 cccc other - - - -" },
        { "t", .status = "copying", .mark = "2 something new" },
        { "t", .status = "available" }, /* no mark, no source: made by hand */
        { "t", .status = "available", .source = SNAPSHOT("b") },
        { "t", .status = "deleting", .mark = "1 cccc hhhh - - - -" },
    };
    struct aws_world *world = world_of(state);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct rds_snapshot last = { 0 };
        ANSWERS(world, copy_is(world, "copying", 0), describes(world->arena, rows[i]));
        if (wait_copy(world, &last) != WAIT_GONE)
            fail_msg("row %zu", i);
        assert_int_not_equal(world->err.kind, ERR_NONE);
    }
}

static void a_mark_that_a_cleaner_removed_changes_nothing(void **state)
{
    struct aws_world *world = world_of(state);
    struct rds_snapshot last = { 0 };
    ANSWERS(world, describes(world->arena, (struct shown){ "t", .status = "available", .source = SNAPSHOT("a") }));
    assert_int_equal(wait_copy(world, &last), WAIT_AVAILABLE);
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
    assert_int_equal(wait_copy(world, &last), WAIT_AVAILABLE);
    assert_int_equal(world->transport.request_count, 7);
}

static void a_denied_look_ends_the_wait(void **state)
{
    struct aws_world *world = world_of(state);
    struct rds_snapshot last = { .status = STR("copying") };
    ANSWERS(world, copy_is(world, "copying", 7), refuses(world->arena, 403, "AccessDenied", "no"));
    assert_int_equal(wait_copy(world, &last), WAIT_DENIED);
    assert_int_equal(last.percent_progress.value, 7);
    assert_string_equal(world->err.code, "AccessDenied");
}

static void a_stop_and_the_deadline_end_the_wait_and_leave_what_was_seen(void **state)
{
    struct aws_world *world = world_of(state);
    struct rds_snapshot last = { 0 };
    world->call.deadline_ms = world->clock.monotonic_ms + 6 * HOUR_MS;
    ANSWERS(world, repeated(copy_is(world, "copying", 33), REPEATS_FOR_EVER));
    assert_int_equal(wait_copy(world, &last), WAIT_DEADLINE);
    assert_int_equal(world->err.kind, ERR_TIMEOUT);
    assert_int_equal(last.percent_progress.value, 33);
    assert_int_equal(passed_ms(world), 6 * HOUR_MS);

    struct fake_answer stopping = copy_is(world, "copying", 34);
    stopping.cancels = world->waiter;
    world->call.deadline_ms = CLOCK_NEVER;
    ANSWERS(world, stopping);
    assert_int_equal(wait_copy(world, &last), WAIT_STOPPED);
    assert_int_equal(last.percent_progress.value, 34);
    assert_int_equal(world->transport.request_count, 1);
}

static void a_stop_before_the_first_look_leaves_what_was_known(void **state)
{
    struct aws_world *world = world_of(state);
    struct rds_snapshot last = { .status = STR("copying") };
    waiter_cancel(world->waiter);
    assert_int_equal(wait_copy(world, &last), WAIT_STOPPED);
    assert_str_equal(last.status, "copying");
    assert_int_equal(world->transport.request_count, 0);
}

/* ---- Until it is gone ------------------------------------------------------ */

static bool gone(struct aws_world *world)
{
    const struct aws_tag mark = { STR(MARK_TAG), STR("1 cccc hhhh - - - -") };
    const struct rds_snapshot old = {
        .create_time = STR("T"), .tags = { (struct aws_tag *)&mark, 1 }
    };
    return wait_gone(&world->call, RDS_CLUSTER, STR("t"), &old, &world->err);
}

static void a_deletion_is_waited_for_to_its_end(void **state)
{
    struct aws_world *world = world_of(state);
    ANSWERS(world, repeated(copy_is(world, "deleting", 0), 5), knows_nothing(world->arena));
    assert_true(gone(world));
    ANSWERS(world, { .status = 200,
                     .text = "<DescribeDBClusterSnapshotsResponse><DescribeDBClusterSnapshotsResult>"
                             "<DBClusterSnapshots/></DescribeDBClusterSnapshotsResult>"
                             "</DescribeDBClusterSnapshotsResponse>" });
    assert_true(gone(world)); /* an empty list is gone, too */
}

/* Two applies delete the old copy, and one of them is the first to use its name. */
static void what_others_made_of_the_name_does_not_prolong_a_deletion(void **state)
{
    const struct {
        struct shown shown;
        bool is_another;
    } rows[] = {
        { { "t", .status = "copying", .mark = "1 new other - - - -" },                true  },
        { { "t", .status = "available", .mark = "1 new other - - - -", .time = "U" }, true  },
        { { "t", .status = "available", .time = "U" },                                true  },
        { { "t", .status = "available", .time = "T" },                                false },
        { { "t", .status = "available", .mark = "1 cccc other - - - -" },             false },
        { { "t", .status = "deleting", .mark = "1 new other - - - -" },               false },
        { { "t", .status = "available" },                                             false },
    };
    struct aws_world *world = world_of(state);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        ANSWERS(world, describes(world->arena, rows[i].shown), knows_nothing(world->arena));
        assert_true(gone(world));
        if (world->transport.request_count != (rows[i].is_another ? 1 : 2))
            fail_msg("row %zu", i);
    }
}

static void a_deletion_that_cannot_be_watched_is_an_error(void **state)
{
    struct aws_world *world = world_of(state);
    ANSWERS(world, copy_is(world, "deleting", 0), refuses(world->arena, 403, "AccessDenied", "no"));
    assert_false(gone(world));
    assert_int_equal(world->err.kind, ERR_DENIED);
    world->call.deadline_ms = world->clock.monotonic_ms + MINUTE_MS;
    ANSWERS(world, repeated(copy_is(world, "deleting", 0), REPEATS_FOR_EVER));
    assert_false(gone(world));
    assert_int_equal(world->err.kind, ERR_TIMEOUT);
}

/* ---- What the deadline cuts off ------------------------------------------------ */

/* Asked and never answered. */
static struct fake_answer never(void)
{
    return (struct fake_answer){ .status = 200, .takes_ms = HOUR_MS };
}

static void deadline_in(struct aws_world *world, int64_t limit_ms)
{
    world->options.max_attempts = 1;
    aws_world_renew_client(world);
    world->call.deadline_ms = world->clock.monotonic_ms + limit_ms;
    world->err = (struct err){ 0 };
}

static bool wait_source(struct aws_world *world)
{
    struct rds_snapshot found;
    return wait_source_available(&world->call, RDS_CLUSTER, STR(FOREIGN("a")), &found, &world->err);
}

static bool wait_whole_copy(struct aws_world *world)
{
    struct rds_snapshot last = { 0 };
    return wait_copy(world, &last) == WAIT_AVAILABLE;
}

/* In a pause, or in a look. */
static void wherever_the_deadline_falls_the_wait_is_named(void **state)
{
    struct aws_world *world = world_of(state);
    const struct fake_answer copying = copy_is(world, "copying", 12);
    const struct fake_answer later[] = { copying, never() };
    for (size_t i = 0; i < ARRAY_LENGTH(later); i++) {
        deadline_in(world, MINUTE_MS);
        ANSWERS(world, copying, repeated(later[i], REPEATS_FOR_EVER));
        assert_false(wait_whole_copy(world));
        assert_int_equal(world->err.kind, ERR_TIMEOUT);
        if (strncmp(world->err.text, "waiting for it to become available: the time limit has passed", 61) != 0)
            fail_msg("row %zu: %s", i, world->err.text);
    }
}

/* A last look that is not answered leaves what the one before it told. */
static void the_deadline_tells_what_was_known_last(void **state)
{
    struct aws_world *world = world_of(state);
    const struct fake_answer status = copy_is(world, "creating", 12);
    const struct fake_answer leaving = copy_is(world, "deleting", 12);
    const struct fake_answer refusal = refuses(world->arena, 400, "Throttling", "Rate exceeded");
    const struct fake_answer absent = knows_nothing(world->arena);
    const struct {
        bool (*wait)(struct aws_world *world);
        struct fake_answer first, second;
        const char *told, *code;
    } rows[] = {
        { wait_source,     status,  never(), "its status was \"creating\" at 12 %", ""                               },
        { wait_source,     status,  refusal, "its status was \"creating\" at 12 %", "Throttling"                     },
        { wait_source,     refusal, never(), "Rate exceeded",                       "Throttling"                     },
        { wait_source,     absent,  never(), "DBClusterSnapshot not found",         "DBClusterSnapshotNotFoundFault" },
        { wait_whole_copy, refusal, never(), "Rate exceeded",                       "Throttling"                     },
        { gone,            leaving, never(), "its status was \"deleting\" at 12 %", ""                               },
        { gone,            leaving, refusal, "its status was \"deleting\" at 12 %", "Throttling"                     },
        { gone,            refusal, never(), "Rate exceeded",                       "Throttling"                     },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        deadline_in(world, 3 * SECOND_MS);
        ANSWERS(world, rows[i].first, repeated(rows[i].second, REPEATS_FOR_EVER));
        if (rows[i].wait(world) || world->err.kind != ERR_TIMEOUT || !strstr(world->err.text, rows[i].told) ||
            !strstr(world->err.text, "the time limit has passed") || strcmp(world->err.code, rows[i].code) != 0)
            fail_msg("row %zu: %s, %s, %s", i, err_kind_name(world->err.kind), world->err.code, world->err.text);
        assert_string_equal(world->err.operation, "DescribeDBClusterSnapshots");
    }
}

static void a_stop_tells_it_too(void **state)
{
    struct aws_world *world = world_of(state);
    struct fake_answer stopped = { .kind = ERR_CANCELLED, .cancels = world->waiter };
    ANSWERS(world, copy_is(world, "creating", 12), stopped);
    assert_false(wait_source(world));
    assert_int_equal(world->err.kind, ERR_CANCELLED);
    assert_non_null(strstr(world->err.text, "its status was \"creating\""));
    assert_null(strstr(world->err.text, "time limit"));
}

static void another_end_of_a_wait_needs_no_recalling(void **state)
{
    (void)state;
    const struct err told = { .kind = ERR_THROTTLED, .text = "Rate exceeded" };
    struct err end = { .kind = ERR_DENIED, .text = "no", .code = "AccessDenied" };
    assert_false(wait_recall(&told, &end));
    assert_string_equal(end.text, "no");
}

#define IN_A_WORLD(test) cmocka_unit_test_setup_teardown(test, aws_world_setup, aws_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_interval_is_a_tenth_of_the_age_from_2_to_30_seconds),
        cmocka_unit_test(statuses_are_told_apart),
        cmocka_unit_test(network_and_throttling_pass_and_nothing_else),
        IN_A_WORLD(a_pause_ends_at_the_deadline_at_the_latest),
        IN_A_WORLD(a_stop_ends_a_pause_at_once),
        IN_A_WORLD(what_aws_said_last_stays_in_the_error),
        IN_A_WORLD(a_source_that_is_available_is_not_waited_for),
        IN_A_WORLD(a_source_is_waited_for_for_hours_in_no_time),
        IN_A_WORLD(a_source_that_will_never_be_available_is_refused),
        IN_A_WORLD(a_share_may_take_minutes_to_be_seen),
        IN_A_WORLD(a_source_that_never_appears_is_given_up),
        IN_A_WORLD(a_denied_source_is_not_waited_for),
        IN_A_WORLD(the_deadline_ends_the_wait_for_a_source),
        IN_A_WORLD(a_copy_is_waited_for_whatever_its_percent_says),
        IN_A_WORLD(right_after_the_call_a_copy_may_not_be_found),
        IN_A_WORLD(a_copy_that_stays_away_is_gone),
        IN_A_WORLD(a_failed_copy_ends_the_wait),
        IN_A_WORLD(somebody_elses_copy_ends_the_wait),
        IN_A_WORLD(a_mark_that_a_cleaner_removed_changes_nothing),
        IN_A_WORLD(failures_on_the_way_are_outlived),
        IN_A_WORLD(a_denied_look_ends_the_wait),
        IN_A_WORLD(a_stop_and_the_deadline_end_the_wait_and_leave_what_was_seen),
        IN_A_WORLD(a_stop_before_the_first_look_leaves_what_was_known),
        IN_A_WORLD(a_deletion_is_waited_for_to_its_end),
        IN_A_WORLD(what_others_made_of_the_name_does_not_prolong_a_deletion),
        IN_A_WORLD(a_deletion_that_cannot_be_watched_is_an_error),
        IN_A_WORLD(wherever_the_deadline_falls_the_wait_is_named),
        IN_A_WORLD(the_deadline_tells_what_was_known_last),
        IN_A_WORLD(a_stop_tells_it_too),
        cmocka_unit_test(another_end_of_a_wait_needs_no_recalling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
