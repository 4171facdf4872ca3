/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/support/bounded.h"

#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/harness.h"

enum { SLOWDOWN = SANITIZED ? 10 : 1 };

/* The address space of this process. */
static size_t size_now(void)
{
    char line[128] = "";
    FILE *file = fopen("/proc/self/statm", "r");
    bool is_read = file && fgets(line, sizeof(line), file);
    if (file)
        fclose(file);
    assert_true(is_read);
    int64_t pages = 0;
    struct str text = str_from(line), first;
    assert_true(str_next(&text, ' ', &first) && str_to_int64(first, &pages));
    return (size_t)pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* The harness's own would carry on with its tests here. */
static void drop_handlers(void)
{
    static const int caught[] = { SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL };
    for (size_t i = 0; i < ARRAY_LENGTH(caught); i++)
        (void)signal(caught[i], SIG_DFL);
}

static bool set_limits(size_t bytes)
{
    const rlim_t seconds = BOUNDED_CPU_SECONDS * SLOWDOWN;
    const struct rlimit core = { 0 }, time = { seconds, seconds }, memory = { bytes, bytes };
    return setrlimit(RLIMIT_CORE, &core) == 0 && setrlimit(RLIMIT_CPU, &time) == 0 &&
           (SANITIZED || setrlimit(RLIMIT_AS, &memory) == 0);
}

void bounded_run(size_t bytes, bool (*act)(void *self), void *self)
{
    struct rusage usage;
    int status = 0;
    const size_t limit = size_now() + bytes;
    pid_t child = fork();
    assert_true(child >= 0);
    if (!child) {
        drop_handlers();
        _exit(set_limits(limit) && act(self) ? 0 : 1);
    }
    assert_int_equal(wait4(child, &status, 0, &usage), child);
    if (status)
        fail_msg("%s %d, after %ld KiB at most and %ld s of the processor",
                 WIFSIGNALED(status) ? "ended by signal" : "ended with status",
                 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), usage.ru_maxrss,
                 (long)usage.ru_utime.tv_sec);
}
