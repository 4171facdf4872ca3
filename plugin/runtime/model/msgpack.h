/* SPDX-License-Identifier: MPL-2.0
 *
 * Models to and from cty's msgpack, the encoding of all values on the wire
 * (hashicorp/terraform, docs/plugin-protocol/object-wire-format.md). Decoding
 * wants exactly the model's attributes, takes every ext as unknown and never
 * rounds a number; its errors name the argument. Decoded texts borrow `bytes`.
 * Encoding cannot fail; texts that are not UTF-8 are made so, because the host
 * would drop the whole reply.
 */
#ifndef PLUGIN_RUNTIME_MODEL_MSGPACK_H
#define PLUGIN_RUNTIME_MODEL_MSGPACK_H

#include "plugin/runtime/provider.h"

/* `*out` is NULL when the whole value is null. */
MUST_USE bool model_from_msgpack(struct arena *arena, const struct tf_model *model, struct str bytes, void **out,
                                 struct err *err);
/* The value of one row by itself, as functions take them. */
MUST_USE bool member_from_msgpack(struct arena *arena, const struct tf_attribute *attribute, struct str bytes,
                                  void *member, struct err *err);

struct str model_to_msgpack(struct arena *arena, const struct tf_model *model, const void *object /* NULL: null */);
struct str member_to_msgpack(struct arena *arena, const struct tf_attribute *attribute, const void *member);

#endif
