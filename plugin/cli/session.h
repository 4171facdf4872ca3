/* SPDX-License-Identifier: MPL-2.0
 *
 * A call with a configured provider behind it, for commands: by options and the
 * environment, or by the provider block of a file. Nothing is called yet.
 */
#ifndef PLUGIN_CLI_SESSION_H
#define PLUGIN_CLI_SESSION_H

#include "plugin/runtime/provider.h"

enum { SESSION_FILE_MAX_BYTES = 4 * 1024 * 1024 };

struct session_options {
    struct tf_string profile, region;
    struct tf_string config, alias;
};

/* The rows of those members of a command's options. */
#define SESSION_ROWS(type)                                                                                             \
    TF_OPTION(type, profile, "NAME", "use this profile, before keys of the environment"),                              \
        TF_OPTION(type, region, "REGION", "call AWS in this Region"),                                                  \
        TF_OPTION(type, config, "FILE", "use the provider block of this .tf.json file"),                               \
        TF_OPTION(type, alias, "NAME", "of several provider blocks, the one of this alias")

/* Afterwards call->provider is a struct account. TF_EXIT_USAGE: options or file are
 * wrong. What is wrong is in `err`, with its summary, or, where a check of the block
 * found it, among the call's diagnostics. */
enum tf_exit session_open(struct tf_call *call, const struct session_options *options, const char **out_summary,
                          struct err *err);

#endif
