/* SPDX-License-Identifier: MPL-2.0
 *
 * Models out of the JSON of state files, which may have been written by any
 * version of a provider: lenient where hosts' own readers are (a number may be
 * a string and the reverse, "true" is true), names that the model lacks are
 * skipped, missing ones are null. There are no unknown values in JSON.
 */
#ifndef PLUGIN_RUNTIME_MODEL_JSON_H
#define PLUGIN_RUNTIME_MODEL_JSON_H

#include "plugin/runtime/provider.h"

/* `*out` is NULL when the whole value is null. Keeps nothing of `bytes`. */
MUST_USE bool model_from_json(struct arena *arena, const struct tf_model *model, struct str bytes, void **out,
                              struct err *err);
MUST_USE bool member_from_json(struct arena *arena, const struct tf_attribute *attribute, struct str bytes,
                               void *member, struct err *err);

/* jansson parses recursively and allocates as it goes: depth and number of items are
 * counted first. Not a parser: what it lets through may be no JSON. */
MUST_USE bool model_json_check(struct str bytes, struct err *err);

#endif
