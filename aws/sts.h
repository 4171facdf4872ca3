/* SPDX-License-Identifier: MPL-2.0
 *
 * The STS operations (query, 2011-06-15). Roles are assumed at the regional
 * endpoint: tokens of the global one are refused by opt-in Regions.
 */
#ifndef AWS_STS_H
#define AWS_STS_H

#include "aws/call/operation.h"
#include "aws/credentials/sources.h"

struct sts_identity {
    struct str account;
    struct str arn;
};

/* Needs no permission. */
MUST_USE bool sts_get_caller_identity(const struct aws_call *call, struct sts_identity *out, struct err *err);

MUST_USE bool sts_assume_role(const struct aws_call *call, const struct sts_assume_role_options *options,
                              struct sts_credentials *out, struct err *err);

#endif
