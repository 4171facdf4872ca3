/* SPDX-License-Identifier: MPL-2.0
 *
 * aws_caller_identity: who calls.
 */
#include "aws/sts.h"
#include "tests/standin_aws/registry.h"
#include "tests/standin_aws/standin.h"

struct caller_identity {
    struct tf_string account_id;
    struct tf_string arn;
    struct tf_string id;
};

static const struct tf_attribute identity_attributes[] = {
    TF_ATTR(struct caller_identity, account_id, .flags = TF_COMPUTED, .description = "The account."),
    TF_ATTR(struct caller_identity, arn, .flags = TF_COMPUTED, .description = "ARN of the caller."),
    TF_ATTR(struct caller_identity, id, .flags = TF_OPTIONAL | TF_COMPUTED, .description = "The account."),
    TF_END,
};

static bool identity_read(struct tf_call *call, const void *config, void *state, struct err *err)
{
    struct caller_identity *identity = state;
    struct aws_call aws;
    struct sts_identity caller;
    (void)config;
    if (!standin_short_call(call, (struct tf_string){ 0 }, &aws, err) || !sts_get_caller_identity(&aws, &caller, err))
        return false;
    identity->account_id = identity->id = tf_known_string(caller.account);
    identity->arn = tf_known_string(caller.arn);
    return true;
}

const struct tf_data_source caller_identity_data_source = {
    .type_name = "aws_caller_identity",
    .description = "Who calls.",
    .model = TF_MODEL(struct caller_identity, identity_attributes),
    .read = identity_read,
};
