/* SPDX-License-Identifier: MPL-2.0
 *
 * What a person may ask of the provider's binary, one file per command. A command
 * does nothing that a plan would not do: it reads.
 */
#ifndef PLUGIN_CLI_COMMANDS_H
#define PLUGIN_CLI_COMMANDS_H

#include "plugin/runtime/provider.h"

extern const struct tf_command cli_commands[];

enum tf_exit whoami_run(struct tf_call *call, const void *options, struct str *out_text);

#endif
