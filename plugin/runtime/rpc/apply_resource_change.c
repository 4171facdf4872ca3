/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/call/plan.h"
#include "plugin/runtime/model/object.h"
#include "plugin/runtime/rpc/table.h"
#include "proto/tfplugin6.pb-c.h"

struct change {
    const struct tf_resource *resource;
    void *config;  /* NULL when deleting */
    void *prior;   /* NULL when creating */
    void *planned; /* NULL when deleting */
};

static bool decode_change(struct tf_call *call, const Tfplugin6__ApplyResourceChange__Request *in, struct change *out)
{
    out->resource = rpc_resource(call, in->type_name);
    if (!out->resource || !rpc_is_configured(call))
        return false;
    const struct tf_model *model = &out->resource->model;
    if (!rpc_decode(call, model, in->prior_state, &out->prior) ||
        !rpc_decode(call, model, in->planned_state, &out->planned) ||
        !rpc_decode(call, model, in->config, &out->config))
        return false;
    if (out->planned ? out->config != NULL : out->prior != NULL)
        return true;
    tf_error(call, NULL, "A change that makes no sense",
             "The host sent a planned state and a configuration that do not belong together.");
    return false;
}

static bool operate(struct tf_call *call, const struct tf_resource *resource, struct tf_apply *apply)
{
    bool (*operation)(struct tf_call *, struct tf_apply *, struct err *) = !apply->prior     ? resource->create
                                                                           : !apply->planned ? resource->delete
                                                                                             : resource->update;
    const char *summary = !apply->prior     ? "The object cannot be created"
                          : !apply->planned ? "The object cannot be deleted"
                                            : "The object cannot be changed";
    CLEANUP(err_clear) struct err err = { 0 };
    if (!operation || operation(call, apply, &err))
        return true;
    tf_report(call, apply->summary ? apply->summary : summary, &err);
    return false;
}

/* What goes into state (provider.h, struct tf_apply). NULL: nothing. */
static const void *outcome(struct tf_call *call, const struct change *change, const struct tf_apply *apply, bool done)
{
    const struct tf_model *model = &change->resource->model;
    if (done && !change->planned)
        return NULL;
    if (!done && !apply->keep_state)
        return change->prior;
    if (change->planned && !tf_has_errors(call))
        plan_hold(call->arena, model, change->planned, apply->state);
    model_unknown_to_null(model, apply->state);
    return apply->state;
}

static Tfplugin6__DynamicValue *apply_change(struct tf_call *call, const Tfplugin6__ApplyResourceChange__Request *in)
{
    struct change change = { 0 };
    if (!decode_change(call, in, &change))
        return in->prior_state;
    const struct tf_model *model = &change.resource->model;
    struct tf_apply apply = {
        .config = change.planned ? change.config : NULL,
        .prior = change.prior,
        .planned = change.planned,
        .state = model_copy(call->arena, model, change.planned ? change.planned : change.prior),
        .note = plan_note_unwrap((struct str){ (const char *)in->planned_private.data, in->planned_private.len }),
    };
    bool done = operate(call, change.resource, &apply);
    return rpc_encode(call, model, outcome(call, &change, &apply, done));
}

/* No private data: the note has done its duty with this apply. */
static void run(struct tf_call *call, const void *request, void *response)
{
    Tfplugin6__ApplyResourceChange__Response *out = response;
    out->new_state = apply_change(call, request);
    diagnostics_encode(call, &out->n_diagnostics, &out->diagnostics);
}

const struct rpc rpc_apply_resource_change = {
    .name = "ApplyResourceChange",
    .request = &tfplugin6__apply_resource_change__request__descriptor,
    .response = &tfplugin6__apply_resource_change__response__descriptor,
    .run = run,
};
