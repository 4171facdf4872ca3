/* SPDX-License-Identifier: MPL-2.0 */
#include "base/file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/support/harness.h"

struct fixture {
    struct arena *arena;
    char folder[64];
    struct file_reader reader;
};

static int set_up(void **state)
{
    struct fixture *fixture = mem_alloc(sizeof(*fixture));
    fixture->arena = arena_new();
    fixture->reader = file_reader_real();
    memcpy(fixture->folder, "/tmp/file_testXXXXXX", sizeof("/tmp/file_testXXXXXX"));
    *state = fixture;
    return mkdtemp(fixture->folder) ? 0 : -1;
}

static struct str path_of(struct fixture *fixture, const char *name)
{
    return str_format(fixture->arena, "%s/%s", fixture->folder, name);
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    unlink(path_of(fixture, "file").ptr);
    rmdir(fixture->folder);
    arena_free(fixture->arena);
    mem_free(fixture);
    return 0;
}

static void write_file(struct fixture *fixture, struct str text)
{
    int descriptor = open(path_of(fixture, "file").ptr, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(descriptor >= 0);
    assert_true(write(descriptor, text.ptr, text.len) == (ssize_t)text.len);
    close(descriptor);
}

static bool read_file(struct fixture *fixture, struct str path, size_t max_bytes, struct str *out, struct err *err)
{
    return file_read(&fixture->reader, fixture->arena, path, max_bytes, out, err);
}

static void a_file_is_read_whole_with_every_byte(void **state)
{
    struct fixture *fixture = *state;
    struct str text;
    struct err err = { 0 };
    write_file(fixture, STR("a\0b\xff\n"));
    assert_true(read_file(fixture, path_of(fixture, "file"), 5, &text, &err));
    assert_true(str_equal(text, STR("a\0b\xff\n")));
    write_file(fixture, STR(""));
    assert_true(read_file(fixture, path_of(fixture, "file"), 5, &text, &err));
    assert_true(str_is_empty(text));
}

static void more_than_the_maximum_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct str text = STR("untouched");
    struct err err = { 0 };
    write_file(fixture, STR("123456"));
    assert_false(read_file(fixture, path_of(fixture, "file"), 5, &text, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_str_equal(text, "untouched");
}

static void a_missing_file_is_told_from_one_that_cannot_be_read(void **state)
{
    struct fixture *fixture = *state;
    struct str text;
    struct err err = { 0 };
    assert_false(read_file(fixture, path_of(fixture, "gone"), 5, &text, &err));
    assert_int_equal(err.kind, ERR_NOT_FOUND);
    assert_non_null(strstr(err.text, "/gone"));
    assert_false(read_file(fixture, path_of(fixture, "gone/further"), 5, &text, &err));
    assert_int_equal(err.kind, ERR_NOT_FOUND);
    write_file(fixture, STR("x"));
    assert_false(read_file(fixture, path_of(fixture, "file/further"), 5, &text, &err));
    assert_int_equal(err.kind, ERR_NOT_FOUND);
}

static void a_path_that_is_not_utf8_is_shown_safely(void **state)
{
    struct fixture *fixture = *state;
    struct str text;
    struct err err = { 0 };
    assert_false(read_file(fixture, path_of(fixture, "gone\xff\x1b"), 5, &text, &err));
    assert_int_equal(err.kind, ERR_NOT_FOUND);
    assert_true(str_is_utf8(str_from(err.text)));
    assert_null(strchr(err.text, '\x1b'));
}

static void assert_no_file(struct fixture *fixture, struct str path, const char *kind)
{
    struct str text;
    struct err err = { 0 };
    assert_false(read_file(fixture, path, 100, &text, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    if (!strstr(err.text, path.ptr) || !strstr(err.text, kind) || !strstr(err.remedy, "to a file"))
        fail_msg("not \"%s\" but: %s. %s", kind, err.text, err.remedy);
}

/* Reading any of these would block, never end, or say something else. */
static void what_is_no_file_is_refused_at_once(void **state)
{
    struct fixture *fixture = *state;
    alarm(10);
    assert_no_file(fixture, STR("/dev/zero"), "a device");
    assert_no_file(fixture, str_from(fixture->folder), "a folder");
    assert_no_file(fixture, STR("/dev/fd/63"), "an open descriptor"); /* a shell's <(...), which is not here */
    assert_no_file(fixture, STR("/dev/stdin"), "an open descriptor");
    assert_int_equal(mkfifo(path_of(fixture, "file").ptr, 0600), 0); /* nobody writes */
    assert_no_file(fixture, path_of(fixture, "file"), "a pipe");
    unlink(path_of(fixture, "file").ptr);
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    struct str path = path_of(fixture, "file");
    memcpy(address.sun_path, path.ptr, path.len);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (const struct sockaddr *)&address, sizeof(address)), 0);
    assert_no_file(fixture, path, "a socket");
    close(listener);
    alarm(0);
}

static void the_null_device_is_an_empty_file(void **state)
{
    struct str text = STR("untouched");
    struct err err = { 0 };
    assert_true(read_file(*state, STR("/dev/null"), 100, &text, &err));
    assert_true(str_is_empty(text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_is_read_whole_with_every_byte, set_up, tear_down),
        cmocka_unit_test_setup_teardown(more_than_the_maximum_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_missing_file_is_told_from_one_that_cannot_be_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_path_that_is_not_utf8_is_shown_safely, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_file_is_refused_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_null_device_is_an_empty_file, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
