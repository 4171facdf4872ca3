/* SPDX-License-Identifier: MPL-2.0
 *
 * The commands of a provider's binary (struct tf_command): finding the one that
 * the command line asks for, and telling a person about all of them. None of
 * them speaks the plugin protocol.
 */
#ifndef PLUGIN_RUNTIME_PROCESS_COMMAND_H
#define PLUGIN_RUNTIME_PROCESS_COMMAND_H

#include "plugin/runtime/provider.h"

/* NULL when the first argument names none. `commands` may be NULL. */
const struct tf_command *command_find(const struct tf_command *commands, int argc, char *const *argv);

/* ERR_INVALID when the arguments are not as many as the command takes. */
MUST_USE bool command_run(const struct tf_command *command, const struct tf_provider *provider, struct arena *arena,
                          int argc, char *const *argv, struct err *err);

/* A line for each, for the help; empty when there are none. */
struct str command_list(struct arena *arena, const struct tf_command *commands);

#endif
