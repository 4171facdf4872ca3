/* SPDX-License-Identifier: MPL-2.0 */
#include <stdlib.h>

#include "aws/policy/decision.h"
#include "tests/fuzz/target.h"

static const struct str host = { "rds.eu-west-1.amazonaws.com", 27 };
static const struct str account = { "222222222222", 12 };

static const struct aws_policy_key keys[] = {
    { "kms:ViaService",            &host,    1 },
    { "kms:CallerAccount",         &account, 1 },
    { "kms:GrantIsForAWSResource", NULL,     0 },
};

/* Knowing more turns "cannot tell" into an answer and no answer into its opposite;
 * what nobody is allowed may turn out to be denied on top. */
static void check_refines(enum aws_policy_verdict less_known, enum aws_policy_verdict known)
{
    if (less_known != AWS_POLICY_CANNOT_TELL && known != less_known &&
        !(less_known == AWS_POLICY_NOT_ALLOWED && known == AWS_POLICY_DENIED))
        abort();
}

static void check_callers(struct arena *arena, const struct aws_policy *policy)
{
    struct str reason;
    struct aws_policy_question question = { .account = account,
                                            .caller_arn = STR("arn:aws:sts::222222222222:assumed-role/mover/session"),
                                            .action = STR("kms:Decrypt"),
                                            .resource = STR("arn:aws:kms:eu-west-1:111111111111:key/k"),
                                            .keys = keys,
                                            .key_count = ARRAY_LENGTH(keys) };
    const enum aws_policy_verdict known = aws_policy_decide(arena, policy, &question, &reason);
    question.key_count = 0;
    check_refines(aws_policy_decide(arena, policy, &question, &reason), known);
    question.key_count = ARRAY_LENGTH(keys);
    question.caller_arn = STR("");
    check_refines(aws_policy_decide(arena, policy, &question, &reason), known);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct arena *arena = arena_new();
    struct aws_policy policy;
    CLEANUP(err_clear) struct err err = { 0 };
    if (aws_policy_read(arena, (struct str){ (const char *)bytes, size }, &policy, &err))
        check_callers(arena, &policy);
    else if (err.kind != ERR_INVALID)
        abort();
    arena_free(arena);
    return 0;
}
