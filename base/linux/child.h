/* SPDX-License-Identifier: MPL-2.0
 *
 * A child process that has nothing of this one but what it is given: its words, its
 * environment, and where its output goes. Its standard input is empty, every other
 * descriptor is closed, no signal is blocked, ignored or handled. It stays in the
 * working folder and in the process group: a program of another group could neither
 * read from the user's terminal nor switch its echo off (termios(3), "job control").
 */
#ifndef BASE_LINUX_CHILD_H
#define BASE_LINUX_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

struct os_child {
    pid_t pid;
    int end; /* for poll: readable once it has ended; -1: the system has no such thing, ask from time to time */
};

/* Both ends are closed at an exec; reading never blocks. -1 and errno on failure. */
int os_pipe_open(int *out_read, int *out_write);

/* 0, or the number of the error: of the program ENOENT, EACCES, ENOEXEC above all. `path` is not searched for. */
int os_child_start(const char *path, const char *const *words, const char *const *environment, int output, int errors,
                   struct os_child *out);
/* Has it ended? Then with the status of waitpid, and `child` is released. */
bool os_child_has_ended(struct os_child *child, int *out_status);
/* Ends it and the processes below it: interrupted as by Ctrl-C, and killed if they have not ended after
 * `patience_ms`; 0: killed at once. Releases `child`. What has left its parents (a daemon) goes on. False: it goes on
 * too, given up after some moments: it became another user's (sudo), or the system holds it (a dead network disk).
 * Once it has ended, nobody takes its status: the system keeps it until this process ends. */
bool os_child_end(struct os_child *child, int patience_ms);

#endif
