/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/call/validate.h"
#include "plugin/runtime/rpc/table.h"
#include "proto/tfplugin6.pb-c.h"

static void validate(struct tf_call *call, const Tfplugin6__ValidateDataResourceConfig__Request *in)
{
    const struct tf_data_source *source = rpc_data_source(call, in->type_name);
    void *config;
    if (!source || !rpc_decode_object(call, &source->model, in->config, &config))
        return;
    validate_rows(call, &source->model, config);
    if (source->validate)
        source->validate(call, config);
}

static void run(struct tf_call *call, const void *request, void *response)
{
    Tfplugin6__ValidateDataResourceConfig__Response *out = response;
    validate(call, request);
    diagnostics_encode(call, &out->n_diagnostics, &out->diagnostics);
}

const struct rpc rpc_validate_data_resource_config = {
    .name = "ValidateDataResourceConfig",
    .request = &tfplugin6__validate_data_resource_config__request__descriptor,
    .response = &tfplugin6__validate_data_resource_config__response__descriptor,
    .run = run,
};
