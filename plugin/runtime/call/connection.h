/* SPDX-License-Identifier: MPL-2.0
 *
 * Connections of hosts and the calls in flight on each. A connection carries
 * one provider configuration; StopProvider reaches the calls of its own
 * connection only. Under a host there is exactly one, for ever; in -debug mode
 * each accepted socket has its own.
 *
 * A call is entered when it is accepted, before it has a worker, so that a stop
 * finds it. Nothing here runs a provider's code except the three that
 * release configurations: connections_reap, _clear and _free. Any thread.
 */
#ifndef PLUGIN_RUNTIME_CALL_CONNECTION_H
#define PLUGIN_RUNTIME_CALL_CONNECTION_H

#include "plugin/runtime/provider.h"

struct connections;
struct connection;

/* A call in flight, inside its owner's object. */
struct ongoing {
    struct connection *connection;
    struct waiter *waiter;
    bool is_stream; /* never ends by itself: nobody waits for it */
    struct ongoing *previous, *next;
};

struct connections *connections_new(const struct tf_provider *provider);
/* Releases every configuration; no call may be in flight. Accepts NULL. */
void connections_free(struct connections *connections);
/* The same when streams are still open; calls that come later find nothing
 * configured. Does nothing when a call is in flight. */
void connections_clear(struct connections *connections);

/* A connection whose calls come from `peer`; one that was known by that name
 * before is closed. */
void connections_open(struct connections *connections, struct str peer);
/* Takes no more calls; its configuration is released by a later reap. */
void connections_close(struct connections *connections, struct connection *connection);
/* Releases what closed connections left, as soon as their calls have ended; false
 * if there was nothing. Not for pollers. */
bool connections_reap(struct connections *connections);

/* Enters a call of `peer`, or of the only connection when peers are not told
 * apart; after connections_stop_all its waiter is cancelled at once. */
void connections_enter(struct connections *connections, struct str peer, struct ongoing *ongoing);
void connections_leave(struct connections *connections, struct ongoing *ongoing);
/* Cancels every call of this connection that is in flight; later ones run normally. */
void connections_stop(struct connections *connections, struct connection *connection);
/* The host is gone: cancels every call there is and will be. */
void connections_stop_all(struct connections *connections);
/* Is any call open, of whatever kind? A go-plugin host always has a stream. */
bool connections_are_in_use(struct connections *connections);
/* Waits until no call is in flight. False when some still are after
 * `patience_ms` (real time). One thread at a time. */
bool connections_wait_idle(struct connections *connections, int64_t patience_ms);

/* A new configuration. Takes over both, also when another was there: calls in
 * flight keep that one, which is released with the connection. */
void connection_configure(struct connections *connections, struct connection *connection, void *configured,
                          struct arena *arena);
bool connection_is_configured(struct connections *connections, struct connection *connection);
void *connection_provider(struct connections *connections, struct connection *connection);
/* True the first time that it is asked about this text about this subject. */
bool connection_is_news(struct connections *connections, struct connection *connection, struct str subject,
                        struct str text);

#endif
