/* SPDX-License-Identifier: MPL-2.0 */
#include "base/program.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/fake_clock.h"
#include "tests/support/harness.h"
#include "tests/support/other_user.h"

enum { OUTPUT_MAX = 4096, ERRORS_MAX = 256 };

struct fixture {
    struct arena *arena;
    struct clock_scale scale;
    struct clock clock;
    struct waiter *waiter;
    struct program_outcome outcome;
    struct err err;
    const char *path; /* "PATH=..." */
};

static int setup(void **state)
{
    struct fixture *fixture = mem_alloc(sizeof(*fixture));
    fixture->arena = arena_new();
    fixture->scale.factor = 1;
    fixture->path = "PATH=/nowhere::/usr/bin:/bin";
    fixture->clock = clock_real(&fixture->scale);
    fixture->waiter = waiter_new(&fixture->clock);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    waiter_free(fixture->waiter);
    err_clear(&fixture->err);
    arena_free(fixture->arena);
    mem_free(fixture);
    return 0;
}

static bool run_for(struct fixture *fixture, const char *const *words, int64_t limit_ms)
{
    const char *const environment[] = { fixture->path, "MINE=yes", NULL };
    const struct program_options options = {
        .words = words, .env = { environment }, .output_max_bytes = OUTPUT_MAX, .errors_max_bytes = ERRORS_MAX
    };
    return program_run(fixture->arena, &options, fixture->waiter,
                       clock_after_real_ms(waiter_clock(fixture->waiter), limit_ms), &fixture->outcome, &fixture->err);
}

static bool run_words(struct fixture *fixture, const char *const *words)
{
    return run_for(fixture, words, MINUTE_MS);
}

static bool run_shell(struct fixture *fixture, const char *script)
{
    const char *const words[] = { "sh", "-c", script, NULL };
    return run_words(fixture, words);
}

static bool has_child(void)
{
    return waitpid(-1, NULL, WNOHANG) >= 0;
}

/* ---- What comes back -------------------------------------------------------- */

static void both_outputs_and_the_status_come_back(void **state)
{
    struct fixture *fixture = *state;
    assert_true(run_shell(fixture, "printf out; printf err >&2; exit 3"));
    assert_int_equal(fixture->outcome.end, PROGRAM_EXITED);
    assert_int_equal(fixture->outcome.code, 3);
    assert_str_equal(fixture->outcome.output, "out");
    assert_str_equal(fixture->outcome.errors, "err");
    assert_false(has_child());
}

static void a_signal_is_told_from_a_status(void **state)
{
    struct fixture *fixture = *state;
    assert_true(run_shell(fixture, "kill -TERM $$"));
    assert_int_equal(fixture->outcome.end, PROGRAM_KILLED);
    assert_int_equal(fixture->outcome.code, SIGTERM);
}

static void output_up_to_the_limit_is_whole(void **state)
{
    struct fixture *fixture = *state;
    assert_true(run_shell(fixture, "head -c 4096 /dev/zero"));
    assert_int_equal(fixture->outcome.end, PROGRAM_EXITED);
    assert_int_equal(fixture->outcome.output.len, OUTPUT_MAX);
}

static void output_without_end_ends_the_program(void **state)
{
    struct fixture *fixture = *state;
    assert_true(run_shell(fixture, "while :; do echo yes; done"));
    assert_int_equal(fixture->outcome.end, PROGRAM_TOO_MUCH);
    assert_int_equal(fixture->outcome.output.len, OUTPUT_MAX);
    assert_false(has_child());
}

static void of_much_standard_error_the_last_whole_lines_are_kept(void **state)
{
    struct fixture *fixture = *state;
    assert_true(run_shell(fixture, "i=0; while [ $i -lt 9999 ]; do i=$((i+1)); echo line $i >&2; done"));
    assert_true(str_starts_with(fixture->outcome.errors, STR("line 99")));
    assert_true(str_ends_with(fixture->outcome.errors, STR("line 9998\nline 9999\n")));
    assert_between(fixture->outcome.errors.len, ERRORS_MAX - 20, ERRORS_MAX);
}

