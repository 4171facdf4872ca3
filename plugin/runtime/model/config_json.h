/* SPDX-License-Identifier: MPL-2.0
 *
 * A provider block out of a configuration in Terraform's JSON syntax, for what
 * has no Terraform to evaluate it: constants only. Blocks are objects or lists of
 * objects, "$${" is a literal "${", "//" is a comment. Everything else in the file
 * is skipped. What is skipped in the block itself would be a surprise, so an
 * argument that the model lacks and an expression are errors that name their path.
 * No message shows a value: it may be a secret.
 */
#ifndef PLUGIN_RUNTIME_MODEL_CONFIG_JSON_H
#define PLUGIN_RUNTIME_MODEL_CONFIG_JSON_H

#include "plugin/runtime/provider.h"

struct config_json_wanted {
    const char *const *names; /* local names of the provider, ended by NULL: the first that the file has */
    struct str alias;         /* empty: the block without one */
};

/* `*out` is a struct of `model`, `*out_name` one of the names. Keeps nothing of
 * `bytes`. Errors: ERR_NOT_FOUND for a file without such a block, ERR_INVALID for
 * the rest; the path begins at the root of the file: "provider.x[1].region". */
MUST_USE bool config_json_provider(struct arena *arena, const struct tf_model *model, struct str bytes,
                                   const struct config_json_wanted *wanted, void **out, const char **out_name,
                                   struct err *err);

#endif
