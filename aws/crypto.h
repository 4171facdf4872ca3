/* SPDX-License-Identifier: MPL-2.0
 *
 * The few cryptographic primitives that the client needs, from OpenSSL. They
 * cannot fail short of a broken OpenSSL, which is said and ends the process.
 */
#ifndef AWS_CRYPTO_H
#define AWS_CRYPTO_H

#include "base/str.h"

enum { CRYPTO_SHA1_BYTES = 20, CRYPTO_SHA256_BYTES = 32 };

/* Before any thread starts; reads no configuration file. Errors: ERR_INTERNAL. */
MUST_USE bool crypto_init(struct err *err);

/* For names of files that AWS's tools give, and for nothing that must be safe. */
void crypto_sha1(struct str data, unsigned char out[CRYPTO_SHA1_BYTES]);
void crypto_sha256(struct str data, unsigned char out[CRYPTO_SHA256_BYTES]);
void crypto_hmac_sha256(struct str key, struct str data, unsigned char out[CRYPTO_SHA256_BYTES]);
void crypto_random(void *out, size_t size);

/* Lower-case hexadecimal, in the arena. */
struct str crypto_hex(struct arena *arena, const unsigned char *bytes, size_t size);
/* A random UUID (version 4), in the arena. */
struct str crypto_uuid(struct arena *arena);

#endif
