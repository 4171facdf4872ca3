/* SPDX-License-Identifier: MPL-2.0
 *
 * Values and types, as the handlers share them.
 */
#include "plugin/runtime/model/json.h"
#include "plugin/runtime/model/msgpack.h"
#include "plugin/runtime/rpc/table.h"
#include "proto/tfplugin6.pb-c.h"

static void set_subject(struct tf_call *call, const struct tf_model *model, const char *key, const char *type_name)
{
    const struct log_field fields[] = {
        { key,  str_from(type_name) },
        { NULL, { NULL, 0 }         }
    };
    call->private->model = model;
    call->log = log_with(call->arena, call->log, fields);
}

static void report_unknown_type(struct tf_call *call, const char *what, const char *type_name)
{
    tf_error(call, NULL, "Unknown type", "This provider has no %s \"%s\".", what, type_name);
}

const struct tf_resource *rpc_resource(struct tf_call *call, const char *type_name)
{
    for (const struct tf_resource *const *at = call->private->provider->resources; at && *at; at++) {
        if (!str_equal(str_from((*at)->type_name), str_from(type_name)))
            continue;
        set_subject(call, &(*at)->model, "tf_resource_type", (*at)->type_name);
        return *at;
    }
    report_unknown_type(call, "resource", type_name);
    return NULL;
}

const struct tf_data_source *rpc_data_source(struct tf_call *call, const char *type_name)
{
    for (const struct tf_data_source *const *at = call->private->provider->data_sources; at && *at; at++) {
        if (!str_equal(str_from((*at)->type_name), str_from(type_name)))
            continue;
        set_subject(call, &(*at)->model, "tf_data_source_type", (*at)->type_name);
        return *at;
    }
    report_unknown_type(call, "data source", type_name);
    return NULL;
}

bool rpc_is_configured(struct tf_call *call)
{
    if (connection_is_configured(call->private->connections, call->private->connection))
        return true;
    tf_error(call, NULL, "The provider is not configured",
             "The host asked for this before it configured the provider, or configuring it failed.");
    return false;
}

static bool decode(struct arena *arena, const struct tf_model *model, const Tfplugin6__DynamicValue *value, void **out,
                   struct err *err)
{
    if (value && value->msgpack.len)
        return model_from_msgpack(arena, model, (struct str){ (const char *)value->msgpack.data, value->msgpack.len },
                                  out, err);
    if (value && value->json.len)
        return model_from_json(arena, model, (struct str){ (const char *)value->json.data, value->json.len }, out, err);
    *out = NULL; /* neither: null */
    return true;
}

bool rpc_decode(struct tf_call *call, const struct tf_model *model, const Tfplugin6__DynamicValue *value, void **out)
{
    CLEANUP(err_clear) struct err err = { 0 };
    if (decode(call->arena, model, value, out, &err))
        return true;
    tf_report(call, "A value does not fit the provider's schema", &err);
    return false;
}

bool rpc_decode_object(struct tf_call *call, const struct tf_model *model, const Tfplugin6__DynamicValue *value,
                       void **out)
{
    if (!rpc_decode(call, model, value, out))
        return false;
    if (!*out)
        tf_error(call, NULL, "A value does not fit the provider's schema",
                 "The host sent null where it should send an object.");
    return *out != NULL;
}

Tfplugin6__DynamicValue *rpc_value_of(struct tf_call *call, struct str msgpack)
{
    Tfplugin6__DynamicValue *value = ARENA_NEW(call->arena, Tfplugin6__DynamicValue);
    tfplugin6__dynamic_value__init(value);
    value->msgpack = (ProtobufCBinaryData){ .data = (uint8_t *)msgpack.ptr, .len = msgpack.len };
    return value;
}

Tfplugin6__DynamicValue *rpc_encode(struct tf_call *call, const struct tf_model *model, const void *object)
{
    return rpc_value_of(call, model_to_msgpack(call->arena, model, object));
}
