/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/model/object.h"
#include "plugin/runtime/rpc/schema.h"
#include "plugin/runtime/rpc/table.h"
#include "proto/tfplugin6.pb-c.h"

static void add_resources(struct arena *arena, const struct tf_provider *provider,
                          Tfplugin6__GetProviderSchema__Response *out)
{
    out->n_resource_schemas = model_list_length(provider->resources);
    out->resource_schemas = arena_array(arena, out->n_resource_schemas, sizeof(*out->resource_schemas));
    for (size_t i = 0; i < out->n_resource_schemas; i++) {
        const struct tf_resource *resource = provider->resources[i];
        Tfplugin6__GetProviderSchema__Response__ResourceSchemasEntry *entry = arena_alloc(arena, sizeof(*entry));
        tfplugin6__get_provider_schema__response__resource_schemas_entry__init(entry);
        entry->key = (char *)resource->type_name;
        entry->value = schema_of(arena, &resource->model, resource->description, resource->version);
        out->resource_schemas[i] = entry;
    }
}

static void add_data_sources(struct arena *arena, const struct tf_provider *provider,
                             Tfplugin6__GetProviderSchema__Response *out)
{
    out->n_data_source_schemas = model_list_length(provider->data_sources);
    out->data_source_schemas = arena_array(arena, out->n_data_source_schemas, sizeof(*out->data_source_schemas));
    for (size_t i = 0; i < out->n_data_source_schemas; i++) {
        const struct tf_data_source *source = provider->data_sources[i];
        Tfplugin6__GetProviderSchema__Response__DataSourceSchemasEntry *entry = arena_alloc(arena, sizeof(*entry));
        tfplugin6__get_provider_schema__response__data_source_schemas_entry__init(entry);
        entry->key = (char *)source->type_name;
        entry->value = schema_of(arena, &source->model, source->description, 0);
        out->data_source_schemas[i] = entry;
    }
}

static void add_functions(struct arena *arena, const struct tf_provider *provider,
                          Tfplugin6__GetProviderSchema__Response *out)
{
    out->n_functions = model_list_length(provider->functions);
    out->functions = arena_array(arena, out->n_functions, sizeof(*out->functions));
    for (size_t i = 0; i < out->n_functions; i++) {
        Tfplugin6__GetProviderSchema__Response__FunctionsEntry *entry = arena_alloc(arena, sizeof(*entry));
        tfplugin6__get_provider_schema__response__functions_entry__init(entry);
        entry->key = (char *)provider->functions[i]->name;
        entry->value = schema_of_function(arena, provider->functions[i]);
        out->functions[i] = entry;
    }
}

static void run(struct tf_call *call, const void *request, void *response)
{
    const struct tf_provider *provider = call->private->provider;
    Tfplugin6__GetProviderSchema__Response *out = response;
    (void)request;
    out->provider = schema_of(call->arena, provider->model, provider->description, 0);
    out->server_capabilities = schema_capabilities(call->arena);
    add_resources(call->arena, provider, out);
    add_data_sources(call->arena, provider, out);
    add_functions(call->arena, provider, out);
}

const struct rpc rpc_get_provider_schema = {
    .name = "GetProviderSchema",
    .request = &tfplugin6__get_provider_schema__request__descriptor,
    .response = &tfplugin6__get_provider_schema__response__descriptor,
    .run = run,
};
