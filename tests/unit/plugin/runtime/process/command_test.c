/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/process/command.h"

#include <string.h>

#include "tests/support/harness.h"

struct repeat_options {
    struct tf_string text;
    struct tf_string before;
    struct tf_bool loud;
};

static const struct tf_option repeat_rows[] = {
    TF_OPTION(struct repeat_options, text, "TEXT", "what to say"),
    TF_OPTION(struct repeat_options, before, "PREFIX", "what to say first"),
    TF_OPTION(struct repeat_options, loud, NULL, "say it loudly"),
    { .name = NULL },
};

static const struct tf_command table[] = {
    { .name = "repeat",
     .summary = "says it again",
     .description = "Says a text again.",
     .options = repeat_rows,
     .options_size = sizeof(struct repeat_options) },
    { .name = "wait", .summary = "waits", .description = "Waits." },
    { .name = NULL },
};

#define ARGUMENTS(...) ((const char *const[]){ "program", "repeat", __VA_ARGS__, NULL })

static int length_of(const char *const *argv)
{
    int length = 0;
    while (argv[length])
        length++;
    return length;
}

static struct repeat_options read(struct arena *arena, const char *const *argv)
{
    CLEANUP(err_clear) struct err err = { 0 };
    const void *options = NULL;
    if (!command_read(&table[0], arena, "program", length_of(argv), (char *const *)argv, &options, &err))
        fail_msg("refused: %s", err_text(&err));
    return *(const struct repeat_options *)options;
}

static void assert_refused(const char *const *argv, const char *text)
{
    CLEANUP(err_clear) struct err err = { 0 };
    struct arena *arena = arena_new();
    const void *options = NULL;
    assert_false(command_read(&table[0], arena, "program", length_of(argv), (char *const *)argv, &options, &err));
    arena_free(arena);
    assert_int_equal(err.kind, ERR_INVALID);
    assert_string_equal(err_text(&err), text);
    assert_string_equal(err_remedy(&err), "`program repeat --help` lists the options.");
    assert_null(options);
}

static void a_value_follows_its_option_or_an_equals_sign(void **state)
{
    struct arena *arena = arena_new();
    const struct repeat_options read_1 = read(arena, ARGUMENTS("--text", "a b", "-before=x=y", "--loud"));
    const struct repeat_options read_2 = read(arena, ARGUMENTS("--text=-1", "--before="));
    (void)state;
    assert_str_equal(read_1.text.value, "a b");
    assert_str_equal(read_1.before.value, "x=y");
    assert_true(tf_is_true(read_1.loud));
    assert_str_equal(read_2.text.value, "-1");
    assert_int_equal(read_2.before.state, TF_KNOWN);
    assert_str_equal(read_2.before.value, "");
    arena_free(arena);
}

static void an_option_that_is_not_given_is_null(void **state)
{
    struct arena *arena = arena_new();
    const char *const argv[] = { "program", "repeat", NULL };
    const struct repeat_options options = read(arena, argv);
    (void)state;
    assert_int_equal(options.text.state, TF_NULL);
    assert_int_equal(options.loud.state, TF_NULL);
    arena_free(arena);
}

static void wrong_options_are_refused_by_name(void **state)
{
    (void)state;
    assert_refused(ARGUMENTS("--tex", "a"), "repeat has no option --tex");
    assert_refused(ARGUMENTS("--text-", "a"), "repeat has no option --text-");
    assert_refused(ARGUMENTS("--"), "repeat has no option --");
    assert_refused(ARGUMENTS("--\x01=x"), "repeat has no option --\xef\xbf\xbd");
    assert_refused(ARGUMENTS("text"), "repeat takes options only, and \"text\" is not one");
    assert_refused(ARGUMENTS("-"), "repeat takes options only, and \"-\" is not one");
    assert_refused(ARGUMENTS(""), "repeat takes options only, and \"\" is not one");
    assert_refused(ARGUMENTS("--text"), "--text needs a value; write --text=TEXT for one that begins with a hyphen");
    assert_refused(ARGUMENTS("--text", "--loud"),
                   "--text needs a value; write --text=TEXT for one that begins with a hyphen");
    assert_refused(ARGUMENTS("--text", "a", "--text=b"), "--text is given twice");
    assert_refused(ARGUMENTS("--loud=yes"), "--loud takes no value");
}

static void other_words_are_no_commands(void **state)
{
    const char *const words[] = { "", "Repeat", "repeatt", "-debug", "repeat\n" };
    const char *const none[] = { "program", NULL };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++) {
        const char *const argv[] = { "program", words[i], NULL };
        assert_null(command_find(table, 2, (char *const *)argv));
    }
    assert_null(command_find(table, 1, (char *const *)none));
    assert_null(command_find(NULL, 2, (char *const *)none));
    assert_ptr_equal(command_find(table, 3, (char *const *)ARGUMENTS("x")), &table[0]);
}

static void help_is_asked_for_anywhere_behind_the_name(void **state)
{
    const char *const named_help[] = { "program", "--help", NULL };
    (void)state;
    assert_true(command_wants_help(4, (char *const *)ARGUMENTS("--text", "-h")));
    assert_true(command_wants_help(3, (char *const *)ARGUMENTS("-help")));
    assert_true(command_wants_help(3, (char *const *)ARGUMENTS("--help")));
    assert_false(command_wants_help(4, (char *const *)ARGUMENTS("--text", "help")));
    assert_false(command_wants_help(2, (char *const *)named_help));
}

static void help_of_a_command_lists_its_options(void **state)
{
    struct arena *arena = arena_new();
    (void)state;
    assert_str_equal(command_help(arena, &table[0], "program"), "Usage: program repeat [OPTIONS]\n"
                                                                "\n"
                                                                "Says a text again.\n"
                                                                "\n"
                                                                "Options:\n"
                                                                "  --text TEXT       what to say\n"
                                                                "  --before PREFIX   what to say first\n"
                                                                "  --loud            say it loudly\n"
                                                                "  --help            print this text\n");
    assert_str_equal(command_help(arena, &table[1], "program"), "Usage: program wait [OPTIONS]\n"
                                                                "\n"
                                                                "Waits.\n"
                                                                "\n"
                                                                "Options:\n"
                                                                "  --help   print this text\n");
    arena_free(arena);
}

static void help_lists_each_command(void **state)
{
    struct arena *arena = arena_new();
    (void)state;
    assert_str_equal(command_list(arena, table), "    repeat      says it again\n"
                                                 "    wait        waits\n");
    assert_str_equal(command_list(arena, NULL), "");
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_follows_its_option_or_an_equals_sign),
        cmocka_unit_test(an_option_that_is_not_given_is_null),
        cmocka_unit_test(wrong_options_are_refused_by_name),
        cmocka_unit_test(other_words_are_no_commands),
        cmocka_unit_test(help_is_asked_for_anywhere_behind_the_name),
        cmocka_unit_test(help_of_a_command_lists_its_options),
        cmocka_unit_test(help_lists_each_command),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