static void one_endless_line_of_standard_error_is_not_kept(void **state)
{
    struct fixture *fixture = *state;
    assert_true(run_shell(fixture, "head -c 100000 /dev/zero | tr '\\0' x >&2"));
    assert_int_equal(fixture->outcome.end, PROGRAM_EXITED);
    assert_int_equal(fixture->outcome.errors.len, 0);
}

/* gpg-agent keeps standard error open, for example. */
static void what_stays_in_the_background_is_not_waited_for(void **state)
{
    struct fixture *fixture = *state;
    int64_t began_ms = waiter_now_ms(fixture->waiter);
    assert_true(run_shell(fixture, "(sleep 3; echo late) & echo now"));
    assert_str_equal(fixture->outcome.output, "now\n");
    assert_true(waiter_now_ms(fixture->waiter) - began_ms < 2000);
}

/* ---- What it is given ------------------------------------------------------- */

static void words_and_environment_arrive_as_they_are(void **state)
{
    struct fixture *fixture = *state;
    const char *const words[] = { "sh", "-c", "printf '%s|' \"$@\" \"$MINE\" \"${HOME-none}\"", "me", "a b", "",
                                  "$X", NULL };
    assert_true(run_words(fixture, words));
    assert_str_equal(fixture->outcome.output, "a b||$X|yes|none|");
}

static void standard_input_is_empty_and_nothing_else_is_open(void **state)
{
    struct fixture *fixture = *state;
    const int own = dup(STDIN_FILENO);
    int typed[2];
    assert_true(pipe(typed) == 0 && write(typed[1], "typed", 5) == 5 && close(typed[1]) == 0);
    assert_true(dup2(typed[0], STDIN_FILENO) == STDIN_FILENO); /* neither is closed at an exec */
    assert_true(run_shell(fixture, "cat; cd /proc/self/fd; for f in *; do [ -e $f ] && printf '%s ' $f; done; exit 0"));
    dup2(own, STDIN_FILENO);
    close(own);
    close(typed[0]);
    assert_str_equal(fixture->outcome.output, "0 1 2 ");
}

/* A mask of /proc/PID/status without the signals that the C library keeps for itself. */
static unsigned long mask_of(struct str status, const char *name)
{
    enum { OF_LIBRARY = 32 };
    const char *line = strstr(status.ptr, name);
    assert_non_null(line);
    return strtoul(line + strlen(name), NULL, 16) & ~(3UL << (OF_LIBRARY - 1));
}

static void no_signal_is_blocked_ignored_or_handled(void **state)
{
    struct fixture *fixture = *state;
    const char *const words[] = { "cat", "/proc/self/status", NULL };
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    bool is_done = run_words(fixture, words);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGINT, SIG_DFL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    assert_true(is_done);
    const struct str status = str_copy(fixture->arena, fixture->outcome.output);
    assert_int_equal(mask_of(status, "SigBlk:"), 0);
    assert_int_equal(mask_of(status, "SigIgn:"), 0);
    assert_int_equal(mask_of(status, "SigCgt:"), 0);
}

static void it_stays_in_the_process_group_of_the_terminal(void **state)
{
    struct fixture *fixture = *state;
    assert_true(run_shell(fixture, "ps -o pgid= -o sid= -p $$ | tr -s ' ' '\\n' | grep ."));
    const struct str wanted = str_format(fixture->arena, "%d\n%d\n", (int)getpgrp(), (int)getsid(0));
    assert_str_equal(fixture->outcome.output, wanted.ptr);
}

/* ---- What cannot be started ------------------------------------------------- */

static void refuse(struct fixture *fixture, const char *name, enum err_kind kind, const char *text)
{
    const char *const words[] = { name, "s3cret", NULL };
    assert_false(run_words(fixture, words));
    assert_int_equal(fixture->err.kind, kind);
    assert_string_equal(err_text(&fixture->err), text); /* the words may be secrets */
    assert_false(has_child());
}

