/* SPDX-License-Identifier: MPL-2.0
 *
 * What a policy says about one request (IAM user guide, "Policy evaluation
 * logic", "Condition operators"), in three values: a condition, a principal or
 * an element that is not understood makes the answer "cannot tell", never "no".
 * A caller's own policies, service control policies and grants are not looked
 * at: they are other documents. It knows no service and makes no call.
 */
#ifndef AWS_POLICY_DECISION_H
#define AWS_POLICY_DECISION_H

#include "aws/policy/document.h"

/* A condition key of which something is known; of all others nothing is. */
struct aws_policy_key {
    const char *name; /* "kms:ViaService" */
    const struct str *values;
    size_t count; /* 0: the request has no such key; several: it has one of these */
};

struct aws_policy_question {
    struct str account;    /* of the caller, 12 digits */
    struct str caller_arn; /* as GetCallerIdentity tells it; empty: somebody of that account */
    struct str action;     /* "kms:Decrypt" */
    struct str resource;   /* its ARN */
    const struct aws_policy_key *keys;
    size_t key_count;
    bool is_own_policy; /* the document belongs to the caller: statements name no principal */
};

enum aws_policy_verdict {
    AWS_POLICY_ALLOWED,
    AWS_POLICY_DENIED,      /* a statement denies it */
    AWS_POLICY_NOT_ALLOWED, /* no statement allows it */
    AWS_POLICY_CANNOT_TELL,
};

/* `out_reason` (in the arena): which statement decides or stands in the way, as
 * a clause for a message. */
enum aws_policy_verdict aws_policy_decide(struct arena *arena, const struct aws_policy *policy,
                                          const struct aws_policy_question *question, struct str *out_reason);

/* Does the principal that a grant or an AWS element of a policy names admit the caller? */
enum aws_policy_match { AWS_POLICY_NO, AWS_POLICY_MAYBE, AWS_POLICY_YES };
enum aws_policy_match aws_policy_names(struct str principal, const struct aws_policy_question *question);

#endif
