/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/support/fake_clock.h"

static int64_t fake_monotonic_ms(void *self)
{
    return ((const struct fake_clock *)self)->monotonic_ms;
}

static int64_t fake_wall_ms(void *self)
{
    return ((const struct fake_clock *)self)->wall_ms;
}

static void fake_wait(void *self, pthread_cond_t *changed, pthread_mutex_t *lock, int64_t until_ms)
{
    struct fake_clock *fake = self;
    (void)changed;
    (void)lock;
    fake->waits++;
    if (until_ms > fake->monotonic_ms && until_ms != CLOCK_NEVER)
        fake_clock_advance(fake, until_ms - fake->monotonic_ms);
}

void fake_clock_init(struct fake_clock *fake, int64_t wall_ms)
{
    *fake = (struct fake_clock){ .monotonic_ms = 1000000, .wall_ms = wall_ms };
    fake->clock = (struct clock){
        .monotonic_ms = fake_monotonic_ms, .wall_ms = fake_wall_ms, .wait = fake_wait, .factor = 1, .self = fake
    };
}

void fake_clock_advance(struct fake_clock *fake, int64_t by_ms)
{
    fake->monotonic_ms += by_ms;
    fake->wall_ms += by_ms;
}
