/* SPDX-License-Identifier: MPL-2.0
 *
 * One question to a service that hands out credentials and is no AWS API: SSO,
 * the container's endpoint, EC2 metadata. Repeats what may pass (no answer, 429, 5xx)
 * after short pauses; the answer is the caller's to judge. Nothing of an answer or of a header is
 * ever shown: both hold tokens.
 */
#ifndef AWS_CREDENTIALS_ASK_H
#define AWS_CREDENTIALS_ASK_H

#include "aws/credentials/cache.h"
#include "aws/http/message.h"

struct ask_question {
    const char *whom; /* for messages: "the EC2 metadata service" */
    struct http_request request;
    int attempts; /* in total, at least 1 */
};

/* True for an answer of any status that is not repeated, or the last one that was. Errors: the transport's, with
 * whom was asked; ERR_IO when no attempt was answered. */
MUST_USE bool ask(const struct http_transport *transport, const struct aws_credentials_call *call,
                  const struct ask_question *question, struct http_response *out, struct err *err);

#endif
