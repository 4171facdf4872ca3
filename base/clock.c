/* SPDX-License-Identifier: MPL-2.0 */
#include "base/clock.h"

#include <time.h>

#include "base/linux/condition.h"

static int64_t read_ms(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t scaled_monotonic_ms(void *self)
{
    const struct clock_scale *scale = self;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 * scale->factor + now.tv_nsec / 1000 * scale->factor / 1000;
}

static int64_t real_wall_ms(void *self)
{
    (void)self;
    return read_ms(CLOCK_REALTIME);
}

static void scaled_wait(void *self, pthread_cond_t *changed, pthread_mutex_t *lock, int64_t until_ms)
{
    const struct clock_scale *scale = self;
    if (until_ms == CLOCK_NEVER) {
        pthread_cond_wait(changed, lock);
        return;
    }
    int64_t real_us = until_ms / scale->factor * 1000 + until_ms % scale->factor * 1000 / scale->factor;
    struct timespec until = { .tv_sec = real_us / 1000000, .tv_nsec = real_us % 1000000 * 1000 + 999 };
    os_condition_wait(changed, lock, &until);
}

struct clock clock_real(const struct clock_scale *scale)
{
    return (struct clock){
        .monotonic_ms = scaled_monotonic_ms,
        .wall_ms = real_wall_ms,
        .wait = scaled_wait,
        .factor = scale->factor,
        .self = (void *)scale,
    };
}

int64_t clock_monotonic_ms(const struct clock *clock)
{
    return clock->monotonic_ms(clock->self);
}

int64_t clock_wall_ms(const struct clock *clock)
{
    return clock->wall_ms(clock->self);
}

int64_t clock_after_ms(const struct clock *clock, int64_t delay_ms)
{
    int64_t now = clock_monotonic_ms(clock);
    return delay_ms > CLOCK_NEVER - now ? CLOCK_NEVER : now + delay_ms;
}

int64_t clock_after_real_ms(const struct clock *clock, int64_t delay_ms)
{
    return clock_after_ms(clock, delay_ms > CLOCK_NEVER / clock->factor ? CLOCK_NEVER : delay_ms * clock->factor);
}
