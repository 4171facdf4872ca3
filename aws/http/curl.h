/* SPDX-License-Identifier: MPL-2.0
 *
 * The real transport, on libcurl. One I/O thread owns all connections, the DNS
 * cache and the CA store; blocking callers queue a request and wait on their own
 * waiter. At most 16 transfers run at a time, the others queue. HTTP/1.1 with
 * keep-alive, TLS 1.2 or newer; no redirects, no cookies, no proxy or other
 * setting from the environment but the CA files named below.
 *
 * A mutating request is sent at most once: libcurl's silent repetition on a
 * connection that the server had closed is refused, since only the caller can
 * judge whether the first one took effect.
 */
#ifndef AWS_HTTP_CURL_H
#define AWS_HTTP_CURL_H

#include "aws/http/message.h"
#include "base/env.h"

struct http_curl;

/* Zero means default. */
struct http_curl_options {
    /* PEM. Neither: SSL_CERT_FILE, then SSL_CERT_DIR of `env`, then where Debian,
     * RHEL, SUSE and Alpine keep theirs. */
    struct str ca_bundle_file, ca_bundle_dir;
    const char *ca_bundle_name; /* what set them, for messages: "AWS_CA_BUNDLE" */
    const struct env *env;      /* NULL: none is read */
    /* By the URL's scheme, "http://user:password@host:port"; empty: none. */
    struct str http_proxy, https_proxy;
    struct str no_proxy;                    /* as in proxy.h */
    bool insecure;                          /* certificates are not checked */
    int64_t connect_timeout_ms, timeout_ms; /* real time; 60 s */
    int64_t stop_grace_ms;                  /* likewise; HTTP_STOP_GRACE_MS */
};

/* Before any thread starts. Errors: ERR_INTERNAL. */
MUST_USE bool http_curl_init(struct err *err);

/* Starts the I/O thread. Errors: ERR_INVALID (a CA file or folder that cannot be
 * used), ERR_INTERNAL. */
MUST_USE bool http_curl_new(const struct http_curl_options *options, struct http_curl **out, struct err *err);
/* Nobody may be in send. Accepts NULL. */
void http_curl_free(struct http_curl *http);

/* Any number of threads may send at once. Borrowed. */
const struct http_transport *http_curl_transport(const struct http_curl *http);

#endif
