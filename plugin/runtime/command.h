/* SPDX-License-Identifier: MPL-2.0
 *
 * The life of a process that runs one command for a person. It holds keys like
 * one that serves: core dumps and debuggers are forbidden in the same way.
 */
#ifndef PLUGIN_RUNTIME_COMMAND_H
#define PLUGIN_RUNTIME_COMMAND_H

#include "plugin/runtime/process/settings.h"

/* settings->command, which is not NULL. The exit code. */
int command_live(const struct tf_provider *provider, const struct settings *settings);

#endif
