/* SPDX-License-Identifier: MPL-2.0 */
#include "base/arena.h"

#include <signal.h>
#include <stdalign.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/bounded.h"
#include "tests/support/harness.h"

static int open_arena(void **state)
{
    *state = arena_new();
    return 0;
}

static int close_arena(void **state)
{
    arena_free(*state);
    return 0;
}

static void memory_is_zeroed_aligned_and_separate(void **state)
{
    unsigned char *pieces[500];
    for (size_t i = 0; i < ARRAY_LENGTH(pieces); i++) {
        pieces[i] = arena_alloc(*state, i);
        assert_true((uintptr_t)pieces[i] % alignof(max_align_t) == 0);
        for (size_t j = 0; j < i; j++)
            assert_int_equal(pieces[i][j], 0);
        memset(pieces[i], (int)(i & 0xff), i);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(pieces); i++)
        for (size_t j = 0; j < i; j++)
            assert_int_equal(pieces[i][j], i & 0xff);
}

static void one_allocation_may_be_larger_than_any_block(void **state)
{
    enum { LARGE = 3 * 1024 * 1024 };
    unsigned char *large = arena_alloc(*state, LARGE);
    unsigned char *small = arena_alloc(*state, 8);
    large[0] = large[LARGE - 1] = 1;
    small[0] = 2;
    assert_int_equal(large[LARGE - 1], 1);
    assert_int_equal(small[0], 2);
}

static void nothing_still_has_an_address(void **state)
{
    assert_non_null(arena_alloc(*state, 0));
    assert_non_null(arena_array(*state, 0, 16));
    assert_non_null(arena_copy(*state, NULL, 0));
    assert_ptr_not_equal(arena_alloc(*state, 0), arena_alloc(*state, 0));
}

enum { LARGE_BYTES = 128 * 1024, LARGE_COUNT = 100 };

static bool small_and_large_take_turns(void *self)
{
    for (size_t i = 0; i < LARGE_COUNT; i++)
        memset(arena_alloc(self, i % 2 ? 16 : LARGE_BYTES), 1, 16);
    return true;
}

/* The block that is being filled is not left for them. */
static void large_allocations_waste_nothing(void **state)
{
    bounded_run(LARGE_COUNT / 2 * LARGE_BYTES + 512 * 1024, small_and_large_take_turns, *state);
}

static void what_is_merged_stays_where_it_is(void **state)
{
    enum { LARGE = 300 * 1024 };
    static const size_t sizes[] = { 0, 1, LARGE };
    for (size_t i = 0; i < ARRAY_LENGTH(sizes); i++) {
        struct arena *other = arena_new();
        char *first = arena_copy(other, "first", 6);
        unsigned char *large = arena_alloc(other, sizes[i]);
        char *own = i ? arena_copy(*state, "own", 4) : NULL; /* at first there is no block yet */
        memset(large, 7, sizes[i]);
        arena_merge(*state, other);
        char *later = arena_copy(*state, "later", 6);
        assert_string_equal(first, "first");
        assert_string_equal(later, "later");
        assert_true(!own || !strcmp(own, "own"));
        for (size_t j = 0; j < sizes[i]; j++)
            assert_int_equal(large[j], 7);
    }
    arena_merge(*state, arena_new());
    arena_merge(*state, NULL);
    assert_non_null(arena_alloc(*state, 1));
}

static void a_copy_is_independent(void **state)
{
    char text[] = "abc";
    char *copy = arena_copy(*state, text, sizeof(text));
    text[0] = 'x';
    assert_string_equal(copy, "abc");
}

static void the_heap_zeroes_and_wipes(void **state)
{
    (void)state;
    unsigned char *bytes = mem_array(4, 4);
    for (size_t i = 0; i < 16; i++)
        assert_int_equal(bytes[i], 0);
    memset(bytes, 7, 16);
    assert_int_equal(bytes[15], 7);
    mem_wipe(bytes, 16);
    assert_int_equal(bytes[0] | bytes[15], 0);
    mem_wipe(NULL, 0);
    mem_free(bytes);
    mem_free(NULL);
    arena_free(NULL);
}

/* Runs `overflow` in a child and says what it wrote to stderr; the child must end by SIGABRT. */
static void assert_dies(void (*overflow)(void))
{
    int ends[2];
    char said[64] = "";
    int status = 0;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        dup2(ends[1], STDERR_FILENO);
        overflow();
        _exit(0);
    }
    close(ends[1]);
    ssize_t length = read(ends[0], said, sizeof(said) - 1);
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    assert_true(length > 0);
    static const char words[] = "out of memory\n"; /* an emulator has something to say of a SIGABRT, too */
    assert_memory_equal(said, words, sizeof(words) - 1);
}

static void overflow_array(void)
{
    arena_array(arena_new(), SIZE_MAX / 2, 3);
}

static void overflow_alloc(void)
{
    arena_alloc(arena_new(), SIZE_MAX - 1);
}

static void overflow_heap(void)
{
    mem_array(SIZE_MAX / 2, 3);
}

static void a_size_that_overflows_ends_the_process_with_a_word(void **state)
{
    (void)state;
    assert_dies(overflow_array);
    assert_dies(overflow_alloc);
    assert_dies(overflow_heap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(memory_is_zeroed_aligned_and_separate, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(one_allocation_may_be_larger_than_any_block, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(nothing_still_has_an_address, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(large_allocations_waste_nothing, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(what_is_merged_stays_where_it_is, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(a_copy_is_independent, open_arena, close_arena),
        cmocka_unit_test(the_heap_zeroes_and_wipes),
        cmocka_unit_test(a_size_that_overflows_ends_the_process_with_a_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
