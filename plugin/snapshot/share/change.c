/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/share/change.h"

#include "plugin/snapshot/encryption.h"
#include "plugin/snapshot/keys/door.h"
#include "plugin/snapshot/watch/available.h"
#include "plugin/snapshot/watch/cause.h"
#include "plugin/snapshot/watch/look.h"
#include "plugin/snapshot/watch/status.h"
#include "plugin/snapshot/watch/turn.h"
#include "plugin/snapshot/watch/wait.h"

const char share_copy_first[] =
    "Copy it first with a customer-managed key: a snapshot_reencrypt_copy with kms_key_id set to a key whose policy "
    "admits the other account (data source snapshot_key_policy), and share that copy.";

static const char is_sse_rds[] =
    "is encrypted with a key that AWS owns (sse-rds). AWS does not document whether RDS shares such a snapshot.";
/* DescribeKey, which tells whose key it is, may be denied. */
static const char may_be_aws_rds[] =
    "may be encrypted with the AWS-managed key aws/rds. Then no other account can use it.";

bool share_change_begin(struct share_job *job, struct tf_call *call, const struct share *share, bool is_held,
                        int64_t deadline_ms, struct err *err)
{
    struct snapshot_ref ref = { .region = tf_text(share->region, STR("")), .name = share->snapshot_identifier.value };
    if (share->snapshot_arn.state == TF_KNOWN) {
        if (!snapshot_ref_parse(call->arena, share->snapshot_arn.value, &ref, err))
            return false;
    } else if (!snapshot_kind_find(tf_text(share->snapshot_kind, STR("")), &ref.kind)) {
        return err_set(err, ERR_INTERNAL, "a plan without a kind was to be applied");
    }
    *job = (struct share_job){ .ref = ref };
    if (!(is_held ? account_held_call : account_call)(call, &job->ref, deadline_ms, &job->aws, err))
        return false;
    job->ref.name = str_lower(call->arena, job->ref.name);
    job->arn = snapshot_ref_arn(call->arena, &job->ref);
    return true;
}

bool share_change_is_moot(const struct share_job *job)
{
    struct rds_snapshot found;
    CLEANUP(err_clear) struct err refusal = { 0 };
    return rds_describe_snapshot(&job->aws, job->ref.kind, job->ref.name, &found, &refusal)
               ? status_is_leaving(found.status)
               : refusal.kind == ERR_NOT_FOUND;
}

struct modifying {
    const struct share_job *job;
    struct wire_strings add, remove;
    struct err refusal; /* what AWS said to the try before */
};

static enum wait_verdict try_modify(struct wait *wait, const struct aws_call *call, struct err *err)
{
    struct modifying *modifying = wait->self;
    const struct snapshot_ref *ref = &modifying->job->ref;
    struct rds_snapshot found;
    if (modifying->refusal.kind != ERR_NONE && !wait_source_available(call, ref->kind, ref->name, &found, err)) {
        err_wrap(err, "it was busy (%s)", err_text(&modifying->refusal));
        return WAIT_GIVES_UP;
    }
    if (rds_modify_shares(call, ref->kind, ref->name, modifying->add, modifying->remove, err))
        return WAIT_DONE;
    if (err->unanswered || cause_of(err) != CAUSE_SOURCE)
        return WAIT_ENDS;
    if (modifying->add.count && modifying->job->doubt && wait_age_ms(wait) >= WAIT_PROPAGATION_MS)
        return WAIT_ENDS; /* it is available, and RDS may never share it */
    err_copy(&modifying->refusal, err);
    log_write(call->log, LOG_INFO, NULL, "its shares cannot be changed yet, trying again: %s", err_text(err));
    return WAIT_AGAIN;
}

/* Modify, again and again while the snapshot is busy. */
static bool modify_when_idle(const struct share_job *job, struct wire_strings add, struct wire_strings remove,
                             struct err *err)
{
    struct modifying modifying = { .job = job, .add = add, .remove = remove };
    struct wait wait = { .call = &job->aws, .try = try_modify, .self = &modifying };
    const bool is_done = wait_run(&wait, err);
    err_clear(&modifying.refusal);
    return is_done;
}

/* Without a key in KMS, advice about one does not apply. */
static void explain_doubt(const struct share_job *job, struct err *err)
{
    if (!str_starts_with(str_from(err_code(err)), STR("KMSKeyNotAccessible")))
        cause_explain(err);
    err_add_remedy(err, "A possible cause: %.*s %s %s", STR_ARG(job->arn), job->doubt, share_copy_first);
}

static bool modify(const struct share_job *job, struct wire_strings add, struct wire_strings remove, struct err *err)
{
    if ((!add.count && !remove.count) || modify_when_idle(job, add, remove, err))
        return true;
    key_doubt_tell(&job->key_doubt, "Before that", err);
    if (job->doubt && add.count && cause_may_be_source(err))
        explain_doubt(job, err);
    return err_wrap(err, "changing the accounts that %.*s is shared with", STR_ARG(job->arn));
}

