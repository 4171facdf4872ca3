/* SPDX-License-Identifier: MPL-2.0 */
#include "base/linux/pollable.h"

#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

int os_event_open(void)
{
    return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

void os_event_set(int event)
{
    const uint64_t one = 1;
    ssize_t written = write(event, &one, sizeof(one));
    (void)written; /* fails only when it is as high as it can be, which wakes just as well */
}

void os_event_take(int event)
{
    uint64_t times;
    ssize_t taken = read(event, &times, sizeof(times));
    (void)taken; /* nothing to read is as good */
}

/* Not PR_SET_PDEATHSIG, which fires when a *thread* of a Go host ends (golang/go#27505). */
int os_parent_open(void)
{
    return (int)syscall(SYS_pidfd_open, getppid(), 0); /* close-on-exec by itself; Linux 5.3 */
}

int os_signals_open(const sigset_t *signals)
{
    return signalfd(-1, signals, SFD_CLOEXEC);
}

void os_signals_take(const sigset_t *signals)
{
    const struct timespec at_once = { 0 };
    while (sigtimedwait(signals, NULL, &at_once) > 0)
        continue;
}
