/* SPDX-License-Identifier: MPL-2.0 */
#include "base/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/support/bounded.h"
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
    CLEANUP(err_clear) struct err err = { 0 };
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
    CLEANUP(err_clear) struct err err = { 0 };
    write_file(fixture, STR("123456"));
    assert_false(read_file(fixture, path_of(fixture, "file"), 5, &text, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_str_equal(text, "untouched");
}

static void a_missing_file_is_told_from_one_that_cannot_be_read(void **state)
{
    struct fixture *fixture = *state;
    struct str text;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_false(read_file(fixture, path_of(fixture, "gone"), 5, &text, &err));
    assert_int_equal(err.kind, ERR_NOT_FOUND);
    assert_non_null(strstr(err_text(&err), "/gone"));
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
    CLEANUP(err_clear) struct err err = { 0 };
    assert_false(read_file(fixture, path_of(fixture, "gone\xff\x1b"), 5, &text, &err));
    assert_int_equal(err.kind, ERR_NOT_FOUND);
    assert_true(str_is_utf8(str_from(err_text(&err))));
    assert_null(strchr(err_text(&err), '\x1b'));
}

/* As a server of files takes it; the system asks for it back with a signal. */
static int leased = -1;

static void give_lease_back(int number)
{
    (void)number;
    (void)fcntl(leased, F_SETLEASE, F_UNLCK);
}

static void a_file_under_a_lease_is_read_once_it_is_given_back(void **state)
{
    struct fixture *fixture = *state;
    struct str text;
    CLEANUP(err_clear) struct err err = { 0 };
    const struct sigaction action = { .sa_handler = give_lease_back, .sa_flags = SA_RESTART };
    struct sigaction before;
    write_file(fixture, STR("x"));
    leased = open(path_of(fixture, "file").ptr, O_WRONLY | O_CLOEXEC);
    assert_int_equal(sigaction(SIGIO, &action, &before), 0);
    assert_int_equal(fcntl(leased, F_SETLEASE, F_WRLCK), 0);
    const bool is_read = read_file(fixture, path_of(fixture, "file"), 5, &text, &err);
    sigaction(SIGIO, &before, NULL);
    close(leased);
    if (!is_read)
        fail_msg("%s", err_text(&err));
    assert_str_equal(text, "x");
}

static bool read_little(void *self)
{
    struct fixture *fixture = self;
    static const char *const paths[] = { "file", "/dev/null", "/proc/self/comm" };
    for (size_t i = 0; i < ARRAY_LENGTH(paths); i++) {
        struct str text;
        CLEANUP(err_clear) struct err err = { 0 };
        const struct str path = i ? str_from(paths[i]) : path_of(fixture, paths[i]);
        if (!read_file(fixture, path, 16 * 1024 * 1024, &text, &err))
            return false;
    }
    return true;
}

static void a_little_file_takes_little_memory(void **state)
{
    write_file(*state, STR(""));
    bounded_run(1024 * 1024, read_little, *state);
}

/* Whose length the system does not say. */
static void a_file_of_the_system_is_read_to_its_end(void **state)
{
    struct str text;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(read_file(*state, STR("/proc/self/smaps"), 1024 * 1024, &text, &err));
    assert_true(text.len > 8 * 1024);
    assert_true(str_find(text, STR("[stack]")) > 8 * 1024);
    assert_true(str_ends_with(text, STR("\n")));
    assert_false(read_file(*state, STR("/proc/self/smaps"), 8 * 1024, &text, &err));
    assert_int_equal(err.kind, ERR_INVALID);
}

static void assert_not(struct fixture *fixture, struct str path, const char *kind, const char *remedy)
{
    struct str text;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_false(read_file(fixture, path, 100, &text, &err));
    assert_int_equal(err.kind, ERR_CONFLICT);
    if (!strstr(err_text(&err), path.ptr) || !strstr(err_text(&err), kind) || !strstr(err_remedy(&err), remedy))
        fail_msg("not \"%s\" but: %s. %s", kind, err_text(&err), err_remedy(&err));
}

static void assert_no_file(struct fixture *fixture, struct str path, const char *kind)
{
    assert_not(fixture, path, kind, "Write the content to a file");
}

/* Reading any of these would block, never end, or say something else. */
static void what_is_no_file_is_refused_at_once(void **state)
{
    struct fixture *fixture = *state;
    alarm(10);
    assert_no_file(fixture, STR("/dev/zero"), "a device");
    assert_not(fixture, str_from(fixture->folder), "a folder", "Docker");
    assert_no_file(fixture, STR("/dev/fd/63"), "an open descriptor"); /* a shell's <(...), which is not here */
    assert_no_file(fixture, STR("/dev/stdin"), "an open descriptor");
    assert_int_equal(mkfifo(path_of(fixture, "file").ptr, 0600), 0); /* nobody writes */
    assert_no_file(fixture, path_of(fixture, "file"), "a pipe");
    unlink(path_of(fixture, "file").ptr);
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    struct str path = path_of(fixture, "file");
    memcpy(address.sun_path, path.ptr, path.len);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(listener >= 0 && bind(listener, (const struct sockaddr *)&address, sizeof(address)) == 0);
    assert_no_file(fixture, path, "a socket");
    close(listener);
    alarm(0);
}

static void the_null_device_is_an_empty_file(void **state)
{
    struct str text = STR("untouched");
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(read_file(*state, STR("/dev/null"), 100, &text, &err));
    assert_true(str_is_empty(text));
}

static void assert_alone(struct fixture *fixture, unsigned expected)
{
    unsigned count = 0;
    DIR *folder = opendir(fixture->folder);
    assert_non_null(folder);
    while (readdir(folder)) /* lint: allow(threads) because this test has one */
        count++;
    closedir(folder);
    assert_int_equal(count, expected + 2); /* "." and ".." */
}

static void a_private_file_takes_the_place_of_the_old_one(void **state)
{
    struct fixture *fixture = *state;
    const struct file_writer writer = file_writer_real();
    const struct str path = path_of(fixture, "file");
    struct str text;
    struct stat status;
    CLEANUP(err_clear) struct err err = { 0 };
    write_file(fixture, STR("old"));
    assert_int_equal(chmod(path.ptr, 0644), 0);
    const int old = open(path.ptr, O_RDONLY | O_CLOEXEC);
    const mode_t mask = umask(0);
    assert_true(file_write_private(&writer, fixture->arena, path, STR("a\0b"), &err));
    umask(mask);
    assert_true(read_file(fixture, path, 100, &text, &err));
    assert_true(str_equal(text, STR("a\0b")));
    assert_int_equal(stat(path.ptr, &status), 0);
    assert_int_equal(status.st_mode, S_IFREG | 0600);
    char before[4] = "";
    assert_int_equal(read(old, before, sizeof(before) - 1), 3); /* who reads the old one reads it to its end */
    assert_string_equal(before, "old");
    close(old);
    assert_alone(fixture, 1);
}

static void a_private_file_can_be_the_first(void **state)
{
    struct fixture *fixture = *state;
    const struct file_writer writer = file_writer_real();
    struct str text;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(file_write_private(&writer, fixture->arena, path_of(fixture, "file"), STR(""), &err));
    assert_true(read_file(fixture, path_of(fixture, "file"), 100, &text, &err));
    assert_true(str_is_empty(text));
}

static void what_others_write_beside_it_is_left_alone(void **state)
{
    struct fixture *fixture = *state;
    const struct file_writer writer = file_writer_real();
    const struct str theirs = str_format(fixture->arena, "%s/file.tmp-%ld-0", fixture->folder, (long)getpid());
    struct str text;
    CLEANUP(err_clear) struct err err = { 0 };
    const int descriptor = open(theirs.ptr, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_int_equal(write(descriptor, "theirs", 6), 6);
    close(descriptor);
    assert_true(file_write_private(&writer, fixture->arena, path_of(fixture, "file"), STR("ours"), &err));
    assert_true(read_file(fixture, theirs, 100, &text, &err));
    assert_str_equal(text, "theirs");
    unlink(theirs.ptr);
    assert_alone(fixture, 1);
}

static void a_file_that_cannot_be_written_is_an_error_and_nothing_is_left(void **state)
{
    struct fixture *fixture = *state;
    const struct file_writer writer = file_writer_real();
    CLEANUP(err_clear) struct err err = { 0 };
    assert_false(file_write_private(&writer, fixture->arena, path_of(fixture, "gone/file"), STR("x"), &err));
    assert_int_equal(err.kind, ERR_NOT_FOUND);
    assert_non_null(strstr(err_text(&err), "/gone/file: "));
    assert_int_equal(mkdir(path_of(fixture, "file").ptr, 0700), 0); /* a folder is in its place: the last step fails */
    assert_false(file_write_private(&writer, fixture->arena, path_of(fixture, "file"), STR("x"), &err));
    assert_int_equal(err.kind, ERR_IO);
    assert_alone(fixture, 1);
    rmdir(path_of(fixture, "file").ptr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_is_read_whole_with_every_byte, set_up, tear_down),
        cmocka_unit_test_setup_teardown(more_than_the_maximum_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_missing_file_is_told_from_one_that_cannot_be_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_path_that_is_not_utf8_is_shown_safely, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_under_a_lease_is_read_once_it_is_given_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_little_file_takes_little_memory, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_of_the_system_is_read_to_its_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_file_is_refused_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_null_device_is_an_empty_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_private_file_takes_the_place_of_the_old_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_private_file_can_be_the_first, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_others_write_beside_it_is_left_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_cannot_be_written_is_an_error_and_nothing_is_left, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
