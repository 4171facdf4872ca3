/* SPDX-License-Identifier: MPL-2.0
 *
 * -debug mode: the process is started by a person, hosts attach to it by
 * TF_REATTACH_PROVIDERS, several at a time and each with a configuration of its
 * own. Sockets are therefore accepted here and given to gRPC one by one, which
 * lets connections be told apart: one process serves every alias, and the peer
 * of each call would be the same "unix:".
 */
#ifndef PLUGIN_RUNTIME_SERVER_REATTACH_H
#define PLUGIN_RUNTIME_SERVER_REATTACH_H

#include "base/err.h"
#include "plugin/runtime/call/connection.h"
#include "plugin/runtime/process/handshake.h"
#include "plugin/runtime/server/grpc.h"

/* A listening, non-blocking socket at the path; `*out` is its descriptor. */
MUST_USE bool reattach_listen(const struct handshake_socket *socket, int *out, struct err *err);
/* Takes every connection that waits. */
void reattach_accept(int listener, struct connections *connections, struct server *server);
/* TF_REATTACH_PROVIDERS='{...}': for Terraform, and for OpenTofu where its registry has the same address. */
struct str reattach_line(struct arena *arena, const char *provider_address, const struct handshake_socket *socket);

#endif
