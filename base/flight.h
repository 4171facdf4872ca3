/* SPDX-License-Identifier: MPL-2.0
 *
 * One caller fetches, the others wait for its result: credentials, identities
 * and key look-ups are fetched once however many calls need them at the same
 * moment. The flight keeps no result: the fetch stores it where its users
 * look, and users look there first. A failure is shared by those who waited
 * for it and is not remembered; when the fetching caller was itself stopped or
 * ran out of time, one of the waiting callers fetches instead.
 */
#ifndef BASE_FLIGHT_H
#define BASE_FLIGHT_H

#include "base/waiter.h"

struct flight;

typedef bool flight_fetch_fn(void *argument, struct err *err);

struct flight *flight_new(void);
void flight_free(struct flight *flight); /* accepts NULL; nobody may be in it */

/* Runs `fetch` in this thread, or waits (until `until_ms` of the waiter's
 * clock) for the one that is running. Errors: the fetch's; ERR_CANCELLED and
 * ERR_TIMEOUT of this caller's own wait. */
MUST_USE bool flight_join(struct flight *flight, struct waiter *waiter, int64_t until_ms, flight_fetch_fn *fetch,
                          void *argument, struct err *err);

#endif
