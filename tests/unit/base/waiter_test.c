/* SPDX-License-Identifier: MPL-2.0 */
#include "base/waiter.h"

#include <pthread.h>
#include <time.h>

#include "tests/support/fake_clock.h"
#include "tests/support/harness.h"

enum { ROUNDS = 2000 };

struct fixture {
    struct fake_clock fake;
    struct waiter *waiter;
};

static int set_up(void **state)
{
    struct fixture *fixture = mem_alloc(sizeof(*fixture));
    fake_clock_init(&fixture->fake, 0);
    fixture->waiter = waiter_new(&fixture->fake.clock);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    waiter_free(fixture->waiter);
    waiter_free(NULL);
    mem_free(fixture);
    return 0;
}

static void a_wait_ends_with_its_time(void **state)
{
    struct fixture *fixture = *state;
    int64_t until_ms = clock_after_ms(&fixture->fake.clock, 6 * HOUR_MS);
    assert_int_equal(waiter_wait(fixture->waiter, until_ms), WAITER_TIMEOUT);
    assert_true(fixture->fake.monotonic_ms == until_ms);
    assert_int_equal(waiter_wait(fixture->waiter, until_ms - 1), WAITER_TIMEOUT);
}

static void a_wake_is_remembered_once(void **state)
{
    struct fixture *fixture = *state;
    waiter_wake(fixture->waiter);
    waiter_wake(fixture->waiter);
    assert_int_equal(waiter_wait(fixture->waiter, CLOCK_NEVER), WAITER_WOKEN);
    assert_int_equal(waiter_wait(fixture->waiter, clock_after_ms(&fixture->fake.clock, 1)), WAITER_TIMEOUT);
}

static void a_cancelled_waiter_stays_cancelled(void **state)
{
    struct fixture *fixture = *state;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_false(waiter_is_cancelled(fixture->waiter));
    waiter_cancel(fixture->waiter);
    assert_true(waiter_is_cancelled(fixture->waiter));
    assert_int_equal(waiter_wait(fixture->waiter, CLOCK_NEVER), WAITER_CANCELLED);
    waiter_wake(fixture->waiter);
    assert_int_equal(waiter_wait(fixture->waiter, CLOCK_NEVER), WAITER_CANCELLED);
    assert_false(waiter_pause(fixture->waiter, CLOCK_NEVER, &err));
    assert_int_equal(err.kind, ERR_CANCELLED);
}

static void count_one(void *argument)
{
    ++*(int *)argument;
}

static void a_cancellation_is_told_once(void **state)
{
    struct fixture *fixture = *state;
    int before = 0, after = 0, never = 0;
    waiter_on_cancel(fixture->waiter, count_one, &never);
    waiter_on_cancel(fixture->waiter, NULL, NULL);
    waiter_on_cancel(fixture->waiter, count_one, &before);
    waiter_wake(fixture->waiter);
    assert_int_equal(before, 0);
    waiter_cancel(fixture->waiter);
    waiter_cancel(fixture->waiter);
    waiter_on_cancel(fixture->waiter, count_one, &after); /* who comes too late is told at once */
    assert_int_equal(before, 1);
    assert_int_equal(after, 1);
    assert_int_equal(never, 0);
}

static void what_must_not_be_abandoned_is_deaf_to_cancellation(void **state)
{
    struct fixture *fixture = *state;
    waiter_cancel(fixture->waiter);
    waiter_wake(fixture->waiter);
    assert_int_equal(waiter_wait_wake(fixture->waiter, CLOCK_NEVER), WAITER_WOKEN);
    int64_t until_ms = clock_after_ms(&fixture->fake.clock, 10 * SECOND_MS);
    assert_int_equal(waiter_wait_wake(fixture->waiter, until_ms), WAITER_TIMEOUT);
}

static void a_pause_ignores_wakes(void **state)
{
    struct fixture *fixture = *state;
    CLEANUP(err_clear) struct err err = { 0 };
    int64_t until_ms = clock_after_ms(&fixture->fake.clock, MINUTE_MS);
    waiter_wake(fixture->waiter);
    assert_true(waiter_pause(fixture->waiter, until_ms, &err));
    assert_true(fixture->fake.monotonic_ms == until_ms);
}

/* ---- threads, on the real clock ---- */

struct ping_pong {
    struct waiter *ping, *pong;
};

static void *answer(void *argument)
{
    struct ping_pong *game = argument;
    for (unsigned i = 0; i < ROUNDS; i++) {
        while (waiter_wait(game->ping, CLOCK_NEVER) != WAITER_WOKEN)
            ;
        waiter_wake(game->pong);
    }
    return NULL;
}

static void no_wake_between_threads_is_lost(void **state)
{
    struct clock_scale scale = { 1 };
    struct clock clock = clock_real(&scale);
    struct ping_pong game = { waiter_new(&clock), waiter_new(&clock) };
    pthread_t thread;
    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, answer, &game), 0);
    unsigned answers = 0;
    for (unsigned i = 0; i < ROUNDS; i++) {
        waiter_wake(game.ping);
        answers += waiter_wait(game.pong, clock_after_ms(&clock, 10 * SECOND_MS)) == WAITER_WOKEN;
    }
    pthread_join(thread, NULL);
    waiter_free(game.ping);
    waiter_free(game.pong);
    assert_int_equal(answers, ROUNDS);
}

static void *cancel_soon(void *argument)
{
    struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
    nanosleep(&pause, NULL);
    waiter_cancel(argument);
    return NULL;
}

static void a_stop_ends_a_pause_within_a_tenth_of_a_second(void **state)
{
    struct clock_scale scale = { 1 };
    struct clock clock = clock_real(&scale);
    struct waiter *waiter = waiter_new(&clock);
    CLEANUP(err_clear) struct err err = { 0 };
    pthread_t thread;
    (void)state;
    int64_t start_ms = clock_monotonic_ms(&clock);
    assert_int_equal(pthread_create(&thread, NULL, cancel_soon, waiter), 0);
    bool is_done = waiter_pause(waiter, clock_after_ms(&clock, HOUR_MS), &err);
    int64_t took_ms = clock_monotonic_ms(&clock) - start_ms;
    pthread_join(thread, NULL);
    waiter_free(waiter);
    assert_false(is_done);
    assert_int_equal(err.kind, ERR_CANCELLED);
    assert_true(took_ms < 20 + 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_wait_ends_with_its_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_wake_is_remembered_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_cancelled_waiter_stays_cancelled, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_cancellation_is_told_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_must_not_be_abandoned_is_deaf_to_cancellation, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_pause_ignores_wakes, set_up, tear_down),
        cmocka_unit_test(no_wake_between_threads_is_lost),
        cmocka_unit_test(a_stop_ends_a_pause_within_a_tenth_of_a_second),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
