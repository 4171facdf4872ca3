/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/process/life.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "plugin/runtime/limits.h"
#include "tests/support/harness.h"

static int set_up(void **state)
{
    CLEANUP(err_clear) struct err err = { 0 };
    struct life *life;
    if (!life_new(&life, &err))
        return 1;
    *state = life;
    return 0;
}

static int tear_down(void **state)
{
    life_free(*state);
    return 0;
}

static const struct life_watch nothing = { .parent = -1, .interrupt = -1, .listener = -1 };

static void first_reason_stands(void **state)
{
    life_end(*state, LIFE_SHUTDOWN);
    life_end(*state, LIFE_HOST_GONE);
    assert_int_equal(life_wait(*state, &nothing), LIFE_SHUTDOWN);
}

static void *end_soon(void *life)
{
    const struct timespec pause = { .tv_nsec = 20000000 };
    nanosleep(&pause, NULL);
    life_end(life, LIFE_HOST_GONE);
    return NULL;
}

static void end_from_another_thread_wakes(void **state)
{
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, end_soon, *state), 0);
    assert_int_equal(life_wait(*state, &nothing), LIFE_HOST_GONE);
    pthread_join(thread, NULL);
}

static void death_of_the_watched_process_is_the_end(void **state)
{
    pid_t child = fork();
    if (child == 0)
        pause();
    int descriptor = (int)syscall(SYS_pidfd_open, child, 0);
    struct life_watch watch = nothing;
    watch.parent = descriptor;
    kill(child, SIGKILL);
    enum life_end end = life_wait(*state, &watch);
    waitpid(child, NULL, 0);
    close(descriptor);
    assert_int_equal(end, LIFE_HOST_GONE);
}

struct turns {
    struct life *life;
    unsigned count;
};

static void end_at_the_third(void *self)
{
    struct turns *turns = self;
    if (++turns->count == 3)
        life_end(turns->life, LIFE_INTERRUPTED);
    else
        life_nudge(turns->life);
}

static void each_nudge_is_a_turn(void **state)
{
    struct turns turns = { .life = *state };
    struct life_watch watch = nothing;
    watch.on_turn = end_at_the_third;
    watch.self = &turns;
    life_nudge(*state);
    assert_int_equal(life_wait(*state, &watch), LIFE_INTERRUPTED);
    assert_int_equal(turns.count, 3);
}

struct use {
    struct life *life;
    unsigned turns;
};

static bool is_used_for_three_turns(void *self)
{
    struct use *use = self;
    life_nudge(use->life);
    return ++use->turns < 3;
}

static void signal_is_the_end_as_soon_as_nobody_uses_it(void **state)
{
    struct use use = { .life = *state };
    struct life_watch watch = nothing;
    sigset_t before;
    pthread_sigmask(SIG_BLOCK, NULL, &before);
    watch.interrupt = life_interrupt_descriptor(true);
    watch.is_in_use = is_used_for_three_turns;
    watch.self = &use;
    raise(SIGTERM);
    enum life_end end = life_wait(*state, &watch);
    const struct timespec at_once = { 0 };
    sigset_t sent;
    sigemptyset(&sent);
    sigaddset(&sent, SIGTERM);
    sigtimedwait(&sent, NULL, &at_once);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(watch.interrupt);
    assert_int_equal(end, LIFE_INTERRUPTED);
    assert_int_equal(use.turns, 3);
}

static void late_lines_are_written_cut_and_counted_when_lost(void **state)
{
    int ends[2];
    struct clock_scale scale = { .factor = 1 };
    struct clock clock = clock_real(&scale);
    char line[2 * LATE_LINE_MAX_BYTES];
    assert_int_equal(pipe(ends), 0);
    memset(line, 'x', sizeof(line) - 1);
    line[sizeof(line) - 1] = '\0';
    life_say(*state, LOG_WARN, line);
    for (int i = 0; i < LATE_LINES_MAX + 4; i++)
        life_say(*state, LOG_WARN, "short");
    life_end(*state, LIFE_SHUTDOWN);
    struct life_watch watch = nothing;
    watch.log = log_new(ends[1], LOG_WARN, &clock, "test");
    life_wait(*state, &watch);
    log_free(watch.log);
    close(ends[1]);
    char *text = mem_alloc(64 * 1024);
    ssize_t length = read(ends[0], text, 64 * 1024 - 1);
    close(ends[0]);
    bool counted = strstr(text, "5 log lines were dropped: too many at once") != NULL;
    bool cut = strstr(text, "xxxx") != NULL && strlen(text) < (LATE_LINES_MAX + 4) * 200;
    mem_free(text);
    assert_true(length > 0);
    assert_true(counted);
    assert_true(cut);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(first_reason_stands, set_up, tear_down),
        cmocka_unit_test_setup_teardown(end_from_another_thread_wakes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(death_of_the_watched_process_is_the_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(each_nudge_is_a_turn, set_up, tear_down),
        cmocka_unit_test_setup_teardown(signal_is_the_end_as_soon_as_nobody_uses_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(late_lines_are_written_cut_and_counted_when_lost, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
