/* SPDX-License-Identifier: MPL-2.0
 *
 * `moved` blocks between resource types. Hosts call this on a provider that is
 * not configured (Terraform) or that is (OpenTofu).
 */
#include "plugin/runtime/model/json.h"
#include "plugin/runtime/model/object.h"
#include "plugin/runtime/rpc/table.h"
#include "proto/tfplugin6.pb-c.h"

/* "registry.terraform.io/hashicorp/aws" is "hashicorp/aws", on whatever host. */
static bool is_of_provider(struct str address, const char *provider)
{
    struct str wanted = str_from(provider);
    return str_ends_with(address, wanted) && address.len > wanted.len &&
           address.ptr[address.len - wanted.len - 1] == '/';
}

static const struct tf_move *find_move(const struct tf_resource *resource, struct str address, struct str type)
{
    for (const struct tf_move *move = resource->moves; move && move->source_type; move++)
        if (str_equal(type, str_from(move->source_type)) && is_of_provider(address, move->source_provider))
            return move;
    return NULL;
}

static void refuse(struct tf_call *call, const struct tf_resource *resource, struct str address, struct str type)
{
    struct str known = STR("");
    for (const struct tf_move *move = resource->moves; move && move->source_type; move++)
        str_join(call->arena, &known, ", ", "%s of %s", move->source_type, move->source_provider);
    if (str_is_empty(known))
        known = STR("nothing");
    tf_error(call, NULL, "The object cannot be moved",
             "%s cannot take over the state of %.*s of the provider %.*s. It takes over: %.*s.", resource->type_name,
             STR_ARG(type), STR_ARG(address), STR_ARG(known));
}

static Tfplugin6__DynamicValue *move(struct tf_call *call, const Tfplugin6__MoveResourceState__Request *in)
{
    const struct tf_resource *resource = rpc_resource(call, in->target_type_name);
    const struct str address = str_from(in->source_provider_address);
    const struct str type = str_from(in->source_type_name);
    const struct tf_move *found = resource ? find_move(resource, address, type) : NULL;
    CLEANUP(err_clear) struct err err = { 0 };
    void *source = NULL;
    if (resource && !found)
        refuse(call, resource, address, type);
    if (!found)
        return NULL;
    struct str json = in->source_state
                          ? (struct str){ (const char *)in->source_state->json.data, in->source_state->json.len }
                          : STR("");
    void *state = model_new(call->arena, &resource->model);
    if (!model_from_json(call->arena, &found->source, json, &source, &err) ||
        !(source || err_set(&err, ERR_INVALID, "the state is null")) || !found->run(call, source, state, &err)) {
        err_set_path(&err, ""); /* of the source: the target has no such argument */
        err_wrap(&err, "the state of %s", found->source_type);
        tf_report(call, "The object cannot be moved", &err);
        return NULL;
    }
    model_unknown_to_null(&resource->model, state);
    return rpc_encode(call, &resource->model, state);
}

static void run(struct tf_call *call, const void *request, void *response)
{
    Tfplugin6__MoveResourceState__Response *out = response;
    out->target_state = move(call, request);
    diagnostics_encode(call, &out->n_diagnostics, &out->diagnostics);
}

const struct rpc rpc_move_resource_state = {
    .name = "MoveResourceState",
    .request = &tfplugin6__move_resource_state__request__descriptor,
    .response = &tfplugin6__move_resource_state__response__descriptor,
    .run = run,
};
