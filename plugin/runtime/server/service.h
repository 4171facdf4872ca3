/* SPDX-License-Identifier: MPL-2.0
 *
 * Between the server and the handlers: knows which paths exist, gives each
 * accepted call its arena, waiter, log and connection, enters it where a stop
 * finds it, and logs how long it took. Values never reach the log.
 */
#ifndef PLUGIN_RUNTIME_SERVER_SERVICE_H
#define PLUGIN_RUNTIME_SERVER_SERVICE_H

#include <stdatomic.h>

#include "plugin/runtime/call/connection.h"
#include "plugin/runtime/process/life.h"
#include "plugin/runtime/server/grpc.h"

/* Filled by its owner, which keeps everything alive that it points to. */
struct service {
    const struct tf_provider *provider;
    const struct env *env;
    const struct clock *clock;
    struct log *log;
    struct connections *connections;
    struct life *life;
    bool has_host; /* one connection, whose end is the end; otherwise one per peer (-debug) */
    atomic_ulong calls;
};

/* `service` is kept. */
struct server_service service_methods(struct service *service);

#endif
