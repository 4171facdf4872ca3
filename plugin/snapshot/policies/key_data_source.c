/* SPDX-License-Identifier: MPL-2.0
 *
 * data "snapshot_key_policy": the policy of the old or the new account's key as
 * JSON. No AWS call, no configuration needed; the provider functions give the
 * same text on hosts that have functions.
 */
#include "aws/arn.h"
#include "plugin/snapshot/policies/key.h"
#include "plugin/snapshot/registry.h"

struct key_policy {
    struct tf_string side;
    struct tf_string owner_account_id;
    struct tf_string_set reader_account_ids;
    struct tf_string_set reader_principals;
    struct tf_string principal_org_id;
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
            .description =
                "For `source` only: the accounts that will copy or restore a snapshot encrypted with the key, 12 "
                "digits each. Their IAM policies decide who in them can. A source policy needs at least one account "
                "here, or one role or user in `reader_principals`."),
    TF_ATTR(struct key_policy, reader_principals, .flags = TF_OPTIONAL,
            .description =
                "For `source` only: IAM roles and users that will copy or restore, by their ARNs, such as "
                "`arn:aws:iam::444455556666:role/migration`. Of their accounts, nobody else can use the key, unless "
                "the account is also in `reader_account_ids`. RDS uses the key with the rights of its caller, so name "
                "every role with which Terraform copies or restores. Rejected are sessions "
                "(`arn:aws:sts::...:assumed-role/...`: name the role), `*` and other wildcards, and ARNs of another "
                "partition. A role must exist before KMS accepts the policy."),
    TF_ATTR(struct key_policy, principal_org_id, .flags = TF_OPTIONAL,
            .description =
                "For `source` only: the ID of an AWS organization, such as `o-a1b2c3d4e5`. The readers can use the key "
                "only while their account belongs to it (`aws:PrincipalOrgID`). It allows nobody who is not in "
                "`reader_account_ids` or `reader_principals`."),
    TF_ATTR(struct key_policy, regions, .flags = TF_OPTIONAL,
            .description = "For `source` only, and required there: the Regions in which RDS will use the key."),
    TF_ATTR(struct key_policy, partition, .flags = TF_OPTIONAL,
            .description = "The AWS partition, such as `aws-us-gov`. Default `aws`."),
    TF_ATTR(struct key_policy, json, .flags = TF_COMPUTED,
            .description = "The policy, for `aws_kms_key.policy`. The same input gives the same bytes."),
    TF_END,
};

static void check_source_only(struct tf_call *call, const char *path, enum tf_state state)
{
    if (state != TF_NULL)
        tf_error(call, path, "Unexpected argument",
                 "%s belongs to side = \"source\": a target policy has no readers and names no Regions.", path);
}

static void key_policy_validate(struct tf_call *call, const void *config)
{
    const struct key_policy *policy = config;
    if (policy->side.state != TF_KNOWN)
        return;
    if (!is_source(policy)) {
        check_source_only(call, "reader_account_ids", policy->reader_account_ids.state);
        check_source_only(call, "reader_principals", policy->reader_principals.state);
        check_source_only(call, "principal_org_id", policy->principal_org_id.state);
        check_source_only(call, "regions", policy->regions.state);
        return;
    }
    if (policy->reader_account_ids.state == TF_NULL && policy->reader_principals.state == TF_NULL)
        tf_error(call, "reader_account_ids", "Missing reader_account_ids",
                 "A source policy names who will read: accounts in reader_account_ids, or roles and users in "
                 "reader_principals.");
    if (policy->regions.state == TF_NULL)
        tf_error(call, "regions", "Missing regions",
                 "A source policy names the Regions in which RDS will use the key.");
}

/* Such a principal narrows nothing. */
static void warn_of_whole_accounts(struct tf_call *call, const struct key_policy *policy)
{
    const struct tf_string_set *accounts = &policy->reader_account_ids, *principals = &policy->reader_principals;
    struct aws_arn arn;
    for (size_t i = 0; i < principals->count; i++)
        for (size_t k = 0; k < accounts->count; k++)
            if (aws_arn_split(principals->items[i].value, &arn) && str_equal(arn.account, accounts->items[k].value))
                tf_warn(call, "reader_principals", "The whole account may use the key",
                        "reader_account_ids contains the account of %.*s. So everybody whom that account's IAM "
                        "policies allow can use the key, and this principal changes nothing. To allow the principal "
                        "alone, remove %.*s from reader_account_ids.",
                        STR_ARG(principals->items[i].value), STR_ARG(arn.account));
}

static bool read_source(struct tf_call *call, const struct key_policy *policy, struct str *out, struct err *err)
{
    const struct key_policy_source source = {
        .owner_account_id = policy->owner_account_id.value,
        .reader_account_ids = policy->reader_account_ids,
        .reader_principals = policy->reader_principals,
        .principal_org_id = policy->principal_org_id,
        .regions = policy->regions,
        .partition = policy->partition,
    };
    if (!key_policy_of_source(call->arena, &source, out, err))
        return false;
    warn_of_whole_accounts(call, policy);
    return true;
}

static bool key_policy_read(struct tf_call *call, const void *config, void *state, struct err *err)
{
    const struct key_policy *policy = config;
    struct key_policy *result = state;
    struct str json;
    bool done = is_source(policy)
                    ? read_source(call, policy, &json, err)
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
