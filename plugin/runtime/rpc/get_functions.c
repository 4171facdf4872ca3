/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/model/object.h"
#include "plugin/runtime/rpc/schema.h"
#include "plugin/runtime/rpc/table.h"
#include "proto/tfplugin6.pb-c.h"

/* Terraform reads the functions from the schema; OpenTofu asks here. */
static void run(struct tf_call *call, const void *request, void *response)
{
    const struct tf_provider *provider = call->private->provider;
    Tfplugin6__GetFunctions__Response *out = response;
    (void)request;
    out->n_functions = model_list_length(provider->functions);
    out->functions = arena_array(call->arena, out->n_functions, sizeof(*out->functions));
    for (size_t i = 0; i < out->n_functions; i++) {
        Tfplugin6__GetFunctions__Response__FunctionsEntry *entry = arena_alloc(call->arena, sizeof(*entry));
        tfplugin6__get_functions__response__functions_entry__init(entry);
        entry->key = (char *)provider->functions[i]->name;
        entry->value = schema_of_function(call->arena, provider->functions[i]);
        out->functions[i] = entry;
    }
}

const struct rpc rpc_get_functions = {
    .name = "GetFunctions",
    .request = &tfplugin6__get_functions__request__descriptor,
    .response = &tfplugin6__get_functions__response__descriptor,
    .run = run,
};
