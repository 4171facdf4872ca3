/* SPDX-License-Identifier: MPL-2.0
 *
 * One question to a service that hands out credentials and is no AWS API: SSO,
 * the container's endpoint, EC2 metadata. Repeats what may pass (no answer, 429, 5xx)
 * after short pauses; the answer is the caller's to judge. Nothing of an answer or of a header is
 * ever shown: both hold tokens.
 */
#ifndef AWS_CREDENTIALS_ASK_H
#define AWS_CREDENTIALS_ASK_H

#include "aws/credentials/sources.h"

enum { ASK_ANSWER_MAX_BYTES = 64 * 1024 };

struct ask_question {
    const char *whom;            /* for messages: "the EC2 metadata service" */
    struct http_request request; /* without User-Agent, which is the doors' */
    int attempts;                /* in total, at least 1 */
    bool may_be_nobody;          /* where nothing answers it is not asked again */
};

/* True for an answer of any status that is not repeated, or the last one that was. Errors: the transport's, with
 * whom was asked; ERR_IO when no attempt was answered, and for an answer of more than ASK_ANSWER_MAX_BYTES. */
MUST_USE bool ask(const struct aws_credentials_doors *doors, const struct aws_credentials_call *call,
                  const struct ask_question *question, struct http_response *out, struct err *err);

#endif
