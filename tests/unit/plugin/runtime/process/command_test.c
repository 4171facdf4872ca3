/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/process/command.h"

#include <string.h>

#include "tests/support/harness.h"

static const struct tf_provider provider = { .name = "test" };

static bool repeat(const struct tf_provider *of, struct arena *arena, char *const *arguments, struct err *err)
{
    (void)arena;
    return err_set(err, ERR_IO, "%s got %s", of->name, arguments[0]);
}

static const struct tf_command table[] = {
    { .name = "repeat", .arguments = "TEXT", .argument_count = 1, .summary = "says it again", .run = repeat },
    { .name = NULL },
};

static bool run(struct arena *arena, int argc, const char *const *argv, struct err *err)
{
    const struct tf_command *command = command_find(table, argc, (char *const *)argv);
    assert_non_null(command);
    return command_run(command, &provider, arena, argc, (char *const *)argv, err);
}

static void command_gets_what_follows_its_name(void **state)
{
    const char *const argv[] = { "program", "repeat", "this", NULL };
    struct arena *arena = arena_new();
    CLEANUP(err_clear) struct err err = { 0 };
    (void)state;
    assert_false(run(arena, 3, argv, &err));
    assert_string_equal(err_text(&err), "test got this");
    arena_free(arena);
}

static void wrong_number_of_arguments_is_told_the_usage(void **state)
{
    const char *const argv[] = { "program", "repeat", "this", "and that", NULL };
    struct arena *arena = arena_new();
    CLEANUP(err_clear) struct err err = { 0 };
    (void)state;
    for (int argc = 2; argc <= 4; argc += 2) {
        assert_false(run(arena, argc, argv, &err));
        assert_int_equal(err.kind, ERR_INVALID);
        assert_string_equal(err_text(&err), "usage: terraform-provider-test repeat TEXT");
    }
    arena_free(arena);
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
}

static void help_lists_each_command(void **state)
{
    struct arena *arena = arena_new();
    (void)state;
    assert_str_equal(command_list(arena, table), "    repeat TEXT   says it again\n");
    assert_str_equal(command_list(arena, NULL), "");
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(command_gets_what_follows_its_name),
        cmocka_unit_test(wrong_number_of_arguments_is_told_the_usage),
        cmocka_unit_test(other_words_are_no_commands),
        cmocka_unit_test(help_lists_each_command),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
