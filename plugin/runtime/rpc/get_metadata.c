/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/model/object.h"
#include "plugin/runtime/rpc/schema.h"
#include "plugin/runtime/rpc/table.h"
#include "proto/tfplugin6.pb-c.h"

static Tfplugin6__GetMetadata__TypeMetadata *type_of(struct arena *arena, const char *name)
{
    Tfplugin6__GetMetadata__TypeMetadata *out = ARENA_NEW(arena, Tfplugin6__GetMetadata__TypeMetadata);
    tfplugin6__get_metadata__type_metadata__init(out);
    out->type_name = (char *)name;
    return out;
}

static Tfplugin6__GetMetadata__FunctionMetadata *function_of(struct arena *arena, const char *name)
{
    Tfplugin6__GetMetadata__FunctionMetadata *out = ARENA_NEW(arena, Tfplugin6__GetMetadata__FunctionMetadata);
    tfplugin6__get_metadata__function_metadata__init(out);
    out->name = (char *)name;
    return out;
}

static void run(struct tf_call *call, const void *request, void *response)
{
    const struct tf_provider *provider = call->private->provider;
    Tfplugin6__GetMetadata__Response *out = response;
    (void)request;
    out->server_capabilities = schema_capabilities(call->arena);
    out->n_resources = model_list_length(provider->resources);
    out->n_data_sources = model_list_length(provider->data_sources);
    out->n_functions = model_list_length(provider->functions);
    out->resources = arena_array(call->arena, out->n_resources, sizeof(*out->resources));
    out->data_sources = arena_array(call->arena, out->n_data_sources, sizeof(*out->data_sources));
    out->functions = arena_array(call->arena, out->n_functions, sizeof(*out->functions));
    for (size_t i = 0; i < out->n_resources; i++)
        out->resources[i] = type_of(call->arena, provider->resources[i]->type_name);
    for (size_t i = 0; i < out->n_data_sources; i++)
        out->data_sources[i] = type_of(call->arena, provider->data_sources[i]->type_name);
    for (size_t i = 0; i < out->n_functions; i++)
        out->functions[i] = function_of(call->arena, provider->functions[i]->name);
}

const struct rpc rpc_get_metadata = {
    .name = "GetMetadata",
    .request = &tfplugin6__get_metadata__request__descriptor,
    .response = &tfplugin6__get_metadata__response__descriptor,
    .run = run,
};
