/* SPDX-License-Identifier: MPL-2.0
 *
 * Where the certificates of the authorities are that TLS trusts: found at run
 * time, since a binary travels between distributions.
 */
#ifndef AWS_CA_BUNDLE_H
#define AWS_CA_BUNDLE_H

#include "base/env.h"

struct ca_bundle {
    struct str file, folder; /* PEM; at most one is set, none when nothing was found */
};

/* What was asked for in `given`, else SSL_CERT_FILE, SSL_CERT_DIR (as OpenSSL
 * reads them), else the paths of Debian, RHEL, SUSE and Alpine. `env` may be
 * NULL. Borrows. Errors: ERR_INVALID when what `given` names cannot be read. */
MUST_USE bool ca_bundle_find(const struct ca_bundle *given, const struct env *env, struct ca_bundle *out,
                             struct err *err);

#endif
