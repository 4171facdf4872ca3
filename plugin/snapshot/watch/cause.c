/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/watch/cause.h"

#include "base/str.h"

static const char slot_remedy[] =
    "RDS copies a limited number of snapshots into a Region at a time (5 cluster, 20 instance); wait for others to "
    "end, or set a longer limit in the `timeouts` block.";
static const char absent_remedy[] =
    "The snapshot does not exist in this account and Region, or it is of the other kind (snapshot_kind). A snapshot of "
    "another account is named by its full ARN, and that account shares it (snapshot_share).";
static const char denied_remedy[] =
    "Allow the operation in the IAM policy of the role or user that the provider runs as.";
static const char automatic_remedy[] =
    "AWS made this snapshot, and AWS itself deletes it. Take it out of the state without deleting it: a `removed` "
    "block, or `terraform state rm ADDRESS`.";

/* First match wins: fragments stand before the row of the bare code. Sources:
 * API reference of CopyDBClusterSnapshot and ModifyDBClusterSnapshotAttribute;
 * the Aurora user guide on sharing encrypted snapshots. */
/* One shape for all rows: clang-format would make columns of their texts. */
/* clang-format off */
static const struct cause_row rows[] = {
    { "SnapshotQuotaExceeded", "copy more than", CAUSE_SLOT, CAUSE_ABOUT_LIMIT, slot_remedy },
    { "SnapshotQuotaExceeded", "across regions", CAUSE_SLOT, CAUSE_ABOUT_LIMIT, slot_remedy },
    { "SnapshotQuotaExceeded", "in progress", CAUSE_SLOT, CAUSE_ABOUT_LIMIT, slot_remedy },
    { "SnapshotQuotaExceeded", "manual", CAUSE_QUOTA, CAUSE_ABOUT_LIMIT,
      "The quota of manual snapshots in this account and Region is used up. Delete snapshots that are no longer "
      "needed, or have the quota raised (Service Quotas, RDS)." },
    { "SnapshotQuotaExceeded", "", CAUSE_SOME_LIMIT, CAUSE_ABOUT_LIMIT,
      "A limit of RDS on snapshots in this account and Region is reached. It is the quota of manual snapshots (delete what is no longer needed, or have it raised in Service Quotas), or the number of copies at a time, 5 cluster or 20 instance (wait for others to end, or set a longer limit in the `timeouts` block)." },
    { "KMSKeyNotAccessible", "source snapshot KMS key", CAUSE_PROPAGATION, CAUSE_ABOUT_SOURCE_KEY,
      "The key of the source does not admit this caller. Two halves must both allow kms:DescribeKey, kms:CreateGrant (most often forgotten), kms:Decrypt and kms:ReEncryptFrom on it: the key's policy (data source snapshot_key_policy, side = \"source\", with this account in reader_account_ids or this role in reader_principals) and this caller's own IAM policy (data source snapshot_caller_policy). The key must be enabled, and must not be the AWS-managed key aws/rds of another account." },
    { "KMSKeyNotAccessible", "[None]", CAUSE_PROPAGATION, CAUSE_ABOUT_OTHER,
      "The source is encrypted and shared or in another Region: kms_key_id must name a key of this account and "
      "Region." },
    { "KMSKeyNotAccessible", "", CAUSE_PROPAGATION, CAUSE_ABOUT_OTHER,
      "The key in kms_key_id cannot be used by this caller through RDS. It must exist in the copy's Region and be enabled, and two halves must both allow kms:DescribeKey and kms:CreateGrant on it: the key's policy (data source snapshot_key_policy, side = \"target\") and this caller's own IAM policy (data source snapshot_caller_policy)." },
    { "DBClusterSnapshotNotFound", "", CAUSE_PROPAGATION, CAUSE_ABOUT_SOURCE, absent_remedy },
    { "DBSnapshotNotFound", "", CAUSE_PROPAGATION, CAUSE_ABOUT_SOURCE, absent_remedy },
    { "InvalidDBClusterSnapshotState", "Only manual snapshots may be deleted", CAUSE_FINAL, CAUSE_ABOUT_OTHER, automatic_remedy },
    { "InvalidDBSnapshotState", "automated snapshots cannot be deleted", CAUSE_FINAL, CAUSE_ABOUT_OTHER, automatic_remedy },
    { "InvalidDBClusterSnapshotState", "", CAUSE_SOURCE, CAUSE_ABOUT_OTHER,
      "The snapshot is in a state that does not allow this. If its status is not \"available\", wait until it is available." },
    { "InvalidDBSnapshotState", "", CAUSE_SOURCE, CAUSE_ABOUT_OTHER,
      "The snapshot is in a state that does not allow this. If its status is not \"available\", wait until it is available." },
    { "DBClusterSnapshotAlreadyExists", "", CAUSE_EXISTS, CAUSE_ABOUT_LIMIT,
      "Choose another target_snapshot_identifier." },
    { "DBSnapshotAlreadyExists", "", CAUSE_EXISTS, CAUSE_ABOUT_LIMIT,
      "Choose another target_snapshot_identifier." },
    { "SharedSnapshotQuotaExceeded", "", CAUSE_FINAL, CAUSE_ABOUT_LIMIT,
      "A snapshot can be shared with at most 20 accounts. Remove accounts that no longer need it." },
    { "InvalidParameterValue", "is not a valid identifier", CAUSE_FINAL, CAUSE_ABOUT_OTHER,
      "Automatic snapshots (\"rds:...\", \"awsbackup:...\") can be neither shared nor changed: copy the snapshot first (snapshot_reencrypt_copy) and use the copy. For any other name, see whether the snapshot is of the other kind (snapshot_kind)." },
    { "InvalidParameterValue", "requires a target option group", CAUSE_FINAL, CAUSE_ABOUT_OPTION_GROUP,
      "The source uses options, and its option group does not follow a copy to another Region or account. Set copy_option_group = true, or name in option_group_name an option group of the copy's account and Region that has the listed options." },
    { "InvalidParameterValue", "PreSignedUrl", CAUSE_FINAL, CAUSE_ABOUT_OTHER,
      "RDS did not accept the signature for the source's Region. That Region must be enabled for this account. If the session comes from the global STS endpoint, name a Region in sts_region of the provider block." },
    { "InvalidParameterValue", "pre-signed url", CAUSE_FINAL, CAUSE_ABOUT_OTHER,
      "RDS does not accept this copy from another Region as the provider sends it. Copy the snapshot within the same Region. Report the engine and both Regions to the provider's maintainers." },
    { "AccessDeniedException", "explicit deny", CAUSE_FINAL, CAUSE_ABOUT_CALLER,
      "A policy denies this explicitly, often a service control policy of the organization; no permission of the role can overrule it." },
    { "AccessDeniedException", "", CAUSE_FINAL, CAUSE_ABOUT_CALLER,
      "Both the key's policy and the IAM policy of the caller must allow the operation." },
    { "AccessDenied", "explicit deny", CAUSE_FINAL, CAUSE_ABOUT_CALLER,
      "A policy denies this explicitly, often a service control policy of the organization; no permission of the role can overrule it." },
    { "AccessDenied", "sts:AssumeRoleWithWebIdentity", CAUSE_FINAL, CAUSE_ABOUT_CALLER,
      "The trust policy of that role must name the token's issuer as a federated principal, and its conditions "
      "(often on the token's audience and subject) must fit the token." },
    { "AccessDenied", "sts:AssumeRole", CAUSE_FINAL, CAUSE_ABOUT_CALLER,
      "Two halves must both allow it: the trust policy of that role must name whoever assumes it, and the IAM policy of whoever assumes it must allow the action on that role. A role made minutes ago may not be known everywhere yet." },
    { "AccessDenied", "not authorized", CAUSE_FINAL, CAUSE_ABOUT_CALLER, denied_remedy },
    { "AccessDenied", "Unknown", CAUSE_SHARE, CAUSE_ABOUT_CALLER,
      "AWS names no reason. Check that the IAM policy of the role or user that the provider runs as allows the operation (data source snapshot_caller_policy)." },
    { "AccessDenied", "", CAUSE_FINAL, CAUSE_ABOUT_CALLER, denied_remedy },
    { "ExpiredToken", "", CAUSE_FINAL, CAUSE_ABOUT_CALLER,
      "The session has expired. Log in again and apply again: a copy that is under way goes on and is adopted. The guide on long copies names the credentials that are refreshed." },
    { "ExpiredTokenException", "", CAUSE_FINAL, CAUSE_ABOUT_CALLER,
      "The session has expired. Log in again and apply again: a copy that is under way goes on and is adopted. The guide on long copies names the credentials that are refreshed." },
    { "InvalidClientTokenId", "", CAUSE_FINAL, CAUSE_ABOUT_CALLER,
      "AWS does not know this access key. Or the session token belongs to other keys (see AWS_SESSION_TOKEN), or the Region is not enabled for the account or belongs to another partition (GovCloud, China)." },
    { "UnrecognizedClientException", "", CAUSE_FINAL, CAUSE_ABOUT_CALLER,
      "AWS does not know this access key. Or the session token belongs to other keys (see AWS_SESSION_TOKEN), or the Region is not enabled for the account or belongs to another partition (GovCloud, China)." },
    { "ValidationError", "DurationSeconds", CAUSE_FINAL, CAUSE_ABOUT_CALLER,
      "The session of a role is to last too long. Lower `duration` of the assume_role block, or duration_seconds of the profile, or remove it: with the credentials of another role AWS allows one hour, else the role's maximum session duration. The provider renews the session." },
    { "OptInRequired", "", CAUSE_FINAL, CAUSE_ABOUT_CALLER,
      "Enable the Region for this account first." },
    { "RegionDisabledException", "", CAUSE_FINAL, CAUSE_ABOUT_CALLER,
      "STS is not active for this account in this Region. Activate it there (IAM, account settings), or name another Region in sts_region of the provider block." },
    { "InvalidSignatureException", "", CAUSE_FINAL, CAUSE_ABOUT_CALLER,
      "The secret key does not belong to the access key, or this machine's clock is wrong." },
    { "SignatureDoesNotMatch", "", CAUSE_FINAL, CAUSE_ABOUT_CALLER,
      "The secret key does not belong to the access key, or this machine's clock is wrong." },
    { "RequestTimeTooSkewed", "", CAUSE_FINAL, CAUSE_ABOUT_CALLER,
      "Set this machine's clock: it differs too much from AWS's." },
};
/* clang-format on */

