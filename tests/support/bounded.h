/* SPDX-License-Identifier: MPL-2.0
 *
 * What an act takes, in a process of its own: the system ends it when it wants
 * more memory or more processor time than it may have.
 */
#ifndef TESTS_SUPPORT_BOUNDED_H
#define TESTS_SUPPORT_BOUNDED_H

#include <stdbool.h>
#include <stddef.h>

enum { BOUNDED_CPU_SECONDS = 5 };

/* Fails the test, and says how it ended and what it took, unless `act` returns true
 * within `bytes` beyond what this process has. It must not assert. A sanitizer's own
 * memory cannot be separated from the act's: there only the time is limited. */
void bounded_run(size_t bytes, bool (*act)(void *self), void *self);

#endif
