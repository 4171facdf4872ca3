/* SPDX-License-Identifier: MPL-2.0 */
#include "base/linux/condition.h"

void os_condition_wait(pthread_cond_t *changed, pthread_mutex_t *lock, const struct timespec *until)
{
    pthread_cond_clockwait(changed, lock, CLOCK_MONOTONIC, until); /* glibc 2.30 */
}
