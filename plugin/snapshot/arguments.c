/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/arguments.h"

#include "aws/arn.h"
#include "aws/endpoint.h"
#include "plugin/snapshot/kind.h"

enum { ACCOUNT_ID_DIGITS = 12 };

void argument_check_not_empty(struct tf_call *call, const char *path, const void *string)
{
    const struct tf_string *text = string;
    if (str_is_empty(text->value))
        tf_error(call, path, "Empty argument", "%s must not be empty.", path);
}

void argument_check_kind(struct tf_call *call, const char *path, const void *string)
{
    const struct tf_string *kind = string;
    enum rds_kind ignored;
    if (!snapshot_kind_find(kind->value, &ignored))
        tf_error(call, path, "Invalid snapshot_kind", "\"%.*s\" is neither \"cluster\" nor \"instance\".",
                 STR_ARG(kind->value));
}

void argument_check_region(struct tf_call *call, const char *path, const void *string)
{
    const struct tf_string *region = string;
    if (!aws_is_region(region->value))
        tf_error(call, path, "Invalid region", "\"%.*s\" is not a Region, such as \"eu-west-1\".",
                 STR_ARG(region->value));
}

/* The commonest ways of not having twelve digits. */
static const char *hint_for_account(struct str account)
{
    if (str_equal(account, STR("all")))
        return " (\"all\" is everybody: name the accounts that need it)";
    if (account.len == ACCOUNT_ID_DIGITS - 1)
        return " (a leading zero gets lost when it is written as a number: write a text, in quotes)";
    return str_find_char(account, '-') >= 0 ? " (without hyphens)" : "";
}

void argument_check_accounts(struct tf_call *call, const char *path, const void *set)
{
    const struct tf_string_set *accounts = set;
    size_t known = 0; /* an unknown one may turn out to be one of these */
    for (size_t i = 0; i < accounts->count; i++) {
        struct tf_string account = accounts->items[i];
        struct str text = tf_text(account, STR("null"));
        known += account.state != TF_UNKNOWN;
        if (account.state != TF_UNKNOWN && !aws_is_account_id(text))
            tf_error(call, path, "Invalid account id", "\"%.*s\" is not an account id: it must be 12 digits%s.",
                     STR_ARG(text), hint_for_account(text));
    }
    if (known > SHARED_ACCOUNTS_MAX)
        tf_error(
            call, path, "Too many accounts",
            "%zu accounts are given; at most %d are allowed, since RDS shares a snapshot with no more. Make another "
            "copy for the others.",
            known, SHARED_ACCOUNTS_MAX);
}

/* A Region is of one partition only; one of a partition that is not known here may be anything. */
static bool check_place(struct str text, struct str partition, struct str region, struct err *err)
{
    const struct aws_partition *known = aws_partition_find(partition);
    const struct aws_partition *of_region = aws_partition_of_region(region);
    return !known || known == of_region ||
           err_set(err, ERR_INVALID,
                   "\"%.*s\" cannot be: the Region \"%.*s\" is one of the partition \"%s\", not of \"%s\"",
                   STR_ARG(text), STR_ARG(region), of_region->name, known->name);
}

void argument_check_snapshot(struct tf_call *call, const char *path, const void *string)
{
    const struct tf_string *given = string;
    struct snapshot_ref ref;
    struct err err = { 0 };
    if (str_is_empty(given->value))
        tf_error(call, path, "Empty argument", "%s must name a snapshot, by its name or its ARN.", path);
    else if (aws_is_arn(given->value) && (!snapshot_ref_parse(call->arena, given->value, &ref, &err) ||
                                          !check_place(given->value, ref.partition, ref.region, &err)))
        tf_error(
            call, path, "Invalid snapshot",
            "%s.\n\nA snapshot's ARN is arn:aws:rds:REGION:ACCOUNT:cluster-snapshot:NAME for a cluster and "
            "arn:aws:rds:REGION:ACCOUNT:snapshot:NAME for an instance (aws-cn, aws-us-gov, ... in other partitions); "
            "the name alone will do for one of the same account and Region.",
            err.text);
}

static bool check_key_arn(struct str text, struct err *err)
{
    struct aws_arn arn;
    if (!aws_arn_parse(text, &arn, err))
        return false;
    if (!str_equal(arn.service, STR("kms")))
        return err_set(err, ERR_INVALID, "\"%.*s\" is an ARN of the service \"%.*s\", not of \"kms\"", STR_ARG(text),
                       STR_ARG(arn.service));
    if (!aws_is_account_id(arn.account) || str_is_empty(arn.region))
        return err_set(err, ERR_INVALID, "\"%.*s\" lacks a Region or a 12-digit account", STR_ARG(text));
    if (!str_starts_with(arn.resource, STR("key/")) && !str_starts_with(arn.resource, STR("alias/")))
        return err_set(err, ERR_INVALID,
                       "\"%.*s\" is neither the ARN of a key nor of an alias: after the account it must continue with "
                       "\"key/\" or \"alias/\"",
                       STR_ARG(text));
    return check_place(text, arn.partition, arn.region, err);
}

void argument_check_key(struct tf_call *call, const char *path, const void *string)
{
    const struct tf_string *key = string;
    struct err err = { 0 };
    if (str_is_empty(key->value))
        tf_error(call, path, "Empty argument",
                 "%s must name a key: an id, an ARN, an alias (\"alias/...\") or its ARN.", path);
    else if (aws_is_arn(key->value) && !check_key_arn(key->value, &err))
        tf_error(
            call, path, "Invalid key",
            "%s.\n\nA key is named by its id, by arn:aws:kms:REGION:ACCOUNT:key/ID, by an alias (\"alias/NAME\") or by "
            "arn:aws:kms:REGION:ACCOUNT:alias/NAME (aws-cn, aws-us-gov, ... in other partitions).",
            err.text);
}
