/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/copy/plan/preflight.h"

#include "aws/arn.h"
#include "plugin/snapshot/account.h"
#include "plugin/snapshot/copy/source.h"
#include "plugin/snapshot/encryption.h"
#include "plugin/snapshot/keys/door.h"
#include "plugin/snapshot/watch/look.h"
#include "plugin/snapshot/watch/status.h"

/* A copy that is there already is adopted, whatever has become of its key. */
static bool is_there(const struct aws_call *aws, const struct snapshot_ref *home)
{
    struct rds_snapshot found;
    CLEANUP(err_clear) struct err refusal = { 0 };
    return !str_is_empty(home->name) &&
           (rds_describe_snapshot(aws, home->kind, home->name, &found, &refusal) || refusal.kind != ERR_NOT_FOUND);
}

static bool check_target(struct tf_call *call, const struct aws_call *aws, const struct reencrypt_copy *config,
                         const struct snapshot_ref *home, struct err *err)
{
    CLEANUP(err_clear) struct err hopeless = { 0 };
    const struct key_users users = key_users_of(call, KEY_PART_TARGET, home->region, &config->reader_account_ids);
    if (config->kms_key_id.state != TF_KNOWN)
        return true;
    if (key_preflight_plan(call, aws, config->kms_key_id.value, "kms_key_id", &users, &hopeless))
        return true;
    if (!is_there(aws, home)) {
        err_move(err, &hopeless);
        return false;
    }
    tf_warn(call, "kms_key_id", "The key cannot be used",
            "As it is now, %s. If the snapshot that stands under the name is the wanted copy, it is adopted; another "
            "one is not made.\n\n%s",
            err_text(&hopeless), err_remedy(&hopeless));
    return true;
}

/* Another account's key as good as never answers a direct call, and the refusal would
 * stand in that account's records. */
static bool is_own_key(struct str key, struct str account)
{
    struct aws_arn arn;
    CLEANUP(err_clear) struct err ignored = { 0 };
    return !str_is_empty(key) && aws_arn_parse(key, &arn, &ignored) && str_equal(arn.account, account);
}

/* Once for all copies of it. */
static void warn_of_doubt(struct tf_call *call, const struct aws_call *aws, const struct snapshot_ref *source,
                          const struct rds_snapshot *found)
{
    static const char summary[] = "RDS may refuse to copy this source";
    const struct str arn = snapshot_ref_arn(call->arena, source);
    struct copy_source_doubt doubt;
    if (copy_source_doubt(call->arena, found, source, aws->account, &doubt) &&
        memory_says_first(account_memory(call), call->arena, summary, arn))
        tf_warn(call, "source_snapshot_identifier", summary,
                "%.*s %s The apply tries the copy, and deletes nothing for it. If RDS refuses:\n\n%.*s", STR_ARG(arn),
                doubt.open, STR_ARG(doubt.remedy));
}

static bool check_source(struct tf_call *call, const struct aws_call *aws, const struct reencrypt_copy *planned,
                         struct str region, struct err *err)
{
    struct snapshot_ref source;
    struct rds_snapshot found;
    CLEANUP(err_clear) struct err hopeless = { 0 };
    struct aws_call there = *aws;
    if (planned->source_snapshot_arn.state != TF_KNOWN ||
        !snapshot_ref_parse(call->arena, planned->source_snapshot_arn.value, &source, &hopeless))
        return true;
    there.region = source.region;
    const struct key_users users = key_users_of(call, KEY_PART_SOURCE, region, NULL);
    if (!look_at_source(account_looks(call), &there, &source, planned->source_snapshot_arn.value, &found, &hopeless) ||
        status_holds_nothing(found.status))
        return true; /* not made yet, not to be seen, or to be made again */
    if (!copy_source_check_readers(&found, &planned->reader_account_ids, err))
        return false;
    warn_of_doubt(call, aws, &source, &found);
    const struct str key = encryption_key(&found);
    if (!is_own_key(key, users.account))
        return true;
    /* It may be copied by then all the same: the source may be another one. */
    if (!key_preflight_plan(call, &there, key, "source_snapshot_identifier", &users, &hopeless))
        tf_warn(call, "source_snapshot_identifier", "The source cannot be copied", "As it is now, %s.\n\n%s",
                err_text(&hopeless), err_remedy(&hopeless));
    return true;
}

bool copy_preflight_plan(struct tf_call *call, const struct reencrypt_copy *config,
                         const struct reencrypt_copy *planned, const struct snapshot_ref *home, struct err *err)
{
    struct snapshot_ref ref = *home;
    struct aws_call aws;
    CLEANUP(err_clear) struct err ignored = { 0 };
    if (!aws_configuration_is_known(account_aws(call), NULL) ||
        !account_call(call, &ref, key_preflight_deadline_ms(call), &aws, &ignored))
        return true; /* the apply says what is wrong */
    return check_source(call, &aws, planned, home->region, err) && check_target(call, &aws, config, home, err);
}
