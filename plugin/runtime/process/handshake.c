/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/process/handshake.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/linux/error_text.h"
#include "base/linux/group.h"
#include "base/linux/socket.h"
#include "plugin/runtime/limits.h"
#include "plugin/runtime/process/tls.h"

enum { PATH_MAX_BYTES = sizeof(((struct sockaddr_un *)0)->sun_path) - 1 };

static const char socket_name[] = "/plugin.sock";
/* gRPC decodes %, hosts split the line at |, and -debug prints JSON for a shell. */
static const char never_in_a_path[] = "%|\"'\\\n";
static const char folder_template[] = "/terraform-provider-XXXXXX";
static const char folder_variable[] = "PLUGIN_UNIX_SOCKET_DIR";
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
static bool new_folder(struct arena *arena, struct str parent, struct str *out, struct err *err)
{
    size_t length = parent.len + strlen(folder_template) + strlen(socket_name);
    *out = str_format(arena, "%.*s%s", STR_ARG(parent), folder_template);
    if (length > PATH_MAX_BYTES)
        return err_set(err, ERR_INVALID, "the socket's path would have %zu bytes, of at most %d", length,
                       PATH_MAX_BYTES);
    if (strcspn(parent.ptr, never_in_a_path) < parent.len)
        return err_set(err, ERR_INVALID, "the socket's path would have a percent sign, a bar, a quote or a line end");
    return mkdtemp((char *)out->ptr) || err_set(err, ERR_IO, "%s", os_error_text(errno));
}

static bool folder_of_host(struct arena *arena, struct str parent, struct str *out, struct err *err)
{
    CLEANUP(err_clear) struct err reason = { 0 };
    return new_folder(arena, parent, out, &reason) ||
           err_set(err, reason.kind,
                   "PLUGIN_UNIX_SOCKET_DIR=%.*s: the socket cannot be made there (%s). Name a folder that exists, that "
                   "this user can write to, and whose path has at most %zu ordinary characters.",
                   STR_ARG(parent), err_text(&reason), PATH_MAX_BYTES - strlen(folder_template) - strlen(socket_name));
}

/* TMPDIR is not about sockets: it may be too long for one. */
static bool temporary_folder(struct arena *arena, const struct env *env, struct str *out, struct err *err)
{
    struct str parent = STR("/tmp");
    env_find(env, "TMPDIR", &parent);
    return new_folder(arena, parent, out, err) || new_folder(arena, STR("/tmp"), out, err) ||
           err_wrap(err, "making a folder for the socket in /tmp");
}

static bool file_socket(struct handshake_socket *out, struct arena *arena, const struct env *env, struct err *err)
{
    struct str parent;
    struct str folder;
    bool made = env_find(env, folder_variable, &parent) ? folder_of_host(arena, parent, &folder, err)
                                                        : temporary_folder(arena, env, &folder, err);
    if (!made)
        return false;
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
    struct str folder;
    bool is_abstract = OS_HAS_ABSTRACT_SOCKETS && has_tls && !env_find(env, folder_variable, &folder);
    return is_abstract ? abstract_socket(out, arena, name, err) : file_socket(out, arena, env, err);
}

/* A group's name or number. */
static bool find_group(struct str group, gid_t *out)
{
    int64_t number;
    if (str_to_int64(group, &number)) {
        *out = (gid_t)number;
        return number >= 0 && number < UINT32_MAX; /* chown takes the highest for "as it is" */
    }
    return os_group_find(group.ptr, out);
}

static bool give(struct str path, gid_t group, mode_t mode)
{
    return chown(path.ptr, (uid_t)-1, group) == 0 && chmod(path.ptr, mode) == 0;
}

bool handshake_socket_share(const struct handshake_socket *socket, const struct env *env, struct err *err)
{
    static const char remedy[] = "Name a group of this user, or its number.";
    struct str group;
    gid_t id;
    if (str_is_empty(socket->path) || !env_find(env, "PLUGIN_UNIX_SOCKET_GROUP", &group))
        return true;
    if (!find_group(group, &id))
        return err_set(err, ERR_INVALID, "PLUGIN_UNIX_SOCKET_GROUP=%.*s: this group does not exist. %s", STR_ARG(group),
                       remedy);
    return (give(socket->path, id, 0660) && give(socket->folder, id, 0770)) ||
           err_set(err, ERR_DENIED, "PLUGIN_UNIX_SOCKET_GROUP=%.*s: the socket cannot be given to this group (%s). %s",
                   STR_ARG(group), os_error_text(errno), remedy);
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

static bool write_whole(const char *bytes, size_t size, struct err *err)
{
    for (size_t done = 0; done < size;) {
        const ssize_t written = write(STDOUT_FILENO, bytes + done, size - done);
        if (written < 0 && errno != EINTR)
            return err_set(err, ERR_IO, "writing to standard output: %s", os_error_text(errno));
        done += written > 0 ? (size_t)written : 0;
    }
    return true;
}

bool handshake_print(struct str text, struct err *err)
{
    if (text.len > OUTPUT_MAX_BYTES)
        return err_set(err, ERR_INTERNAL, "%zu bytes for standard output", text.len);
    char *line = mem_alloc(text.len + 1); /* in one write: the host reads a line */
    memcpy(line, text.ptr, text.len);
    line[text.len] = '\n';
    const bool is_done = write_whole(line, text.len + 1, err);
    mem_free(line);
    return is_done;
}
