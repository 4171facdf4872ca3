/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/watch/turn.h"

#include <pthread.h>
#include <time.h>

#include "plugin/snapshot/account.h"
#include "tests/support/fake_clock.h"
#include "tests/unit/plugin/snapshot/copy/apply/fixture.h"

#define A_SLOT "a copy slot of cluster snapshots into eu-west-1"
#define ELSEWHERE "arn:aws:rds:us-east-1:111111111111:cluster-snapshot:a"

/* ---- The line by itself -------------------------------------------------------- */

struct queue {
    struct fake_clock clock;
    struct turn_line *line;
    struct turn_ticket tickets[4]; /* the last one has another goal */
};

static int queue_setup(void **state)
{
    struct queue *queue = mem_alloc(sizeof(*queue));
    fake_clock_init(&queue->clock, 0);
    queue->line = turn_line_new();
    for (size_t i = 0; i < ARRAY_LENGTH(queue->tickets); i++)
        queue->tickets[i] = (struct turn_ticket){ .goal = i < 3 ? STR("a slot here") : STR("a slot elsewhere"),
                                                  .waiter = waiter_new(&queue->clock.clock) };
    *state = queue;
    return 0;
}

static int queue_teardown(void **state)
{
    struct queue *queue = *state;
    turn_line_free(queue->line);
    turn_line_free(NULL);
    for (size_t i = 0; i < ARRAY_LENGTH(queue->tickets); i++)
        waiter_free(queue->tickets[i].waiter);
    mem_free(queue);
    return 0;
}

static void join_all(struct queue *queue)
{
    for (size_t i = 0; i < ARRAY_LENGTH(queue->tickets); i++)
        turn_line_join(queue->line, &queue->tickets[i]);
}

static void who_came_first_is_first_and_goals_do_not_mix(void **state)
{
    struct queue *queue = *state;
    join_all(queue);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(turn_line_ahead(queue->line, &queue->tickets[i]), i);
    assert_int_equal(turn_line_ahead(queue->line, &queue->tickets[3]), 0);
}

static void joining_again_keeps_the_place_and_leaving_loses_it(void **state)
{
    struct queue *queue = *state;
    join_all(queue);
    turn_line_join(queue->line, &queue->tickets[0]);
    assert_int_equal(turn_line_ahead(queue->line, &queue->tickets[0]), 0);
    turn_line_leave(queue->line, &queue->tickets[0]);
    turn_line_leave(queue->line, &queue->tickets[0]);
    assert_int_equal(turn_line_ahead(queue->line, &queue->tickets[1]), 0);
    turn_line_join(queue->line, &queue->tickets[0]);
    assert_int_equal(turn_line_ahead(queue->line, &queue->tickets[0]), 2);
}

static void who_leaves_wakes_those_behind(void **state)
{
    struct queue *queue = *state;
    join_all(queue);
    turn_line_leave(queue->line, &queue->tickets[1]);
    assert_int_equal(waiter_wait(queue->tickets[2].waiter, 1), WAITER_WOKEN);
    assert_int_equal(waiter_wait(queue->tickets[0].waiter, clock_after_ms(&queue->clock.clock, 1)), WAITER_TIMEOUT);
}

struct pair {
    struct turn_line *line;
    struct turn_ticket first, second;
};

static void *leave_first(void *argument)
{
    const struct timespec soon = { .tv_nsec = 20000000 };
    struct pair *pair = argument;
    nanosleep(&soon, NULL);
    turn_line_leave(pair->line, &pair->first);
    return NULL;
}

static void a_turn_comes_once_those_before_it_have_left(void **state)
{
    struct snapshot_world *world = *state;
    struct clock_scale scale = { 1 };
    const struct clock clock = clock_real(&scale);
    struct pair pair = { .line = turn_line_new() };
    pair.first = (struct turn_ticket){ .goal = STR("a slot"), .waiter = waiter_new(&clock) };
    pair.second = (struct turn_ticket){ .goal = STR("a slot"), .waiter = waiter_new(&clock) };
    turn_line_join(pair.line, &pair.first);
    waiter_wake(pair.second.waiter); /* for nothing: it is not its turn yet */
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, leave_first, &pair), 0);
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(turn_line_wait(pair.line, &pair.second, CLOCK_NEVER, world->call->log, &err));
    assert_int_equal(turn_line_ahead(pair.line, &pair.second), 0);
    pthread_join(thread, NULL);
    turn_line_leave(pair.line, &pair.second);
    turn_line_free(pair.line);
    waiter_free(pair.first.waiter);
    waiter_free(pair.second.waiter);
}

