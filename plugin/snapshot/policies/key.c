/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/policies/key.h"

#include "aws/endpoint.h"
#include "aws/policy/document.h"
#include "plugin/snapshot/arguments.h"
#include "plugin/snapshot/policies/principal.h"

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

static bool check_not_empty(const char *path, size_t count, const char *what, struct err *err)
{
    if (count)
        return true;
    err_set(err, ERR_INVALID, "the policy of a source key needs %s", what);
    err_set_path(err, path);
    return false;
}

/* Accounts first, by their roots, then roles and users. */
static bool put_readers(struct arena *arena, const struct aws_partition *partition,
                        const struct key_policy_source *source, struct str *out, struct err *err)
{
    const struct tf_string_set *accounts = &source->reader_account_ids, *principals = &source->reader_principals;
    for (size_t i = 0; i < accounts->count; i++) {
        if (!check_account(arena, "reader_account_ids", accounts->items[i].value, err))
            return false;
        out[i] = root_of(arena, partition, accounts->items[i].value);
    }
    for (size_t i = 0; i < principals->count; i++) {
        const struct str principal = principals->items[i].value;
        if (!principal_check(arena, partition, principal, err)) {
            err_set_path(err, "reader_principals");
            return false;
        }
        out[accounts->count + i] = principal;
    }
    return true;
}

/* Organizations API, Organization: ^o-[a-z0-9]{10,32}$ */
static bool check_organization(struct arena *arena, struct tf_string id, struct err *err)
{
    const struct str prefix = STR("o-");
    const struct str rest = str_slice(id.value, prefix.len, id.value.len);
    bool is_id = str_starts_with(id.value, prefix) && rest.len >= 10 && rest.len <= 32;
    for (size_t i = 0; is_id && i < rest.len; i++)
        is_id = (rest.ptr[i] >= 'a' && rest.ptr[i] <= 'z') || (rest.ptr[i] >= '0' && rest.ptr[i] <= '9');
    if (id.state != TF_KNOWN || is_id)
        return true;
    const struct str shown = argument_spelled(arena, id.value);
    err_set(err, ERR_INVALID,
            "\"%.*s\" is not the ID of an organization, such as \"o-a1b2c3d4e5\": \"o-\" and 10 to 32 lower-case "
            "letters or digits",
            STR_ARG(shown));
    err_set_path(err, "principal_org_id");
    return false;
}

bool key_policy_of_source(struct arena *arena, const struct key_policy_source *source, struct str *out, struct err *err)
{
    const struct str owner = source->owner_account_id;
    const struct tf_string_set *regions = &source->regions;
    const size_t reader_count = source->reader_account_ids.count + source->reader_principals.count;
    const struct aws_partition *partition;
    if (!check_account(arena, "owner_account_id", owner, err) || !find_partition(source->partition, &partition, err) ||
        !check_not_empty("reader_account_ids", reader_count,
                         "at least one account, role or user that will copy or restore", err) ||
        !check_not_empty("regions", regions->count, "at least one Region in which RDS will use it", err) ||
        !check_organization(arena, source->principal_org_id, err))
        return false;
    struct str *hosts = arena_array(arena, regions->count, sizeof(*hosts));
    struct str *readers = arena_array(arena, reader_count, sizeof(*readers));
    if (!rds_hosts(arena, partition, regions, hosts, err) || !put_readers(arena, partition, source, readers, err))
        return false;

    const struct str owner_root = root_of(arena, partition, owner);
    const struct str is_true = STR("true");
    const struct aws_policy_condition via_rds = { "StringEquals", "kms:ViaService", hosts, regions->count };
    const struct aws_policy_condition for_aws = { "Bool", "kms:GrantIsForAWSResource", &is_true, 1 };
    const struct aws_policy_condition of_organization = { "StringEquals", "aws:PrincipalOrgID",
                                                          &source->principal_org_id.value, 1 };
    const size_t has_organization = source->principal_org_id.state == TF_KNOWN;
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
         .principals = readers,
         .principal_count = reader_count,
         .actions = reader_use,
         .conditions = { via_rds, of_organization },
         .condition_count = 1 + has_organization },
        /* The grant condition fits grant operations only, hence a statement of its own. */
        { .sid = "ReadersGrantsThroughRDS",
         .principal_type = "AWS",
         .principals = readers,
         .principal_count = reader_count,
         .actions = grant_use,
         .conditions = { via_rds, for_aws, of_organization },
         .condition_count = 2 + has_organization },
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
