/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/server/reattach.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/linux/error_text.h"
#include "base/linux/socket.h"

enum { BACKLOG = 64 };

bool reattach_listen(const struct handshake_socket *socket_place, int *out, struct err *err)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if (socket_place->path.len >= sizeof(address.sun_path))
        return err_set(err, ERR_INVALID, "a socket path of %zu bytes", socket_place->path.len);
    memcpy(address.sun_path, socket_place->path.ptr, socket_place->path.len);
    int listener = os_socket_open_local();
    if (listener < 0 || bind(listener, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
        listen(listener, BACKLOG) < 0) {
        err_set(err, ERR_IO, "listening at %s: %s", address.sun_path, os_error_text(errno));
        if (listener >= 0)
            close(listener);
        return false;
    }
    *out = listener;
    return true;
}

void reattach_accept(int listener, struct connections *connections, struct server *server)
{
    for (;;) {
        int descriptor = os_socket_accept(listener);
        if (descriptor < 0)
            return;
        struct arena *arena = arena_new();
        /* Before its first call: a descriptor's number, and with it the peer's name, comes back. */
        connections_open(connections, server_peer_of_socket(arena, descriptor));
        arena_free(arena);
        server_add_socket(server, descriptor);
    }
}

static struct str entry(struct arena *arena, struct str host, struct str rest, struct str path)
{
    return str_format(arena,
                      "\"%.*s%.*s\":{\"Protocol\":\"grpc\",\"ProtocolVersion\":6,\"Pid\":%ld,\"Test\":true,"
                      "\"Addr\":{\"Network\":\"unix\",\"String\":\"%.*s\"}}",
                      STR_ARG(host), STR_ARG(rest), (long)getpid(), STR_ARG(path));
}

struct str reattach_line(struct arena *arena, const char *provider_address, const struct handshake_socket *socket_place)
{
    const struct str terraform = STR("registry.terraform.io");
    struct str address = str_from(provider_address);
    struct str entries = entry(arena, STR(""), address, socket_place->path);
    if (str_starts_with(address, terraform)) {
        struct str rest = str_slice(address, terraform.len, address.len);
        struct str other = entry(arena, STR("registry.opentofu.org"), rest, socket_place->path);
        entries = str_format(arena, "%.*s,%.*s", STR_ARG(entries), STR_ARG(other));
    }
    return str_format(arena, "TF_REATTACH_PROVIDERS='{%.*s}'", STR_ARG(entries));
}
