/* SPDX-License-Identifier: MPL-2.0
 *
 * A wait on a condition until a moment of monotonic time, which no change of the
 * wall clock moves. A port without it waits for the time that is left.
 */
#ifndef BASE_LINUX_CONDITION_H
#define BASE_LINUX_CONDITION_H

#include <pthread.h>
#include <time.h>

/* With `lock` held. May return early. */
void os_condition_wait(pthread_cond_t *changed, pthread_mutex_t *lock, const struct timespec *until);

#endif
