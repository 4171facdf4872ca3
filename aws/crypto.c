/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/crypto.h"

#include <stdlib.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

/* Without SHA-256 or random bytes nothing can be signed: there is no caller that could go on. */
static void must(bool done)
{
    static const char message[] = "OpenSSL failed at a hash or at random bytes\n";
    if (done)
        return;
    if (write(STDERR_FILENO, message, sizeof(message) - 1) < 0)
        abort();
    abort();
}

bool crypto_init(struct err *err)
{
    if (!OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL))
        return err_set(err, ERR_INTERNAL, "OpenSSL cannot be initialised");
    return true;
}

void crypto_sha1(struct str data, unsigned char out[CRYPTO_SHA1_BYTES])
{
    must(EVP_Digest(data.ptr, data.len, out, NULL, EVP_sha1(), NULL) == 1);
}

void crypto_sha256(struct str data, unsigned char out[CRYPTO_SHA256_BYTES])
{
    must(EVP_Digest(data.ptr, data.len, out, NULL, EVP_sha256(), NULL) == 1);
}

void crypto_hmac_sha256(struct str key, struct str data, unsigned char out[CRYPTO_SHA256_BYTES])
{
    must(HMAC(EVP_sha256(), key.ptr, (int)key.len, (const unsigned char *)data.ptr, data.len, out, NULL) != NULL);
}

void crypto_random(void *out, size_t size)
{
    must(RAND_bytes(out, (int)size) == 1);
}

struct str crypto_hex(struct arena *arena, const unsigned char *bytes, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    char *out = arena_alloc(arena, size * 2 + 1);
    for (size_t i = 0; i < size; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    return (struct str){ out, size * 2 };
}

struct str crypto_uuid(struct arena *arena)
{
    unsigned char bytes[16];
    crypto_random(bytes, sizeof(bytes));
    bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x40); /* RFC 9562, section 5.4 */
    bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80);
    struct str hex = crypto_hex(arena, bytes, sizeof(bytes));
    return str_format(arena, "%.8s-%.4s-%.4s-%.4s-%.12s", hex.ptr, hex.ptr + 8, hex.ptr + 12, hex.ptr + 16,
                      hex.ptr + 20);
}
