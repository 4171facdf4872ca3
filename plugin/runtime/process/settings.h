/* SPDX-License-Identifier: MPL-2.0
 *
 * What the command line and the environment say, and the texts for a person who
 * starts the binary by hand.
 */
#ifndef PLUGIN_RUNTIME_PROCESS_SETTINGS_H
#define PLUGIN_RUNTIME_PROCESS_SETTINGS_H

#include "plugin/runtime/provider.h"

struct settings {
    const char *program; /* "terraform-provider-snapshot" */
    struct env env;
    bool debug;
    enum log_level log_level;
    struct clock_scale scale;
    /* Core dumps and debuggers are allowed: TF_<NAME>_DEBUGGABLE=1. Under -debug
     * always: a developer starts it, often to attach a debugger. */
    bool debuggable;
    struct str client_certificate;    /* PEM; empty: no TLS */
    const struct tf_command *command; /* to run instead of serving; NULL: none */
    const void *command_options;
};

/* False when everything is said and done, a help for example:
 * `*out_exit_code` is what to exit with. Texts live in the arena. */
MUST_USE bool settings_read(struct settings *out, struct arena *arena, const struct tf_provider *provider,
                            const struct tf_command *commands, int argc, char **argv, int *out_exit_code);

/* To standard error. */
void settings_say(struct str text);
void settings_explain_debug(const struct settings *settings);
void settings_complain(const struct settings *settings, const char *problem);

#endif
