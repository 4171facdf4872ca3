/* SPDX-License-Identifier: MPL-2.0
 *
 * Writes the query protocol of RDS, STS and IAM: Action=...&Version=..., then
 * the parameters in the order of the rows, percent-encoded (a space is %20).
 * Lists as in the RDS API reference: Tags.Tag.N, from 1; an empty one is not
 * sent.
 */
#ifndef AWS_WIRE_QUERY_H
#define AWS_WIRE_QUERY_H

#include "aws/wire/rows.h"

struct wire_query {
    const char *action, *version;
    const struct wire_row *rows; /* NULL: no parameters */
    int column;
    const void *input;
};

/* In the arena. Errors: ERR_INVALID when it passes AWS_BODY_MAX_BYTES. */
MUST_USE bool wire_query_write(struct arena *arena, const struct wire_query *query, struct str *out, struct err *err);

/* What was written, with one more parameter at its end. */
MUST_USE bool wire_query_add(struct arena *arena, struct str query, const char *name, struct str value, struct str *out,
                             struct err *err);

#endif
