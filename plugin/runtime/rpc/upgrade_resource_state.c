/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/model/json.h"
#include "plugin/runtime/rpc/table.h"
#include "proto/tfplugin6.pb-c.h"

/* No resource has had another version yet: the same one is read leniently,
 * others are refused in words. An upgrade comes with the first older version. */
static bool check_version(struct tf_call *call, const struct tf_resource *resource, int64_t version)
{
    if (version == resource->version)
        return true;
    tf_error(call, NULL, "State of another version",
             "The state of this object was written with version %lld of its schema; this provider knows version %lld "
             "only.\n\n%s",
             (long long)version, (long long)resource->version,
             version > resource->version ? "A newer version of the provider wrote it: use that one."
                                         : "There has never been an older version: the state may be damaged.");
    return false;
}

static Tfplugin6__DynamicValue *upgrade(struct tf_call *call, const Tfplugin6__UpgradeResourceState__Request *in)
{
    const struct tf_resource *resource = rpc_resource(call, in->type_name);
    CLEANUP(err_clear) struct err err = { 0 };
    void *state;
    if (!resource || !check_version(call, resource, in->version))
        return NULL;
    if (!in->raw_state || !in->raw_state->json.len) {
        tf_error(call, NULL, "State that cannot be read",
                 "The state of this object is not in JSON: it was written by a Terraform before 0.12.");
        return NULL;
    }
    struct str json = { (const char *)in->raw_state->json.data, in->raw_state->json.len };
    if (!model_from_json(call->arena, &resource->model, json, &state, &err)) {
        tf_report(call, "State that cannot be read", &err);
        return NULL;
    }
    return rpc_encode(call, &resource->model, state);
}

static void run(struct tf_call *call, const void *request, void *response)
{
    Tfplugin6__UpgradeResourceState__Response *out = response;
    out->upgraded_state = upgrade(call, request);
    diagnostics_encode(call, &out->n_diagnostics, &out->diagnostics);
}

const struct rpc rpc_upgrade_resource_state = {
    .name = "UpgradeResourceState",
    .request = &tfplugin6__upgrade_resource_state__request__descriptor,
    .response = &tfplugin6__upgrade_resource_state__response__descriptor,
    .run = run,
};
