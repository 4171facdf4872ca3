/* SPDX-License-Identifier: MPL-2.0 */
#include "base/linux/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/harness.h"
#include "tests/support/other_user.h"

enum { LONG_MS = 5000 };

static const char *const environment[] = { "PATH=/usr/bin:/bin", NULL };

static bool is_readable(int descriptor, int timeout_ms)
{
    struct pollfd wanted = { .fd = descriptor, .events = POLLIN };
    return poll(&wanted, 1, timeout_ms) == 1;
}

static void a_pipe_is_closed_at_an_exec_and_its_reading_never_blocks(void **state)
{
    int from, to;
    char byte;
    (void)state;
    assert_int_equal(os_pipe_open(&from, &to), 0);
    assert_int_equal(fcntl(from, F_GETFD), FD_CLOEXEC);
    assert_int_equal(fcntl(to, F_GETFD), FD_CLOEXEC);
    assert_int_equal(read(from, &byte, 1), -1);
    assert_int_equal(errno, EAGAIN);
    assert_false(fcntl(to, F_GETFL) & O_NONBLOCK);
    close(from);
    close(to);
}

static void a_child_writes_where_it_is_told_and_its_end_is_seen(void **state)
{
    const char *const words[] = { "sh", "-c", "echo out; echo err >&2; exit 7", NULL };
    struct os_child child;
    int from, to, status;
    char text[16] = "";
    (void)state;
    assert_int_equal(os_pipe_open(&from, &to), 0);
    assert_int_equal(os_child_start("/bin/sh", words, environment, to, to, &child), 0);
    close(to);
    assert_true(child.end >= 0);
    assert_true(is_readable(child.end, LONG_MS));
    assert_true(os_child_has_ended(&child, &status));
    assert_int_equal(child.end, -1);
    assert_int_equal(WEXITSTATUS(status), 7);
    assert_true(read(from, text, sizeof(text) - 1) > 0);
    assert_string_equal(text, "out\nerr\n");
    close(from);
}

static void what_cannot_be_started_is_a_number_and_no_child(void **state)
{
    const char *const words[] = { "x", NULL };
    struct os_child child = { .end = -1 };
    (void)state;
    assert_int_equal(os_child_start("/no/such", words, environment, 2, 2, &child), ENOENT);
    assert_int_equal(os_child_start("/etc/passwd", words, environment, 2, 2, &child), EACCES);
    assert_int_equal(os_child_start("/etc", words, environment, 2, 2, &child), EACCES);
    assert_int_equal(child.end, -1);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

/* A pipe that is held open by every process of the family is at its end when all are gone. */
static void the_whole_family_is_killed_whatever_it_ignores(void **state)
{
    const char *const words[] = {
        "sh", "-c", "trap '' TERM INT HUP; (sleep 600 & sleep 600) & sh -c 'sleep 600 & sleep 600; :'; :", NULL
    };
    struct os_child child;
    int from, to;
    char byte;
    (void)state;
    assert_int_equal(os_pipe_open(&from, &to), 0);
    assert_int_equal(os_child_start("/bin/sh", words, environment, to, to, &child), 0);
    close(to);
    usleep(300 * 1000); /* they start one another */
    assert_false(is_readable(from, 0));
    assert_true(os_child_end(&child, 50));
    assert_true(is_readable(from, LONG_MS));
    assert_int_equal(read(from, &byte, 1), 0);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    close(from);
}

static void who_acts_on_an_interrupt_has_time_to(void **state)
{
    const char *const words[] = { "sh", "-c",
                                  "sh -c 'trap \"echo restored; exit\" INT; echo on; while :; do :; done'; :", NULL };
    struct os_child child;
    int from, to;
    char text[32] = "";
    (void)state;
    assert_int_equal(os_pipe_open(&from, &to), 0);
    assert_int_equal(os_child_start("/bin/sh", words, environment, to, to, &child), 0);
    close(to);
    assert_true(is_readable(from, LONG_MS));
    assert_true(os_child_end(&child, LONG_MS));
    assert_true(read(from, text, sizeof(text) - 1) > 0);
    assert_string_equal(text, "on\nrestored\n");
    close(from);
}

static void a_child_that_has_ended_by_itself_may_be_killed(void **state)
{
    const char *const words[] = { "true", NULL };
    struct os_child child;
    (void)state;
    assert_int_equal(os_child_start("/bin/true", words, environment, 2, 2, &child), 0);
    assert_true(is_readable(child.end, LONG_MS));
    assert_true(os_child_end(&child, 0));
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void what_may_not_be_killed_is_given_up(void **state)
{
    const char *const words[] = { "sleep", "3", NULL };
    struct os_child child;
    (void)state;
    if (!other_user_is_possible())
        skip();
    assert_int_equal(os_child_start("/bin/sleep", words, environment, 2, 2, &child), 0);
    assert_true(other_user_become());
    const bool has_ended = os_child_end(&child, 50);
    assert_true(other_user_return());
    assert_false(has_ended);
    assert_int_equal(child.end, -1);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), 0); /* it goes on */
    assert_true(waitpid(-1, NULL, 0) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pipe_is_closed_at_an_exec_and_its_reading_never_blocks),
        cmocka_unit_test(a_child_writes_where_it_is_told_and_its_end_is_seen),
        cmocka_unit_test(what_cannot_be_started_is_a_number_and_no_child),
        cmocka_unit_test(the_whole_family_is_killed_whatever_it_ignores),
        cmocka_unit_test(who_acts_on_an_interrupt_has_time_to),
        cmocka_unit_test(a_child_that_has_ended_by_itself_may_be_killed),
        cmocka_unit_test(what_may_not_be_killed_is_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
