/* SPDX-License-Identifier: MPL-2.0
 *
 * A client for AWS's query (RDS, STS, IAM) and JSON 1.1 (KMS) services: finds
 * the endpoint, encodes, signs, sends, retries, decodes (aws/call/reply.c). The only
 * place where those parts meet. Who makes a client includes this; who calls by it needs
 * aws/call/operation.h alone. One client serves one provider configuration: any thread,
 * any Region. It knows nothing of Terraform.
 *
 * Retries follow the SDKs' standard mode (aws/call/retry.h): codes decide, not statuses;
 * full jitter; `max_attempts` in total; a stop ends the pause between two
 * attempts at once. Clock skew is measured from every reply and corrected.
 */
#ifndef AWS_CALL_CLIENT_H
#define AWS_CALL_CLIENT_H

#include "aws/call/operation.h"
#include "aws/credentials/cache.h"
#include "aws/http/message.h"

/* Prepares the libraries beneath (TLS, HTTP, XML, JSON). Once, before the first
 * thread starts; OpenSSL's configuration file is not read. Errors: ERR_INTERNAL. */
MUST_USE bool aws_init(struct err *err);

struct aws_client_options {
    const struct http_transport *transport;    /* kept */
    const struct clock *clock;                 /* copied */
    struct aws_credentials_cache *credentials; /* kept; NULL: every call must be unsigned */
    struct str endpoints[AWS_SERVICE_COUNT];   /* custom URLs; empty: computed */
    bool use_fips, use_dualstack;              /* where there is no custom URL */
    int max_attempts;                          /* 0: 25 */
    bool no_skew_correction;
    struct str user_agent;
};

/* Copies the texts. Errors: ERR_INVALID (a custom endpoint that is no URL). */
MUST_USE bool aws_client_new(const struct aws_client_options *options, struct aws_client **out, struct err *err);
void aws_client_free(struct aws_client *client);

#endif
