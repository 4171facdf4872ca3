/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/rpc/table.h"

#include <protobuf-c/protobuf-c.h>

#include "plugin/runtime/limits.h"

static const char service[] = "/tfplugin6.Provider/";

static const struct rpc *const table[] = {
    &rpc_get_metadata,
    &rpc_get_provider_schema,
    &rpc_validate_provider_config,
    &rpc_configure_provider,
    &rpc_validate_resource_config,
    &rpc_validate_data_resource_config,
    &rpc_upgrade_resource_state,
    &rpc_read_resource,
    &rpc_plan_resource_change,
    &rpc_apply_resource_change,
    &rpc_import_resource_state,
    &rpc_move_resource_state,
    &rpc_read_data_source,
    &rpc_get_functions,
    &rpc_call_function,
    &rpc_stop_provider,
};

const struct rpc *rpc_find(struct str path)
{
    if (!str_starts_with(path, str_from(service)))
        return NULL;
    struct str name = str_slice(path, sizeof(service) - 1, path.len);
    for (size_t i = 0; i < ARRAY_LENGTH(table); i++)
        if (str_equal(name, str_from(table[i]->name)))
            return table[i];
    return NULL;
}

/* Unpacking is given a few times the request's size: a flood of tiny fields
 * would otherwise cost far more memory than it has bytes. */
struct unpack_room {
    struct arena *arena;
    size_t left;
};

static void *allocate(void *data, size_t size)
{
    struct unpack_room *room = data;
    if (size > room->left)
        return NULL;
    room->left -= size;
    return arena_alloc(room->arena, size);
}

static void keep(void *data, void *memory)
{
    (void)data;
    (void)memory; /* goes with the arena */
}

bool rpc_run(const struct rpc *rpc, struct tf_call *call, struct str request, struct str *out_reply)
{
    struct unpack_room room = { .arena = call->arena, .left = UNPACK_BASE_BYTES + UNPACK_FACTOR * request.len };
    ProtobufCAllocator allocator = { .alloc = allocate, .free = keep, .allocator_data = &room };
    const ProtobufCMessage *message =
        protobuf_c_message_unpack(rpc->request, &allocator, request.len, (const uint8_t *)request.ptr);
    if (!message)
        return false;
    ProtobufCMessage *response = arena_alloc(call->arena, rpc->response->sizeof_message);
    protobuf_c_message_init(rpc->response, response);
    rpc->run(call, message, response);
    size_t size = protobuf_c_message_get_packed_size(response);
    uint8_t *bytes = arena_alloc(call->arena, size);
    protobuf_c_message_pack(response, bytes);
    *out_reply = (struct str){ (const char *)bytes, size };
    return true;
}
