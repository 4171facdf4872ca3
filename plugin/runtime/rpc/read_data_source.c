/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/model/object.h"
#include "plugin/runtime/rpc/table.h"
#include "proto/tfplugin6.pb-c.h"

static Tfplugin6__DynamicValue *read_source(struct tf_call *call, const Tfplugin6__ReadDataSource__Request *in)
{
    const struct tf_data_source *source = rpc_data_source(call, in->type_name);
    CLEANUP(err_clear) struct err err = { 0 };
    void *config;
    if (!source || !rpc_is_configured(call) || !rpc_decode_object(call, &source->model, in->config, &config))
        return NULL;
    void *state = model_copy(call->arena, &source->model, config);
    if (source->read && !source->read(call, config, state, &err)) {
        tf_report(call, "The data source cannot be read", &err);
        return NULL;
    }
    model_unknown_to_null(&source->model, state);
    return rpc_encode(call, &source->model, state);
}

static void run(struct tf_call *call, const void *request, void *response)
{
    Tfplugin6__ReadDataSource__Response *out = response;
    out->state = read_source(call, request);
    diagnostics_encode(call, &out->n_diagnostics, &out->diagnostics);
}

const struct rpc rpc_read_data_source = {
    .name = "ReadDataSource",
    .request = &tfplugin6__read_data_source__request__descriptor,
    .response = &tfplugin6__read_data_source__response__descriptor,
    .run = run,
};
