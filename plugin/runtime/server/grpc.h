/* SPDX-License-Identifier: MPL-2.0
 *
 * gRPC, and all of it that the runtime sees: calls by path, a request in, a
 * reply out. Its pollers only move calls along: they never run a handler that
 * could wait and never write logs. A call is shown to the service as soon as it
 * is accepted, so that a stop can find it before it has a worker. Paths that
 * the service does not know are answered UNIMPLEMENTED.
 */
#ifndef PLUGIN_RUNTIME_SERVER_GRPC_H
#define PLUGIN_RUNTIME_SERVER_GRPC_H

#include "base/log.h"
#include "plugin/runtime/process/tls.h"
#include "plugin/runtime/server/workers.h"

enum server_style {
    SERVER_WORKER,  /* the request is read, a worker answers */
    SERVER_AT_ONCE, /* a poller answers, without reading the (empty) request */
    SERVER_HELD     /* a stream of replies that stays open and silent */
};

/* gRPC's numbers. */
enum server_status { SERVER_OK = 0, SERVER_INVALID_ARGUMENT = 3, SERVER_EXHAUSTED = 8, SERVER_UNIMPLEMENTED = 12 };

struct server_reply {
    enum server_status status;
    const char *text; /* static; of a status other than SERVER_OK */
    struct str body;  /* borrowed until `end` */
};

struct server_service {
    void *self;
    /* Its style, when the service knows the method. */
    bool (*find)(void *self, struct str path, enum server_style *out_style);
    /* The service's own object for this call. On a poller. */
    void *(*accept)(void *self, struct str path, struct str peer);
    /* On a worker, or on a poller if SERVER_AT_ONCE. `request` lives until `end`. */
    void (*run)(void *call, struct str request, struct server_reply *reply);
    /* The peer has cancelled the call or gone, or the call has ended normally. On a poller. */
    void (*closed)(void *call, bool cancelled);
    /* Reply sent and call closed: the object may go. On a poller or worker. */
    void (*end)(void *call);
};

struct server_options {
    const char *address;            /* "unix:..." or "unix-abstract:..."; NULL: only server_add_socket */
    const struct tls_identity *tls; /* NULL: no encryption */
    const char *client_certificate; /* PEM, the only peer let in; with `tls` */
    const struct server_service *service;
    struct workers *workers;
    unsigned pollers;
};

struct server;

/* Who gets gRPC's own log lines, on any thread: it must not wait. */
struct server_listener {
    void (*say)(void *self, enum log_level level, const char *text);
    void *self;
};

/* Initialises gRPC. Once, before the first thread. */
void server_library_init(const struct server_listener *listener, enum log_level level);

MUST_USE bool server_new(const struct server_options *options, struct server **out, struct err *err);
/* No worker may be busy with a call of it. Accepts NULL. */
void server_free(struct server *server);

/* Serves a connected socket, whose calls will carry the returned peer name; takes over the descriptor. */
struct str server_peer_of_socket(struct arena *arena, int descriptor);
void server_add_socket(struct server *server, int descriptor);

#endif
