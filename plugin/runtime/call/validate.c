/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/call/validate.h"

#include "plugin/runtime/model/object.h"
#include "plugin/runtime/model/path.h"

static void validate_block(struct tf_call *call, const struct tf_model *model, const char *parent, const void *object);

static void validate_items(struct tf_call *call, const struct tf_attribute *attribute, const char *parent,
                           const struct tf_blocks *blocks)
{
    for (size_t i = 0; i < blocks->count; i++)
        validate_block(call, attribute->element, path_item(call->arena, parent, attribute, i),
                       blocks_item(attribute, blocks, i));
}

/* Core leaves to the provider what is written as null, and what cannot be written.
 * True when there is a known value to look at. */
static bool check_presence(struct tf_call *call, const struct tf_attribute *attribute, const char *parent,
                           enum tf_state state)
{
    if (attribute->flags & TF_REQUIRED && state == TF_NULL)
        tf_error(call, path_member(call->arena, parent, attribute->name), "Missing required argument",
                 "The argument \"%s\" is required and must not be null.", attribute->name);
    else if (attribute->flags & TF_COMPUTED && !(attribute->flags & TF_OPTIONAL) && state != TF_NULL)
        tf_error(call, path_member(call->arena, parent, attribute->name), "Read-only attribute",
                 "\"%s\" is decided by the provider and cannot be set: remove it.", attribute->name);
    return state == TF_KNOWN;
}

static void validate_member(struct tf_call *call, const struct tf_attribute *attribute, const char *parent,
                            const void *member)
{
    if (!check_presence(call, attribute, parent, member_state(member)))
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
