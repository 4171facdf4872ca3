/* SPDX-License-Identifier: MPL-2.0
 *
 * The rows' own checks of a configuration. What the schema says by itself
 * (required, types, number of blocks) core has checked before; unknown values
 * are skipped, they come again when they are known.
 */
#ifndef PLUGIN_RUNTIME_VALIDATE_H
#define PLUGIN_RUNTIME_VALIDATE_H

#include "plugin/runtime/provider.h"

/* Reports through tf_error. */
void validate_rows(struct tf_call *call, const struct tf_model *model, const void *config);

#endif
