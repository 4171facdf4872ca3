/* SPDX-License-Identifier: MPL-2.0
 *
 * The JSON document in which a process, a container and an EC2 instance hand over
 * keys. The three differ in the name of the session token and in what may be missing.
 */
#ifndef AWS_CREDENTIALS_DOCUMENT_H
#define AWS_CREDENTIALS_DOCUMENT_H

#include "aws/credentials/cache.h"
#include "aws/wire/rows.h"

enum document_form {
    DOCUMENT_OF_PROCESS,  /* SessionToken; token and Expiration may be missing */
    DOCUMENT_OF_SERVICE,  /* Token; all are needed */
    DOCUMENT_OF_CONTAINER /* Token; token and Expiration may be missing, as aws-sdk-go-v2 has it */
};

struct credentials_document {
    struct str access_key_id, secret_access_key, session_token;
    struct str expiration;     /* ISO 8601 UTC */
    struct wire_int64 version; /* of a process's */
    struct str code, message;  /* what a service says in place of keys, or beside them ("Success") */
};

/* Reads the text; nothing need be there. No part of the text is in an error. Errors: ERR_IO: it is no JSON object,
 * or a member has the wrong type. */
MUST_USE bool document_read(struct arena *arena, struct str text, enum document_form form,
                            struct credentials_document *out, struct err *err);
/* The keys of it, with `source` and `kind`, which are kept. Errors: ERR_IO naming the member that is missing or not
 * a time, and `source`. */
MUST_USE bool document_take(const struct credentials_document *document, enum document_form form, const char *kind,
                            const char *source, struct aws_credentials *out, struct err *err);
/* "CODE: message" of a refusal, in the arena: printable and of limited length. It is the service's text, and no secret. */
struct str document_refusal(struct arena *arena, struct str code, struct str message);

#endif
