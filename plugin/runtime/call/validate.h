/* SPDX-License-Identifier: MPL-2.0
 *
 * What the rows say about a configuration: their own checks, and the two that
 * core leaves to providers, null for a required argument and a value for one
 * that cannot be set. Types and the number of blocks core has checked before.
 * Unknown values are skipped, they come again when they are known.
 */
#ifndef PLUGIN_RUNTIME_CALL_VALIDATE_H
#define PLUGIN_RUNTIME_CALL_VALIDATE_H

#include "plugin/runtime/provider.h"

/* Reports through tf_error. */
void validate_rows(struct tf_call *call, const struct tf_model *model, const void *config);

#endif
