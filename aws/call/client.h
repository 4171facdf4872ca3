/* SPDX-License-Identifier: MPL-2.0
 *
 * A client for AWS's query (RDS, STS, IAM) and JSON 1.1 (KMS) services: finds
 * the endpoint, encodes, signs, sends, retries, decodes (aws/call/reply.c). The only
 * place where those parts meet. An operation is a table (struct aws_operation): services
 * add rows, not code. One client serves one provider configuration: any thread,
 * any Region. It knows nothing of Terraform.
 *
 * Retries follow the SDKs' standard mode (aws/call/retry.h): codes decide, not statuses;
 * full jitter; `max_attempts` in total; a stop ends the pause between two
 * attempts at once. Clock skew is measured from every reply and corrected.
 */
#ifndef AWS_CALL_CLIENT_H
#define AWS_CALL_CLIENT_H

#include "aws/credentials/cache.h"
#include "aws/http/message.h"
#include "aws/wire/rows.h"

/* Prepares the libraries beneath (TLS, HTTP, XML, JSON). Once, before the first
 * thread starts; OpenSSL's configuration file is not read. Errors: ERR_INTERNAL. */
MUST_USE bool aws_init(struct err *err);

struct aws_client;

enum aws_service { AWS_RDS, AWS_KMS, AWS_STS, AWS_IAM, AWS_SERVICE_COUNT };

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

/* Who asks. By value, cheap to copy with another Region or deadline. */
struct aws_call {
    struct aws_client *client;
    struct str region;
    struct arena *arena;        /* replies live here */
    struct wire_budget *budget; /* for the answers of several calls together; NULL: each call has a full one */
    struct waiter *waiter;
    int64_t deadline_ms; /* monotonic; CLOCK_NEVER for none */
    struct log *log;
    struct str account;     /* of the caller, for error messages; may be empty */
    struct str *request_id; /* NULL, or where the id of the last call that succeeded goes */
};

enum aws_operation_flag {
    AWS_MUTATES = 1 << 0, /* not aborted by a stop once sent (http/message.h) */
    AWS_UNSIGNED = 1 << 1,
    AWS_SECRET_INPUT = 1 << 2,  /* has a text that no message may quote */
    AWS_SECRET_OUTPUT = 1 << 3, /* credentials: no part of an answer that cannot be read is shown */
};

struct aws_operation {
    enum aws_service service;
    const char *name; /* "CopyDBClusterSnapshot" */
    unsigned flags;
    const struct wire_row *input;  /* of the struct given as `input`; NULL: no parameters */
    const struct wire_row *output; /* of the struct given as `output`; NULL: nothing is read */
    size_t output_size;
    size_t secret_offset; /* AWS_SECRET_INPUT: of the struct str in `input` */
    const char *result;   /* query services: path below the response root, "DescribeDBClustersResult" */
    int column;           /* which name column of the rows (wire/rows.h) */
};

/* Fills `output` (zeroed first, on success only). Errors carry code, operation,
 * request id, account and Region. `unanswered` is set when a mutating request
 * may have taken effect although no attempt was answered; a later attempt that
 * was answered decides. ERR_TIMEOUT: the deadline; ERR_CANCELLED: a stop. */
MUST_USE bool aws_client_call(const struct aws_call *call, const struct aws_operation *operation, const void *input,
                              void *output, struct err *err);

#endif
