/* SPDX-License-Identifier: MPL-2.0
 *
 * What starting a provider costs at least: a program that only makes a P-256
 * certificate and listens on a socket, says so, and waits to be ended.
 * script/bench measures the provider beside it.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

/* X509_set_pubkey would load all encoders and decoders. */
static bool set_public_key(X509 *certificate, EVP_PKEY *key)
{
    unsigned char *point = NULL; /* which the certificate takes */
    size_t length = EVP_PKEY_get1_encoded_public_key(key, &point);
    return length && X509_PUBKEY_set0_param(X509_get_X509_PUBKEY(certificate), OBJ_nid2obj(NID_X9_62_id_ecPublicKey),
                                            V_ASN1_OBJECT, OBJ_nid2obj(NID_X9_62_prime256v1), point, (int)length);
}

static X509 *new_certificate(EVP_PKEY *key)
{
    X509 *certificate = X509_new();
    if (!certificate)
        return NULL;
    X509_NAME *name = X509_get_subject_name(certificate);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -30);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
    if (!X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"localhost", -1, -1, 0) ||
        !X509_set_issuer_name(certificate, name) || !set_public_key(certificate, key) ||
        !X509_sign(certificate, key, EVP_sha256())) {
        X509_free(certificate);
        return NULL;
    }
    return certificate;
}

/* An abstract socket of a name that the kernel chooses; -1 on failure. */
static int listen_somewhere(void)
{
    const struct sockaddr_un any = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (const struct sockaddr *)&any, (socklen_t)offsetof(struct sockaddr_un, sun_path)) ||
        listen(fd, 8))
        return -1;
    return fd;
}

int main(void)
{
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = key ? new_certificate(key) : NULL;
    if (!certificate || listen_somewhere() < 0)
        return 1;
    printf("ready, %d bytes of certificate\n", i2d_X509(certificate, NULL));
    fflush(stdout);
    pause();
    return 0;
}
