/* SPDX-License-Identifier: MPL-2.0
 *
 * data "snapshot_key_policy": the policy of the old or the new account's key as
 * JSON. No AWS call, no configuration needed; the provider functions give the
 * same text on hosts that have functions.
 */
#include "plugin/snapshot/policies/key.h"
#include "plugin/snapshot/registry.h"

struct key_policy {
    struct tf_string side;
    struct tf_string owner_account_id;
    struct tf_string_set reader_account_ids;
    struct tf_string_set regions;
    struct tf_string partition;
    struct tf_string json;
};

static bool is_source(const struct key_policy *policy)
{
    return str_equal(policy->side.value, STR("source"));
}

static void check_side(struct tf_call *call, const char *path, const void *member)
{
    const struct tf_string *side = member;
    if (!str_equal(side->value, STR("source")) && !str_equal(side->value, STR("target")))
        tf_error(call, path, "Invalid side",
                 "\"%.*s\" is neither \"source\" (the old account's key) nor \"target\" (the new account's).",
                 STR_ARG(side->value));
}

static const struct tf_attribute key_policy_attributes[] = {
    TF_ATTR(struct key_policy, side, .flags = TF_REQUIRED, .validate = check_side,
            .description =
                "`source`: the key of the account that shares; `target`: the key of the account that restores."),
    TF_ATTR(struct key_policy, owner_account_id, .flags = TF_REQUIRED,
            .description = "The account that owns the key: 12 digits."),
    TF_ATTR(struct key_policy, reader_account_ids, .flags = TF_OPTIONAL,
            .description = "For `source` only, and required there: the accounts that will copy or restore a snapshot "
                           "encrypted with the key, 12 digits each."),
    TF_ATTR(struct key_policy, regions, .flags = TF_OPTIONAL,
            .description = "For `source` only, and required there: the Regions in which RDS will use the key."),
    TF_ATTR(struct key_policy, partition, .flags = TF_OPTIONAL,
            .description = "The AWS partition, such as `aws-us-gov`. Default `aws`."),
    TF_ATTR(struct key_policy, json, .flags = TF_COMPUTED,
            .description = "The policy, for `aws_kms_key.policy`. The same input gives the same bytes."),
    TF_END,
};

static void key_policy_validate(struct tf_call *call, const void *config)
{
    const struct key_policy *policy = config;
    if (policy->side.state != TF_KNOWN)
        return;
    static const char needs[] =
        "A source policy names the accounts that will read and the Regions in which RDS will use the key.";
    if (is_source(policy) && policy->reader_account_ids.state == TF_NULL)
        tf_error(call, "reader_account_ids", "Missing reader_account_ids", "%s", needs);
    if (is_source(policy) && policy->regions.state == TF_NULL)
        tf_error(call, "regions", "Missing regions", "%s", needs);
    if (!is_source(policy) && policy->reader_account_ids.state != TF_NULL)
        tf_error(call, "reader_account_ids", "Unexpected reader_account_ids",
                 "A target policy has no readers; the argument belongs to side = \"source\".");
    if (!is_source(policy) && policy->regions.state != TF_NULL)
        tf_error(call, "regions", "Unexpected regions",
                 "A target policy names no Regions; the argument belongs to side = \"source\".");
}

static bool key_policy_read(struct tf_call *call, const void *config, void *state, struct err *err)
{
    const struct key_policy *policy = config;
    struct key_policy *result = state;
    struct str json;
    bool done = is_source(policy)
                    ? key_policy_of_source(call->arena, policy->owner_account_id.value, &policy->reader_account_ids,
                                           &policy->regions, policy->partition, &json, err)
                    : key_policy_of_target(call->arena, policy->owner_account_id.value, policy->partition, &json, err);
    if (done)
        result->json = tf_known_string(json);
    return done;
}

const struct tf_data_source key_policy_data_source = {
    .type_name = "snapshot_key_policy",
    .description = "The key policy that a migration needs on one side: for the customer-managed key of the old account "
                   "(`source`) or of the new one (`target`). Makes no AWS call.",
    .model = TF_MODEL(struct key_policy, key_policy_attributes),
    .validate = key_policy_validate,
    .read = key_policy_read,
};
