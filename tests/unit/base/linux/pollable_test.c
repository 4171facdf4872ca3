/* SPDX-License-Identifier: MPL-2.0 */
#include "base/linux/pollable.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/harness.h"

enum { PATIENCE_MS = 10 * 1000 };

static bool is_readable(int descriptor, int patience_ms)
{
    struct pollfd polled = { .fd = descriptor, .events = POLLIN };
    return poll(&polled, 1, patience_ms) == 1 && polled.revents == POLLIN;
}

static void assert_closes_on_exec(int descriptor)
{
    assert_true(descriptor >= 0);
    assert_int_equal(fcntl(descriptor, F_GETFD), FD_CLOEXEC);
}

static void an_event_is_readable_until_it_is_taken_once(void **state)
{
    int event = os_event_open();
    (void)state;
    assert_closes_on_exec(event);
    assert_false(is_readable(event, 0));
    os_event_set(event);
    os_event_set(event);
    assert_true(is_readable(event, 0));
    os_event_take(event);
    assert_false(is_readable(event, 0));
    os_event_take(event); /* does not wait */
    close(event);
}

static void *set_it(void *event)
{
    os_event_set(*(const int *)event);
    return NULL;
}

static void an_event_wakes_from_another_thread(void **state)
{
    int event = os_event_open();
    pthread_t thread;
    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, set_it, &event), 0);
    bool woke = is_readable(event, PATIENCE_MS);
    pthread_join(thread, NULL);
    close(event);
    assert_true(woke);
}

/* A child that looks at its own parent: a child of ours, which ends on request. Its answer is its last byte. */
static void the_end_of_the_parent_is_readable_and_not_before(void **state)
{
    int answer[2], leave[2];
    char seen[3] = { 0 };
    (void)state;
    assert_int_equal(pipe(answer) | pipe(leave), 0);
    pid_t parent = fork();
    if (parent == 0) {
        if (fork() == 0) {
            int descriptor = os_parent_open();
            ssize_t told = write(answer[1], is_readable(descriptor, 0) ? "y" : "n", 1);
            close(leave[1]); /* the last one: the parent ends */
            told += write(answer[1], is_readable(descriptor, PATIENCE_MS) ? "y" : "n", 1);
            _exit(told == 2 ? 0 : 1);
        }
        close(leave[1]);
        ssize_t end = read(leave[0], seen, 1);
        _exit((int)end);
    }
    close(leave[0]);
    close(leave[1]);
    close(answer[1]);
    for (ssize_t used = 0, got; used < 2 && (got = read(answer[0], seen + used, 2 - (size_t)used)) > 0;)
        used += got;
    close(answer[0]);
    waitpid(parent, NULL, 0);
    assert_string_equal(seen, "ny");
}

static void the_parents_descriptor_closes_on_exec(void **state)
{
    int descriptor = os_parent_open();
    (void)state;
    assert_closes_on_exec(descriptor);
    close(descriptor);
}

static void a_pending_signal_is_readable_until_it_is_taken(void **state)
{
    sigset_t signals, before;
    (void)state;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, &before);
    int descriptor = os_signals_open(&signals);
    bool was_readable = is_readable(descriptor, 0);
    raise(SIGTERM);
    raise(SIGHUP);
    bool came = is_readable(descriptor, 0);
    os_signals_take(&signals);
    bool is_left = is_readable(descriptor, 0);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    assert_closes_on_exec(descriptor);
    close(descriptor);
    assert_false(was_readable);
    assert_true(came);
    assert_false(is_left);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_is_readable_until_it_is_taken_once),
        cmocka_unit_test(an_event_wakes_from_another_thread),
        cmocka_unit_test(the_end_of_the_parent_is_readable_and_not_before),
        cmocka_unit_test(the_parents_descriptor_closes_on_exec),
        cmocka_unit_test(a_pending_signal_is_readable_until_it_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
