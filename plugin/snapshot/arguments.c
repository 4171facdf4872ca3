/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/arguments.h"

#include "aws/arn.h"
#include "aws/endpoint.h"
#include "plugin/snapshot/kind.h"

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

void argument_check_accounts(struct tf_call *call, const char *path, const void *set)
{
    const struct tf_string_set *accounts = set;
    for (size_t i = 0; i < accounts->count; i++) {
        struct tf_string account = accounts->items[i];
        if (account.state != TF_UNKNOWN && !aws_is_account_id(tf_text(account, STR("null"))))
            tf_error(call, path, "Invalid account id", "\"%.*s\" is not an account id: it must be 12 digits%s.",
                     STR_ARG(tf_text(account, STR("null"))),
                     account.value.len == 11 ? " (a leading zero gets lost when it is written as a number)" : "");
    }
}

void argument_check_snapshot(struct tf_call *call, const char *path, const void *string)
{
    const struct tf_string *given = string;
    struct snapshot_ref ref;
    struct err err = { 0 };
    if (str_is_empty(given->value))
        tf_error(call, path, "Empty argument", "%s must name a snapshot.", path);
    else if (aws_is_arn(given->value) && !snapshot_ref_parse(call->arena, given->value, &ref, &err))
        tf_error(call, path, "Invalid snapshot", "%s.", err.text);
}
