/* SPDX-License-Identifier: MPL-2.0 */
#include "base/linux/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/support/harness.h"

static bool closes_on_exec(int descriptor)
{
    return fcntl(descriptor, F_GETFD) == FD_CLOEXEC;
}

static bool blocks(int descriptor)
{
    return !(fcntl(descriptor, F_GETFL) & O_NONBLOCK);
}

static void a_socket_closes_on_exec_and_blocks(void **state)
{
    int descriptor = os_socket_open(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    (void)state;
    assert_true(descriptor >= 0);
    assert_true(closes_on_exec(descriptor));
    assert_true(blocks(descriptor));
    close(descriptor);
}

static void a_family_that_does_not_exist_is_refused(void **state)
{
    (void)state;
    assert_int_equal(os_socket_open(-1, SOCK_STREAM, 0), -1);
    assert_int_equal(errno, EAFNOSUPPORT);
}

/* The system chooses a name: an abstract one, by binding to no name at all (unix(7), "autobind"). */
static void connections_are_taken_one_by_one_without_waiting(void **state)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    socklen_t length = sizeof(sa_family_t);
    (void)state;
    int listener = os_socket_open_local();
    assert_true(closes_on_exec(listener));
    assert_int_equal(bind(listener, (const struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(os_socket_accept(listener), -1);
    assert_int_equal(errno, EAGAIN);

    length = sizeof(address);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &length), 0);
    int client = os_socket_open_local();
    assert_int_equal(connect(client, (const struct sockaddr *)&address, length), 0);
    int accepted = os_socket_accept(listener);
    assert_true(accepted >= 0);
    assert_true(closes_on_exec(accepted));
    assert_false(blocks(accepted));
    assert_int_equal(os_socket_accept(listener), -1);
    close(accepted);
    close(client);
    close(listener);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_socket_closes_on_exec_and_blocks),
        cmocka_unit_test(a_family_that_does_not_exist_is_refused),
        cmocka_unit_test(connections_are_taken_one_by_one_without_waiting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
