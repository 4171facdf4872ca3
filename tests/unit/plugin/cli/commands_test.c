/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/cli/commands.h"

#include "tests/support/harness.h"

enum { TERMINAL_COLUMNS = 80 };

static size_t size_of(const struct tf_option *option)
{
    return option->kind == TF_BOOL ? sizeof(struct tf_bool) : sizeof(struct tf_string);
}

/* A member without a row would never be read. */
static void rows_of_each_command_fill_its_options(void **state)
{
    (void)state;
    for (const struct tf_command *command = cli_commands; command->name; command++) {
        size_t filled = 0;
        for (const struct tf_option *row = command->options; row->name; row++) {
            assert_int_equal(row->value == NULL, row->kind == TF_BOOL);
            filled += size_of(row);
        }
        assert_int_equal(filled, command->options_size);
    }
}

static void texts_of_each_command_fit_a_terminal(void **state)
{
    (void)state;
    for (const struct tf_command *command = cli_commands; command->name; command++) {
        struct str rest = str_from(command->description);
        struct str line;
        assert_non_null(command->run);
        while (str_next(&rest, '\n', &line))
            assert_true(line.len <= TERMINAL_COLUMNS);
        assert_true(str_from(command->summary).len + 16 <= TERMINAL_COLUMNS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_each_command_fill_its_options),
        cmocka_unit_test(texts_of_each_command_fit_a_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
