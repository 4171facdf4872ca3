/* SPDX-License-Identifier: MPL-2.0
 *
 * AWS Signature Version 4 (AWS General Reference, "Create a signed AWS API
 * request"): the header form, and the query form, which is a presigned URL. In
 * stages, so that tests compare each one alone. Every header that is given gets
 * signed, except those in a short list that intermediaries or the transport may
 * change; retry headers are added after signing.
 */
#ifndef AWS_CALL_SIGV4_H
#define AWS_CALL_SIGV4_H

#include "aws/http/message.h"

struct sigv4_key {
    struct str access_key_id, secret_access_key;
    struct str session_token; /* empty: none */
    struct str region;
    struct str service; /* signing name, "rds" */
    int64_t wall_ms;    /* when; corrected for skew by the caller */
};

struct sigv4_result {
    const struct http_header *headers; /* the request's, then x-amz-date, x-amz-security-token, authorization */
    size_t header_count;
    struct str canonical_request, string_to_sign, signature;
};

/* In the arena. Errors: ERR_INVALID for a URL that is none. */
MUST_USE bool sigv4_sign(struct arena *arena, const struct http_request *request, const struct sigv4_key *key,
                         struct sigv4_result *out, struct err *err);

/* The URL of a GET that anybody may send, with the rights of the key, for so many seconds. `url` has a query. In the
 * arena; the URL holds the session token, and the signature, which is given alone too. Errors: as above. */
MUST_USE bool sigv4_presign(struct arena *arena, struct str url, int lasts_seconds, const struct sigv4_key *key,
                            struct str *out, struct str *out_signature, struct err *err);

/* The first stage. The headers are all that are sent, x-amz-date among them. */
MUST_USE bool sigv4_canonical_request(struct arena *arena, const struct http_request *request, struct str *out,
                                      struct str *out_signed_headers, struct err *err);

#endif
