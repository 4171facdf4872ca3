/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/ca_bundle.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

static const char *const known_files[] = {
    "/etc/ssl/certs/ca-certificates.crt",                /* Debian, Ubuntu, Alpine */
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", /* RHEL, Fedora */
    "/etc/pki/tls/certs/ca-bundle.crt",                  /* older RHEL */
    "/etc/ssl/ca-bundle.pem",                            /* SUSE */
    "/etc/ssl/cert.pem",                                 /* Alpine */
};

static const char *const known_folders[] = { "/etc/ssl/certs", "/etc/pki/tls/certs" };

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

bool ca_bundle_find(const struct ca_bundle *given, const struct env *env, struct ca_bundle *out, struct err *err)
{
    struct ca_bundle found = *given;
    struct str asked = str_is_empty(given->file) ? given->folder : given->file;
    if (!str_is_empty(asked) && !can_read(asked))
        return err_set(err, ERR_INVALID, "the CA certificates in \"%.*s\" cannot be read", STR_ARG(asked));
    if (str_is_empty(asked) &&
        !(env && (env_find(env, "SSL_CERT_FILE", &found.file) || env_find(env, "SSL_CERT_DIR", &found.folder)))) {
        found.file = first_readable(known_files, ARRAY_LENGTH(known_files));
        if (str_is_empty(found.file))
            found.folder = first_readable(known_folders, ARRAY_LENGTH(known_folders));
    }
    *out = found;
    return true;
}
