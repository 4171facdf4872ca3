/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/server/service.h"

#include "plugin/runtime/rpc/table.h"
#include "plugin/runtime/server/goplugin.h"

struct service_call {
    struct service *service;
    const struct rpc *rpc;          /* either this ... */
    enum goplugin_method go_plugin; /* ... or this */
    unsigned long number;
    struct arena *arena;
    struct ongoing ongoing;
};

static bool find(void *self, struct str path, enum server_style *out_style)
{
    const struct rpc *rpc = rpc_find(path);
    enum goplugin_method go_plugin = goplugin_find(path);
    (void)self;
    if (!rpc && go_plugin == GOPLUGIN_NONE)
        return false;
    if (rpc)
        *out_style = rpc->at_once ? SERVER_AT_ONCE : SERVER_WORKER;
    else
        *out_style = goplugin_is_stream(go_plugin) ? SERVER_HELD : SERVER_AT_ONCE;
    return true;
}

static void *accept_call(void *self, struct str path, struct str peer)
{
    struct service *service = self;
    struct service_call *call = mem_alloc(sizeof(*call));
    call->service = service;
    call->rpc = rpc_find(path);
    call->go_plugin = goplugin_find(path);
    call->number = atomic_fetch_add(&service->calls, 1) + 1;
    call->arena = arena_new();
    call->ongoing.waiter = waiter_new(service->clock);
    call->ongoing.is_stream = call->rpc == NULL;
    connections_enter(service->connections, service->has_host ? STR("") : peer, &call->ongoing);
    return call;
}

static void log_end(const struct tf_call *call, int64_t began_ms)
{
    const struct tf_call_private *inside = call->private;
    struct str duration =
        str_format(call->arena, "%lld", (long long)(clock_wall_ms(waiter_clock(call->waiter)) - began_ms));
    struct str errors = str_format(call->arena, "%zu", inside->error_count);
    struct str all = str_format(call->arena, "%zu", inside->diagnostic_count);
    const struct log_field fields[] = {
        { "tf_req_duration_ms",     duration    },
        { "diagnostic_error_count", errors      },
        { "diagnostic_count",       all         },
        { NULL,                     { NULL, 0 } },
    };
    log_write(call->log, LOG_DEBUG, fields, "answered");
}

static void run_rpc(struct service_call *self, struct str request, struct server_reply *reply)
{
    struct service *service = self->service;
    struct connection *connection = self->ongoing.connection;
    const struct log_field fields[] = {
        { "tf_provider_addr", str_from(service->provider->address) },
        { "tf_rpc", str_from(self->rpc->name) },
        { "tf_req_id", str_format(self->arena, "%lu", self->number) },
        { NULL, { NULL, 0 } },
    };
    struct tf_call_private inside = {
        .provider = service->provider,
        .connections = service->connections,
        .connection = connection,
    };
    struct tf_call call = {
        .arena = self->arena,
        .waiter = self->ongoing.waiter,
        .log = log_with(self->arena, service->log, fields),
        .env = service->env,
        .provider = connection_provider(service->connections, connection),
        .private = &inside,
    };
    int64_t began_ms = clock_wall_ms(service->clock);
    if (!rpc_run(self->rpc, &call, request, &reply->body)) {
        reply->status = SERVER_INVALID_ARGUMENT;
        reply->text = "the request is not the message of this method";
    }
    if (!self->rpc->at_once) /* a poller writes no log */
        log_end(&call, began_ms);
}

static void run(void *call, struct str request, struct server_reply *reply)
{
    struct service_call *self = call;
    if (self->rpc)
        run_rpc(self, request, reply);
    else
        reply->body = goplugin_reply(self->arena, self->go_plugin);
}

static void closed(void *call, bool cancelled)
{
    struct service_call *self = call;
    struct service *service = self->service;
    if (cancelled)
        waiter_cancel(self->ongoing.waiter);
    if (self->go_plugin != GOPLUGIN_STDIO)
        return;
    if (service->has_host)
        life_end(service->life, LIFE_HOST_GONE);
    else
        connections_close(service->connections, self->ongoing.connection);
}

static void end(void *call)
{
    struct service_call *self = call;
    struct service *service = self->service;
    connections_leave(service->connections, &self->ongoing);
    if (self->go_plugin == GOPLUGIN_SHUTDOWN)
        life_end(service->life, LIFE_SHUTDOWN);
    else
        life_nudge(service->life); /* a closed connection may be free to go, or the process to end */
    waiter_free(self->ongoing.waiter);
    arena_free(self->arena);
    mem_free(self);
}

struct server_service service_methods(struct service *service)
{
    return (struct server_service){
        .self = service, .find = find, .accept = accept_call, .run = run, .closed = closed, .end = end
    };
}
