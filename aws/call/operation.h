/* SPDX-License-Identifier: MPL-2.0
 *
 * One call of an operation of AWS: who asks, what, and the function that does it
 * (aws/call/client.c). An operation is a table: services add rows, not code.
 */
#ifndef AWS_CALL_OPERATION_H
#define AWS_CALL_OPERATION_H

#include "aws/wire/rows.h"
#include "base/log.h"
#include "base/waiter.h"

struct aws_client; /* aws/call/client.h */

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

enum aws_service { AWS_RDS, AWS_KMS, AWS_STS, AWS_IAM, AWS_SERVICE_COUNT };

enum aws_operation_flag {
    AWS_MUTATES = 1 << 0, /* not aborted by a stop once sent (http/message.h) */
    AWS_UNSIGNED = 1 << 1,
    AWS_SECRET_INPUT = 1 << 2,  /* has a text that no message may quote */
    AWS_SECRET_OUTPUT = 1 << 3, /* credentials: no part of an answer that cannot be read is shown */
    AWS_PRESIGNS = 1 << 4,      /* may need PreSignedUrl: the same request, signed for another Region */
};

struct aws_operation {
    enum aws_service service;
    const char *name; /* "CopyDBClusterSnapshot" */
    unsigned flags;
    const struct wire_row *input;  /* of the struct given as `input`; NULL: no parameters */
    const struct wire_row *output; /* of the struct given as `output`; NULL: nothing is read */
    size_t output_size;
    size_t secret_offset;  /* AWS_SECRET_INPUT: of the struct str in `input` */
    size_t presign_offset; /* AWS_PRESIGNS: of the struct str in `input` that names the Region; empty: not needed */
    const char *result;    /* query services: path below the response root, "DescribeDBClustersResult" */
    int column;            /* which name column of the rows (wire/rows.h) */
};

/* Fills `output` (zeroed first, on success only). Errors carry code, operation,
 * request id, account and Region. `unanswered` is set when a mutating request
 * may have taken effect although no attempt was answered; a later attempt that
 * was answered decides. ERR_TIMEOUT: the deadline; ERR_CANCELLED: a stop. */
MUST_USE bool aws_client_call(const struct aws_call *call, const struct aws_operation *operation, const void *input,
                              void *output, struct err *err);

#endif
