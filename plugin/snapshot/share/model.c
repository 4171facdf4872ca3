/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/share/model.h"

#include "aws/arn.h"
#include "plugin/snapshot/arguments.h"

bool share_refuse_automatic(struct str name, struct err *err)
{
    err_set(err, ERR_INVALID, "\"%.*s\" was made by AWS, and only manual snapshots can be shared", STR_ARG(name));
    err_set_remedy(err, "Copy it first (snapshot_reencrypt_copy) and share the copy.");
    return false;
}

bool share_check_tde(const struct rds_snapshot *found, struct err *err)
{
    if (str_is_empty(found->tde_credential_arn))
        return true;
    err_set(err, ERR_INVALID,
            "%.*s cannot be shared: it uses Transparent Data Encryption (TDE), and RDS shares no such snapshot, nor a "
            "copy of it",
            STR_ARG(found->arn));
    err_set_path(err, "snapshot_identifier");
    err_set_remedy(err, "Move the data with the database's own tools, such as Oracle Data Pump or a native backup of "
                        "SQL Server.");
    return false;
}

static void check_identifier(struct tf_call *call, const char *path, const void *member)
{
    const struct tf_string *identifier = member;
    struct snapshot_ref ref = { .name = identifier->value };
    CLEANUP(err_clear) struct err err = { 0 };
    argument_check_snapshot(call, path, member);
    if (aws_is_arn(identifier->value) && !snapshot_ref_parse(call->arena, identifier->value, &ref, &err))
        return;
    if (snapshot_name_is_automated(ref.name) && !share_refuse_automatic(ref.name, &err))
        tf_error(call, path, "Automatic snapshots cannot be shared", "%s. %s", err_text(&err), err_remedy(&err));
}

static void check_share_accounts(struct tf_call *call, const char *path, const void *member)
{
    const struct tf_string_set *accounts = member;
    if (accounts->count == 0)
        tf_error(call, path, "No account",
                 "No account is given; 1 to %d are allowed. To take the share back, remove the resource.",
                 SHARED_ACCOUNTS_MAX);
    if (tf_string_set_has(accounts, STR("all")))
        tf_error(call, path, "Sharing with everybody is refused",
                 "\"all\" would make the snapshot public. Name the accounts that need it, 12 digits each.");
    else
        argument_check_accounts(call, path, member);
}

const struct tf_attribute share_attributes[] = {
    TF_ATTR(struct share, snapshot_identifier, .flags = TF_REQUIRED, .validate = check_identifier,
            .description =
                "Name or ARN of the manual snapshot to share, owned by the provider's account. RDS shares no "
                "snapshot with Transparent Data Encryption (TDE). **Another snapshot replaces the "
                "share.**"),
    TF_ATTR(struct share, account_ids, .flags = TF_REQUIRED, .validate = check_share_accounts,
            .description =
                "The accounts that may copy and restore the snapshot: 1 to 20, 12 digits each, of the same AWS "
                "partition; `all` is rejected. A change grants the accounts that are new and revokes those that left, "
                "in place. Accounts that "
                "somebody else shared the snapshot with are left alone."),
    TF_ATTR(struct share, snapshot_kind, .flags = TF_OPTIONAL | TF_COMPUTED | TF_STABLE,
            .validate = argument_check_kind,
            .description = "`cluster` or `instance`. Default: what the ARN says, `cluster` for a name. **A change "
                           "replaces the share.**"),
    TF_ATTR(
        struct share, region, .flags = TF_OPTIONAL | TF_COMPUTED | TF_STABLE, .validate = argument_check_region,
        .description =
            "Region of the snapshot. Default: the ARN's, for a name the provider's. **A change replaces the share.**"),
    TF_ATTR(struct share, id, .flags = TF_COMPUTED | TF_STABLE, .description = "The same as `snapshot_arn`."),
    TF_ATTR(struct share, snapshot_arn, .flags = TF_COMPUTED | TF_STABLE,
            .description = "ARN of the shared snapshot, known at plan. As the source of a copy in the other account it "
                           "makes Terraform share first and copy then."),
    TF_END,
};
