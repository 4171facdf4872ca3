/* SPDX-License-Identifier: MPL-2.0
 *
 * PreSignedUrl, with which RDS asks for the source of a copy in the source's own Region (API reference,
 * CopyDBClusterSnapshot): the request itself, signed for there. No calls.
 */
#ifndef AWS_CALL_PRESIGN_H
#define AWS_CALL_PRESIGN_H

#include "aws/call/sigv4.h"

/* A request that is about to be signed. */
struct presign_request {
    struct str url, region;   /* where it goes to */
    struct str source_region; /* not empty */
    struct str body;
};

/* `out_body` (in the arena) is the body with the URL. The URL lasts an hour, and the credentials may be others by then:
 * make it for each attempt. It holds the session token, and `out_signature`: neither may be shown. */
MUST_USE bool presign(struct arena *arena, const struct presign_request *request, const struct sigv4_key *key,
                      struct str *out_body, struct str *out_signature, struct err *err);

#endif
