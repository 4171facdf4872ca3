/* SPDX-License-Identifier: MPL-2.0
 *
 * The waits for a source, for the copy and for the end of a deletion, beside each other.
 */
#include "aws/limits.h"
#include "plugin/snapshot/copy/apply/removal.h"
#include "plugin/snapshot/watch/available.h"
#include "tests/support/noise.h"
#include "tests/unit/plugin/snapshot/copy/apply/watch_fixture.h"

static bool gone(struct aws_world *world)
{
    const struct aws_tag mark = { STR(MARK_TAG), STR("1 hhhh - - -") };
    const struct rds_snapshot old = {
        .create_time = STR("T"), .tags = { (struct aws_tag *)&mark, 1 }
    };
    return removal_wait_gone(&world->call, RDS_CLUSTER, STR("t"), &old, &world->err);
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
    err_clear(&world->err);
}

static bool wait_source(struct aws_world *world)
{
    struct rds_snapshot found;
    return wait_source_available(&world->call, RDS_CLUSTER, STR(FOREIGN("a")), &found, &world->err);
}

static bool wait_whole_copy(struct aws_world *world)
{
    struct rds_snapshot last = { 0 };
    return wait_copy(world, &last) == COPY_AVAILABLE;
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
                         err_text(&world->err));
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
        if (strncmp(err_text(&world->err), "waiting for it to become available: the time limit has passed", 61) != 0)
            fail_msg("row %zu: %s", i, err_text(&world->err));
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
        if (rows[i].wait(world) || world->err.kind != ERR_TIMEOUT || !strstr(err_text(&world->err), rows[i].told) ||
            !strstr(err_text(&world->err), "the time limit has passed") ||
            strcmp(err_code(&world->err), rows[i].code) != 0)
            fail_msg("row %zu: %s, %s, %s", i, err_kind_name(world->err.kind), err_code(&world->err),
                     err_text(&world->err));
        assert_string_equal(err_part(&world->err, ERR_OPERATION), "DescribeDBClusterSnapshots");
    }
}

static void a_stop_tells_it_too(void **state)
{
    struct aws_world *world = world_of(state);
    struct fake_answer stopped = { .kind = ERR_CANCELLED, .cancels = world->waiter };
    ANSWERS(world, copy_is(world, "creating", 12), stopped);
    assert_false(wait_source(world));
    assert_int_equal(world->err.kind, ERR_CANCELLED);
    assert_non_null(strstr(err_text(&world->err), "its status was \"creating\""));
    assert_null(strstr(err_text(&world->err), "time limit"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_WORLD(a_deletion_is_waited_for_to_its_end),
        IN_A_WORLD(what_others_made_of_the_name_does_not_prolong_a_deletion),
        IN_A_WORLD(a_deletion_that_cannot_be_watched_is_an_error),
        IN_A_WORLD(an_answer_that_is_too_large_or_has_no_end_ends_the_wait),
        IN_A_WORLD(wherever_the_deadline_falls_the_wait_is_named),
        IN_A_WORLD(the_deadline_tells_what_was_known_last),
        IN_A_WORLD(a_stop_tells_it_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
