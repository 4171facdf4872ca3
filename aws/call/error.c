/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/call/error.h"

enum { PART_MAX_BYTES = 128 };

static const struct wire_row query_error_rows[] = {
    WIRE_BOTH(struct aws_error_text, code, "Code"),
    WIRE_BOTH(struct aws_error_text, message, "Message"),
    WIRE_END,
};

const struct wire_row aws_error_query_rows[] = {
    WIRE_NESTED(struct aws_error_query_reply, error, query_error_rows, "Error"),
    WIRE_BOTH(struct aws_error_query_reply, request_id, "RequestId"),
    WIRE_END,
};

const struct wire_row aws_error_json_rows[] = {
    WIRE_BOTH(struct aws_error_json_reply, type, "__type"),
    WIRE_BOTH(struct aws_error_json_reply, code, "code"),
    WIRE_BOTH(struct aws_error_json_reply, message, "message"),
    WIRE_BOTH(struct aws_error_json_reply, capital_message, "Message"),
    WIRE_END,
};

/* Codes without a trailing "Fault". Sources: botocore's models of rds, kms and
 * sts; "Retry behavior" in the AWS SDKs and Tools Reference Guide; what
 * aws-sdk-go-v2 takes for throttling (aws/retry) and for a wrong clock. */
static const struct error_row {
    const char *code;
    struct aws_error_class class;
} rows[] = {
    { "AccessDenied",                           { ERR_DENIED, AWS_RETRY_CLOCK }        },
    { "AccessDeniedException",                  { ERR_DENIED, AWS_RETRY_CLOCK }        },
    { "AuthFailure",                            { ERR_DENIED, AWS_RETRY_CLOCK }        },
    { "InvalidSignatureException",              { ERR_DENIED, AWS_RETRY_CLOCK }        },
    { "RequestTimeTooSkewed",                   { ERR_DENIED, AWS_RETRY_CLOCK }        },
    { "SignatureDoesNotMatch",                  { ERR_DENIED, AWS_RETRY_CLOCK }        },

    { "ExpiredToken",                           { ERR_DENIED, AWS_RETRY_CREDENTIALS }  },
    { "ExpiredTokenException",                  { ERR_DENIED, AWS_RETRY_CREDENTIALS }  },

    { "IncompleteSignature",                    { ERR_DENIED, AWS_RETRY_NEVER }        },
    { "InvalidClientTokenId",                   { ERR_DENIED, AWS_RETRY_NEVER }        },
    { "InvalidIdentityToken",                   { ERR_DENIED, AWS_RETRY_NEVER }        },
    { "IDPRejectedClaim",                       { ERR_DENIED, AWS_RETRY_NEVER }        },
    { "KMSKeyNotAccessible",                    { ERR_DENIED, AWS_RETRY_NEVER }        },
    { "MissingAuthenticationToken",             { ERR_DENIED, AWS_RETRY_NEVER }        },
    { "MissingAuthenticationTokenException",    { ERR_DENIED, AWS_RETRY_NEVER }        },
    { "NotAuthorized",                          { ERR_DENIED, AWS_RETRY_NEVER }        },
    { "OptInRequired",                          { ERR_DENIED, AWS_RETRY_NEVER }        },
    { "RegionDisabledException",                { ERR_DENIED, AWS_RETRY_NEVER }        },
    { "UnauthorizedOperation",                  { ERR_DENIED, AWS_RETRY_NEVER }        },
    { "UnrecognizedClientException",            { ERR_DENIED, AWS_RETRY_NEVER }        },

    { "BandwidthLimitExceeded",                 { ERR_THROTTLED, AWS_RETRY_THROTTLED } },
    { "EC2ThrottledException",                  { ERR_THROTTLED, AWS_RETRY_THROTTLED } },
    { "LimitExceededException",                 { ERR_THROTTLED, AWS_RETRY_THROTTLED } }, /* a quota, but all SDKs do */
    { "PriorRequestNotComplete",                { ERR_THROTTLED, AWS_RETRY_THROTTLED } },
    { "ProvisionedThroughputExceededException", { ERR_THROTTLED, AWS_RETRY_THROTTLED } },
    { "RequestLimitExceeded",                   { ERR_THROTTLED, AWS_RETRY_THROTTLED } },
    { "RequestThrottled",                       { ERR_THROTTLED, AWS_RETRY_THROTTLED } },
    { "RequestThrottledException",              { ERR_THROTTLED, AWS_RETRY_THROTTLED } },
    { "SlowDown",                               { ERR_THROTTLED, AWS_RETRY_THROTTLED } },
    { "ThrottledException",                     { ERR_THROTTLED, AWS_RETRY_THROTTLED } },
    { "Throttling",                             { ERR_THROTTLED, AWS_RETRY_THROTTLED } }, /* RDS, with HTTP 400 */
    { "ThrottlingException",                    { ERR_THROTTLED, AWS_RETRY_THROTTLED } },
    { "TooManyRequestsException",               { ERR_THROTTLED, AWS_RETRY_THROTTLED } },
    { "TransactionInProgressException",         { ERR_THROTTLED, AWS_RETRY_THROTTLED } },

    { "DependencyTimeoutException",             { ERR_IO, AWS_RETRY_TRANSIENT }        },
    { "IDPCommunicationError",                  { ERR_IO, AWS_RETRY_TRANSIENT }        },
    { "InternalError",                          { ERR_IO, AWS_RETRY_TRANSIENT }        },
    { "InternalFailure",                        { ERR_IO, AWS_RETRY_TRANSIENT }        },
    { "KMSInternalException",                   { ERR_IO, AWS_RETRY_TRANSIENT }        },
    { "RequestTimeout",                         { ERR_IO, AWS_RETRY_TRANSIENT }        },
    { "RequestTimeoutException",                { ERR_IO, AWS_RETRY_TRANSIENT }        },
    { "ServiceUnavailable",                     { ERR_IO, AWS_RETRY_TRANSIENT }        },

    { "NoSuchEntity",                           { ERR_NOT_FOUND, AWS_RETRY_NEVER }     },
    { "NotFoundException",                      { ERR_NOT_FOUND, AWS_RETRY_NEVER }     }, /* KMS */

    { "DisabledException",                      { ERR_CONFLICT, AWS_RETRY_NEVER }      },
    { "InvalidDBClusterSnapshotState",          { ERR_CONFLICT, AWS_RETRY_NEVER }      },
    { "InvalidDBClusterState",                  { ERR_CONFLICT, AWS_RETRY_NEVER }      },
    { "InvalidDBClusterStateException",         { ERR_CONFLICT, AWS_RETRY_NEVER }      },
    { "InvalidDBInstanceState",                 { ERR_CONFLICT, AWS_RETRY_NEVER }      },
    { "InvalidDBSnapshotState",                 { ERR_CONFLICT, AWS_RETRY_NEVER }      },
    { "KMSInvalidStateException",               { ERR_CONFLICT, AWS_RETRY_NEVER }      },
    { "SharedSnapshotQuotaExceeded",            { ERR_CONFLICT, AWS_RETRY_NEVER }      },
    { "SnapshotQuotaExceeded",                  { ERR_CONFLICT, AWS_RETRY_NEVER }      },
};

