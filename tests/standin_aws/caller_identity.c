/* SPDX-License-Identifier: MPL-2.0
 *
 * aws_caller_identity: who calls.
 */
#include "aws/sts.h"
#include "tests/standin_aws/registry.h"
#include "tests/standin_aws/standin.h"

struct caller_identity {
    struct tf_string account_id;
};

static const struct tf_attribute identity_attributes[] = {
    TF_ATTR(struct caller_identity, account_id, .flags = TF_COMPUTED, .description = "The account."),
    TF_END,
};

static bool identity_read(struct tf_call *call, const void *config, void *state, struct err *err)
{
    struct caller_identity *identity = state;
    struct aws_call aws;
    struct sts_identity caller;
    (void)config;
    if (!standin_short_call(call, &aws, err) || !sts_get_caller_identity(&aws, &caller, err))
        return false;
    identity->account_id = tf_known_string(caller.account);
    return true;
}

const struct tf_data_source caller_identity_data_source = {
    .type_name = "aws_caller_identity",
    .description = "Who calls.",
    .model = TF_MODEL(struct caller_identity, identity_attributes),
    .read = identity_read,
};
