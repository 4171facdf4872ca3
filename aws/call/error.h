/* SPDX-License-Identifier: MPL-2.0
 *
 * What AWS's error codes mean: one table maps them to kinds (base/err.h) and to
 * what a repetition would be good for. Only codes are looked at, never texts. A
 * trailing "Fault" is ignored: cluster codes have it, instance codes do not.
 */
#ifndef AWS_CALL_ERROR_H
#define AWS_CALL_ERROR_H

#include "aws/wire/rows.h"

enum aws_retry {
    AWS_RETRY_NEVER,
    AWS_RETRY_TRANSIENT,   /* a failure of the service or of the way to it */
    AWS_RETRY_THROTTLED,   /* the same, with longer pauses */
    AWS_RETRY_CLOCK,       /* only if the clock turns out to have been wrong */
    AWS_RETRY_CREDENTIALS, /* once, with fresh ones */
};

struct aws_error_class {
    enum err_kind kind;
    enum aws_retry retry;
};

/* An error as the two protocols send it. */
struct aws_error_text {
    struct str code, message;
};

struct aws_error_query_reply {
    struct aws_error_text error;
    struct str request_id;
};

#define AWS_ERROR_QUERY_PATH "ErrorResponse"
extern const struct wire_row aws_error_query_rows[]; /* of struct aws_error_query_reply */

struct aws_error_json_reply {
    struct str type, code, message, capital_message;
};

extern const struct wire_row aws_error_json_rows[]; /* of struct aws_error_json_reply */

/* "ThrottlingException" from "com.amazonaws.kms#ThrottlingException:http://...". */
struct str aws_error_code(struct str text);
/* A code or an id as a part of the error: ASCII only. */
void aws_error_put(struct err *err, enum err_part part, struct str text);
/* By code; by status where the code is empty or unknown. */
struct aws_error_class aws_error_classify(struct str code, int status);

#endif
