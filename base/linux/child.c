/* SPDX-License-Identifier: MPL-2.0 */
#include "base/linux/child.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/compiler.h"

enum {
    FAMILY_MAX = 64,
    STAT_BYTES = 512,
    TURN_MS = 5,
    GIVE_UP_MS = 500 /* what is killed ends at once, unless it may not be killed or cannot end */
};

int os_pipe_open(int *out_read, int *out_write)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -1;
    fcntl(ends[0], F_SETFL, O_NONBLOCK); /* of this end alone: the child's writing waits */
    *out_read = ends[0];
    *out_write = ends[1];
    return 0;
}

/* ---- Start ------------------------------------------------------------------ */

static int set_descriptors(posix_spawn_file_actions_t *actions, int output, int errors)
{
    int failure = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (!failure)
        failure = posix_spawn_file_actions_adddup2(actions, output, 1);
    if (!failure)
        failure = posix_spawn_file_actions_adddup2(actions, errors, STDERR_FILENO);
    return failure ? failure : posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
}

static int set_signals(posix_spawnattr_t *attributes)
{
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    int failure = posix_spawnattr_setsigdefault(attributes, &all);
    if (!failure)
        failure = posix_spawnattr_setsigmask(attributes, &none);
    return failure ? failure : posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
}

int os_child_start(const char *path, const char *const *words, const char *const *environment, int output, int errors,
                   struct os_child *out)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int failure = posix_spawn_file_actions_init(&actions);
    if (failure)
        return failure;
    failure = posix_spawnattr_init(&attributes);
    if (!failure)
        failure = set_descriptors(&actions, output, errors);
    if (!failure)
        failure = set_signals(&attributes);
    if (!failure)
        failure = posix_spawn(&out->pid, path, &actions, &attributes, (char *const *)words, (char *const *)environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (!failure)
        out->end = (int)syscall(SYS_pidfd_open, out->pid, 0);
    return failure;
}

/* ---- End -------------------------------------------------------------------- */

static void release(struct os_child *child)
{
    if (child->end >= 0)
        close(child->end);
    *child = (struct os_child){ .end = -1 };
}

/* Where the user's shell has SIGCHLD ignored, the system takes a child away by itself and its status is lost. */
bool os_child_has_ended(struct os_child *child, int *out_status)
{
    pid_t taken;
    *out_status = 0;
    do
        taken = waitpid(child->pid, out_status, WNOHANG);
    while (taken < 0 && errno == EINTR);
    if (taken == 0)
        return false;
    release(child);
    return true;
}

/* Is it taken? `child` is released in any case. */
static bool take_or_give_up(struct os_child *child)
{
    int status;
    for (int waited_ms = 0; waited_ms < GIVE_UP_MS; waited_ms += TURN_MS) {
        struct pollfd end = { .fd = child->end, .events = POLLIN };
        if (os_child_has_ended(child, &status))
            return true;
        poll(&end, 1, TURN_MS);
    }
    if (os_child_has_ended(child, &status))
        return true;
    release(child);
    return false;
}

/* A process and those below it. */
struct family {
    pid_t members[FAMILY_MAX];
    struct pollfd ends[FAMILY_MAX]; /* of the members: a descriptor means one process, whoever gets its number later */
    size_t count;
};

static void signal_member(const struct family *family, size_t member, int number)
{
    if (family->ends[member].fd >= 0)
        syscall(SYS_pidfd_send_signal, family->ends[member].fd, number, NULL, 0);
    else
        kill(family->members[member], number);
}

static bool is_member(const struct family *family, pid_t pid)
{
    for (size_t i = 0; i < family->count; i++)
        if (family->members[i] == pid)
            return true;
    return false;
}

/* "1234 (a name) S 1233 ...": the name may hold anything (proc_pid_stat(5)). */
static pid_t parent_of(pid_t pid)
{
    char path[32], text[STAT_BYTES];
    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return 0;
    ssize_t length = read(file, text, sizeof(text) - 1);
    close(file);
    if (length <= 0)
        return 0;
    text[length] = '\0';
    const char *end = strrchr(text, ')');
    return end && strlen(end) > 4 ? (pid_t)strtol(end + 4, NULL, 10) : 0;
}

/* A process that is stopped starts no other, and does not end while it is looked for. */
static void add_member(struct family *family, pid_t pid)
{
    family->members[family->count] = pid;
    family->ends[family->count].fd = (int)syscall(SYS_pidfd_open, pid, 0);
    family->ends[family->count].events = POLLIN;
    signal_member(family, family->count++, SIGSTOP);
}

/* Adds those whose parents are known. */
static void add_children(struct family *family)
{
    const struct dirent *entry;
    DIR *all = opendir("/proc");
    if (!all)
        return;
    /* lint: allow(threads) because glibc's is safe for a stream that no other thread has */
    while (family->count < FAMILY_MAX && (entry = readdir(all))) {
        const pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
        if (pid > 0 && !is_member(family, pid) && is_member(family, parent_of(pid)))
            add_member(family, pid);
    }
    closedir(all);
}

static void add_descendants(struct family *family)
{
    size_t known = 0;
    while (known < family->count && family->count < FAMILY_MAX) {
        known = family->count;
        add_children(family);
    }
}

static void signal_all(const struct family *family, int number)
{
    for (size_t i = 0; i < family->count; i++)
        signal_member(family, i, number);
}

static void wait_for_all(struct family *family, int patience_ms)
{
    for (int waited_ms = 0; waited_ms < patience_ms; waited_ms += TURN_MS) {
        if (poll(family->ends, family->count, 0) == (int)family->count)
            return;
        poll(NULL, 0, TURN_MS);
    }
}

bool os_child_end(struct os_child *child, int patience_ms)
{
    struct family family = { .count = 0 };
    add_member(&family, child->pid);
    add_descendants(&family);
    if (patience_ms > 0) {
        signal_all(&family, SIGINT);
        signal_all(&family, SIGCONT);
        wait_for_all(&family, patience_ms);
        signal_all(&family, SIGSTOP);
        add_descendants(&family);
    }
    signal_all(&family, SIGKILL);
    for (size_t i = 0; i < family.count; i++)
        if (family.ends[i].fd >= 0)
            close(family.ends[i].fd);
    return take_or_give_up(child);
}
