/* SPDX-License-Identifier: MPL-2.0
 *
 * All waiting of a call happens on its waiter: a pause, a deadline, an answer
 * from another thread and the order to stop wake the same object. A wake is a
 * hint, remembered until the next wait: callers look at their own condition
 * again. A cancelled waiter stays cancelled.
 *
 * One thread waits; any thread may wake or cancel.
 */
#ifndef BASE_WAITER_H
#define BASE_WAITER_H

#include "base/clock.h"
#include "base/err.h"

struct waiter;

enum waiter_result { WAITER_WOKEN, WAITER_TIMEOUT, WAITER_CANCELLED };

struct waiter *waiter_new(const struct clock *clock); /* keeps the clock */
void waiter_free(struct waiter *waiter);              /* accepts NULL */

void waiter_wake(struct waiter *waiter);
void waiter_cancel(struct waiter *waiter);
/* Runs `on_cancel`, once, in the thread that cancels; at once when that has been
 * done. NULL: no more; it is not running any longer either. It may cancel other
 * waiters, and takes no lock that anybody holds who uses this one. */
typedef void waiter_cancel_fn(void *argument);
void waiter_on_cancel(struct waiter *waiter, waiter_cancel_fn *on_cancel, void *argument);
bool waiter_is_cancelled(struct waiter *waiter);
const struct clock *waiter_clock(const struct waiter *waiter);
int64_t waiter_now_ms(const struct waiter *waiter); /* monotonic */

/* Returns on a wake, on cancellation, or when monotonic time reaches until_ms
 * (CLOCK_NEVER: no limit); a cancelled waiter returns at once. */
enum waiter_result waiter_wait(struct waiter *waiter, int64_t until_ms);
/* The same, deaf to cancellation: for what must not be abandoned half-way. */
enum waiter_result waiter_wait_wake(struct waiter *waiter, int64_t until_ms);
/* A pause: ignores wakes. False with ERR_CANCELLED when cancelled before its end. */
MUST_USE bool waiter_pause(struct waiter *waiter, int64_t until_ms, struct err *err);

#endif
