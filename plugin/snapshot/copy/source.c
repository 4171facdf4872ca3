/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/copy/source.h"

#include "aws/time.h"
#include "plugin/snapshot/account.h"
#include "plugin/snapshot/copy/mark.h"
#include "plugin/snapshot/watch/look.h"
#include "plugin/snapshot/watch/status.h"

bool copy_source_check(const struct rds_snapshot *source, enum rds_kind kind, struct err *err)
{
    bool is_plain = source->encrypted.present && !source->encrypted.value && str_is_empty(source->kms_key_id) &&
                    !str_equal(source->storage_encryption_type, STR("sse-rds"));
    if (kind != RDS_CLUSTER || !is_plain)
        return true;
    err_set(err, ERR_INVALID,
            "the cluster snapshot %.*s is not encrypted, and RDS cannot encrypt such a one while copying it",
            STR_ARG(source->arn));
    err_set_path(err, "source_snapshot_identifier");
    err_set_remedy(err,
                   "Restore a cluster from it with a key (aws_rds_cluster with snapshot_identifier, storage_encrypted "
                   "and kms_key_id), take a snapshot of that and name it here. To move it as it is, share it "
                   "(snapshot_share) and restore with a key in the other account.");
    return false;
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
        state->source_kms_key_arn = tf_string_or_null(found.kms_key_id);
    if (time.state == TF_KNOWN && is_other && status_is_available(found.status))
        tf_warn(call, "source_snapshot_identifier", "The source is newer than the copy",
                "%.*s was made from a source of %.*s; %.*s is now of %.*s. The copy stays as it is. To copy what the "
                "source holds now, give the copy another target_snapshot_identifier.",
                STR_ARG(state->arn.value), STR_ARG(time.value), STR_ARG(state->source_snapshot_arn.value),
                STR_ARG(found.create_time));
}
