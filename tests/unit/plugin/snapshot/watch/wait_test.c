/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/limits.h"
#include "tests/support/noise.h"
#include "tests/unit/plugin/snapshot/watch/wait_fixture.h"

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
        assert_between(middle, rows[i].low_ms + 190, rows[i].high_ms - 190);
    }
}

static void statuses_are_told_apart(void **state)
{
    static const struct {
        const char *status;
        bool available, failed, lost, leaving;
    } rows[] = {
        { "available",               true,  false, false, false },
        { "failed",                  false, true,  true,  false },
        { "failed ",                 false, false, false, false },
        { "Failed",                  false, false, false, false },
        { "incompatible-restore",    false, false, true,  false },
        { "incompatible-parameters", false, false, true,  false },
        { "deleting",                false, false, false, true  },
        { "deleted",                 false, false, false, true  },
        { "creating",                false, false, false, false },
        { "copying",                 false, false, false, false },
        { "pending",                 false, false, false, false },
        { "Available",               false, false, false, false },
        { "",                        false, false, false, false },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct str status = str_from(rows[i].status);
        assert_int_equal(wait_status_is_available(status), rows[i].available);
        assert_int_equal(wait_status_is_failed(status), rows[i].failed);
        assert_int_equal(wait_status_is_lost(status), rows[i].lost);
        assert_int_equal(wait_status_is_leaving(status), rows[i].leaving);
        assert_int_equal(wait_status_is_under_way(status), !rows[i].available && !rows[i].lost && !rows[i].leaving);
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
    assert_between(passed_ms(world), 3 * HOUR_MS, 4 * HOUR_MS);
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
        assert_between(world->clock.monotonic_ms - began_ms, rows[i].low_ms, rows[i].high_ms);
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

/* ---- Until it is gone ------------------------------------------------------ */

static bool gone(struct aws_world *world)
{
    const struct aws_tag mark = { STR(MARK_TAG), STR("1 hhhh - - -") };
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
        { { "t", .status = "copying", .mark = "1 other - - -" },                true  },
        { { "t", .status = "available", .mark = "1 other - - -", .time = "U" }, true  },
        { { "t", .status = "available", .time = "U" },                          true  },
        { { "t", .status = "available", .time = "T" },                          false },
        { { "t", .status = "available", .mark = "1 hhhh - - T" },               false },
        { { "t", .status = "deleting", .mark = "1 other - - -" },               false },
        { { "t", .status = "available" },                                       false },
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

/* The same would come until the time limit, some of it 8 MiB each time. */
static void an_answer_that_is_too_large_or_has_no_end_ends_the_wait(void **state)
{
    static bool (*const waits[])(struct aws_world *world) = { wait_source, wait_whole_copy, gone };
    struct aws_world *world = world_of(state);
    const struct str large = noise(world->arena, 1, WIRE_MAX_NODES, STR("<"));
    const struct fake_answer answers[] = {
        { .status = 200, .repeats = REPEATS_FOR_EVER, .body = large                          },
        { .status = 200,
         .repeats = REPEATS_FOR_EVER,
         .text = "<DescribeDBClusterSnapshotsResponse><DescribeDBClusterSnapshotsResult><Marker>m</Marker>"
                  "</DescribeDBClusterSnapshotsResult></DescribeDBClusterSnapshotsResponse>" },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(answers); i++)
        for (size_t k = 0; k < ARRAY_LENGTH(waits); k++) {
            world->call.deadline_ms = world->clock.monotonic_ms + HOUR_MS;
            fake_transport_script(&world->transport, &answers[i], 1);
            if (waits[k](world) || world->err.kind != ERR_INVALID || world->transport.request_count != i + 1)
                fail_msg("answer %zu, wait %zu: %zu requests, %s", i, k, world->transport.request_count,
                         world->err.text);
        }
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
        IN_A_WORLD(a_deletion_is_waited_for_to_its_end),
        IN_A_WORLD(what_others_made_of_the_name_does_not_prolong_a_deletion),
        IN_A_WORLD(a_deletion_that_cannot_be_watched_is_an_error),
        IN_A_WORLD(an_answer_that_is_too_large_or_has_no_end_ends_the_wait),
        IN_A_WORLD(wherever_the_deadline_falls_the_wait_is_named),
        IN_A_WORLD(the_deadline_tells_what_was_known_last),
        IN_A_WORLD(a_stop_tells_it_too),
        cmocka_unit_test(another_end_of_a_wait_needs_no_recalling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
