/* SPDX-License-Identifier: MPL-2.0
 *
 * Requests between the callers who wait for them and the one I/O thread that
 * carries them out. This side holds the lock, the queue, the waiting and the
 * rules of a stop (aws/http/message.h); aws/http/curl.c is the carrier. No network here.
 *
 * A transfer owns copies of all that it needs, since its caller may leave: a
 * reading one at any time, a mutating one until its request goes out. It is
 * freed by the caller once it is finished, or by the carrier when the caller has
 * left before.
 */
#ifndef AWS_HTTP_TRANSFER_H
#define AWS_HTTP_TRANSFER_H

#include <pthread.h>

#include "aws/http/message.h"

enum { HTTP_STOP_GRACE_MS = 10 * SECOND_MS }; /* real time, for the answer to a mutating request */

/* Where callers and carrier meet. */
struct http_exchange {
    pthread_mutex_t lock;
    struct clock clock; /* real time, never scaled */
    int64_t stop_grace_ms;
    struct http_transfer *queue, **queue_end;
    bool is_closed;
    void (*wake)(void *carrier); /* it has something to look at */
    void *carrier;
};

struct http_transfer {
    struct http_transfer *next; /* in the queue; free for the carrier's use afterwards */
    struct http_exchange *exchange;
    struct arena *arena;         /* of everything below, and of what the carrier adds */
    struct http_request request; /* texts are ended by NUL */

    /* The carrier's, until it is finished. */
    void *carriage;
    int status;
    struct http_header *headers;
    size_t header_count, header_bytes;
    struct http_piece *body, *body_end; /* the first and the last */
    size_t body_bytes, kept_bytes;      /* as it came; as far as it is kept */
    bool is_refusal;                    /* of its body only the start is kept */
    bool is_too_large;
    int64_t received_wall_ms;
    struct err err; /* ERR_NONE: answered */

    /* Under the exchange's lock. */
    struct waiter *waiter; /* NULL: the caller has left */
    bool is_sent;          /* the request may have reached the server */
    int64_t end_by_ms;     /* real time; CLOCK_NEVER until a stop */
    bool is_finished;
};

/* `wake` may be called from any thread. */
void http_exchange_init(struct http_exchange *exchange, void (*wake)(void *carrier), void *carrier);
/* What is still queued is dropped; nobody may wait for it any more. */
void http_exchange_clear(struct http_exchange *exchange);
void http_exchange_close(struct http_exchange *exchange); /* the carrier is to end */
bool http_exchange_is_closed(struct http_exchange *exchange);

/* "https://host:port", which is all of a URL that a message or a log line may
 * show; "host:port" of one with a user. */
struct str http_origin(struct str url);

/* The callers: http_transport.send on a struct http_exchange. */
MUST_USE bool http_exchange_send(void *exchange, struct arena *arena, struct waiter *waiter, int64_t deadline_ms,
                                 const struct http_request *request, struct http_response *out, struct err *err);

/* The carrier. */
struct http_transfer *http_exchange_take(struct http_exchange *exchange); /* the next one; NULL = none */
/* Asked each time the request is about to go out. False: the caller has left, or
 * a mutating request has gone out before. */
MUST_USE bool http_transfer_may_go_out(struct http_transfer *transfer);
/* A line of the answer's head, and a piece of its body. False: more than a limit. */
MUST_USE bool http_transfer_add_line(struct http_transfer *transfer, struct str line);
MUST_USE bool http_transfer_add_body(struct http_transfer *transfer, struct str bytes);
/* Nobody waits for it any more, or its last seconds after a stop are over. */
bool http_transfer_is_unwanted(struct http_transfer *transfer);
int64_t http_transfer_left_ms(struct http_transfer *transfer); /* until then; CLOCK_NEVER */
/* Hands it back, with `err` set or the answer complete. */
void http_transfer_finish(struct http_transfer *transfer);
void http_transfer_free(struct http_transfer *transfer);

#endif