/* For the many codes that differ in their first word only. */
static const struct error_row endings[] = {
    { "NotFound",      { ERR_NOT_FOUND, AWS_RETRY_NEVER } },
    { "AlreadyExists", { ERR_CONFLICT, AWS_RETRY_NEVER }  },
};

static const struct status_row {
    int status;
    struct aws_error_class class;
} statuses[] = {
    { 401, { ERR_DENIED, AWS_RETRY_NEVER }        },
    { 403, { ERR_DENIED, AWS_RETRY_NEVER }        },
    { 429, { ERR_THROTTLED, AWS_RETRY_THROTTLED } },
    { 500, { ERR_IO, AWS_RETRY_TRANSIENT }        },
    { 502, { ERR_IO, AWS_RETRY_TRANSIENT }        },
    { 503, { ERR_IO, AWS_RETRY_TRANSIENT }        },
    { 504, { ERR_IO, AWS_RETRY_TRANSIENT }        },
};

struct str aws_error_code(struct str text)
{
    ptrdiff_t colon = str_find_char(text, ':');
    if (colon >= 0)
        text = str_slice(text, 0, (size_t)colon);
    ptrdiff_t hash = str_find_char(text, '#');
    if (hash >= 0)
        text = str_slice(text, (size_t)hash + 1, text.len);
    return str_trim(text);
}

void aws_error_put(struct err *err, enum err_part part, struct str text)
{
    char shown[PART_MAX_BYTES];
    const size_t length = text.len < sizeof(shown) ? text.len : sizeof(shown);
    for (size_t i = 0; i < length; i++)
        shown[i] = text.ptr[i] > ' ' && text.ptr[i] < 0x7f ? text.ptr[i] : '?';
    err_set_part(err, part, "%.*s", (int)length, shown);
}

static struct aws_error_class classify_status(struct str code, int status)
{
    for (size_t i = 0; i < ARRAY_LENGTH(statuses); i++)
        if (statuses[i].status == status)
            return statuses[i].class;
    /* A bare status, 404 of a proxy say, tells nothing about what was asked for. */
    bool is_refusal = !str_is_empty(code) && status >= 400 && status < 500;
    return (struct aws_error_class){ is_refusal ? ERR_INVALID : ERR_IO, AWS_RETRY_NEVER };
}

struct aws_error_class aws_error_classify(struct str code, int status)
{
    if (str_ends_with(code, STR("Fault")))
        code.len -= STR("Fault").len;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        if (str_equal(code, str_from(rows[i].code)))
            return rows[i].class;
    for (size_t i = 0; i < ARRAY_LENGTH(endings); i++)
        if (str_ends_with(code, str_from(endings[i].code)))
            return endings[i].class;
    return classify_status(code, status);
}
