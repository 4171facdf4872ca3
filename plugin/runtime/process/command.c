/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/process/command.h"

#include <string.h>

enum { FIRST_OPTION = 2 }; /* behind the program's name and the command's */

const struct tf_command *command_find(const struct tf_command *commands, int argc, char *const *argv)
{
    for (const struct tf_command *at = commands; argc > 1 && at && at->name; at++)
        if (str_equal(str_from(at->name), str_from(argv[1])))
            return at;
    return NULL;
}

/* ---- Reading ---------------------------------------------------------------- */

/* "profile" of "--profile" and "-profile"; false for what is not an option. */
static bool take_dashes(const char *argument, struct str *out)
{
    if (argument[0] != '-' || !argument[1])
        return false;
    *out = str_from(argument + 1 + (argument[1] == '-'));
    return true;
}

bool command_wants_help(int argc, char *const *argv)
{
    struct str name;
    for (int i = FIRST_OPTION; i < argc; i++)
        if (take_dashes(argv[i], &name) && (str_equal(name, STR("help")) || str_equal(name, STR("h"))))
            return true;
    return false;
}

static const struct tf_option *find_option(const struct tf_command *command, struct str name)
{
    for (const struct tf_option *row = command->options; row && row->name; row++)
        if (str_equal(str_from(row->name), name))
            return row;
    return NULL;
}

/* What follows is the value, unless it looks like the next option. */
static bool take_next(const struct tf_option *option, int argc, char *const *argv, int *at, struct str *out,
                      struct err *err)
{
    if (*at + 1 >= argc || argv[*at + 1][0] == '-')
        return err_set(err, ERR_INVALID, "--%s needs a value; write --%s=%s for one that begins with a hyphen",
                       option->name, option->name, option->value);
    *out = str_from(argv[++*at]);
    return true;
}

static bool take_text(const struct tf_option *option, struct str value, struct tf_string *out, struct err *err)
{
    if (out->state == TF_KNOWN)
        return err_set(err, ERR_INVALID, "--%s is given twice", option->name);
    *out = tf_known_string(value);
    return true;
}

/* One option; `*at` is moved to its last argument. */
static bool take_option(const struct tf_command *command, struct arena *arena, int argc, char *const *argv, int *at,
                        void *options, struct err *err)
{
    struct str name, value;
    struct str shown = str_printable(arena, str_from(argv[*at]));
    if (!take_dashes(argv[*at], &name))
        return err_set(err, ERR_INVALID, "%s takes options only, and \"%.*s\" is not one", command->name,
                       STR_ARG(shown));
    const ptrdiff_t equals = str_find_char(name, '=');
    const bool has_value = equals >= 0;
    value = has_value ? str_slice(name, (size_t)equals + 1, name.len) : STR("");
    name = has_value ? str_slice(name, 0, (size_t)equals) : name;
    const struct tf_option *option = find_option(command, name);
    if (!option) {
        shown = str_printable(arena, name);
        return err_set(err, ERR_INVALID, "%s has no option --%.*s", command->name, STR_ARG(shown));
    }
    void *member = (char *)options + option->offset;
    if (option->kind == TF_BOOL && has_value)
        return err_set(err, ERR_INVALID, "--%s takes no value", option->name);
    if (option->kind == TF_BOOL) {
        *(struct tf_bool *)member = tf_known_bool(true);
        return true;
    }
    return (has_value || take_next(option, argc, argv, at, &value, err)) && take_text(option, value, member, err);
}

bool command_read(const struct tf_command *command, struct arena *arena, const char *program, int argc,
                  char *const *argv, const void **out_options, struct err *err)
{
    void *options = arena_alloc(arena, command->options_size);
    for (int i = FIRST_OPTION; i < argc; i++)
        if (!take_option(command, arena, argc, argv, &i, options, err)) {
            err_set_remedy(err, "`%s %s --help` lists the options.", program, command->name);
            return false;
        }
    *out_options = options;
    return true;
}

/* ---- Help ------------------------------------------------------------------- */

static struct str left_column(struct arena *arena, const struct tf_option *option)
{
    return option->value ? str_format(arena, "--%s %s", option->name, option->value)
                         : str_format(arena, "--%s", option->name);
}

struct str command_help(struct arena *arena, const struct tf_command *command, const char *program)
{
    static const struct tf_option help = { .name = "help", .description = "print this text" };
    struct str lines = STR("");
    size_t width = strlen("--help");
    for (const struct tf_option *row = command->options; row && row->name; row++)
        if (left_column(arena, row).len > width)
            width = left_column(arena, row).len;
    for (const struct tf_option *row = command->options;; row++) {
        const bool is_last = !row || !row->name;
        const struct tf_option *shown = is_last ? &help : row;
        const struct str left = left_column(arena, shown);
        str_join(arena, &lines, "\n", "  %-*.*s   %s", (int)width, (int)left.len, left.ptr, shown->description);
        if (is_last)
            break;
    }
    return str_format(arena, "Usage: %s %s [OPTIONS]\n\n%s\n\nOptions:\n%.*s\n", program, command->name,
                      command->description, STR_ARG(lines));
}

struct str command_list(struct arena *arena, const struct tf_command *commands)
{
    struct str list = STR("");
    for (const struct tf_command *at = commands; at && at->name; at++)
        list = str_format(arena, "%.*s    %-11s %s\n", STR_ARG(list), at->name, at->summary);
    return list;
}
