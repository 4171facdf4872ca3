/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/validate.h"

#include "plugin/runtime/model.h"
#include "plugin/runtime/path.h"

static void validate_block(struct tf_call *call, const struct tf_model *model, const char *parent, const void *object);

static void validate_items(struct tf_call *call, const struct tf_attribute *attribute, const char *parent,
                           const struct tf_blocks *blocks)
{
    for (size_t i = 0; i < blocks->count; i++)
        validate_block(call, attribute->element, path_item(call->arena, parent, attribute, i),
                       blocks_item(attribute, blocks, i));
}

static void validate_member(struct tf_call *call, const struct tf_attribute *attribute, const char *parent,
                            const void *member)
{
    if (member_state(member) != TF_KNOWN)
        return;
    if (attribute->validate && member_is_known(attribute, member))
        attribute->validate(call, path_member(call->arena, parent, attribute->name), member);
    if (member_is_block(attribute))
        validate_items(call, attribute, parent, member);
}

static void validate_block(struct tf_call *call, const struct tf_model *model, const char *parent, const void *object)
{
    for (const struct tf_attribute *row = model->attributes; row->name; row++)
        validate_member(call, row, parent, member_in(row, object));
}

void validate_rows(struct tf_call *call, const struct tf_model *model, const void *config)
{
    validate_block(call, model, NULL, config);
}
