/* SPDX-License-Identifier: MPL-2.0
 *
 * Where the certificates of the authorities are that TLS trusts: found at run
 * time, since a binary travels between distributions.
 */
#ifndef AWS_HTTP_CA_BUNDLE_H
#define AWS_HTTP_CA_BUNDLE_H

#include "base/env.h"

enum { CA_BUNDLE_MAX_BYTES = 16 * 1024 * 1024 };

struct ca_bundle {
    struct str file, folder; /* PEM; at most one is set, none when nothing was found */
};

/* What was asked for in `given`, by `name` ("AWS_CA_BUNDLE", for messages), else
 * SSL_CERT_FILE, SSL_CERT_DIR (as OpenSSL reads them), else the paths of Debian,
 * RHEL, SUSE and Alpine. `env` may be NULL. Borrows. A named file is read once:
 * libcurl, which opens it again, would block on a pipe. Errors: ERR_INVALID with
 * a remedy when what is named cannot be read, is no file or has no certificate. */
MUST_USE bool ca_bundle_find(const struct ca_bundle *given, const char *name, const struct env *env,
                             struct ca_bundle *out, struct err *err);

/* The places of the last step: "/etc/ssl/cert.pem, ...", in the arena. */
struct str ca_bundle_places(struct arena *arena);

#endif