static void a_program_that_does_not_exist_is_not_found(void **state)
{
    refuse(*state, "/no/such/program", ERR_NOT_FOUND, "cannot be started (No such file or directory)");
    refuse(*state, "no-such-program-anywhere", ERR_NOT_FOUND, "cannot be started (No such file or directory)");
    refuse(*state, "", ERR_NOT_FOUND, "cannot be started (No such file or directory)");
}

static void what_is_not_executable_is_denied_and_what_is_no_program_invalid(void **state)
{
    struct fixture *fixture = *state;
    char folder[] = "/tmp/program_test_XXXXXX";
    assert_non_null(mkdtemp(folder));
    const struct str path = str_format(fixture->arena, "%s/true", folder);
    FILE *file = fopen(path.ptr, "w");
    fputs("echo no first line\n", file);
    fclose(file);
    refuse(fixture, path.ptr, ERR_DENIED, "cannot be started (Permission denied)");
    fixture->path = str_format(fixture->arena, "PATH=%s:/nowhere", folder).ptr;
    refuse(fixture, "true", ERR_DENIED, "cannot be started (Permission denied)");
    fixture->path = str_format(fixture->arena, "PATH=%s:/usr/bin:/bin", folder).ptr;
    const char *const words[] = { "true", NULL };
    assert_true(run_words(fixture, words)); /* of the next folder */
    chmod(path.ptr, 0755);
    refuse(fixture, path.ptr, ERR_INVALID, "cannot be started (Exec format error)");
    unlink(path.ptr);
    rmdir(folder);
}

/* ---- Its end ---------------------------------------------------------------- */

/* Are all processes of the marker gone? It is an argument of each. */
static bool is_gone(const char *marker)
{
    char command[128];
    for (int tries = 0; tries < 50; tries++) {
        snprintf(command, sizeof(command), "pgrep -f '[-]- %s' >/dev/null", marker);
        pid_t child = fork();
        if (child == 0)
            execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        int status = 0;
        waitpid(child, &status, 0);
        if (WIFEXITED(status) && WEXITSTATUS(status) == 1)
            return true;
        usleep(20 * 1000);
    }
    return false;
}

static void a_program_that_hangs_is_killed_with_those_below_it(void **state)
{
    struct fixture *fixture = *state;
    struct fake_clock fake; /* its minute passes at once */
    fake_clock_init(&fake, 0);
    waiter_free(fixture->waiter);
    fixture->waiter = waiter_new(&fake.clock);
    assert_true(run_shell(fixture, "sh -c 'sleep 600; : -- below-it-1' & sh -c 'sleep 600; : -- below-it-2'; :"));
    assert_int_equal(fixture->outcome.end, PROGRAM_TOO_LONG);
    assert_false(fixture->outcome.is_left);
    assert_false(has_child());
    assert_true(is_gone("below-it"));
}

static void *cancel_soon(void *argument)
{
    usleep(200 * 1000);
    waiter_cancel(argument);
    return NULL;
}

static void a_stop_ends_it_at_once(void **state)
{
    struct fixture *fixture = *state;
    pthread_t thread;
    pthread_create(&thread, NULL, cancel_soon, fixture->waiter);
    int64_t began_ms = waiter_now_ms(fixture->waiter);
    bool is_done = run_shell(fixture, "trap '' TERM INT; sh -c 'sleep 600; : -- stopped-one'; :");
    pthread_join(thread, NULL);
    assert_false(is_done);
    assert_int_equal(fixture->err.kind, ERR_CANCELLED);
    assert_true(waiter_now_ms(fixture->waiter) - began_ms < 1000);
    assert_false(has_child());
    assert_true(is_gone("stopped-one"));
}

