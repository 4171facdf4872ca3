/* SPDX-License-Identifier: MPL-2.0
 *
 * Accepting is tested with the binary (serve_test).
 */
#include "plugin/runtime/server/reattach.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/support/harness.h"

static int set_up(void **state)
{
    *state = arena_new();
    return 0;
}

static int tear_down(void **state)
{
    arena_free(*state);
    return 0;
}

static void line_serves_both_registries(void **state)
{
    const struct handshake_socket socket = { .path = STR("/tmp/x/plugin.sock") };
    struct str line = reattach_line(*state, "registry.terraform.io/a/b", &socket);
    assert_true(
        str_starts_with(line, STR("TF_REATTACH_PROVIDERS='{\"registry.terraform.io/a/b\":{\"Protocol\":\"grpc\","
                                  "\"ProtocolVersion\":6,\"Pid\":")));
    assert_true(str_find(line, STR("\"registry.opentofu.org/a/b\":{")) > 0);
    assert_true(
        str_ends_with(line, STR("\"Test\":true,\"Addr\":{\"Network\":\"unix\",\"String\":\"/tmp/x/plugin.sock\"}}}'")));
}

static void other_registries_are_named_alone(void **state)
{
    const struct handshake_socket socket = { .path = STR("/s") };
    struct str line = reattach_line(*state, "example.com/a/b", &socket);
    assert_int_equal(str_find(line, STR("opentofu")), -1);
}

static void listening_socket_can_be_reached_and_does_not_block(void **state)
{
    const char *const none[] = { NULL };
    struct handshake_socket place;
    CLEANUP(err_clear) struct err err = { 0 };
    int listener = -1;
    assert_true(handshake_socket_init(&place, *state, &(struct env){ none }, "toy", false, &err));
    assert_true(reattach_listen(&place, &listener, &err));
    int accepted = accept(listener, NULL, NULL);
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    memcpy(address.sun_path, place.path.ptr, place.path.len);
    int client = socket(AF_UNIX, SOCK_STREAM, 0);
    int connected = client < 0 ? -1 : connect(client, (const struct sockaddr *)&address, sizeof(address));
    close(client);
    close(listener);
    handshake_socket_clear(&place);
    assert_int_equal(accepted, -1);
    assert_int_equal(connected, 0);
}

static void paths_that_cannot_be_are_errors(void **state)
{
    char long_path[200];
    CLEANUP(err_clear) struct err err = { 0 };
    int listener = -1;
    (void)state;
    memset(long_path, 'x', sizeof(long_path));
    struct handshake_socket place = {
        .path = { long_path, sizeof(long_path) }
    };
    assert_false(reattach_listen(&place, &listener, &err));
    place.path = STR("/nowhere/at/all/plugin.sock");
    assert_false(reattach_listen(&place, &listener, &err));
    assert_int_equal(listener, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(line_serves_both_registries, set_up, tear_down),
        cmocka_unit_test_setup_teardown(other_registries_are_named_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(listening_socket_can_be_reached_and_does_not_block, set_up, tear_down),
        cmocka_unit_test(paths_that_cannot_be_are_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
