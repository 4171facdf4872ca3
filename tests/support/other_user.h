/* SPDX-License-Identifier: MPL-2.0
 *
 * Children that this process cannot end, as sudo's are: it is root when it starts them, and another user when it
 * would kill them. Needs root.
 */
#ifndef TESTS_SUPPORT_OTHER_USER_H
#define TESTS_SUPPORT_OTHER_USER_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static inline bool other_user_is_possible(void)
{
    return geteuid() == 0;
}

/* All threads; what root started is not this process's to kill. */
static inline bool other_user_become(void)
{
    enum { NOBODY = 65534 };
    return setresuid(NOBODY, NOBODY, 0) == 0;
}

/* A thread's, which begins when there is no child. NULL: done. */
static inline void *other_user_become_after_start(void *unused)
{
    siginfo_t child;
    (void)unused;
    while (waitid(P_ALL, 0, &child, WEXITED | WNOWAIT | WNOHANG) < 0)
        usleep(1000);
    return other_user_become() ? NULL : "failed";
}

static inline bool other_user_return(void)
{
    return setresuid(0, 0, 0) == 0 && prctl(PR_SET_DUMPABLE, 1) == 0; /* the search for leaks needs it */
}

#endif
