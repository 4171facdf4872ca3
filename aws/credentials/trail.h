/* SPDX-License-Identifier: MPL-2.0
 *
 * What was tried to find credentials, in order, with the reason why each source
 * was used or not: for "no credentials were found", and for whoami --explain. It never
 * holds a secret.
 */
#ifndef AWS_CREDENTIALS_TRAIL_H
#define AWS_CREDENTIALS_TRAIL_H

#include "base/str.h"

enum aws_verdict {
    AWS_HAS_NONE, /* the next source is asked */
    AWS_USED,
    AWS_FAILED,   /* it has credentials to give and could not: no other source is asked */
    AWS_NOT_ASKED /* it comes later in the order */
};

struct aws_credentials_step {
    struct aws_credentials_step *next;
    enum aws_verdict verdict;
    struct str text; /* "environment: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set" */
};

/* Begins with its arena alone. */
struct aws_credentials_trail {
    struct arena *arena;
    struct aws_credentials_step *first, *last;
    bool is_closed; /* all were asked and have none: what follows repeats it */
};

/* Adds a step, unless it is closed, or says again what was used; `trail` may be NULL. */
void aws_credentials_note(struct aws_credentials_trail *trail, enum aws_verdict verdict, const char *format, ...)
    PRINTF_LIKE(3, 4);

void aws_credentials_close(struct aws_credentials_trail *trail);

#endif
