/* SPDX-License-Identifier: MPL-2.0
 *
 * How a host and this process find each other: the environment that the host
 * sets, the socket, and the one line on standard output that tells where it is
 * (hashicorp/go-plugin, docs/internals.md). This is the only place that writes
 * to standard output.
 */
#ifndef PLUGIN_RUNTIME_PROCESS_HANDSHAKE_H
#define PLUGIN_RUNTIME_PROCESS_HANDSHAKE_H

#include "base/env.h"

/* Did a Terraform host start this process? */
bool handshake_has_cookie(const struct env *env);

/* Where to listen. */
struct handshake_socket {
    struct str grpc_address; /* "unix:/path" or "unix-abstract:name" */
    struct str host_address; /* "/path" or "@name" */
    struct str path;         /* file and folder to remove at the end; empty for an abstract socket */
    struct str folder;
};

/* With AutoMTLS an abstract socket, which leaves nothing behind however the
 * process ends. Without, and where the host names a folder by
 * PLUGIN_UNIX_SOCKET_DIR, a file in a folder that only this user can enter. */
MUST_USE bool handshake_socket_init(struct handshake_socket *out, struct arena *arena, const struct env *env,
                                    const char *name, bool has_tls, struct err *err);
/* A file that listens, and its folder, to the group that PLUGIN_UNIX_SOCKET_GROUP names, if it does. */
MUST_USE bool handshake_socket_share(const struct handshake_socket *socket, const struct env *env, struct err *err);
void handshake_socket_clear(const struct handshake_socket *socket);

/* Core version | protocol | network | address | kind | certificate. */
struct str handshake_line(struct arena *arena, const struct env *env, const struct handshake_socket *socket,
                          struct str certificate_base64);

/* The text and a newline, whole, to standard output. */
MUST_USE bool handshake_print(struct str text, struct err *err);

#endif
