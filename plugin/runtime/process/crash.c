/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/process/crash.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/linux/backtrace.h"
#include "base/linux/memory.h"

static const struct {
    int number;
    const char *name;
} fatal[] = {
    { SIGSEGV, "SIGSEGV" },
    { SIGBUS,  "SIGBUS"  },
    { SIGFPE,  "SIGFPE"  },
    { SIGILL,  "SIGILL"  },
    { SIGABRT, "SIGABRT" },
};

/* A handler gets no argument of ours. Written once, before the first thread. */
static const char *program_name = "";

static void say(const char *text)
{
    ssize_t written = write(STDERR_FILENO, text, strlen(text));
    (void)written; /* there is nothing left to do about it */
}

static const char *name_of(int number)
{
    for (size_t i = 0; i < ARRAY_LENGTH(fatal); i++)
        if (fatal[i].number == number)
            return fatal[i].name;
    return "unknown";
}

static void on_crash(int number)
{
    say("panic: signal ");
    say(name_of(number));
    say(" in ");
    say(program_name);
    say("\n\n");
    os_backtrace_write(STDERR_FILENO);
    raise(number); /* the usual end, once this handler has returned */
}

void crash_install(const char *name)
{
    if (SANITIZED)
        return;
    os_backtrace_prepare();
    program_name = name;
    struct sigaction action = { .sa_handler = on_crash, .sa_flags = (int)(SA_ONSTACK | SA_RESETHAND) };
    for (size_t i = 0; i < ARRAY_LENGTH(fatal); i++)
        sigaction(fatal[i].number, &action, NULL);
}

void crash_forbid_dumps(void)
{
    struct rlimit limit;
    if (SANITIZED)
        return;
    if (getrlimit(RLIMIT_CORE, &limit) == 0) {
        limit.rlim_cur = 0;
        setrlimit(RLIMIT_CORE, &limit);
    }
    os_memory_hide();
}

void crash_use_stack(struct crash_stack *stack)
{
    const stack_t own = { .ss_sp = stack->bytes, .ss_size = sizeof(stack->bytes) };
    sigaltstack(&own, NULL);
}

void crash_leave_stack(void)
{
    const stack_t none = { .ss_flags = SS_DISABLE };
    sigaltstack(&none, NULL);
}