const struct cause_row *cause_row(size_t index)
{
    return index < ARRAY_LENGTH(rows) ? &rows[index] : NULL;
}

static const struct cause_row *row_of(const struct err *err)
{
    struct str code = str_from(err_code(err));
    if (str_ends_with(code, STR("Fault")))
        code.len -= STR("Fault").len;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        if (str_equal(code, str_from(rows[i].code)) &&
            str_find(str_from(err_text(err)), str_from(rows[i].fragment)) >= 0)
            return &rows[i];
    return NULL;
}

enum cause_wait cause_of(const struct err *err)
{
    const struct cause_row *row = row_of(err);
    return row ? row->wait : CAUSE_FINAL;
}

void cause_explain(struct err *err)
{
    const struct cause_row *row = row_of(err);
    if (row && !err_remedy(err)[0])
        err_set_remedy(err, "%s", row->remedy);
}

enum cause_about cause_about(const struct err *err)
{
    const struct cause_row *row = row_of(err);
    return row ? row->about : err->kind == ERR_DENIED ? CAUSE_ABOUT_CALLER : CAUSE_ABOUT_OTHER;
}

bool cause_may_be_source(const struct err *err)
{
    const enum cause_about about = cause_about(err);
    return err_code(err)[0] && err->kind != ERR_CANCELLED && about != CAUSE_ABOUT_CALLER && about != CAUSE_ABOUT_LIMIT;
}

