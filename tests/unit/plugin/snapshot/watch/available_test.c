/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/watch/available.h"

#include "tests/unit/plugin/snapshot/watch/fixture.h"

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
        assert_non_null(strstr(err_text(&world->err), statuses[i]));
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

/* aws-maintenance#17: "Unknown" right after a share. */
static void a_share_that_is_denied_without_a_reason_is_waited_for_as_well(void **state)
{
    struct aws_world *world = world_of(state);
    struct rds_snapshot found;
    ANSWERS(world, repeated(refuses(world->arena, 403, "AccessDenied", "Unknown"), 28),
            describes(world->arena, (struct shown){ "a", .status = "available", .arn = FOREIGN("a") }));
    assert_true(wait_source_available(&world->call, RDS_CLUSTER, STR(FOREIGN("a")), &found, &world->err));
    assert_true(passed_ms(world) > MINUTE_MS);
    ANSWERS(world, repeated(refuses(world->arena, 403, "AccessDenied", "Unknown"), REPEATS_FOR_EVER));
    assert_false(wait_source_available(&world->call, RDS_CLUSTER, STR(FOREIGN("a")), &found, &world->err));
    assert_int_equal(world->err.kind, ERR_DENIED);
    assert_between(passed_ms(world), 6 * MINUTE_MS, 9 * MINUTE_MS);
}

static void other_denials_are_final(void **state)
{
    static const struct {
        const char *id, *text;
    } rows[] = {
        { FOREIGN("a"),  "User: x is not authorized to perform: rds:DescribeDBClusterSnapshots" },
        { FOREIGN("a"),  "x"                                                                    },
        { SNAPSHOT("a"), "Unknown"                                                              },
        { "a",           "Unknown"                                                              },
    };
    struct aws_world *world = world_of(state);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct rds_snapshot found;
        ANSWERS(world, refuses(world->arena, 403, "AccessDenied", rows[i].text));
        assert_false(wait_source_available(&world->call, RDS_CLUSTER, str_from(rows[i].id), &found, &world->err));
        assert_int_equal(world->err.kind, ERR_DENIED);
    }
    assert_int_equal(world->clock.waits, 0);
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
        assert_string_equal(err_code(&world->err), "DBClusterSnapshotNotFoundFault");
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_WORLD(a_source_that_is_available_is_not_waited_for),
        IN_A_WORLD(a_source_is_waited_for_for_hours_in_no_time),
        IN_A_WORLD(a_source_that_will_never_be_available_is_refused),
        IN_A_WORLD(a_share_may_take_minutes_to_be_seen),
        IN_A_WORLD(a_share_that_is_denied_without_a_reason_is_waited_for_as_well),
        IN_A_WORLD(other_denials_are_final),
        IN_A_WORLD(a_source_that_never_appears_is_given_up),
        IN_A_WORLD(a_denied_source_is_not_waited_for),
        IN_A_WORLD(the_deadline_ends_the_wait_for_a_source),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
