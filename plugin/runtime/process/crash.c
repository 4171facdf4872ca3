/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/process/crash.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/compiler.h"

#if defined(__has_include) && __has_include(<execinfo.h>)
#include <execinfo.h>
#define HAS_BACKTRACE 1
#else
#define HAS_BACKTRACE 0
#endif

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

static void say_backtrace(void)
{
#if HAS_BACKTRACE
    void *frames[48];
    int count = backtrace(frames, (int)ARRAY_LENGTH(frames));
    backtrace_symbols_fd(frames, count, STDERR_FILENO);
#endif
}

static void on_crash(int number)
{
    say("panic: signal ");
    say(name_of(number));
    say(" in ");
    say(program_name);
    say("\n\n");
    say_backtrace();
    raise(number); /* the usual end, once this handler has returned */
}

void crash_install(const char *name)
{
    if (SANITIZED)
        return;
#if HAS_BACKTRACE
    void *frame;
    backtrace(&frame, 1); /* loads what it needs now: a handler must not */
#endif
    program_name = name;
    struct sigaction action = { .sa_handler = on_crash, .sa_flags = (int)(SA_ONSTACK | SA_RESETHAND) };
    for (size_t i = 0; i < ARRAY_LENGTH(fatal); i++)
        sigaction(fatal[i].number, &action, NULL);
}

void crash_forbid_dumps(void)
{
    const struct rlimit none = { 0 };
    if (SANITIZED)
        return;
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0); /* counts where cores are piped to a program, which have no limit */
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
