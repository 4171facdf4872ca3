/* SPDX-License-Identifier: MPL-2.0
 *
 * The STS operations (query, 2011-06-15). Roles are assumed at the regional
 * endpoint: tokens of the global one are refused by opt-in Regions.
 */
#ifndef AWS_STS_H
#define AWS_STS_H

#include "aws/call/client.h"

struct sts_identity {
    struct str account;
    struct str arn;
};

/* Needs no permission. */
MUST_USE bool sts_get_caller_identity(const struct aws_call *call, struct sts_identity *out, struct err *err);

struct sts_assume_role_options {
    struct str role_arn;
    struct str session_name;
    struct str external_id, policy, source_identity; /* empty: not sent */
    struct wire_strings policy_arns;
    struct wire_int64 duration_seconds;
    struct aws_tags tags;
    struct wire_strings transitive_tag_keys;
    struct str web_identity_token; /* with it: AssumeRoleWithWebIdentity, unsigned */
};

struct sts_credentials {
    struct str access_key_id, secret_access_key, session_token;
    struct str expiration; /* ISO 8601 UTC */
};

MUST_USE bool sts_assume_role(const struct aws_call *call, const struct sts_assume_role_options *options,
                              struct sts_credentials *out, struct err *err);

#endif
