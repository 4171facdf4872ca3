/* SPDX-License-Identifier: MPL-2.0
 *
 * The commands of a provider's binary (struct tf_command): finding the one that
 * the command line asks for, reading its options by their rows, and telling a
 * person about all of them. It runs none. None of them speaks the plugin protocol.
 */
#ifndef PLUGIN_RUNTIME_PROCESS_COMMAND_H
#define PLUGIN_RUNTIME_PROCESS_COMMAND_H

#include "plugin/runtime/provider.h"

/* NULL when the first argument names none. `commands` may be NULL. */
const struct tf_command *command_find(const struct tf_command *commands, int argc, char *const *argv);

/* Does one of the arguments behind the command's name ask for its help? */
bool command_wants_help(int argc, char *const *argv);

/* The struct of the command's options, in the arena; its texts are the arguments.
 * Errors: ERR_INVALID, with the command line that shows the help as remedy. */
MUST_USE bool command_read(const struct tf_command *command, struct arena *arena, const char *program, int argc,
                           char *const *argv, const void **out_options, struct err *err);

struct str command_help(struct arena *arena, const struct tf_command *command, const char *program);

/* A line for each, for the help of the binary; empty when there are none. */
struct str command_list(struct arena *arena, const struct tf_command *commands);

#endif
