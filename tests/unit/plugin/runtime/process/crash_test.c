/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/process/crash.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/harness.h"

/* Ends by this crash in a child; gives its standard error and its status. */
static int crash_in_child(void (*crash)(void), char *out, size_t size)
{
    int ends[2];
    int status = 0;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        const struct rlimit no_core = { 0 };
        setrlimit(RLIMIT_CORE, &no_core);
        dup2(ends[1], STDERR_FILENO);
        crash_install("terraform-provider-x");
        crash();
        _exit(0);
    }
    close(ends[1]);
    size_t used = 0;
    for (ssize_t length; used + 1 < size && (length = read(ends[0], out + used, size - 1 - used)) > 0;)
        used += (size_t)length;
    out[used] = '\0';
    close(ends[0]);
    waitpid(child, &status, 0);
    return status;
}

static void segmentation_fault(void)
{
    raise(SIGSEGV);
}

static int overflow(volatile char *outer)
{
    volatile char page[4096];
    page[0] = outer[0];
    return outer[0] ? overflow(page) + page[0] : 0; /* never 0, but the compiler cannot know */
}

static void stack_overflow(void)
{
    struct crash_stack stack;
    volatile char first = 1;
    crash_use_stack(&stack);
    _exit(overflow(&first));
}

static void assert_told(void (*crash)(void), int number, const char *text)
{
    char out[16 * 1024];
    int status = crash_in_child(crash, out, sizeof(out));
    if (SANITIZED) /* which report in their own way */
        skip();
    if (strncmp(out, text, strlen(text)) != 0)
        fail_msg("the crash says: %.200s", out);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), number);
}

static void crash_is_told_in_the_hosts_words_and_keeps_its_signal(void **state)
{
    (void)state;
    assert_told(segmentation_fault, SIGSEGV, "panic: signal SIGSEGV in terraform-provider-x\n\n");
    assert_told(abort, SIGABRT, "panic: signal SIGABRT in terraform-provider-x\n\n");
}

static void overflow_of_the_stack_is_told_too(void **state)
{
    (void)state;
    assert_told(stack_overflow, SIGSEGV, "panic: signal SIGSEGV");
}

/* Of a child that has asked for it: the limit and whether it is dumpable. A program that it starts may raise its own. */
static void no_memory_is_left_behind(void **state)
{
    int status = 0;
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        struct rlimit before, limit;
        getrlimit(RLIMIT_CORE, &before);
        crash_forbid_dumps();
        bool is_off = getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_cur == 0 && limit.rlim_max == before.rlim_max &&
                      prctl(PR_GET_DUMPABLE) == 0;
        _exit(is_off ? 1 : 0);
    }
    waitpid(child, &status, 0);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), SANITIZED ? 0 : 1); /* sanitizers need to look at their own process */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crash_is_told_in_the_hosts_words_and_keeps_its_signal),
        cmocka_unit_test(overflow_of_the_stack_is_told_too),
        cmocka_unit_test(no_memory_is_left_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
