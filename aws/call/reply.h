/* SPDX-License-Identifier: MPL-2.0
 *
 * Reads the answer to one attempt of an operation, in either protocol: the
 * result into the operation's output, or AWS's error into `err`, or what came
 * instead (a proxy's page) into words. The client's decoding half.
 */
#ifndef AWS_CALL_REPLY_H
#define AWS_CALL_REPLY_H

#include "aws/call/error.h"
#include "aws/call/operation.h"
#include "aws/http/message.h"

enum { AWS_REPLY_SECRETS = 2 };

struct aws_reply_options {
    const struct aws_operation *operation;
    bool is_json;
    struct arena *arena;        /* of the output's texts */
    struct arena *scratch;      /* of everything else */
    struct wire_budget *budget; /* of the output; NULL: of this answer alone */
    /* Never shown: such as the session token, which SignatureDoesNotMatch quotes. Empty: none. */
    struct str secrets[AWS_REPLY_SECRETS];
};

/* What an answer tells about a mutating request. */
enum aws_reply_verdict {
    AWS_REPLY_DECIDES,    /* done, or refused */
    AWS_REPLY_POSTPONES,  /* this one was not done; nothing about earlier ones */
    AWS_REPLY_UNREADABLE, /* it may have been done */
};

struct aws_reply {
    struct str request_id;
    enum aws_reply_verdict verdict;
    enum aws_retry retry;
    bool is_hopeless; /* such a failure is more often permanent than not */
};

/* Fills `out` in any case, `output` on success. Errors: of any kind, with text and code. */
MUST_USE bool aws_reply_read(const struct aws_reply_options *options, const struct http_response *response,
                             void *output, struct aws_reply *out, struct err *err);

#endif
