/* SPDX-License-Identifier: MPL-2.0
 *
 * Rows to the protocol's schema messages: types, flags, nested blocks,
 * descriptions (Markdown), functions. Everything lives in the arena.
 */
#ifndef PLUGIN_RUNTIME_RPC_SCHEMA_H
#define PLUGIN_RUNTIME_RPC_SCHEMA_H

#include "plugin/runtime/provider.h"

struct Tfplugin6__Function;
struct Tfplugin6__Schema;
struct Tfplugin6__ServerCapabilities;

struct Tfplugin6__Schema *schema_of(struct arena *arena, const struct tf_model *model, const char *description,
                                    int64_t version);
struct Tfplugin6__Function *schema_of_function(struct arena *arena, const struct tf_function *function);
struct Tfplugin6__ServerCapabilities *schema_capabilities(struct arena *arena);

/* The type constraint of a row, as compact JSON. */
struct str schema_type(struct arena *arena, const struct tf_attribute *attribute);

#endif
