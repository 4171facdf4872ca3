/* SPDX-License-Identifier: MPL-2.0
 *
 * Requests, responses, and the only door to the network. A transport sends one
 * request and gives back whatever answer came, of any status: it neither signs
 * nor retries nor reads a body. Tests bring a transport of their own
 * (tests/support/fake_transport.h); the real one is aws/http/curl.h.
 */
#ifndef AWS_HTTP_MESSAGE_H
#define AWS_HTTP_MESSAGE_H

#include "base/log.h"
#include "base/waiter.h"

/* Codes of failures that are more often permanent than others. */
#define HTTP_NO_SUCH_HOST "NoSuchHost"
#define HTTP_CONNECTION_REFUSED "ConnectionRefused"
#define HTTP_NOT_TRUSTED "CertificateNotTrusted"

/* Of an answer (RFC 9110, section 15). */
enum http_status {
    HTTP_OK = 200,
    HTTP_BAD_REQUEST = 400,
    HTTP_UNAUTHORIZED = 401,
    HTTP_FORBIDDEN = 403,
    HTTP_NOT_FOUND = 404,
    HTTP_PROXY_AUTHENTICATION_REQUIRED = 407,
    HTTP_TOO_MANY_REQUESTS = 429,
    HTTP_SERVER_FAILURES = 500 /* the first of them */
};

struct http_header {
    struct str name; /* compared without case */
    struct str value;
};

struct http_request {
    struct str method; /* "POST" */
    struct str url;    /* absolute, already encoded */
    const struct http_header *headers;
    size_t header_count;
    struct str body;
    /* The server changes something on receipt. Such a request is not abandoned
     * by a stop: it gets 10 seconds more to be answered. */
    bool mutates;
    bool is_direct;             /* no proxy may see it, whatever the user has set */
    int64_t connect_timeout_ms; /* real time; 0 = the transport's default */
    int64_t timeout_ms;         /* whole transfer, real time; 0 = the transport's default */
};

struct http_response {
    int status;
    const struct http_header *headers;
    size_t header_count;
    struct str body;
    int64_t received_wall_ms; /* local wall time when the headers had arrived */
};

struct http_transport {
    /* Blocks until an answer, a failure, a stop (waiter) or the deadline
     * (monotonic; CLOCK_NEVER for none). The response lives in the arena.
     * Errors: ERR_IO (also a transfer's own limit of time), ERR_INVALID (an
     * answer larger than is accepted: another attempt would bring the same),
     * ERR_TIMEOUT (the deadline), ERR_CANCELLED; `err->unanswered` says that a mutating
     * request may have reached the server; `err_code(err)` is one of the codes above
     * or empty. */
    bool (*send)(void *self, struct arena *arena, struct waiter *waiter, int64_t deadline_ms,
                 const struct http_request *request, struct http_response *out, struct err *err);
    void *self;
};

/* The value of the first header of that name; empty when there is none. */
struct str http_header_find(const struct http_header *headers, size_t count, struct str name);

/* Does it fit into a header line, and end none? Visible ASCII and blanks, or nothing. */
bool http_is_header_value(struct str text);
/* The same, and without a blank. */
bool http_is_header_word(struct str text);

#endif
