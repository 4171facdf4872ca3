/* SPDX-License-Identifier: MPL-2.0
 *
 * Provider functions: the two key policies (the same texts as the data source
 * gives), and snapshot ARNs put together and taken apart. Pure.
 */
#include "aws/arn.h"
#include "aws/endpoint.h"
#include "plugin/snapshot/kind.h"
#include "plugin/snapshot/policies/key.h"
#include "plugin/snapshot/registry.h"

struct text_result {
    struct tf_string result;
};

static const struct tf_attribute policy_result[] = {
    TF_ATTR(struct text_result, result, .flags = TF_COMPUTED, .description = "The policy as JSON."),
    TF_END,
};

struct source_key_policy {
    struct tf_string owner_account_id;
    struct tf_string_set reader_account_ids;
    struct tf_string_set regions;
    struct tf_string partition;
};

static const struct tf_attribute source_key_policy_parameters[] = {
    TF_ATTR(struct source_key_policy, owner_account_id, .description = "The account that owns the key."),
    TF_ATTR(struct source_key_policy, reader_account_ids,
            .description = "The accounts that will copy or restore snapshots encrypted with the key."),
    TF_ATTR(struct source_key_policy, regions, .description = "The Regions in which RDS will use the key."),
    TF_ATTR(struct source_key_policy, partition, .flags = TF_OPTIONAL,
            .description = "The AWS partition; `null` means `aws`."),
    TF_END,
};

static bool run_source_key_policy(struct tf_call *call, const void *parameters, void *result, struct err *err)
{
    const struct source_key_policy *given = parameters;
    struct text_result *out = result;
    struct str json;
    const struct key_policy_source source = {
        .owner_account_id = given->owner_account_id.value,
        .reader_account_ids = given->reader_account_ids,
        .regions = given->regions,
        .partition = given->partition,
    };
    if (!key_policy_of_source(call->arena, &source, &json, err))
        return false;
    out->result = tf_known_string(json);
    return true;
}

const struct tf_function source_key_policy_function = {
    .name = "source_key_policy",
    .summary = "Policy of the old account's key",
    .description = "The key policy for the customer-managed key of the account that shares a snapshot, as JSON.",
    .parameters = TF_MODEL(struct source_key_policy, source_key_policy_parameters),
    .result = TF_MODEL(struct text_result, policy_result),
    .run = run_source_key_policy,
};

struct target_key_policy {
    struct tf_string owner_account_id;
    struct tf_string partition;
};

static const struct tf_attribute target_key_policy_parameters[] = {
    TF_ATTR(struct target_key_policy, owner_account_id, .description = "The account that owns the key."),
    TF_ATTR(struct target_key_policy, partition, .flags = TF_OPTIONAL,
            .description = "The AWS partition; `null` means `aws`."),
    TF_END,
};

static bool run_target_key_policy(struct tf_call *call, const void *parameters, void *result, struct err *err)
{
    const struct target_key_policy *given = parameters;
    struct text_result *out = result;
    struct str json;
    if (!key_policy_of_target(call->arena, given->owner_account_id.value, given->partition, &json, err))
        return false;
    out->result = tf_known_string(json);
    return true;
}

const struct tf_function target_key_policy_function = {
    .name = "target_key_policy",
    .summary = "Policy of the new account's key",
    .description = "The key policy for the customer-managed key of the account that restores, as JSON.",
    .parameters = TF_MODEL(struct target_key_policy, target_key_policy_parameters),
    .result = TF_MODEL(struct text_result, policy_result),
    .run = run_target_key_policy,
};

/* What an ARN says: the parameters of one function and the result of the other. */
struct arn_parts {
    struct tf_string partition;
    struct tf_string region;
    struct tf_string account_id;
    struct tf_string kind;
    struct tf_string name;
};

static const struct tf_attribute arn_parts_rows[] = {
    TF_ATTR(struct arn_parts, partition, .description = "The AWS partition, `aws` in most Regions."),
    TF_ATTR(struct arn_parts, region, .description = "The Region."),
    TF_ATTR(struct arn_parts, account_id, .description = "The account that owns the snapshot."),
    TF_ATTR(struct arn_parts, kind, .description = "`cluster` or `instance`."),
    TF_ATTR(struct arn_parts, name, .description = "The snapshot's name; RDS keeps it in lower case."),
    TF_END,
};

static const struct tf_attribute arn_result[] = {
    TF_ATTR(struct text_result, result, .flags = TF_COMPUTED, .description = "The ARN."),
    TF_END,
};

static bool refuse(struct err *err, const char *path, struct str given, const char *allowed)
{
    err_set(err, ERR_INVALID, "\"%.*s\" is not %s", STR_ARG(given), allowed);
    err_set_path(err, path);
    return false;
}

static bool run_snapshot_arn(struct tf_call *call, const void *parameters, void *result, struct err *err)
{
    const struct arn_parts *given = parameters;
    struct text_result *out = result;
    struct snapshot_ref ref = {
        .partition = given->partition.value,
        .region = given->region.value,
        .account = given->account_id.value,
        .name = given->name.value,
    };
    if (!aws_partition_find(ref.partition))
        return refuse(err, "partition", ref.partition, "a partition: aws, aws-cn, aws-us-gov ...");
    if (!aws_is_region(ref.region))
        return refuse(err, "region", ref.region, "a Region, such as \"eu-west-1\"");
    if (!aws_is_account_id(ref.account))
        return refuse(err, "account_id", ref.account, "an account id of 12 digits");
    if (!snapshot_kind_find(given->kind.value, &ref.kind))
        return refuse(err, "kind", given->kind.value, "\"cluster\" or \"instance\"");
    if (str_is_empty(ref.name))
        return refuse(err, "name", ref.name, "the name of a snapshot");
    out->result = tf_known_string(snapshot_ref_arn(call->arena, &ref));
    return true;
}

const struct tf_function snapshot_arn_function = {
    .name = "snapshot_arn",
    .summary = "ARN of a snapshot",
    .description = "Puts the ARN of a cluster or instance snapshot together; the name is turned to lower case as RDS "
                   "does.",
    .parameters = TF_MODEL(struct arn_parts, arn_parts_rows),
    .result = TF_MODEL(struct text_result, arn_result),
    .run = run_snapshot_arn,
};

struct arn_parameter {
    struct tf_string arn;
};

static const struct tf_attribute arn_parameter_rows[] = {
    TF_ATTR(struct arn_parameter, arn, .description = "The ARN of a cluster or instance snapshot."),
    TF_END,
};

static bool run_parse_snapshot_arn(struct tf_call *call, const void *parameters, void *result, struct err *err)
{
    const struct arn_parameter *given = parameters;
    struct arn_parts *out = result;
    struct snapshot_ref ref;
    if (!snapshot_ref_parse(call->arena, given->arn.value, &ref, err)) {
        err_set_path(err, "arn");
        return false;
    }
    *out = (struct arn_parts){
        .partition = tf_known_string(ref.partition),
        .region = tf_known_string(ref.region),
        .account_id = tf_known_string(ref.account),
        .kind = tf_known_string(str_from(snapshot_kind_of(ref.kind)->name)),
        .name = tf_known_string(ref.name),
    };
    return true;
}

const struct tf_function parse_snapshot_arn_function = {
    .name = "parse_snapshot_arn",
    .summary = "Parts of a snapshot's ARN",
    .description = "Takes the ARN of a cluster or instance snapshot apart; anything else is an error.",
    .parameters = TF_MODEL(struct arn_parameter, arn_parameter_rows),
    .result = TF_MODEL(struct arn_parts, arn_parts_rows),
    .run = run_parse_snapshot_arn,
};
