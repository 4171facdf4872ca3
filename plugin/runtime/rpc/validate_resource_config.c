/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/call/validate.h"
#include "plugin/runtime/rpc/table.h"
#include "proto/tfplugin6.pb-c.h"

static void validate(struct tf_call *call, const Tfplugin6__ValidateResourceConfig__Request *in)
{
    const struct tf_resource *resource = rpc_resource(call, in->type_name);
    void *config;
    if (!resource || !rpc_decode_object(call, &resource->model, in->config, &config))
        return;
    validate_rows(call, &resource->model, config);
    if (resource->validate)
        resource->validate(call, config);
}

static void run(struct tf_call *call, const void *request, void *response)
{
    Tfplugin6__ValidateResourceConfig__Response *out = response;
    validate(call, request);
    diagnostics_encode(call, &out->n_diagnostics, &out->diagnostics);
}

const struct rpc rpc_validate_resource_config = {
    .name = "ValidateResourceConfig",
    .request = &tfplugin6__validate_resource_config__request__descriptor,
    .response = &tfplugin6__validate_resource_config__response__descriptor,
    .run = run,
};
