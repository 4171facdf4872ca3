/* SPDX-License-Identifier: MPL-2.0
 *
 * One caller fetches, the others wait for its result: credentials, identities
 * and key look-ups are fetched once however many calls need them at the same
 * moment. The flight keeps no result: the fetch stores it where its users
 * look, and users look there first. A failure is shared by those who waited
 * for it and is not remembered.
 *
 * A fetch belongs to all who wait for it. It has a limit of its own, and ends
 * early only when everybody has been stopped or has left at his deadline, as all
 * are when the provider is told to stop. The caller in whose thread it runs
 * stays until it ends, which that limit bounds.
 */
#ifndef BASE_FLIGHT_H
#define BASE_FLIGHT_H

#include "base/waiter.h"

struct flight;

/* Waits on `waiter`, which is cancelled when nobody wants the result any more,
 * and ends by `deadline_ms` (monotonic), with ERR_TIMEOUT. */
typedef bool flight_fetch_fn(void *argument, struct waiter *waiter, int64_t deadline_ms, struct err *err);

struct flight *flight_new(int64_t limit_ms); /* of each fetch, in real time (clock.h) */
void flight_free(struct flight *flight);     /* accepts NULL; nobody may be in it */

/* Runs `fetch` in this thread, or waits (until `until_ms` of the waiter's
 * clock) for the one that is running. Errors: the fetch's, where its own limit
 * is ERR_IO; ERR_CANCELLED and ERR_TIMEOUT of this caller's own wait. */
MUST_USE bool flight_join(struct flight *flight, struct waiter *waiter, int64_t until_ms, flight_fetch_fn *fetch,
                          void *argument, struct err *err);

#endif
