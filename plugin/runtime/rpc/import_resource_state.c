/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/model/object.h"
#include "plugin/runtime/rpc/table.h"
#include "proto/tfplugin6.pb-c.h"

static void *import_state(struct tf_call *call, const struct tf_resource *resource, const char *id)
{
    CLEANUP(err_clear) struct err err = { 0 };
    void *state = model_new(call->arena, &resource->model);
    if (!resource->import) {
        tf_error(call, NULL, "The object cannot be imported", "%s has no import.", resource->type_name);
        return NULL;
    }
    if (!resource->import(call, str_from(id), state, &err)) {
        tf_report(call, "The object cannot be imported", &err);
        return NULL;
    }
    model_unknown_to_null(&resource->model, state);
    return state;
}

static void import_resource(struct tf_call *call, const Tfplugin6__ImportResourceState__Request *in,
                            Tfplugin6__ImportResourceState__Response *out)
{
    const struct tf_resource *resource = rpc_resource(call, in->type_name);
    if (!resource || !rpc_is_configured(call))
        return;
    void *state = import_state(call, resource, in->id);
    if (!state || tf_has_errors(call))
        return;
    Tfplugin6__ImportResourceState__ImportedResource *imported = arena_alloc(call->arena, sizeof(*imported));
    tfplugin6__import_resource_state__imported_resource__init(imported);
    imported->type_name = (char *)resource->type_name;
    imported->state = rpc_encode(call, &resource->model, state);
    out->n_imported_resources = 1;
    out->imported_resources = arena_alloc(call->arena, sizeof(*out->imported_resources));
    out->imported_resources[0] = imported;
}

static void run(struct tf_call *call, const void *request, void *response)
{
    Tfplugin6__ImportResourceState__Response *out = response;
    import_resource(call, request, out);
    diagnostics_encode(call, &out->n_diagnostics, &out->diagnostics);
}

const struct rpc rpc_import_resource_state = {
    .name = "ImportResourceState",
    .request = &tfplugin6__import_resource_state__request__descriptor,
    .response = &tfplugin6__import_resource_state__response__descriptor,
    .run = run,
};
