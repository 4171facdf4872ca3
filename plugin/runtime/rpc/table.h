/* SPDX-License-Identifier: MPL-2.0
 *
 * The calls of tfplugin6.Provider. Each has a file of its own, rpc_<name>.c,
 * with one handler; table.c lists them and turns bytes into messages and back.
 * Whatever goes wrong for the user is a diagnostic in a reply: a gRPC status
 * would cost the reply, and with it the new state.
 */
#ifndef PLUGIN_RUNTIME_RPC_TABLE_H
#define PLUGIN_RUNTIME_RPC_TABLE_H

#include "plugin/runtime/call/diagnostic.h"

struct ProtobufCMessageDescriptor;
struct Tfplugin6__DynamicValue;

struct rpc {
    const char *name;
    const struct ProtobufCMessageDescriptor *request;
    const struct ProtobufCMessageDescriptor *response;
    /* `response` is initialised and in the call's arena; so is what goes into it. */
    void (*run)(struct tf_call *call, const void *request, void *response);
    bool at_once; /* cannot wait: a poller may run it */
};

/* The call of that path, or NULL: to be answered UNIMPLEMENTED. */
const struct rpc *rpc_find(struct str path);
/* False when the bytes are no such message; then there is no reply. */
MUST_USE bool rpc_run(const struct rpc *rpc, struct tf_call *call, struct str request, struct str *out_reply);

extern const struct rpc rpc_get_metadata, rpc_get_provider_schema, rpc_get_functions, rpc_call_function;
extern const struct rpc rpc_validate_provider_config, rpc_configure_provider, rpc_stop_provider;
extern const struct rpc rpc_validate_resource_config, rpc_upgrade_resource_state, rpc_read_resource;
extern const struct rpc rpc_plan_resource_change, rpc_apply_resource_change, rpc_import_resource_state;
extern const struct rpc rpc_move_resource_state, rpc_validate_data_resource_config, rpc_read_data_source;

/* ---- What the handlers share (value.c) ------------------------------------- */

/* The described type; the call's paths and log lines are about it from now on.
 * An unknown one is reported, NULL returned. */
const struct tf_resource *rpc_resource(struct tf_call *call, const char *type_name);
const struct tf_data_source *rpc_data_source(struct tf_call *call, const char *type_name);
/* False, and reported, before ConfigureProvider. */
bool rpc_is_configured(struct tf_call *call);

/* `*out` is NULL when the value is null. False: reported, with its path. */
bool rpc_decode(struct tf_call *call, const struct tf_model *model, const struct Tfplugin6__DynamicValue *value,
                void **out);
/* The same for a value that a correct host never sends as null. */
bool rpc_decode_object(struct tf_call *call, const struct tf_model *model, const struct Tfplugin6__DynamicValue *value,
                       void **out);
struct Tfplugin6__DynamicValue *rpc_encode(struct tf_call *call, const struct tf_model *model,
                                           const void *object /* NULL: null */);
struct Tfplugin6__DynamicValue *rpc_value_of(struct tf_call *call, struct str msgpack);

#endif
