/* SPDX-License-Identifier: MPL-2.0
 *
 * A clock whose hands only move when somebody waits on it or a test pushes
 * them: a wait of hours takes no time. One thread.
 */
#ifndef TESTS_SUPPORT_FAKE_CLOCK_H
#define TESTS_SUPPORT_FAKE_CLOCK_H

#include "base/clock.h"

struct fake_clock {
    int64_t monotonic_ms;
    int64_t wall_ms;
    unsigned waits; /* how often somebody waited */
    struct clock clock;
};

/* Starts at monotonic 1,000,000 ms and the given wall time; `fake` must stay where it is. */
void fake_clock_init(struct fake_clock *fake, int64_t wall_ms);
void fake_clock_advance(struct fake_clock *fake, int64_t by_ms);

#endif