#define IN_LINE(test) cmocka_unit_test_setup_teardown(test, queue_setup, queue_teardown)

/* ---- Copies in it ---------------------------------------------------------------- */

static struct reencrypt_copy config_from_elsewhere(struct snapshot_world *world)
{
    struct reencrypt_copy config = copy_config();
    struct timeouts *timeouts = ARENA_NEW(world->arena, struct timeouts);
    timeouts->create = text("3h");
    config.source_snapshot_identifier = text(ELSEWHERE);
    config.timeouts = (struct tf_blocks_timeouts){ TF_KNOWN, timeouts, 1 };
    return config;
}

static struct fake_answer no_slot(struct snapshot_world *world)
{
    return refuses(world->arena, 400, "SnapshotQuotaExceeded", "Cannot copy more than 5 snapshots across regions");
}

static bool was_copied(struct snapshot_world *world)
{
    return str_find(operations(&world->transport, world->arena), STR("CopyDBClusterSnapshot")) >= 0;
}

/* Two that ask equally often have equal chances, whoever began earlier. */
static void whoever_is_first_asks_evenly_however_long_it_takes(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = config_from_elsewhere(world);
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), GOOD_KEY, repeated(no_slot(world), 20), COPIED,
            COPY("available"));
    assert_true(create(world, &config, &apply));
    for (size_t i = 5; i < 25; i++)
        assert_between(world->transport.sent_at_ms[i] - world->transport.sent_at_ms[i - 1], 27 * SECOND_MS,
                       33 * SECOND_MS);
}

static void the_deadline_without_a_slot_says_how_many_are_under_way(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = config_from_elsewhere(world);
    struct shown running = shown_copy("copying");
    struct tf_apply apply = { 0 };
    running.source = ELSEWHERE;
    struct fake_answer late = no_slot(world);
    late.takes_ms = 3 * HOUR_MS - 50 * SECOND_MS; /* the second pause meets the deadline */
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), GOOD_KEY, no_slot(world), late,
            describes(world->arena, running));
    assert_false(create(world, &config, &apply));
    assert_false(apply.keep_state);
    assert_err(world, ERR_TIMEOUT,
               "no copy slot came free (copies of cluster snapshots into eu-west-1 that are under way: 1)");
}

static void another_copy_that_waits_longer_goes_first(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = config_from_elsewhere(world);
    struct turn_ticket other = { .goal = STR(A_SLOT), .waiter = waiter_new(&world->clock.clock) };
    struct tf_apply apply = { 0 };
    turn_line_join(account_turns(world->call), &other);
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), GOOD_KEY, describes(world->arena, shown_copy("available")));
    assert_false(create(world, &config, &apply));
    assert_err(world, ERR_TIMEOUT, "no copy slot came free: ");
    assert_err(world, ERR_TIMEOUT, "in line for " A_SLOT " (before it in this configuration: 1)");
    assert_non_null(strstr(err_remedy(&world->err), "timeouts"));
    assert_int_equal(world->clock.monotonic_ms, 1000000 + 3 * HOUR_MS - 10 * SECOND_MS);
    assert_false(was_copied(world));
    turn_line_leave(account_turns(world->call), &other);
    waiter_free(other.waiter);
}

static void a_stop_in_line_ends_the_wait_and_asks_nothing_more(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = config_from_elsewhere(world);
    struct turn_ticket other = { .goal = STR(A_SLOT), .waiter = waiter_new(&world->clock.clock) };
    struct tf_apply apply = { 0 };
    struct fake_answer stopping = GOOD_KEY;
    stopping.cancels = world->call->waiter;
    turn_line_join(account_turns(world->call), &other);
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), stopping);
    assert_false(create(world, &config, &apply));
    assert_int_equal(world->err.kind, ERR_CANCELLED);
    assert_int_equal(world->transport.request_count, 4);
    turn_line_leave(account_turns(world->call), &other);
    assert_int_equal(turn_line_ahead(account_turns(world->call), NULL), 0); /* nobody is left in it */
    waiter_free(other.waiter);
}

