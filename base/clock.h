/* SPDX-License-Identifier: MPL-2.0
 *
 * The only door to time. Wall time serves signing and expiry and is never
 * scaled. Monotonic time serves waits, backoff and deadlines: milliseconds
 * since an arbitrary start, and a test may make it run faster than the world
 * (struct clock_scale) or move it by hand (tests/support/fake_clock.h).
 *
 * What waits for AWS to get something done (a copy, a window of propagation, an
 * operation's timeout) is told by clock_after_ms and runs faster with it. How
 * long an answer of the network may take does not: whoever asks and goes on (a
 * plan's look-ups, a read, an identity) takes clock_after_real_ms.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

enum { SECOND_MS = 1000, MINUTE_MS = 60 * SECOND_MS, HOUR_MS = 60 * MINUTE_MS };

#define CLOCK_NEVER INT64_MAX

struct clock {
    int64_t (*monotonic_ms)(void *self);
    int64_t (*wall_ms)(void *self); /* since 1970-01-01 UTC */
    /* Waits on `changed`, with `lock` held, until it is signalled or monotonic time reaches `until_ms`. */
    void (*wait)(void *self, pthread_cond_t *changed, pthread_mutex_t *lock, int64_t until_ms);
    int64_t factor; /* monotonic seconds per real second, at least 1 */
    void *self;
};

struct clock_scale {
    int64_t factor; /* monotonic seconds per real second, at least 1 */
};

/* The world's clock; `scale` is kept and must outlive the clock. */
struct clock clock_real(const struct clock_scale *scale);

int64_t clock_monotonic_ms(const struct clock *clock);
int64_t clock_wall_ms(const struct clock *clock);
/* now + delay, or CLOCK_NEVER when that cannot be represented. */
int64_t clock_after_ms(const struct clock *clock, int64_t delay_ms);
/* The monotonic time when `delay_ms` of the world's time will have passed. */
int64_t clock_after_real_ms(const struct clock *clock, int64_t delay_ms);

#endif
