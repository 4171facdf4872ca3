/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/rpc/schema.h"

#include "plugin/runtime/model/object.h"
#include "proto/tfplugin6.pb-c.h"

static char *text_of(struct arena *arena, const char *text)
{
    return (char *)str_c(arena, str_from(text));
}

static ProtobufCBinaryData bytes_of(struct str text)
{
    return (ProtobufCBinaryData){ .data = (uint8_t *)text.ptr, .len = text.len };
}

/* An object type of these rows. */
static struct str object_type(struct arena *arena, const struct tf_model *model)
{
    struct str members = STR("");
    for (const struct tf_attribute *row = model->attributes; row->name; row++) {
        struct str type = schema_type(arena, row);
        str_join(arena, &members, ",", "\"%s\":%.*s", row->name, STR_ARG(type));
    }
    return str_format(arena, "[\"object\",{%.*s}]", STR_ARG(members));
}

struct str schema_type(struct arena *arena, const struct tf_attribute *attribute)
{
    static const char *const names[] = {
        [TF_STRING] = "\"string\"",
        [TF_BOOL] = "\"bool\"",
        [TF_INT64] = "\"number\"",
        [TF_STRING_LIST] = "[\"list\",\"string\"]",
        [TF_STRING_SET] = "[\"set\",\"string\"]",
        [TF_STRING_MAP] = "[\"map\",\"string\"]",
        [TF_BLOCK_LIST] = "list",
        [TF_BLOCK_SET] = "set",
    };
    if (!member_is_block(attribute))
        return str_from(names[attribute->kind]);
    struct str item = object_type(arena, attribute->element);
    if (attribute->kind == TF_BLOCK_SINGLE)
        return item;
    return str_format(arena, "[\"%s\",%.*s]", names[attribute->kind], STR_ARG(item));
}

static struct str result_type(struct arena *arena, const struct tf_model *result)
{
    return model_rows(result) == 1 ? schema_type(arena, result->attributes) : object_type(arena, result);
}

static Tfplugin6__Schema__Attribute *attribute_of(struct arena *arena, const struct tf_attribute *row)
{
    Tfplugin6__Schema__Attribute *out = ARENA_NEW(arena, Tfplugin6__Schema__Attribute);
    tfplugin6__schema__attribute__init(out);
    out->name = text_of(arena, row->name);
    out->type = bytes_of(schema_type(arena, row));
    out->description = text_of(arena, row->description);
    out->description_kind = TFPLUGIN6__STRING_KIND__MARKDOWN;
    out->required = (row->flags & TF_REQUIRED) != 0;
    out->optional = (row->flags & TF_OPTIONAL) != 0;
    out->computed = (row->flags & TF_COMPUTED) != 0;
    out->sensitive = (row->flags & TF_SENSITIVE) != 0;
    out->deprecated = row->deprecation != NULL;
    out->deprecation_message = text_of(arena, row->deprecation);
    return out;
}

static Tfplugin6__Schema__Block *block_of(struct arena *arena, const struct tf_model *model, const char *description,
                                          const char *deprecation);

static Tfplugin6__Schema__NestedBlock *nested_of(struct arena *arena, const struct tf_attribute *row)
{
    static const Tfplugin6__Schema__NestedBlock__NestingMode modes[] = {
        [TF_BLOCK_SINGLE] = TFPLUGIN6__SCHEMA__NESTED_BLOCK__NESTING_MODE__SINGLE,
        [TF_BLOCK_LIST] = TFPLUGIN6__SCHEMA__NESTED_BLOCK__NESTING_MODE__LIST,
        [TF_BLOCK_SET] = TFPLUGIN6__SCHEMA__NESTED_BLOCK__NESTING_MODE__SET,
    };
    Tfplugin6__Schema__NestedBlock *out = ARENA_NEW(arena, Tfplugin6__Schema__NestedBlock);
    tfplugin6__schema__nested_block__init(out);
    out->type_name = text_of(arena, row->name);
    out->nesting = modes[row->kind];
    out->block = block_of(arena, row->element, row->description, row->deprecation);
    if (row->kind == TF_BLOCK_SINGLE) {
        out->min_items = out->max_items = (row->flags & TF_REQUIRED) ? 1 : 0;
    } else {
        out->min_items = row->min_items;
        out->max_items = row->max_items;
    }
    return out;
}

static Tfplugin6__Schema__Block *block_of(struct arena *arena, const struct tf_model *model, const char *description,
                                          const char *deprecation)
{
    size_t rows = model_rows(model);
    Tfplugin6__Schema__Block *out = ARENA_NEW(arena, Tfplugin6__Schema__Block);
    tfplugin6__schema__block__init(out);
    out->description = text_of(arena, description);
    out->description_kind = TFPLUGIN6__STRING_KIND__MARKDOWN;
    out->deprecated = deprecation != NULL;
    out->deprecation_message = text_of(arena, deprecation);
    out->attributes = arena_array(arena, rows, sizeof(*out->attributes));
    out->block_types = arena_array(arena, rows, sizeof(*out->block_types));
    for (const struct tf_attribute *row = model->attributes; row->name; row++) {
        if (member_is_block(row))
            out->block_types[out->n_block_types++] = nested_of(arena, row);
        else
            out->attributes[out->n_attributes++] = attribute_of(arena, row);
    }
    return out;
}

Tfplugin6__Schema *schema_of(struct arena *arena, const struct tf_model *model, const char *description,
                             int64_t version)
{
    Tfplugin6__Schema *out = ARENA_NEW(arena, Tfplugin6__Schema);
    tfplugin6__schema__init(out);
    out->version = version;
    out->block = block_of(arena, model, description, NULL);
    return out;
}

static Tfplugin6__Function__Parameter *parameter_of(struct arena *arena, const struct tf_attribute *row)
{
    Tfplugin6__Function__Parameter *out = ARENA_NEW(arena, Tfplugin6__Function__Parameter);
    tfplugin6__function__parameter__init(out);
    out->name = text_of(arena, row->name);
    out->type = bytes_of(schema_type(arena, row));
    out->allow_null_value = (row->flags & TF_OPTIONAL) != 0;
    out->description = text_of(arena, row->description);
    out->description_kind = TFPLUGIN6__STRING_KIND__MARKDOWN;
    return out;
}

Tfplugin6__Function *schema_of_function(struct arena *arena, const struct tf_function *function)
{
    Tfplugin6__Function *out = ARENA_NEW(arena, Tfplugin6__Function);
    tfplugin6__function__init(out);
    out->summary = text_of(arena, function->summary);
    out->description = text_of(arena, function->description);
    out->description_kind = TFPLUGIN6__STRING_KIND__MARKDOWN;
    out->parameters = arena_array(arena, model_rows(&function->parameters), sizeof(*out->parameters));
    for (const struct tf_attribute *row = function->parameters.attributes; row->name; row++)
        out->parameters[out->n_parameters++] = parameter_of(arena, row);
    out->return_ = ARENA_NEW(arena, Tfplugin6__Function__Return);
    tfplugin6__function__return__init(out->return_);
    out->return_->type = bytes_of(result_type(arena, &function->result));
    return out;
}

Tfplugin6__ServerCapabilities *schema_capabilities(struct arena *arena)
{
    Tfplugin6__ServerCapabilities *out = ARENA_NEW(arena, Tfplugin6__ServerCapabilities);
    tfplugin6__server_capabilities__init(out);
    out->plan_destroy = true;
    out->get_provider_schema_optional = true;
    out->move_resource_state = true;
    return out;
}
