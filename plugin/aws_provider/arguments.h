/* SPDX-License-Identifier: MPL-2.0
 *
 * What each argument of the provider block is good for here: it decides who
 * calls or where calls go, it tunes, or it has no meaning and is only accepted.
 */
#ifndef PLUGIN_AWS_PROVIDER_ARGUMENTS_H
#define PLUGIN_AWS_PROVIDER_ARGUMENTS_H

#include "plugin/aws_provider/block.h"
#include "plugin/runtime/provider.h"

/* The first argument that decides who calls or where calls go and is unknown,
 * in whole or in part; NULL when there is none. Static text. */
const char *arguments_find_unknown(const struct aws_provider_block *block);

/* A debug line for each argument that is set and has no meaning here. */
void arguments_log_ignored(struct tf_call *call, const struct aws_provider_block *block);

#endif
