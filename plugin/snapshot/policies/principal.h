/* SPDX-License-Identifier: MPL-2.0
 *
 * A principal of a key's policy that is less than an account: one IAM role or user,
 * by its ARN. Whatever would allow more than that, or nobody at all, is rejected with
 * what to write instead. Pure text, no calls: whether the role exists is not checked.
 */
#ifndef PLUGIN_SNAPSHOT_POLICIES_PRINCIPAL_H
#define PLUGIN_SNAPSHOT_POLICIES_PRINCIPAL_H

#include "aws/endpoint.h"
#include "base/err.h"

/* Errors: ERR_INVALID. */
MUST_USE bool principal_check(struct arena *arena, const struct aws_partition *partition, struct str text,
                              struct err *err);

#endif