/* A caller whose account is not known (skip_requesting_account_id) learns it from
 * its own snapshot. */
static bool learn_account(struct arena *arena, struct share_job *job, const struct rds_snapshot *found, struct err *err)
{
    if (!str_is_empty(job->ref.account))
        return true;
    if (!snapshot_ref_parse(arena, found->arn, &job->ref, err))
        return false;
    job->arn = snapshot_ref_arn(arena, &job->ref);
    return true;
}

/* `added` only: accounts that are shared with already are taken to know what they do. */
static bool check_readers(struct tf_call *call, struct share_job *job, const struct key_lookup *key,
                          const struct wire_strings *added, struct err *err)
{
    const struct key_users users = { .readers = added->items, .reader_count = added->count };
    CLEANUP(err_clear) struct err problem = { 0 };
    if (!added->count)
        return true;
    if (!key_check_usable(&key->key, &problem) && !key_is_lost(&key->key)) {
        tf_warn(call, "snapshot_identifier", "Shared, but of no use yet",
                "%s. Nobody can copy or restore %.*s until that has changed.\n\n%s", err_text(&problem),
                STR_ARG(job->arn), err_remedy(&problem));
        return true;
    }
    return key_preflight_apply(call, &job->aws, key, "account_ids", &users, &job->key_doubt, err) ||
           err_wrap(err, "%.*s is not shared", STR_ARG(job->arn));
}

static bool check_key(struct tf_call *call, struct share_job *job, struct str key_id, const struct wire_strings *added,
                      struct err *err)
{
    struct key_lookup lookup;
    CLEANUP(err_clear) struct err failure = { 0 };
    if (!key_ask(call, &job->aws, key_id, KEY_FRESH, &lookup, NULL, &failure)) {
        if (!wait_is_passing(&failure)) {
            err_move(err, &failure);
            return false;
        }
        job->key_doubt.untold = key_doubt_of(call->arena, &failure);
        log_write(call->log, LOG_WARN, NULL, "%.*s is shared without a look at its key: %s", STR_ARG(job->arn),
                  err_text(&failure));
        return true;
    }
    if (!str_is_empty(lookup.key.key_manager))
        job->doubt = NULL;
    if (str_is_empty(lookup.key.arn))
        return true;
    if (!str_equal(lookup.key.key_manager, STR("AWS")))
        return check_readers(call, job, &lookup, added, err);
    err_set(err, ERR_INVALID,
            "%.*s is encrypted with the AWS-managed key %.*s (aws/rds); such a snapshot can never be read by another "
            "account, so it is not shared",
            STR_ARG(job->arn), STR_ARG(lookup.key.arn));
    err_set_path(err, "snapshot_identifier");
    err_set_remedy(err, "%s", share_copy_first);
    return false;
}

bool share_change_check(struct tf_call *call, struct share_job *job, struct wire_strings added, struct err *err)
{
    struct rds_snapshot found;
    if (!wait_source_available(&job->aws, job->ref.kind, job->ref.name, &found, err)) {
        look_explain_absent(&job->aws, job->ref.kind, job->ref.name, err);
        err_set_path(err, "snapshot_identifier");
        return false;
    }
    const struct str key = encryption_key(&found);
    job->doubt = encryption_of(&found) == ENCRYPTION_RDS ? is_sse_rds : str_is_empty(key) ? NULL : may_be_aws_rds;
    return learn_account(call->arena, job, &found, err) && (!added.count || share_check_tde(&found, err)) &&
           (str_is_empty(key) || check_key(call, job, key, &added, err));
}

/* Of those to revoke: another share may have granted them in this same apply. */
static struct wire_strings still_to_revoke(struct tf_call *call, const struct share_job *job,
                                           struct wire_strings accounts)
{
    struct wire_strings out = { .items = arena_array(call->arena, accounts.count + 1, sizeof(*out.items)) };
    for (size_t i = 0; i < accounts.count; i++)
        if (!memory_knows(account_memory(call), MEMORY_GRANTED, memory_pair(call->arena, job->arn, accounts.items[i])))
            out.items[out.count++] = accounts.items[i];
    return out;
}

bool share_change_run(struct tf_call *call, const struct share_job *job, struct wire_strings add,
                      struct wire_strings *remove, struct err *err)
{
    struct turn_ticket ticket = {
        .goal = str_format(call->arena, "a change of the shares of %.*s", STR_ARG(job->arn)),
        .waiter = call->waiter,
    };
    bool is_done = turn_line_wait(account_turns(call), &ticket, job->aws.deadline_ms, call->log, err);
    if (is_done) {
        *remove = still_to_revoke(call, job, *remove);
        is_done = modify(job, add, *remove, err);
    }
    if (is_done || err->unanswered)
        for (size_t i = 0; i < add.count; i++)
            memory_learn(account_memory(call), MEMORY_GRANTED, memory_pair(call->arena, job->arn, add.items[i]));
    turn_line_leave(account_turns(call), &ticket);
    return is_done;
}
