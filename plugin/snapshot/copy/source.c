/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/copy/source.h"

#include "aws/time.h"
#include "plugin/snapshot/account.h"
#include "plugin/snapshot/copy/mark.h"
#include "plugin/snapshot/encryption.h"
#include "plugin/snapshot/watch/look.h"
#include "plugin/snapshot/watch/status.h"

#define RESTORE                                                                                                        \
    "Restore a cluster from it with a key (aws_rds_cluster with snapshot_identifier, storage_encrypted and "           \
    "kms_key_id), take a snapshot of that cluster and name it here."

/* None of this is rejected here: what AWS's pages leave open may differ from what RDS does. */
/* One shape for all rows: clang-format would make columns of their texts. */
/* clang-format off */
static const struct doubt_row {
    enum encryption encryption;
    enum rds_kind kind;
    const char *open;
    const char *remedy;
} doubts[] = {
    /* Aurora user guide 2026, limitations of encrypted clusters; CopyDBClusterSnapshot, KmsKeyId. CopyDBSnapshot
     * documents that a key encrypts an unencrypted source. */
    { ENCRYPTION_NONE, RDS_CLUSTER,
      "is not encrypted. AWS's pages disagree about such a cluster snapshot: by the user guide, a copy with a customer-managed key encrypts it; by the API reference, a key is an error.",
      RESTORE " To move it as it is, share it (snapshot_share) and restore it with a key in the other account." },
    { ENCRYPTION_RDS, RDS_CLUSTER,
      "is encrypted with a key that AWS owns (sse-rds). AWS does not document whether such a snapshot can be copied with a key.",
      RESTORE },
    /* RestoreDBInstanceFromDBSnapshot takes no key. */
    { ENCRYPTION_RDS, RDS_INSTANCE,
      "is encrypted with a key that AWS owns (sse-rds). AWS does not document whether such a snapshot can be copied with a key.",
      "Ask AWS Support how to encrypt it with a key, or move the data with the tools of the engine, such as a dump." },
};
/* clang-format on */

bool copy_source_doubt(struct arena *arena, const struct rds_snapshot *found, const struct snapshot_ref *ref,
                       struct str account, struct copy_source_doubt *out)
{
    const enum encryption encryption = encryption_of(found);
    const struct doubt_row *row = NULL;
    for (size_t i = 0; i < ARRAY_LENGTH(doubts); i++)
        if (doubts[i].encryption == encryption && doubts[i].kind == ref->kind)
            row = &doubts[i];
    if (!row)
        return false;
    /* An unencrypted snapshot can be restored in any account that it is shared with. */
    const bool is_foreign = encryption == ENCRYPTION_RDS && !str_is_empty(account) && !str_equal(ref->account, account);
    out->open = row->open;
    out->remedy = is_foreign
                      ? str_format(arena,
                                   "In account %.*s, copy the snapshot with a customer-managed key "
                                   "(snapshot_reencrypt_copy), share that copy, and name it here. If RDS refuses "
                                   "that as well, do the following there. %s",
                                   STR_ARG(ref->account), row->remedy)
                      : str_from(row->remedy);
    return true;
}

bool copy_source_check_readers(const struct rds_snapshot *source, const struct tf_string_set *readers, struct err *err)
{
    if (str_is_empty(source->tde_credential_arn) || !readers->count)
        return true;
    err_set(err, ERR_INVALID,
            "the source %.*s uses Transparent Data Encryption (TDE), and RDS shares no such snapshot: the accounts in "
            "reader_account_ids could never use the copy",
            STR_ARG(source->arn));
    err_set_path(err, "reader_account_ids");
    err_set_remedy(err, "For a copy in this account, remove reader_account_ids. To move the data to another account, "
                        "use the database's own tools, such as Oracle Data Pump or a native backup of SQL Server.");
    return false;
}

/* A source that was taken again under its old name says nothing of this copy. Where its time is
 * not known of the copy, it is so where it is younger. */
static bool is_newer(const struct rds_snapshot *source, const struct reencrypt_copy *state)
{
    int64_t source_ms;
    int64_t copy_ms;
    if (state->source_snapshot_create_time.state == TF_KNOWN)
        return !mark_part_agrees(state->source_snapshot_create_time.value, source->create_time);
    return aws_time_parse(source->create_time, &source_ms) &&
           aws_time_parse(tf_text(state->snapshot_create_time, STR("")), &copy_ms) && source_ms > copy_ms;
}

void copy_source_read(struct tf_call *call, const struct aws_call *aws, struct reencrypt_copy *state)
{
    struct snapshot_ref source;
    struct rds_snapshot found;
    CLEANUP(err_clear) struct err err = { 0 };
    const struct tf_string time = state->source_snapshot_create_time;
    if (state->source_snapshot_arn.state != TF_KNOWN ||
        (time.state != TF_KNOWN && state->source_kms_key_arn.state != TF_NULL) ||
        !snapshot_ref_parse(call->arena, state->source_snapshot_arn.value, &source, &err))
        return;
    struct aws_call there = *aws;
    there.region = source.region;
    if (!look_at_source(account_looks(call), &there, &source, state->source_snapshot_arn.value, &found, &err)) {
        log_write(call->log, LOG_DEBUG, NULL, "cannot read the source: %s", err_text(&err));
        return;
    }
    const bool is_other = is_newer(&found, state);
    if (!is_other && state->source_kms_key_arn.state == TF_NULL)
        state->source_kms_key_arn = tf_string_or_null(encryption_key(&found));
    if (time.state == TF_KNOWN && is_other && status_is_available(found.status))
        tf_warn(call, "source_snapshot_identifier", "The source is newer than the copy",
                "%.*s was made from a source of %.*s; %.*s is now of %.*s. The copy stays as it is. To copy what the "
                "source holds now, give the copy another target_snapshot_identifier.",
                STR_ARG(state->arn.value), STR_ARG(time.value), STR_ARG(state->source_snapshot_arn.value),
                STR_ARG(found.create_time));
}
