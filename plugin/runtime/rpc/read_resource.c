/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/model/object.h"
#include "plugin/runtime/rpc/table.h"
#include "proto/tfplugin6.pb-c.h"

/* The object as it is now; NULL when it is gone. On failure the state stays. */
static const void *read_state(struct tf_call *call, const struct tf_resource *resource, const void *prior)
{
    struct tf_read read = { .prior = prior, .state = model_copy(call->arena, &resource->model, prior) };
    CLEANUP(err_clear) struct err err = { 0 };
    if (!resource->read)
        return prior;
    if (!resource->read(call, &read, &err)) {
        tf_report(call, "The object cannot be read", &err);
        return prior;
    }
    if (read.gone)
        return NULL;
    model_unknown_to_null(&resource->model, read.state);
    return read.state;
}

static Tfplugin6__DynamicValue *read_resource(struct tf_call *call, const Tfplugin6__ReadResource__Request *in)
{
    const struct tf_resource *resource = rpc_resource(call, in->type_name);
    void *prior;
    if (!resource || !rpc_is_configured(call) || !rpc_decode(call, &resource->model, in->current_state, &prior))
        return in->current_state;
    if (!prior)
        return rpc_encode(call, &resource->model, NULL);
    return rpc_encode(call, &resource->model, read_state(call, resource, prior));
}

static void run(struct tf_call *call, const void *request, void *response)
{
    const Tfplugin6__ReadResource__Request *in = request;
    Tfplugin6__ReadResource__Response *out = response;
    out->new_state = read_resource(call, in);
    out->private_ = in->private_; /* what is not returned is lost */
    diagnostics_encode(call, &out->n_diagnostics, &out->diagnostics);
}

const struct rpc rpc_read_resource = {
    .name = "ReadResource",
    .request = &tfplugin6__read_resource__request__descriptor,
    .response = &tfplugin6__read_resource__response__descriptor,
    .run = run,
};
