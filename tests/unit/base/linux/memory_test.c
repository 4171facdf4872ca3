/* SPDX-License-Identifier: MPL-2.0 */
#include "base/linux/memory.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "tests/support/harness.h"

enum { PIECES = 1024, PIECE_BYTES = 64 * 1024 };

static void what_is_wiped_is_zero_and_its_neighbours_are_not(void **state)
{
    char bytes[8];
    (void)state;
    memset(bytes, 'x', sizeof(bytes));
    os_memory_wipe(bytes + 1, 6);
    assert_memory_equal(bytes, "x\0\0\0\0\0\0x", sizeof(bytes));
    os_memory_wipe(bytes, 0);
    assert_int_equal(bytes[0], 'x');
}

/* The second figure of the file. */
static long resident_pages(void)
{
    char text[128] = { 0 };
    int descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t length = read(descriptor, text, sizeof(text) - 1);
    const char *second = strchr(text, ' ');
    close(descriptor);
    return length > 0 && second ? strtol(second, NULL, 10) : -1;
}

/* Pieces of the heap, in the middle of which the allocator could keep free pages. */
static void free_pages_go_back(void **state)
{
    static void *pieces[PIECES];
    (void)state;
    if (SANITIZED) /* which keep what was freed, to find its users */
        skip();
    os_memory_keep_little();
    for (size_t i = 0; i < PIECES; i++) {
        pieces[i] = mem_alloc(PIECE_BYTES);
        memset(pieces[i], 'x', PIECE_BYTES);
    }
    void *last = mem_alloc(1);
    long before = resident_pages();
    for (size_t i = 0; i < PIECES; i++)
        mem_free(pieces[i]);
    os_memory_give_back();
    long given = before - resident_pages();
    mem_free(last);
    assert_true(before > 0);
    assert_true(given * sysconf(_SC_PAGESIZE) > PIECES / 2 * PIECE_BYTES);
}

static void a_hidden_process_is_not_dumpable(void **state)
{
    int status = 0;
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        os_memory_hide();
        _exit(prctl(PR_GET_DUMPABLE));
    }
    waitpid(child, &status, 0);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wiped_is_zero_and_its_neighbours_are_not),
        cmocka_unit_test(free_pages_go_back),
        cmocka_unit_test(a_hidden_process_is_not_dumpable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