/* The likeliest first. What a copy needs until its end: the Aurora user guide on
 * copying (a source that is deleted meanwhile), and on sharing encrypted snapshots. */
/* One shape for all rows: clang-format would make columns of their texts. */
/* clang-format off */
static const struct cause_of_failure failures[] = {
    { CAUSE_SIGN_SOURCE_KEY_UNUSABLE,
      "the key of the source became unusable before the copy had ended.",
      "Enable that key, or cancel its deletion (kms:EnableKey, kms:CancelKeyDeletion), and keep it until the copy is available. Then apply again." },
    { CAUSE_SIGN_COPY_KEY_UNUSABLE,
      "the key of the copy became unusable before the copy had ended.",
      "Enable that key, or cancel its deletion (kms:EnableKey, kms:CancelKeyDeletion), or name another one in "
      "kms_key_id. Then apply again." },
    { CAUSE_SIGN_SOURCE_GONE,
      "the source was deleted, no longer shared, or unavailable before the copy had ended.",
      "Make the source, or share it, again, and keep both until the copy is available. Then apply again." },
    { CAUSE_SIGN_SOURCE_KEY_UNTOLD,
      "the policy of the source's key stopped admitting this account, its grant was revoked, or the key was disabled, before the copy had ended.",
      "Ask the owner of that key for its state. Its policy must admit this account until the copy is available (data source snapshot_key_policy, side = \"source\", with this account in reader_account_ids or this role in reader_principals). Then apply again." },
    { CAUSE_SIGN_COPY_KEY_UNTOLD,
      "the policy of the copy's key stopped admitting RDS, or its grant was revoked, before the copy had ended.",
      "Ask the owner of that key for its state, and compare its policy with that of the data source "
      "snapshot_key_policy, side = \"target\". Then apply again." },
    { CAUSE_SIGN_SOURCE_WITHOUT_KEY,
      "the source has no key in KMS: it is not encrypted, or AWS owns its key (sse-rds). AWS does not settle whether RDS copies such a snapshot with a key.",
      "The message says what to do for this kind of snapshot. For a cluster: restore a cluster from the source with a key (aws_rds_cluster with snapshot_identifier, storage_encrypted and kms_key_id), take a snapshot of that cluster and copy that." },
    { 0,
      "not found by the provider. RDS gives no reason, and the source and both keys are in order.",
      "Apply again. If it fails once more, ask AWS support, with the request id below." },
};
/* clang-format on */

const struct cause_of_failure *cause_of_failed_copy(unsigned signs)
{
    const struct cause_of_failure *row = failures;
    while (row->sign && !(row->sign & signs))
        row++;
    return row;
}
