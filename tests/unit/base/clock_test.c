/* SPDX-License-Identifier: MPL-2.0 */
#include "base/clock.h"

#include <time.h>

#include "tests/support/fake_clock.h"
#include "tests/support/harness.h"

static void monotonic_time_runs_faster_by_the_factor_and_wall_time_does_not(void **state)
{
    struct clock_scale single = { 1 };
    struct clock_scale hundred = { 100 };
    struct clock plain = clock_real(&single);
    struct clock scaled = clock_real(&hundred);
    struct timespec pause = { .tv_nsec = 50 * 1000 * 1000 };
    (void)state;
    int64_t plain_ms = clock_monotonic_ms(&plain);
    int64_t scaled_ms = clock_monotonic_ms(&scaled);
    nanosleep(&pause, NULL);
    plain_ms = clock_monotonic_ms(&plain) - plain_ms;
    scaled_ms = clock_monotonic_ms(&scaled) - scaled_ms;
    assert_true(plain_ms >= 49);
    assert_true(scaled_ms >= 4900);
    assert_true(scaled_ms <= (plain_ms + 20) * 100);
    assert_true(clock_wall_ms(&scaled) - clock_wall_ms(&plain) < 1000);
    assert_true(clock_wall_ms(&plain) / 1000 - (int64_t)time(NULL) <= 1);
}

static void a_wait_ends_at_its_time(void **state)
{
    struct clock_scale scale = { 10 };
    struct clock clock = clock_real(&scale);
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
    (void)state;
    int64_t until_ms = clock_after_ms(&clock, 500);
    pthread_mutex_lock(&lock);
    while (clock_monotonic_ms(&clock) < until_ms)
        clock.wait(clock.self, &changed, &lock, until_ms);
    pthread_mutex_unlock(&lock);
    assert_true(clock_monotonic_ms(&clock) < until_ms + 10 * 1000);
}

static void a_time_that_cannot_be_represented_is_never(void **state)
{
    struct fake_clock fake;
    (void)state;
    fake_clock_init(&fake, 0);
    assert_true(clock_after_ms(&fake.clock, 5) == fake.monotonic_ms + 5);
    assert_true(clock_after_ms(&fake.clock, CLOCK_NEVER) == CLOCK_NEVER);
    assert_true(clock_after_ms(&fake.clock, CLOCK_NEVER - fake.monotonic_ms) == CLOCK_NEVER);
    assert_true(clock_after_ms(&fake.clock, CLOCK_NEVER - fake.monotonic_ms - 1) == CLOCK_NEVER - 1);
}

static void a_limit_in_real_time_lasts_as_long_at_any_scale(void **state)
{
    static const int64_t factors[] = { 1, 600, 100000 };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(factors); i++) {
        struct clock_scale scale = { factors[i] };
        struct clock clock = clock_real(&scale);
        int64_t before_ms = clock_monotonic_ms(&clock);
        int64_t limit_ms = clock_after_real_ms(&clock, 2 * MINUTE_MS) - before_ms;
        assert_between(limit_ms / factors[i], 2 * MINUTE_MS, 2 * MINUTE_MS + 10 * SECOND_MS);
        assert_true(clock_after_real_ms(&clock, CLOCK_NEVER) == CLOCK_NEVER);
        if (factors[i] > 1) /* one that only the scale makes too long */
            assert_true(clock_after_real_ms(&clock, CLOCK_NEVER / 2) == CLOCK_NEVER);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(monotonic_time_runs_faster_by_the_factor_and_wall_time_does_not),
        cmocka_unit_test(a_wait_ends_at_its_time),
        cmocka_unit_test(a_time_that_cannot_be_represented_is_never),
        cmocka_unit_test(a_limit_in_real_time_lasts_as_long_at_any_scale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
