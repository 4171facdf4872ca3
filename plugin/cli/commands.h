/* SPDX-License-Identifier: MPL-2.0
 *
 * The commands of the binary, beside serving Terraform. One file each.
 */
#ifndef PLUGIN_CLI_COMMANDS_H
#define PLUGIN_CLI_COMMANDS_H

#include "plugin/runtime/provider.h"

extern const struct tf_command commands[]; /* ended by an entry without a name */

bool cli_docs(const struct tf_provider *provider, struct arena *arena, char *const *arguments, struct err *err);

#endif
