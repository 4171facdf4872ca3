/* SPDX-License-Identifier: MPL-2.0 */
#include "base/str.h"

static void asks_linux(struct event *event)
{
    int accepted = accept4(3, NULL, NULL, 0); /* refused */
    (void)socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0); /* refused */
    (void)eventfd(0, 0);               /* refused */
    (void)syscall(434, 1, 0);          /* refused */
    prctl(4, 0);                       /* refused */
    (void)pidfd_open(1, 0);            /* refused */
    (void)open("/proc/self/statm", 0); /* refused */
    (void)open("/dev/fd/3", 0);        /* refused */
    /* In /proc/self it is a comment. */
    (void)open("/dev/null", 0);
    event->eventfd(event);
    os_event_set(event->descriptor);
}

static const char *asks_glibc(int number)
{
    explicit_bzero(&number, 4); /* refused */
    malloc_trim(0);             /* refused */
    err_set(NULL, ERR_IO, "%s", strerrordesc_np(number)); /* refused */
    (void)strerror_r(number, NULL, 0); /* refused */
#ifdef __linux__ /* refused */
#endif
    return os_error_text(number);
}
