/* SPDX-License-Identifier: MPL-2.0
 *
 * This process's own certificate for the connection to its host (AutoMTLS): a
 * fresh P-256 key, self-signed, for "localhost", and never on disk. The host
 * learns it from the handshake line and trusts nothing else.
 */
#ifndef PLUGIN_RUNTIME_PROCESS_TLS_H
#define PLUGIN_RUNTIME_PROCESS_TLS_H

#include "base/clock.h"
#include "base/str.h"

struct tls_identity {
    struct str certificate_pem;
    struct str key_pem;
    struct str certificate_base64; /* of the DER, standard alphabet, no padding */
};

/* Texts live in the arena; the key's is wiped by tls_identity_clear. */
MUST_USE bool tls_identity_init(struct tls_identity *identity, struct arena *arena, const struct clock *clock,
                                struct err *err);
void tls_identity_clear(struct tls_identity *identity);

/* Keeps OpenSSL from reading configuration files. Before its first use. */
void tls_library_init(void);

/* Bytes that nobody can guess, as letters and digits; for names. */
MUST_USE bool tls_random_name(struct arena *arena, struct str *out, struct err *err);

#endif
