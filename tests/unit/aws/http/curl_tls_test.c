/* SPDX-License-Identifier: MPL-2.0
 *
 * The transport against a TLS server whose certificate is made on the spot.
 */
#include "aws/http/curl.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "aws/call/client.h"
#include "tests/support/harness.h"

static const struct clock_scale real_time = { .factor = 1 };

/* Serves one connection after the other, one request on each. */
struct tls_server {
    SSL_CTX *context;
    int listener, port;
    pthread_t thread;
    char ca_path[64];
};

struct room {
    struct arena *arena;
    struct clock clock;
    struct waiter *waiter;
    struct tls_server server;
    struct http_response response;
    struct err err;
};

static void serve_one(SSL *session)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
    char request[4096];
    if (SSL_accept(session) == 1 && SSL_read(session, request, sizeof(request)) > 0)
        SSL_write(session, answer, sizeof(answer) - 1);
    SSL_shutdown(session);
}

static void *serve(void *self)
{
    struct tls_server *server = self;
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE); /* of clients that do not stay; the transport has to do without this */
    pthread_sigmask(SIG_BLOCK, &pipe, NULL);
    for (int descriptor; (descriptor = accept(server->listener, NULL, NULL)) >= 0; close(descriptor)) {
        SSL *session = SSL_new(server->context);
        SSL_set_fd(session, descriptor);
        serve_one(session);
        SSL_free(session);
    }
    return NULL;
}

/* For 127.0.0.1, signed by itself; trusted through a file. */
static X509 *new_certificate(EVP_PKEY *key, long valid_s)
{
    X509 *certificate = X509_new();
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), valid_s);
    X509_set_pubkey(certificate, key);
    X509_NAME *name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"loopback", -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "IP:127.0.0.1");
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    X509_sign(certificate, key, EVP_sha256());
    return certificate;
}

static bool write_ca(const struct tls_server *server, X509 *certificate)
{
    FILE *file = fopen(server->ca_path, "w");
    bool written = file && PEM_write_X509(file, certificate);
    return file && fclose(file) == 0 && written;
}

static bool listen_anywhere(struct tls_server *server)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof(address);
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (server->listener < 0 || bind(server->listener, (struct sockaddr *)&address, sizeof(address)) ||
        listen(server->listener, 16) || getsockname(server->listener, (struct sockaddr *)&address, &length))
        return false;
    server->port = ntohs(address.sin_port);
    return true;
}

/* From the next connection on. */
static bool use_certificate(struct tls_server *server, long valid_s)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = new_certificate(key, valid_s);
    bool used = SSL_CTX_use_certificate(server->context, certificate) == 1 &&
                SSL_CTX_use_PrivateKey(server->context, key) == 1 && write_ca(server, certificate);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return used;
}

static bool start_server(struct tls_server *server)
{
    snprintf(server->ca_path, sizeof(server->ca_path), "/tmp/http_curl_tls_test.XXXXXX");
    int descriptor = mkstemp(server->ca_path);
    server->context = SSL_CTX_new(TLS_server_method());
    return descriptor >= 0 && close(descriptor) == 0 && use_certificate(server, 3600) && listen_anywhere(server) &&
           pthread_create(&server->thread, NULL, serve, server) == 0;
}

static void stop_server(struct tls_server *server)
{
    shutdown(server->listener, SHUT_RDWR);
    pthread_join(server->thread, NULL);
    close(server->listener);
    SSL_CTX_free(server->context);
    unlink(server->ca_path);
}

static int open_room(void **state)
{
    struct room *room = mem_alloc(sizeof(*room));
    room->arena = arena_new();
    room->clock = clock_real(&real_time);
    room->waiter = waiter_new(&room->clock);
    *state = room;
    return start_server(&room->server) ? 0 : -1;
}

static int close_room(void **state)
{
    struct room *room = *state;
    err_clear(&room->err);
    stop_server(&room->server);
    waiter_free(room->waiter);
    arena_free(room->arena);
    mem_free(room);
    return 0;
}

static bool send_with(struct room *room, const struct http_curl_options *options, const char *host)
{
    struct http_curl *http;
    const struct http_request request = {
        .method = STR("POST"),
        .url = str_format(room->arena, "https://%s:%d/", host, room->server.port),
        .mutates = true,
    };
    if (!http_curl_new(options, &http, &room->err))
        return false;
    const struct http_transport *transport = http_curl_transport(http);
    bool done =
        transport->send(transport->self, room->arena, room->waiter, CLOCK_NEVER, &request, &room->response, &room->err);
    http_curl_free(http);
    return done;
}

