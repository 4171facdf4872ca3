/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/call/validate.h"
#include "plugin/runtime/rpc/table.h"
#include "proto/tfplugin6.pb-c.h"

static void run(struct tf_call *call, const void *request, void *response)
{
    const Tfplugin6__ValidateProviderConfig__Request *in = request;
    Tfplugin6__ValidateProviderConfig__Response *out = response;
    const struct tf_provider *provider = call->private->provider;
    void *config;
    call->private->model = provider->model;
    if (rpc_decode_object(call, provider->model, in->config, &config)) {
        validate_rows(call, provider->model, config);
        if (provider->validate)
            provider->validate(call, config);
    }
    diagnostics_encode(call, &out->n_diagnostics, &out->diagnostics);
}

const struct rpc rpc_validate_provider_config = {
    .name = "ValidateProviderConfig",
    .request = &tfplugin6__validate_provider_config__request__descriptor,
    .response = &tfplugin6__validate_provider_config__response__descriptor,
    .run = run,
};
