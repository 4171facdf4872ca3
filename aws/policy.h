/* SPDX-License-Identifier: MPL-2.0
 *
 * IAM policy documents. Writing is byte-stable: the same statements give the
 * same text, keys in the order of AWS's examples, no insignificant space.
 */
#ifndef AWS_POLICY_H
#define AWS_POLICY_H

#include "base/str.h"

struct aws_policy_condition {
    const char *operator; /* "StringEquals" */
    const char *key;      /* "kms:ViaService" */
    const struct str *values;
    size_t value_count; /* one: written as a string; several: as a list */
};

struct aws_policy_statement {
    const char *sid;
    const char *principal_type; /* "AWS", "Service" */
    const struct str *principals;
    size_t principal_count;
    const char *const *actions; /* ended by NULL */
    struct aws_policy_condition conditions[2];
    size_t condition_count;
};

/* Effect Allow, Resource "*" (a key policy's is always that). */
MUST_USE bool aws_policy_write(struct arena *arena, const struct aws_policy_statement *statements, size_t count,
                               struct str *out, struct err *err);

#endif
