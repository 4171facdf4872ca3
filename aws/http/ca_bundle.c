/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/http/ca_bundle.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

static const char *const known_files[] = {
    "/etc/ssl/certs/ca-certificates.crt",                /* Debian, Ubuntu, Alpine */
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", /* RHEL, Fedora */
    "/etc/pki/tls/certs/ca-bundle.crt",                  /* older RHEL */
    "/etc/ssl/ca-bundle.pem",                            /* SUSE */
    "/etc/ssl/cert.pem",                                 /* Alpine */
};

static const char *const known_folders[] = { "/etc/ssl/certs", "/etc/pki/tls/certs" };

DEFINE_CLEANUP(drop_arena, struct arena *, arena_free)

static bool can_read(struct str path)
{
    char name[PATH_MAX];
    if (str_is_empty(path) || path.len >= sizeof(name))
        return false;
    memcpy(name, path.ptr, path.len);
    name[path.len] = '\0';
    return access(name, R_OK) == 0;
}

static struct str first_readable(const char *const *paths, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (can_read(str_from(paths[i])))
            return str_from(paths[i]);
    return STR("");
}

static bool check_content(struct arena *arena, struct str path, struct err *err)
{
    const struct file_reader reader = file_reader_real();
    struct str content;
    if (!file_read(&reader, arena, path, CA_BUNDLE_MAX_BYTES, &content, err))
        return false;
    struct str shown = str_printable(arena, path);
    return str_find(content, STR("-----BEGIN ")) >= 0 ||
           err_set(err, ERR_INVALID, "%.*s has no certificate in PEM form", STR_ARG(shown));
}

static bool check_file(struct str path, const char *name, struct err *err)
{
    CLEANUP(drop_arena) struct arena *arena = arena_new();
    if (check_content(arena, path, err))
        return true;
    err->kind = ERR_INVALID;
    if (!err_remedy(err)[0])
        err_set_remedy(err, "Name a file with the certificates of the authorities to trust, in PEM form.");
    return err_wrap(err, "%s", name);
}

bool ca_bundle_find(const struct ca_bundle *given, const char *name, const struct env *env, struct ca_bundle *out,
                    struct err *err)
{
    *out = *given;
    if (!str_is_empty(given->file))
        return check_file(given->file, name, err);
    if (!str_is_empty(given->folder))
        return can_read(given->folder) ||
               err_set(err, ERR_INVALID, "%s: the folder \"%.*s\" cannot be read", name, STR_ARG(given->folder));
    if (env && env_find(env, "SSL_CERT_FILE", &out->file))
        return check_file(out->file, "SSL_CERT_FILE", err);
    if (env && env_find(env, "SSL_CERT_DIR", &out->folder))
        return true;
    out->file = first_readable(known_files, ARRAY_LENGTH(known_files));
    if (str_is_empty(out->file))
        out->folder = first_readable(known_folders, ARRAY_LENGTH(known_folders));
    return true;
}

static struct str add_places(struct arena *arena, struct str list, const char *const *paths, size_t count)
{
    for (size_t i = 0; i < count; i++)
        list = str_format(arena, "%.*s%s%s", STR_ARG(list), list.len ? ", " : "", paths[i]);
    return list;
}

struct str ca_bundle_places(struct arena *arena)
{
    const struct str files = add_places(arena, STR(""), known_files, ARRAY_LENGTH(known_files));
    return add_places(arena, files, known_folders, ARRAY_LENGTH(known_folders));
}
