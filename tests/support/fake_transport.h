/* SPDX-License-Identifier: MPL-2.0
 *
 * A transport without a network: gives scripted answers in order and records
 * what it was asked. Running out of answers is an error (ERR_INTERNAL), so that
 * a test sees attempts that it did not expect. One thread.
 */
#ifndef TESTS_SUPPORT_FAKE_TRANSPORT_H
#define TESTS_SUPPORT_FAKE_TRANSPORT_H

#include "aws/http/message.h"
#include "tests/support/fake_clock.h"

struct fake_answer {
    int status;          /* 0: no answer, but the failure below */
    const char *headers; /* "Date: ...\nx-amzn-RequestId: ..."; NULL: none */
    const char *text;    /* the body */
    struct str body;     /* instead of `text`, when not empty */

    enum err_kind kind; /* of the failure; ERR_NONE: ERR_IO */
    const char *code;
    bool unanswered; /* of a mutating request: it may have taken effect */

    int64_t takes_ms;
    struct waiter *cancels; /* a stop comes while it is under way */
    int repeats;            /* given so many times more; REPEATS_FOR_EVER */
};

enum { REPEATS_FOR_EVER = -1, FAKE_REQUESTS_MAX = 64 };

struct fake_transport {
    struct http_transport transport;
    struct fake_clock *clock;
    struct arena *arena; /* of the records */
    const struct fake_answer *answers;
    size_t answer_count;
    size_t position; /* of the next answer */
    int repeated;
    struct http_request requests[FAKE_REQUESTS_MAX]; /* the first ones */
    int64_t sent_at_ms[FAKE_REQUESTS_MAX];           /* monotonic */
    size_t request_count;
};

/* `fake` must stay where it is; `clock` and `arena` are kept. */
void fake_transport_init(struct fake_transport *fake, struct fake_clock *clock, struct arena *arena);
/* From now on these answers; forgets the records. `answers` is kept. */
void fake_transport_script(struct fake_transport *fake, const struct fake_answer *answers, size_t count);
/* A header of the request of that number, from 0; empty when there is none. */
struct str fake_transport_header(const struct fake_transport *fake, size_t request, const char *name);

#endif