/* The Aurora user guide's limit is one of the destination Region, wherever the source is. */
static void a_copy_within_its_region_waits_for_its_turn_too(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy config = config_from_elsewhere(world);
    config.source_snapshot_identifier = copy_config().source_snapshot_identifier;
    struct turn_ticket other = { .goal = STR(A_SLOT), .waiter = waiter_new(&world->clock.clock) };
    struct tf_apply apply = { 0 };
    turn_line_join(account_turns(world->call), &other);
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), GOOD_KEY, describes(world->arena, shown_copy("available")));
    assert_false(create(world, &config, &apply));
    assert_err(world, ERR_TIMEOUT, "in line for " A_SLOT " (before it in this configuration: 1)");
    assert_false(was_copied(world));
    turn_line_leave(account_turns(world->call), &other);
    waiter_free(other.waiter);
}

/* ---- The quota ----------------------------------------------------------------------- */

static struct fake_answer copies_under_way(struct snapshot_world *world, size_t count)
{
    struct shown running = shown_copy("copying");
    struct str items = STR("");
    running.source = ELSEWHERE;
    for (size_t i = 0; i < count; i++) {
        const struct str item = shown_xml(world->arena, &running);
        items = str_format(world->arena, "%.*s%.*s", STR_ARG(items), STR_ARG(item));
    }
    return describes_all(world->arena, items);
}

static void a_full_quota_is_told_in_figures(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), GOOD_KEY,
            refuses(world->arena, 400, "SnapshotQuotaExceeded", "Cannot create more than 100 manual snapshots"),
            quota(world->arena, 100, 100));
    assert_false(create(world, &config, &apply));
    assert_err(world, ERR_CONFLICT, "100 of 100 manual cluster snapshots are used: Cannot create more than 100");
    assert_string_equal(err_code(&world->err), "SnapshotQuotaExceeded");
    assert_string_equal(err_part(&world->err, ERR_OPERATION), "CopyDBClusterSnapshot");
    assert_non_null(strstr(err_remedy(&world->err), "Service Quotas"));
}

static void a_limit_of_unknown_meaning_is_one_of_slots_while_the_quota_has_room(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct fake_answer unclear = refuses(world->arena, 400, "SnapshotQuotaExceeded", "Quota exceeded");
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), GOOD_KEY, unclear, quota(world->arena, 99, 100), COPIED,
            COPY("available"));
    assert_true(create(world, &config, &apply));
    memory_forget(account_memory(world->call), MEMORY_CLAIMED, STR(SNAPSHOT("t")));
    fake_clock_advance(&world->clock, MINUTE_MS); /* what was seen is asked for again */
    ANSWERS(world, NOTHING, SOURCE("available"), GOOD_KEY, unclear, quota(world->arena, 100, 100));
    assert_false(create(world, &config, &apply));
    assert_err(world, ERR_CONFLICT, "100 of 100");
    fake_clock_advance(&world->clock, MINUTE_MS);
}

/* The permission to read the quota is optional. */
static void without_the_quota_a_limit_of_unknown_meaning_is_one_of_slots_when_they_are_taken(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    const struct fake_answer unclear = refuses(world->arena, 400, "SnapshotQuotaExceeded", "Quota exceeded");
    const struct fake_answer denied = refuses(world->arena, 403, "AccessDenied", "no");
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), GOOD_KEY, unclear, denied, copies_under_way(world, 4));
    assert_false(create(world, &config, &apply));
    assert_err(world, ERR_CONFLICT, "Quota exceeded");
    fake_clock_advance(&world->clock, MINUTE_MS); /* what was seen is asked for again */
    ANSWERS(world, NOTHING, SOURCE("available"), GOOD_KEY, unclear, denied, copies_under_way(world, 5), COPIED,
            COPY("available"));
    assert_true(create(world, &config, &apply));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_LINE(who_came_first_is_first_and_goals_do_not_mix),
        IN_LINE(joining_again_keeps_the_place_and_leaving_loses_it),
        IN_LINE(who_leaves_wakes_those_behind),
        ECHOED(a_turn_comes_once_those_before_it_have_left),
        ECHOED(whoever_is_first_asks_evenly_however_long_it_takes),
        ECHOED(the_deadline_without_a_slot_says_how_many_are_under_way),
        ECHOED(another_copy_that_waits_longer_goes_first),
        ECHOED(a_stop_in_line_ends_the_wait_and_asks_nothing_more),
        ECHOED(a_copy_within_its_region_waits_for_its_turn_too),
        ECHOED(a_full_quota_is_told_in_figures),
        ECHOED(a_limit_of_unknown_meaning_is_one_of_slots_while_the_quota_has_room),
        ECHOED(without_the_quota_a_limit_of_unknown_meaning_is_one_of_slots_when_they_are_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
