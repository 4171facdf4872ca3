/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/policies/key.h"

#include "aws/endpoint.h"
#include "aws/policy/document.h"
#include "plugin/snapshot/arguments.h"

static const char *const everything[] = { "kms:*", NULL };
static const char *const owner_use[] = {
    "kms:Encrypt",     "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKey*",
    "kms:DescribeKey", NULL,
};
static const char *const reader_use[] = { "kms:Decrypt", "kms:ReEncryptFrom", "kms:DescribeKey", NULL };
static const char *const grant_use[] = { "kms:CreateGrant", NULL };
static const char *const service_use[] = {
    "kms:ReEncryptTo", "kms:GenerateDataKey*", "kms:Encrypt", "kms:DescribeKey", "kms:Decrypt", "kms:CreateGrant", NULL,
};

static bool check_account(struct arena *arena, const char *path, struct str account, struct err *err)
{
    if (argument_is_account(arena, account, err))
        return true;
    err_set_path(err, path);
    return false;
}

static bool find_partition(struct tf_string name, const struct aws_partition **out, struct err *err)
{
    *out = aws_partition_find(tf_text(name, STR("aws")));
    if (*out)
        return true;
    err_set(err, ERR_INVALID, "\"%.*s\" is not a partition; known are aws, aws-cn, aws-us-gov and the isolated ones",
            STR_ARG(name.value));
    err_set_path(err, "partition");
    return false;
}

static struct str root_of(struct arena *arena, const struct aws_partition *partition, struct str account)
{
    return str_format(arena, "arn:%s:iam::%.*s:root", partition->name, STR_ARG(account));
}

static bool rds_hosts(struct arena *arena, const struct aws_partition *partition, const struct tf_string_set *regions,
                      struct str *out_hosts, struct err *err)
{
    for (size_t i = 0; i < regions->count; i++) {
        struct str region = regions->items[i].value;
        if (!aws_is_region(region)) {
            err_set(err, ERR_INVALID, "\"%.*s\" is not a Region, such as \"eu-west-1\"", STR_ARG(region));
            err_set_path(err, "regions");
            return false;
        }
        if (aws_partition_of_region(region) != partition) {
            err_set(err, ERR_INVALID, "the Region \"%.*s\" does not belong to the partition \"%s\"", STR_ARG(region),
                    partition->name);
            err_set_path(err, "regions");
            return false;
        }
        out_hosts[i] = str_format(arena, "rds.%.*s.%s", STR_ARG(region), partition->dns_suffix);
    }
    return true;
}

static bool check_not_empty(const char *path, const struct tf_string_set *set, const char *what, struct err *err)
{
    if (set->state == TF_KNOWN && set->count)
        return true;
    err_set(err, ERR_INVALID, "the policy of a source key needs %s", what);
    err_set_path(err, path);
    return false;
}

bool key_policy_of_source(struct arena *arena, struct str owner, const struct tf_string_set *readers,
                          const struct tf_string_set *regions, struct tf_string partition_name, struct str *out,
                          struct err *err)
{
    const struct aws_partition *partition;
    if (!check_account(arena, "owner_account_id", owner, err) || !find_partition(partition_name, &partition, err) ||
        !check_not_empty("reader_account_ids", readers, "at least one account that will copy or restore", err) ||
        !check_not_empty("regions", regions, "at least one Region in which RDS will use it", err))
        return false;
    struct str *hosts = arena_array(arena, regions->count, sizeof(*hosts));
    if (!rds_hosts(arena, partition, regions, hosts, err))
        return false;
    struct str *roots = arena_array(arena, readers->count, sizeof(*roots));
    for (size_t i = 0; i < readers->count; i++) {
        if (!check_account(arena, "reader_account_ids", readers->items[i].value, err))
            return false;
        roots[i] = root_of(arena, partition, readers->items[i].value);
    }

    const struct str owner_root = root_of(arena, partition, owner);
    const struct str is_true = STR("true");
    const struct aws_policy_condition via_rds = { "StringEquals", "kms:ViaService", hosts, regions->count };
    const struct aws_policy_condition for_aws = { "Bool", "kms:GrantIsForAWSResource", &is_true, 1 };
    const struct aws_policy_statement statements[] = {
        { .sid = "OwnerAccount",
         .principal_type = "AWS",
         .principals = &owner_root,
         .principal_count = 1,
         .actions = everything },
        { .sid = "OwnerThroughRDS",
         .principal_type = "AWS",
         .principals = &owner_root,
         .principal_count = 1,
         .actions = owner_use,
         .conditions = { via_rds },
         .condition_count = 1 },
        { .sid = "ReadersThroughRDS",
         .principal_type = "AWS",
         .principals = roots,
         .principal_count = readers->count,
         .actions = reader_use,
         .conditions = { via_rds },
         .condition_count = 1 },
        /* The grant condition fits grant operations only, hence a statement of its own. */
        { .sid = "ReadersGrantsThroughRDS",
         .principal_type = "AWS",
         .principals = roots,
         .principal_count = readers->count,
         .actions = grant_use,
         .conditions = { via_rds, for_aws },
         .condition_count = 2 },
    };
    return aws_policy_write(arena, statements, ARRAY_LENGTH(statements), out, err);
}

bool key_policy_of_target(struct arena *arena, struct str owner, struct tf_string partition_name, struct str *out,
                          struct err *err)
{
    const struct aws_partition *partition;
    if (!check_account(arena, "owner_account_id", owner, err) || !find_partition(partition_name, &partition, err))
        return false;
    const struct str owner_root = root_of(arena, partition, owner);
    const struct str service = STR("rds.amazonaws.com");
    const struct aws_policy_condition of_owner = { "StringEquals", "aws:SourceAccount", &owner, 1 };
    const struct aws_policy_statement statements[] = {
        { .sid = "OwnerAccount",
         .principal_type = "AWS",
         .principals = &owner_root,
         .principal_count = 1,
         .actions = everything },
        { .sid = "RDSForOwner",
         .principal_type = "Service",
         .principals = &service,
         .principal_count = 1,
         .actions = service_use,
         .conditions = { of_owner },
         .condition_count = 1 },
    };
    return aws_policy_write(arena, statements, ARRAY_LENGTH(statements), out, err);
}
