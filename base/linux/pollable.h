/* SPDX-License-Identifier: MPL-2.0
 *
 * Descriptors that poll can wait for, besides files: an event between threads, the
 * end of the parent, signals. All are closed by close and at an exec. Each `_open` gives
 * -1 and errno on failure. A port gives the same: with kqueue, one queue for
 * each descriptor.
 */
#ifndef BASE_LINUX_POLLABLE_H
#define BASE_LINUX_POLLABLE_H

#include <signal.h>

/* Readable from os_event_set to os_event_take, however often it was set. Any
 * thread may set it; neither waits. */
int os_event_open(void);
void os_event_set(int event);
void os_event_take(int event);

/* Readable as soon as the process that is the parent now has ended. */
int os_parent_open(void);

/* Readable while one of these signals is pending; the caller blocks them in all threads. */
int os_signals_open(const sigset_t *signals);
/* Takes those that are pending: they do not count again. */
void os_signals_take(const sigset_t *signals);

#endif
