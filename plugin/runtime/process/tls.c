/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/process/tls.h"

#include <string.h>

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

enum { BACKDATED_SECONDS = 30, VALID_DAYS = 30 * 365, SERIAL_BITS = 127, KEY_BYTES = 32 };

/* What surrounds the number in an ECPrivateKey of P-256 without its public half, RFC 5915. */
static const unsigned char before_number[] = { 0x30, 0x31, 0x02, 0x01, 0x01, 0x04, KEY_BYTES };
static const unsigned char after_number[] = { 0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 };

DEFINE_CLEANUP(drop_key, EVP_PKEY *, EVP_PKEY_free)
DEFINE_CLEANUP(drop_certificate, X509 *, X509_free)
DEFINE_CLEANUP(drop_extension, X509_EXTENSION *, X509_EXTENSION_free)
DEFINE_CLEANUP(drop_number, BIGNUM *, BN_clear_free)
DEFINE_CLEANUP(drop_bio, BIO *, BIO_free_all)

void tls_library_init(void)
{
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
}

static bool failed(struct err *err, const char *what)
{
    return err_set(err, ERR_INTERNAL, "OpenSSL could not %s", what);
}

/* What HashiCorp's own servers put into theirs. */
static bool add_extensions(X509 *certificate)
{
    static const struct {
        int nid;
        const char *value;
    } rows[] = {
        { NID_basic_constraints, "critical,CA:TRUE"                                                   },
        { NID_key_usage,         "critical,digitalSignature,keyEncipherment,keyAgreement,keyCertSign" },
        { NID_ext_key_usage,     "serverAuth,clientAuth"                                              },
        { NID_subject_alt_name,  "DNS:localhost"                                                      },
    };
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        CLEANUP(drop_extension)
        X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, rows[i].nid, rows[i].value);
        if (!extension || !X509_add_ext(certificate, extension, -1))
            return false;
    }
    return true;
}

static bool set_serial(X509 *certificate)
{
    CLEANUP(drop_number) BIGNUM *number = BN_new();
    return number && BN_rand(number, SERIAL_BITS, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) &&
           BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
}

static bool set_names(X509 *certificate)
{
    X509_NAME *name = X509_get_subject_name(certificate);
    return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"localhost", -1, -1, 0) &&
           X509_NAME_add_entry_by_txt(name, "O", MBSTRING_ASC, (const unsigned char *)"HashiCorp", -1, -1, 0) &&
           X509_set_issuer_name(certificate, name);
}

static bool set_validity(X509 *certificate, int64_t now_ms)
{
    time_t now = (time_t)(now_ms / 1000);
    return X509_time_adj_ex(X509_getm_notBefore(certificate), 0, -BACKDATED_SECONDS, &now) &&
           X509_time_adj_ex(X509_getm_notAfter(certificate), VALID_DAYS, 0, &now);
}

/* X509_set_pubkey would load all encoders and decoders to come to the same: a fifth of a start. */
static bool set_public_key(X509 *certificate, EVP_PKEY *key)
{
    unsigned char *point = NULL;
    size_t length = EVP_PKEY_get1_encoded_public_key(key, &point);
    if (length && X509_PUBKEY_set0_param(X509_get_X509_PUBKEY(certificate), OBJ_nid2obj(NID_X9_62_id_ecPublicKey),
                                         V_ASN1_OBJECT, OBJ_nid2obj(NID_X9_62_prime256v1), point, (int)length))
        return true; /* the certificate has taken the point */
    OPENSSL_free(point);
    return false;
}

static bool fill_certificate(X509 *certificate, EVP_PKEY *key, int64_t now_ms)
{
    return X509_set_version(certificate, X509_VERSION_3) && set_serial(certificate) && set_names(certificate) &&
           set_validity(certificate, now_ms) && set_public_key(certificate, key) && add_extensions(certificate) &&
           X509_sign(certificate, key, EVP_sha256());
}

static struct str memory_text(struct arena *arena, BIO *memory)
{
    char *bytes;
    long length = BIO_get_mem_data(memory, &bytes);
    return str_copy(arena, (struct str){ bytes, length > 0 ? (size_t)length : 0 });
}

/* PEM_write_bio_PrivateKey would load all encoders. */
static bool write_key(BIO *out, const EVP_PKEY *key)
{
    enum { NUMBER_AT = sizeof(before_number), END_AT = NUMBER_AT + KEY_BYTES };
    unsigned char der[END_AT + sizeof(after_number)];
    CLEANUP(drop_number) BIGNUM *number = NULL;
    memcpy(der, before_number, sizeof(before_number));
    memcpy(der + END_AT, after_number, sizeof(after_number));
    bool written = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &number) &&
                   BN_bn2binpad(number, der + NUMBER_AT, KEY_BYTES) == KEY_BYTES &&
                   PEM_write_bio(out, PEM_STRING_ECPRIVATEKEY, "", der, sizeof(der));
    mem_wipe(der, sizeof(der));
    return written;
}

static bool write_pems(struct tls_identity *out, struct arena *arena, X509 *certificate, EVP_PKEY *key)
{
    CLEANUP(drop_bio) BIO *certificate_pem = BIO_new(BIO_s_mem());
    CLEANUP(drop_bio) BIO *key_pem = BIO_new(BIO_s_secmem());
    if (!certificate_pem || !key_pem || !PEM_write_bio_X509(certificate_pem, certificate) || !write_key(key_pem, key))
        return false;
    out->certificate_pem = memory_text(arena, certificate_pem);
    out->key_pem = memory_text(arena, key_pem);
    return true;
}

static bool write_base64(struct tls_identity *out, struct arena *arena, X509 *certificate)
{
    unsigned char *der = NULL;
    int length = i2d_X509(certificate, &der);
    if (length <= 0)
        return false;
    char *text = arena_alloc(arena, (size_t)length / 3 * 4 + 8);
    int used = EVP_EncodeBlock((unsigned char *)text, der, length);
    OPENSSL_free(der);
    while (used > 0 && text[used - 1] == '=') /* the host's decoder refuses padding */
        used--;
    out->certificate_base64 = (struct str){ text, (size_t)used };
    return true;
}

bool tls_identity_init(struct tls_identity *identity, struct arena *arena, const struct clock *clock, struct err *err)
{
    struct tls_identity made = { 0 };
    CLEANUP(drop_key) EVP_PKEY *key = EVP_EC_gen("P-256");
    CLEANUP(drop_certificate) X509 *certificate = X509_new();
    if (!key || !certificate || !fill_certificate(certificate, key, clock_wall_ms(clock)))
        return failed(err, "sign a certificate");
    if (!write_pems(&made, arena, certificate, key) || !write_base64(&made, arena, certificate))
        return failed(err, "write a certificate");
    *identity = made;
    return true;
}

void tls_identity_clear(struct tls_identity *identity)
{
    mem_wipe((char *)identity->key_pem.ptr, identity->key_pem.len);
    *identity = (struct tls_identity){ 0 };
}

bool tls_random_name(struct arena *arena, struct str *out, struct err *err)
{
    static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567"; /* 32: no letter is likelier */
    unsigned char bytes[24];
    if (RAND_bytes(bytes, sizeof(bytes)) != 1)
        return failed(err, "draw random bytes");
    char *text = arena_alloc(arena, sizeof(bytes));
    for (size_t i = 0; i < sizeof(bytes); i++)
        text[i] = alphabet[bytes[i] % 32];
    *out = (struct str){ text, sizeof(bytes) };
    return true;
}
