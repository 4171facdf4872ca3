/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/handshake.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "plugin/runtime/tls.h"

enum { PATH_MAX_BYTES = sizeof(((struct sockaddr_un *)0)->sun_path) - 1 };

static const char socket_name[] = "/plugin.sock";
static const char cookie_name[] = "TF_PLUGIN_MAGIC_COOKIE";
static const char cookie_value[] = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

bool handshake_has_cookie(const struct env *env)
{
    return str_equal(env_get(env, cookie_name, STR("")), str_from(cookie_value));
}

static bool abstract_socket(struct handshake_socket *out, struct arena *arena, const char *name, struct err *err)
{
    struct str random;
    if (!tls_random_name(arena, &random, err))
        return false;
    struct str socket = str_format(arena, "terraform-provider-%s-%.*s", name, STR_ARG(random));
    *out = (struct handshake_socket){
        .grpc_address = str_format(arena, "unix-abstract:%.*s", STR_ARG(socket)),
        .host_address = str_format(arena, "@%.*s", STR_ARG(socket)),
    };
    return true;
}

/* Mode 0700, by mkdtemp. */
static bool new_folder(struct arena *arena, struct str parent, struct str *out)
{
    *out = str_format(arena, "%.*s/terraform-provider-XXXXXX", STR_ARG(parent));
    return out->len + sizeof(socket_name) <= PATH_MAX_BYTES && mkdtemp((char *)out->ptr) != NULL;
}

static bool file_socket(struct handshake_socket *out, struct arena *arena, const struct env *env, struct err *err)
{
    struct str parent = STR("/tmp");
    struct str folder;
    if (!env_find(env, "PLUGIN_UNIX_SOCKET_DIR", &parent))
        env_find(env, "TMPDIR", &parent);
    /* What is asked for may be too long for a socket, or may not be there. */
    if (!new_folder(arena, parent, &folder) && !new_folder(arena, STR("/tmp"), &folder))
        return err_set(err, ERR_IO, "making a folder for the socket, %s: %s", folder.ptr, strerrordesc_np(errno));
    struct str path = str_format(arena, "%.*s%s", STR_ARG(folder), socket_name);
    *out = (struct handshake_socket){
        .grpc_address = str_format(arena, "unix:%.*s", STR_ARG(path)),
        .host_address = path,
        .path = path,
        .folder = folder,
    };
    return true;
}

bool handshake_socket_init(struct handshake_socket *out, struct arena *arena, const struct env *env, const char *name,
                           bool has_tls, struct err *err)
{
    return has_tls ? abstract_socket(out, arena, name, err) : file_socket(out, arena, env, err);
}

void handshake_socket_clear(const struct handshake_socket *socket)
{
    if (str_is_empty(socket->path))
        return;
    unlink(socket->path.ptr); /* may be gone already */
    rmdir(socket->folder.ptr);
}

struct str handshake_line(struct arena *arena, const struct env *env, const struct handshake_socket *socket,
                          struct str certificate_base64)
{
    struct str ignored;
    /* A seventh field only for hosts that know of it: we carry no streams of other services. */
    const char *multiplex = env_find(env, "PLUGIN_MULTIPLEX_GRPC", &ignored) ? "|false" : "";
    return str_format(arena, "1|6|unix|%.*s|grpc|%.*s%s", STR_ARG(socket->host_address), STR_ARG(certificate_base64),
                      multiplex);
}

bool handshake_print(struct str text, struct err *err)
{
    char line[4096];
    if (text.len >= sizeof(line))
        return err_set(err, ERR_INTERNAL, "a line of %zu bytes for standard output", text.len);
    memcpy(line, text.ptr, text.len);
    line[text.len] = '\n';
    for (size_t done = 0; done <= text.len;) {
        ssize_t written = write(STDOUT_FILENO, line + done, text.len + 1 - done);
        if (written < 0 && errno != EINTR)
            return err_set(err, ERR_IO, "writing to standard output: %s", strerrordesc_np(errno));
        done += written > 0 ? (size_t)written : 0;
    }
    return true;
}