static void *become_other_user_and_cancel(void *argument)
{
    void *failure = other_user_become_after_start(NULL);
    waiter_cancel(argument);
    return failure;
}

/* sudo and its like become root. That program ends by itself after some seconds. */
static bool run_what_may_not_be_killed(struct fixture *fixture, void *(*become)(void *), int64_t limit_ms)
{
    const char *const words[] = { "/bin/sleep", "4", NULL };
    pthread_t thread;
    void *failure;
    if (!other_user_is_possible())
        skip();
    pthread_create(&thread, NULL, become, fixture->waiter);
    const int64_t began_ms = waiter_now_ms(fixture->waiter);
    const bool is_done = run_for(fixture, words, limit_ms);
    const int64_t took_ms = waiter_now_ms(fixture->waiter) - began_ms;
    pthread_join(thread, &failure);
    assert_true(other_user_return());
    assert_null(failure);
    assert_true(took_ms < 3000);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), 0); /* it goes on */
    assert_true(waitpid(-1, NULL, 0) > 0);
    return is_done;
}

static void a_program_of_another_user_is_given_up_at_its_limit(void **state)
{
    struct fixture *fixture = *state;
    assert_true(run_what_may_not_be_killed(fixture, other_user_become_after_start, 1000));
    assert_int_equal(fixture->outcome.end, PROGRAM_TOO_LONG);
    assert_true(fixture->outcome.is_left);
}

static void a_stop_gives_up_a_program_of_another_user(void **state)
{
    struct fixture *fixture = *state;
    assert_false(run_what_may_not_be_killed(fixture, become_other_user_and_cancel, MINUTE_MS));
    assert_int_equal(fixture->err.kind, ERR_CANCELLED);
    assert_string_equal(err_text(&fixture->err), "stopped while the program ran; it could not be killed and goes on");
}

static void where_children_are_taken_away_by_the_system_its_output_still_comes(void **state)
{
    struct fixture *fixture = *state;
    signal(SIGCHLD, SIG_IGN);
    bool is_done = run_shell(fixture, "echo out");
    signal(SIGCHLD, SIG_DFL);
    assert_true(is_done);
    assert_str_equal(fixture->outcome.output, "out\n");
}

static int count_descriptors(void)
{
    int count = 0;
    for (int i = 0; i < 256; i++)
        count += fcntl(i, F_GETFD) >= 0;
    return count;
}

static void no_descriptor_stays_open(void **state)
{
    struct fixture *fixture = *state;
    const char *const nothing[] = { "/no/such/program", NULL };
    const int before = count_descriptors();
    assert_true(run_shell(fixture, "echo out"));
    assert_true(run_shell(fixture, "yes"));
    assert_false(run_words(fixture, nothing));
    assert_int_equal(count_descriptors(), before);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(both_outputs_and_the_status_come_back),
        TEST(a_signal_is_told_from_a_status),
        TEST(output_up_to_the_limit_is_whole),
        TEST(output_without_end_ends_the_program),
        TEST(of_much_standard_error_the_last_whole_lines_are_kept),
        TEST(one_endless_line_of_standard_error_is_not_kept),
        TEST(what_stays_in_the_background_is_not_waited_for),
        TEST(words_and_environment_arrive_as_they_are),
        TEST(standard_input_is_empty_and_nothing_else_is_open),
        TEST(no_signal_is_blocked_ignored_or_handled),
        TEST(it_stays_in_the_process_group_of_the_terminal),
        TEST(a_program_that_does_not_exist_is_not_found),
        TEST(what_is_not_executable_is_denied_and_what_is_no_program_invalid),
        TEST(a_program_that_hangs_is_killed_with_those_below_it),
        TEST(a_stop_ends_it_at_once),
        TEST(a_program_of_another_user_is_given_up_at_its_limit),
        TEST(a_stop_gives_up_a_program_of_another_user),
        TEST(where_children_are_taken_away_by_the_system_its_output_still_comes),
        TEST(no_descriptor_stays_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
