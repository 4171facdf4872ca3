/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/unit/plugin/runtime/toy_host.h"

#include "plugin/runtime/call/diagnostic.h"
#include "plugin/runtime/model/msgpack.h"
#include "plugin/runtime/rpc/table.h"
#include "tests/support/harness.h"

struct toy_host {
    struct arena *arena;
    struct clock_scale scale;
    struct clock clock;
    struct env env;
    struct connections *connections;
    struct ongoing ongoing;
};

struct toy_host *toy_host_new(void)
{
    static const char *const no_entries[] = { NULL };
    struct toy_host *host = mem_alloc(sizeof(*host));
    host->arena = arena_new();
    host->scale.factor = 1;
    host->clock = clock_real(&host->scale);
    host->env.entries = no_entries;
    host->connections = connections_new(&toy_provider);
    host->ongoing.waiter = waiter_new(&host->clock);
    connections_enter(host->connections, STR(""), &host->ongoing);
    return host;
}

void toy_host_free(struct toy_host *host)
{
    if (!host)
        return;
    connections_leave(host->connections, &host->ongoing);
    connections_free(host->connections);
    waiter_free(host->ongoing.waiter);
    arena_free(host->arena);
    mem_free(host);
}

struct arena *toy_host_arena(struct toy_host *host)
{
    return host->arena;
}

static void *allocate(void *arena, size_t size)
{
    return arena_alloc(arena, size);
}

static void keep(void *arena, void *memory)
{
    (void)arena;
    (void)memory;
}

void *toy_host_call(struct toy_host *host, const char *method, const void *request)
{
    const struct rpc *rpc = rpc_find(str_format(host->arena, "/tfplugin6.Provider/%s", method));
    assert_non_null(rpc);
    uint8_t *bytes = arena_alloc(host->arena, protobuf_c_message_get_packed_size(request));
    struct str packed = { (const char *)bytes, protobuf_c_message_pack(request, bytes) };
    struct tf_call_private inside = { .provider = &toy_provider,
                                      .connections = host->connections,
                                      .connection = host->ongoing.connection };
    struct tf_call call = { .arena = host->arena,
                            .waiter = host->ongoing.waiter,
                            .env = &host->env,
                            .provider = connection_provider(host->connections, host->ongoing.connection),
                            .private = &inside };
    struct str reply;
    assert_true(rpc_run(rpc, &call, packed, &reply));
    ProtobufCAllocator allocator = { .alloc = allocate, .free = keep, .allocator_data = host->arena };
    void *message = protobuf_c_message_unpack(rpc->response, &allocator, reply.len, (const uint8_t *)reply.ptr);
    assert_non_null(message);
    return message;
}

void toy_host_configure(struct toy_host *host, const char *prefix)
{
    struct toy_block block = { .prefix = tf_known_string(str_from(prefix)) };
    Tfplugin6__ConfigureProvider__Request request = TFPLUGIN6__CONFIGURE_PROVIDER__REQUEST__INIT;
    request.config = toy_value(host, toy_provider.model, &block);
    const Tfplugin6__ConfigureProvider__Response *response = toy_host_call(host, "ConfigureProvider", &request);
    assert_string_equal(toy_said(host, response->n_diagnostics, response->diagnostics), "");
}

Tfplugin6__DynamicValue *toy_value(struct toy_host *host, const struct tf_model *model, const void *object)
{
    struct str bytes = model_to_msgpack(host->arena, model, object);
    Tfplugin6__DynamicValue *value = ARENA_NEW(host->arena, Tfplugin6__DynamicValue);
    tfplugin6__dynamic_value__init(value);
    value->msgpack = (ProtobufCBinaryData){ .data = (uint8_t *)bytes.ptr, .len = bytes.len };
    return value;
}

struct str toy_bytes(ProtobufCBinaryData bytes)
{
    return (struct str){ (const char *)bytes.data, bytes.len };
}

void *toy_object(struct toy_host *host, const struct tf_model *model, const Tfplugin6__DynamicValue *value)
{
    CLEANUP(err_clear) struct err err = { 0 };
    void *object = NULL;
    assert_non_null(value);
    if (!model_from_msgpack(host->arena, model, toy_bytes(value->msgpack), &object, &err))
        fail_msg("the reply holds a bad value: %s at %s", err_text(&err), err_path(&err));
    return object;
}

const char *toy_said(struct toy_host *host, size_t count, Tfplugin6__Diagnostic **diagnostics)
{
    struct str text = STR("");
    for (size_t i = 0; i < count; i++)
        text = str_format(host->arena, "%.*s%s: %s: %s\n", STR_ARG(text),
                          diagnostics[i]->severity == TFPLUGIN6__DIAGNOSTIC__SEVERITY__ERROR ? "error" : "warning",
                          diagnostics[i]->summary, diagnostics[i]->detail);
    return str_c(host->arena, text);
}
