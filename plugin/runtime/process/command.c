/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/process/command.h"

const struct tf_command *command_find(const struct tf_command *commands, int argc, char *const *argv)
{
    for (const struct tf_command *at = commands; argc > 1 && at && at->name; at++)
        if (str_equal(str_from(at->name), str_from(argv[1])))
            return at;
    return NULL;
}

bool command_run(const struct tf_command *command, const struct tf_provider *provider, struct arena *arena, int argc,
                 char *const *argv, struct err *err)
{
    if (argc - 2 != command->argument_count)
        return err_set(err, ERR_INVALID, "usage: terraform-provider-%s %s %s", provider->name, command->name,
                       command->arguments);
    return command->run(provider, arena, argv + 2, err);
}

struct str command_list(struct arena *arena, const struct tf_command *commands)
{
    struct str list = STR("");
    for (const struct tf_command *at = commands; at && at->name; at++)
        list = str_format(arena, "%.*s    %s %s   %s\n", STR_ARG(list), at->name, at->arguments, at->summary);
    return list;
}