/* `reason`: what the text says of it. */
static void assert_refused(struct room *room, bool done, const char *reason)
{
    assert_false(done);
    assert_int_equal(room->err.kind, ERR_IO);
    assert_false(room->err.unanswered); /* nothing was sent to a stranger */
    if (!strstr(err_text(&room->err), reason))
        fail_msg("not \"%s\" but: %s", reason, err_text(&room->err));
}

static void a_server_of_a_known_authority_is_trusted(void **state)
{
    struct room *room = *state;
    const struct http_curl_options options = { .ca_bundle_file = str_from(room->server.ca_path) };
    if (!send_with(room, &options, "127.0.0.1"))
        fail_msg("%s", err_text(&room->err));
    assert_str_equal(room->response.body, "ok");
}

static void the_environment_may_name_the_authorities(void **state)
{
    struct room *room = *state;
    struct str entry = str_format(room->arena, "SSL_CERT_FILE=%s", room->server.ca_path);
    const char *const entries[] = { entry.ptr, NULL };
    const struct env env = { entries };
    assert_true(send_with(room, &(struct http_curl_options){ .env = &env }, "127.0.0.1"));
}

static void a_server_of_an_unknown_authority_is_not(void **state)
{
    struct room *room = *state;
    assert_refused(room, send_with(room, &(struct http_curl_options){ 0 }, "127.0.0.1"),
                   "the certificate is not trusted (self-signed certificate)");
    assert_string_equal(err_code(&room->err), HTTP_NOT_TRUSTED);
    assert_non_null(strstr(err_remedy(&room->err), "custom_ca_bundle"));
}

static void another_name_than_the_certificates_is_not(void **state)
{
    struct room *room = *state;
    const struct http_curl_options options = { .ca_bundle_file = str_from(room->server.ca_path) };
    assert_refused(room, send_with(room, &options, "localhost"),
                   "the certificate is not trusted (it is for another host name)");
    assert_string_equal(err_remedy(&room->err), ""); /* no other authority would help */
}

static void a_certificate_that_has_expired_is_not(void **state)
{
    struct room *room = *state;
    const struct http_curl_options options = { .ca_bundle_file = str_from(room->server.ca_path) };
    assert_true(use_certificate(&room->server, -60));
    assert_refused(room, send_with(room, &options, "127.0.0.1"),
                   "the certificate is not trusted (certificate has expired)");
}

static void a_ca_file_that_holds_something_else_is_named(void **state)
{
    struct room *room = *state;
    const struct http_curl_options options = { .ca_bundle_file = str_from(room->server.ca_path) };
    FILE *file = fopen(room->server.ca_path, "w");
    assert_true(file && fputs("-----BEGIN CERTIFICATE-----\n", file) >= 0 && fclose(file) == 0);
    assert_refused(room, send_with(room, &options, "127.0.0.1"), "the CA certificates could not be loaded");
    assert_non_null(strstr(err_text(&room->err), room->server.ca_path));
}

static void insecure_trusts_anybody(void **state)
{
    struct room *room = *state;
    assert_true(send_with(room, &(struct http_curl_options){ .insecure = true }, "localhost"));
}

static void tls_below_1_2_is_refused(void **state)
{
    struct room *room = *state;
    SSL_CTX_set_min_proto_version(room->server.context, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(room->server.context, TLS1_1_VERSION);
    SSL_CTX_set_security_level(room->server.context, 0);
    assert_refused(room, send_with(room, &(struct http_curl_options){ .insecure = true }, "127.0.0.1"),
                   "the TLS handshake failed (");
}

static int initialise(void **state)
{
    CLEANUP(err_clear) struct err err = { 0 };
    (void)state;
    return aws_init(&err) ? 0 : -1;
}

#define TLS_TEST(function) cmocka_unit_test_setup_teardown(function, open_room, close_room)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TLS_TEST(a_server_of_a_known_authority_is_trusted),
        TLS_TEST(the_environment_may_name_the_authorities),
        TLS_TEST(a_server_of_an_unknown_authority_is_not),
        TLS_TEST(another_name_than_the_certificates_is_not),
        TLS_TEST(a_certificate_that_has_expired_is_not),
        TLS_TEST(a_ca_file_that_holds_something_else_is_named),
        TLS_TEST(insecure_trusts_anybody),
        TLS_TEST(tls_below_1_2_is_refused),
    };
    return cmocka_run_group_tests(tests, initialise, NULL);
}
