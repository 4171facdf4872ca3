/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/call/plan.h"
#include "plugin/runtime/limits.h"
#include "plugin/runtime/rpc/table.h"
#include "proto/tfplugin6.pb-c.h"

struct change {
    const struct tf_resource *resource;
    void *config;   /* NULL when destroying */
    void *prior;    /* NULL when creating */
    void *proposed; /* NULL when destroying */
};

static bool decode_change(struct tf_call *call, const Tfplugin6__PlanResourceChange__Request *in, struct change *out)
{
    out->resource = rpc_resource(call, in->type_name);
    if (!out->resource || !rpc_is_configured(call))
        return false;
    const struct tf_model *model = &out->resource->model;
    if (!rpc_decode(call, model, in->prior_state, &out->prior) ||
        !rpc_decode(call, model, in->proposed_new_state, &out->proposed) ||
        !rpc_decode(call, model, in->config, &out->config))
        return false;
    if ((out->proposed == NULL) == (out->config == NULL) && (out->proposed || out->prior))
        return true;
    tf_error(call, NULL, "A plan that makes no sense",
             "The host sent a proposed state and a configuration that do not belong together.");
    return false;
}

/* Equal configurations, or when destroying equal states, are one object to the user's eye. */
static struct str once_about(const Tfplugin6__PlanResourceChange__Request *in, const struct change *change)
{
    const Tfplugin6__DynamicValue *value = change->config ? in->config : in->prior_state;
    const ProtobufCBinaryData *bytes = value->msgpack.len ? &value->msgpack : &value->json;
    return (struct str){ (const char *)bytes->data, bytes->len };
}

static void plan(struct tf_call *call, const Tfplugin6__PlanResourceChange__Request *in, const struct change *change,
                 Tfplugin6__PlanResourceChange__Response *out)
{
    const struct tf_resource *resource = change->resource;
    CLEANUP(err_clear) struct err err = { 0 };
    struct tf_plan plan = {
        .config = change->config,
        .prior = change->prior,
        .destroy = change->proposed == NULL,
        .note = STR(""),
        .hands_over_notes = in->client_capabilities && in->client_capabilities->store_planned_private,
        .first_note = plan_note_unwrap((struct str){ (const char *)in->planned_private.data, in->planned_private.len }),
    };
    if (!plan.destroy)
        plan.planned = plan_compute(call, &resource->model, change->config, change->prior, change->proposed);
    call->private->once_about = once_about(in, change);
    if (resource->plan && !resource->plan(call, &plan, &err))
        tf_report(call, "The change cannot be planned", &err);
    if (plan.note.len > NOTE_MAX_BYTES)
        tf_error(call, NULL, "The change cannot be planned", "The provider's note is %zu bytes long.", plan.note.len);
    struct str note = plan_note_wrap(call->arena, plan.note);
    out->planned_state = rpc_encode(call, &resource->model, plan.destroy ? NULL : plan.planned);
    out->planned_private = (ProtobufCBinaryData){ .data = (uint8_t *)note.ptr, .len = note.len };
}

static void run(struct tf_call *call, const void *request, void *response)
{
    const Tfplugin6__PlanResourceChange__Request *in = request;
    Tfplugin6__PlanResourceChange__Response *out = response;
    struct change change = { 0 };
    if (decode_change(call, in, &change))
        plan(call, in, &change, out);
    if (change.prior && change.proposed) /* a create or destroy replaces nothing */
        replaced_encode(call, &out->n_requires_replace, &out->requires_replace);
    diagnostics_encode(call, &out->n_diagnostics, &out->diagnostics);
}

const struct rpc rpc_plan_resource_change = {
    .name = "PlanResourceChange",
    .request = &tfplugin6__plan_resource_change__request__descriptor,
    .response = &tfplugin6__plan_resource_change__response__descriptor,
    .run = run,
};
