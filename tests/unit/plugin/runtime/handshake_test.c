/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/handshake.h"

#include <string.h>
#include <sys/stat.h>

#include "tests/support/harness.h"

#define COOKIE "TF_PLUGIN_MAGIC_COOKIE=d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"

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

static void only_the_whole_cookie_counts(void **state)
{
    const char *const right[] = { "A=b", COOKIE, NULL };
    const char *const longer[] = { COOKIE "0", NULL };
    const char *const none[] = { NULL };
    (void)state;
    assert_true(handshake_has_cookie(&(struct env){ right }));
    assert_false(handshake_has_cookie(&(struct env){ longer }));
    assert_false(handshake_has_cookie(&(struct env){ none }));
}

static void with_tls_the_socket_is_abstract_and_unguessable(void **state)
{
    const char *const none[] = { NULL };
    const struct env env = { none };
    struct handshake_socket one;
    struct handshake_socket two;
    struct err err;
    assert_true(handshake_socket_init(&one, *state, &env, "toy", true, &err));
    assert_true(handshake_socket_init(&two, *state, &env, "toy", true, &err));
    assert_true(str_starts_with(one.grpc_address, STR("unix-abstract:terraform-provider-toy-")));
    assert_true(str_starts_with(one.host_address, STR("@terraform-provider-toy-")));
    assert_true(one.host_address.len < 100);
    assert_false(str_equal(one.host_address, two.host_address));
    assert_true(str_is_empty(one.path));
    handshake_socket_clear(&one);
}

static void without_tls_the_socket_is_in_a_folder_of_its_own(void **state)
{
    const char *const none[] = { NULL };
    const struct env env = { none };
    struct handshake_socket socket;
    struct err err;
    struct stat found;
    assert_true(handshake_socket_init(&socket, *state, &env, "toy", false, &err));
    assert_int_equal(stat(socket.folder.ptr, &found), 0);
    assert_int_equal(found.st_mode & 0777, 0700);
    assert_true(str_starts_with(socket.path, socket.folder));
    handshake_socket_clear(&socket);
    assert_int_equal(stat(socket.folder.ptr, &found), -1);
    handshake_socket_clear(&socket);
}

static void folder_that_is_missing_or_too_long_is_replaced(void **state)
{
    char longest[300] = "TMPDIR=/tmp/";
    memset(longest + strlen(longest), 'x', 200);
    const char *const variables[] = { longest, "PLUGIN_UNIX_SOCKET_DIR=/nowhere/at/all" };
    for (size_t i = 0; i < ARRAY_LENGTH(variables); i++) {
        const char *const entries[] = { variables[i], NULL };
        const struct env env = { entries };
        struct handshake_socket socket;
        struct err err = { 0 };
        assert_true(handshake_socket_init(&socket, *state, &env, "toy", false, &err));
        handshake_socket_clear(&socket);
        assert_true(str_starts_with(socket.path, STR("/tmp/terraform-provider-")));
        assert_true(socket.path.len < 108);
    }
}

static void line_has_six_fields_and_a_seventh_when_asked(void **state)
{
    const char *const none[] = { NULL };
    const char *const multiplex[] = { "PLUGIN_MULTIPLEX_GRPC=true", NULL };
    const struct handshake_socket socket = { .host_address = STR("@name") };
    assert_str_equal(handshake_line(*state, &(struct env){ none }, &socket, STR("AbC")), "1|6|unix|@name|grpc|AbC");
    assert_str_equal(handshake_line(*state, &(struct env){ none }, &socket, STR("")), "1|6|unix|@name|grpc|");
    assert_str_equal(handshake_line(*state, &(struct env){ multiplex }, &socket, STR("AbC")),
                     "1|6|unix|@name|grpc|AbC|false");
}

static void line_that_is_far_too_long_is_refused(void **state)
{
    struct err err = { 0 };
    char *text = arena_alloc(*state, 10000);
    assert_false(handshake_print((struct str){ text, 10000 }, &err));
    assert_int_equal(err.kind, ERR_INTERNAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_whole_cookie_counts),
        cmocka_unit_test_setup_teardown(with_tls_the_socket_is_abstract_and_unguessable, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_tls_the_socket_is_in_a_folder_of_its_own, set_up, tear_down),
        cmocka_unit_test_setup_teardown(folder_that_is_missing_or_too_long_is_replaced, set_up, tear_down),
        cmocka_unit_test_setup_teardown(line_has_six_fields_and_a_seventh_when_asked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(line_that_is_far_too_long_is_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
