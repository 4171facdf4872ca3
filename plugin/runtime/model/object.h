/* SPDX-License-Identifier: MPL-2.0
 *
 * What can be done with any struct that rows describe: copy, compare, ask
 * whether everything in it is known. Each function has a form for a whole
 * object and one for a single member. Objects passed together belong to the
 * same model.
 */
#ifndef PLUGIN_RUNTIME_MODEL_OBJECT_H
#define PLUGIN_RUNTIME_MODEL_OBJECT_H

#include "plugin/runtime/provider.h"

/* All null. */
void *model_new(struct arena *arena, const struct tf_model *model);
size_t model_rows(const struct tf_model *model);
/* The row of that name, or NULL. */
const struct tf_attribute *model_find(const struct tf_model *model, struct str name);
/* Length of a provider's list of resources, data sources or functions, which may be missing. */
size_t model_list_length(const void *list);

/* The member that a row describes. */
void *member_of(const struct tf_attribute *attribute, void *object);
const void *member_in(const struct tf_attribute *attribute, const void *object);
enum tf_state member_state(const void *member);
void member_set_state(void *member, enum tf_state state);
/* Item of a list or set of blocks. */
void *blocks_item(const struct tf_attribute *attribute, const struct tf_blocks *blocks, size_t index);
bool member_is_block(const struct tf_attribute *attribute);

/* Deep: nothing is shared with the original afterwards. */
void *model_copy(struct arena *arena, const struct tf_model *model, const void *object);
void member_copy(struct arena *arena, const struct tf_attribute *attribute, const void *from, void *to);

/* The same states, texts and items; two unknowns are equal. A missing block
 * equals an empty list of blocks; sets of blocks are compared without order. */
bool model_equal(const struct tf_model *model, const void *a, const void *b);
bool member_equal(const struct tf_attribute *attribute, const void *a, const void *b);

/* Nothing unknown inside; null is known. */
bool model_is_known(const struct tf_model *model, const void *object);
bool member_is_known(const struct tf_attribute *attribute, const void *member);

void model_unknown_to_null(const struct tf_model *model, void *object);
/* Every attribute, also of nested blocks that are there, becomes unknown. */
void model_set_unknown(const struct tf_model *model, void *object);

#endif
