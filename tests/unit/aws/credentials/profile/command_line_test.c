/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/profile/command_line.h"

#include <string.h>

#include "tests/support/harness.h"

static int setup(void **state)
{
    *state = arena_new();
    return 0;
}

static int teardown(void **state)
{
    arena_free(*state);
    return 0;
}

/* The words, each in [ ]. */
static struct str split(struct arena *arena, const char *text)
{
    struct command_line line;
    struct str shown = STR("");
    CLEANUP(err_clear) struct err err = { 0 };
    if (!command_line_split(arena, str_from(text), &line, &err))
        return str_format(arena, "error: %s", err_text(&err));
    assert_null(line.words[line.count]);
    for (size_t i = 0; i < line.count; i++)
        str_join(arena, &shown, "", "[%s]", line.words[i]);
    return shown;
}

static void blanks_separate_words(void **state)
{
    assert_str_equal(split(*state, "  a\tb\r\nc  "), "[a][b][c]");
    assert_str_equal(split(*state, ""), "");
    assert_str_equal(split(*state, " \t\n"), "");
}

static void quotes_hold_a_word_together_wherever_they_are(void **state)
{
    assert_str_equal(split(*state, "\"/a b/c\" --x='d e' f\"g h\"i"), "[/a b/c][--x=d e][fg hi]");
    assert_str_equal(split(*state, "'' \"\" a''"), "[][][a]");
    assert_str_equal(split(*state, "'\"' \"'\""), "[\"]['"
                                                  "]");
}

static void a_backslash_takes_what_follows_as_it_is(void **state)
{
    assert_str_equal(split(*state, "a\\ b \\\"c \\\\ \\n"), "[a b][\"c][\\][n]");
}

static void in_double_quotes_it_counts_before_a_quote_and_a_backslash_only(void **state)
{
    assert_str_equal(split(*state, "\"a\\\"b\\\\c\\d\\'e\""), "[a\"b\\c\\d\\'e]");
}

static void in_single_quotes_it_is_a_character(void **state)
{
    assert_str_equal(split(*state, "'a\\b\\'"), "[a\\b\\]");
}

static void nothing_else_of_a_shell_means_anything(void **state)
{
    assert_str_equal(split(*state, "~/x $HOME *.c a|b #c `d` e;f"), "[~/x][$HOME][*.c][a|b][#c][`d`][e;f]");
}

static void what_is_not_closed_is_refused_without_being_shown(void **state)
{
    assert_str_equal(split(*state, "a \"s3cret"), "error: a \" in it is not closed by another one");
    assert_str_equal(split(*state, "a 's3cret\""), "error: a ' in it is not closed by another one");
    assert_str_equal(split(*state, "s3cret\\"), "error: it ends with a \\ that has nothing behind it");
    assert_str_equal(split(*state, "\"s3cret\\"), "error: it ends with a \\ that has nothing behind it");
}

static void a_nul_and_a_text_without_end_are_refused(void **state)
{
    struct command_line line;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_false(command_line_split(*state, STR("a\0b"), &line, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    struct str longest = { arena_alloc(*state, COMMAND_LINE_MAX_BYTES + 1), COMMAND_LINE_MAX_BYTES + 1 };
    memset((char *)longest.ptr, 'x', longest.len);
    assert_false(command_line_split(*state, longest, &line, &err));
    assert_non_null(strstr(err_text(&err), "longer than 65536"));
    longest.len--;
    assert_true(command_line_split(*state, longest, &line, &err));
    assert_int_equal(line.count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blanks_separate_words),
        cmocka_unit_test(quotes_hold_a_word_together_wherever_they_are),
        cmocka_unit_test(a_backslash_takes_what_follows_as_it_is),
        cmocka_unit_test(in_double_quotes_it_counts_before_a_quote_and_a_backslash_only),
        cmocka_unit_test(in_single_quotes_it_is_a_character),
        cmocka_unit_test(nothing_else_of_a_shell_means_anything),
        cmocka_unit_test(what_is_not_closed_is_refused_without_being_shown),
        cmocka_unit_test(a_nul_and_a_text_without_end_are_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
