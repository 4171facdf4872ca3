/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/process/handshake.h"

#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugin/runtime/limits.h"
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
    CLEANUP(err_clear) struct err err = { 0 };
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
    CLEANUP(err_clear) struct err err = { 0 };
    struct stat found;
    assert_true(handshake_socket_init(&socket, *state, &env, "toy", false, &err));
    assert_int_equal(stat(socket.folder.ptr, &found), 0);
    assert_int_equal(found.st_mode & 0777, 0700);
    assert_true(str_starts_with(socket.path, socket.folder));
    handshake_socket_clear(&socket);
    assert_int_equal(stat(socket.folder.ptr, &found), -1);
    handshake_socket_clear(&socket);
}

static void temporary_folder_that_no_socket_can_be_in_is_replaced(void **state)
{
    char longest[300] = "TMPDIR=/tmp/";
    memset(longest + strlen(longest), 'x', 200);
    const char *const variables[] = { longest, "TMPDIR=/nowhere/at/all", "TMPDIR=/tmp/|", "TMPDIR=/tmp/100%" };
    for (size_t i = 0; i < ARRAY_LENGTH(variables); i++) {
        const char *const entries[] = { variables[i], NULL };
        const struct env env = { entries };
        struct handshake_socket socket;
        CLEANUP(err_clear) struct err err = { 0 };
        assert_true(handshake_socket_init(&socket, *state, &env, "toy", false, &err));
        handshake_socket_clear(&socket);
        assert_true(str_starts_with(socket.path, STR("/tmp/terraform-provider-")));
        assert_true(socket.path.len < 108);
    }
}

/* ---- PLUGIN_UNIX_SOCKET_DIR and PLUGIN_UNIX_SOCKET_GROUP --------------------- */

static void folder_of_the_host_gets_a_file_with_and_without_tls(void **state)
{
    char folder[] = "/tmp/handshake-test-XXXXXX";
    assert_non_null(mkdtemp(folder));
    for (int has_tls = 0; has_tls < 2; has_tls++) {
        const char *const entries[] = { str_format(*state, "PLUGIN_UNIX_SOCKET_DIR=%s", folder).ptr, NULL };
        const struct env env = { entries };
        struct handshake_socket socket;
        CLEANUP(err_clear) struct err err = { 0 };
        assert_true(handshake_socket_init(&socket, *state, &env, "toy", has_tls, &err));
        handshake_socket_clear(&socket);
        assert_true(str_starts_with(socket.path, str_from(folder)));
        assert_str_equal(socket.host_address, socket.path.ptr);
        assert_true(str_starts_with(socket.grpc_address, STR("unix:/tmp/handshake-test-")));
    }
    assert_int_equal(rmdir(folder), 0);
}

static void folder_of_the_host_that_cannot_hold_a_socket_is_an_error(void **state)
{
    char longest[200] = "/tmp/";
    memset(longest + strlen(longest), 'x', 90);
    const struct {
        const char *folder, *reason;
    } rows[] = {
        { "/nowhere/at/all", "(No such file or directory)" },
        { "/dev/null",       "(Not a directory)"           },
        { "/tmp/100%",       "a percent sign"              },
        { longest,           "of at most 107"              },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct str variable = str_format(*state, "PLUGIN_UNIX_SOCKET_DIR=%s", rows[i].folder);
        const char *const entries[] = { variable.ptr, NULL };
        const struct env env = { entries };
        struct handshake_socket socket;
        CLEANUP(err_clear) struct err err = { 0 };
        assert_false(handshake_socket_init(&socket, *state, &env, "toy", true, &err));
        assert_true(str_starts_with(str_from(err_text(&err)), variable));
        assert_non_null(strstr(err_text(&err), rows[i].reason));
    }
}

/* What bind would leave there. */
static void make_file(const char *path)
{
    int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(file >= 0);
    close(file);
}

static void group_of_the_host_can_enter_the_folder_and_write_to_the_socket(void **state)
{
    char texts[4096];
    struct group row;
    struct group *own = NULL;
    assert_int_equal(getgrgid_r(getgid(), &row, texts, sizeof(texts), &own), 0);
    const char *number = str_format(*state, "%u", (unsigned)getgid()).ptr;
    const char *const names[] = { number, own ? own->gr_name : number }; /* in a container it may have no name */
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        const char *const entries[] = { str_format(*state, "PLUGIN_UNIX_SOCKET_GROUP=%s", names[i]).ptr, NULL };
        const struct env env = { entries };
        struct handshake_socket socket;
        CLEANUP(err_clear) struct err err = { 0 };
        struct stat folder, file;
        assert_true(handshake_socket_init(&socket, *state, &env, "toy", false, &err));
        make_file(socket.path.ptr);
        bool shared = handshake_socket_share(&socket, &env, &err);
        assert_int_equal(stat(socket.folder.ptr, &folder), 0);
        assert_int_equal(stat(socket.path.ptr, &file), 0);
        handshake_socket_clear(&socket);
        assert_true(shared);
        assert_int_equal(folder.st_mode & 0777, 0770);
        assert_int_equal(file.st_mode & 0777, 0660);
        assert_int_equal(file.st_gid, getgid());
    }
}

static void group_that_does_not_exist_is_an_error(void **state)
{
    static const char *const names[] = { "no-such-group", "4294967295", "-1" };
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        const char *const entries[] = { str_format(*state, "PLUGIN_UNIX_SOCKET_GROUP=%s", names[i]).ptr, NULL };
        const struct env env = { entries };
        struct handshake_socket socket;
        CLEANUP(err_clear) struct err err = { 0 };
        assert_true(handshake_socket_init(&socket, *state, &env, "toy", false, &err));
        bool shared = handshake_socket_share(&socket, &env, &err);
        handshake_socket_clear(&socket);
        assert_false(shared);
        assert_non_null(strstr(err_text(&err), entries[0]));
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

static void text_that_is_far_too_long_is_refused(void **state)
{
    CLEANUP(err_clear) struct err err = { 0 };
    char *text = arena_alloc(*state, OUTPUT_MAX_BYTES + 1);
    assert_false(handshake_print((struct str){ text, OUTPUT_MAX_BYTES + 1 }, &err));
    assert_int_equal(err.kind, ERR_INTERNAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_whole_cookie_counts),
        cmocka_unit_test_setup_teardown(with_tls_the_socket_is_abstract_and_unguessable, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_tls_the_socket_is_in_a_folder_of_its_own, set_up, tear_down),
        cmocka_unit_test_setup_teardown(temporary_folder_that_no_socket_can_be_in_is_replaced, set_up, tear_down),
        cmocka_unit_test_setup_teardown(folder_of_the_host_gets_a_file_with_and_without_tls, set_up, tear_down),
        cmocka_unit_test_setup_teardown(folder_of_the_host_that_cannot_hold_a_socket_is_an_error, set_up, tear_down),
        cmocka_unit_test_setup_teardown(group_of_the_host_can_enter_the_folder_and_write_to_the_socket, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(group_that_does_not_exist_is_an_error, set_up, tear_down),
        cmocka_unit_test_setup_teardown(line_has_six_fields_and_a_seventh_when_asked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(text_that_is_far_too_long_is_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
