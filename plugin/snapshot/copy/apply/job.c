/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/copy/apply/job.h"

#include "aws/endpoint.h"
#include "plugin/snapshot/account.h"
#include "plugin/snapshot/encryption.h"

enum { LAST_LOOK_MS = 2 * MINUTE_MS };

/* ---- Beginning ------------------------------------------------------------ */

/* Where the configuration wants the copy; an empty account is filled in later. */
static bool wanted_ref(const struct tf_apply *apply, struct snapshot_ref *out, struct err *err)
{
    const struct reencrypt_copy *planned = apply->planned;
    const struct str region = tf_text(planned->region, STR(""));
    struct snapshot_ref ref = {
        .partition = str_from(aws_partition_of_region(region)->name),
        .region = region,
        .account = tf_text(planned->account_id, STR("")),
        .name = planned->target_snapshot_identifier.value,
    };
    if (!snapshot_kind_find(planned->snapshot_kind.value, &ref.kind) || str_is_empty(ref.region))
        return err_set(err, ERR_INTERNAL, "a plan without kind or Region was to be applied");
    *out = ref;
    return true;
}

bool copy_job_begin(struct copy_job *job, struct tf_call *call, struct tf_apply *apply, const struct tf_string *limit,
                    struct err *err)
{
    *job = (struct copy_job){
        .call = call, .config = apply->config, .prior = apply->prior, .state = apply->state, .key.answer = KEY_UNTOLD
    };
    int64_t deadline_ms = timeouts_deadline_ms(call, limit, COPY_TIMEOUT_MS);
    if (!(job->prior ? copy_ref(call->arena, job->prior, &job->target, err) : wanted_ref(apply, &job->target, err)) ||
        !(job->prior ? account_held_call : account_call)(call, &job->target, deadline_ms, &job->aws, err))
        return false;
    job->aws.request_id = &job->last_request_id;
    job->began_ms = waiter_now_ms(job->call->waiter);
    job->target_arn = snapshot_ref_arn(call->arena, &job->target);
    job->target.name = str_lower(call->arena, job->target.name);
    job->mark.holder_id = mark_new_id(call->arena);
    return true;
}

bool copy_job_find_source(struct copy_job *job, struct err *err)
{
    if (!snapshot_ref_resolve(job->call->arena, job->config->source_snapshot_identifier.value, &job->target,
                              &job->source, err)) {
        err_set_path(err, "source_snapshot_identifier");
        return false;
    }
    job->source_arn = snapshot_ref_arn(job->call->arena, &job->source);
    return true;
}

/* A caller whose account is not known (skip_requesting_account_id) learns it
 * from the first of its own snapshots that AWS describes. */
void copy_job_learn_account(struct copy_job *job, struct str own_arn)
{
    struct snapshot_ref own;
    CLEANUP(err_clear) struct err ignored = { 0 };
    if (!str_is_empty(job->target.account) || !snapshot_ref_parse(job->call->arena, own_arn, &own, &ignored))
        return;
    job->target.account = own.account;
    job->target_arn = snapshot_ref_arn(job->call->arena, &job->target);
    if (!str_is_empty(job->source.account))
        return;
    job->source.account = own.account;
    job->source_arn = snapshot_ref_arn(job->call->arena, &job->source);
}

struct str copy_job_source_id(const struct copy_job *job)
{
    return str_equal(job->source.account, job->target.account) ? job->source.name : job->source_arn;
}

struct aws_call copy_job_last_look(const struct copy_job *job)
{
    struct aws_call look = job->aws;
    look.deadline_ms = clock_after_ms(waiter_clock(look.waiter), LAST_LOOK_MS);
    look.request_id = NULL;
    return look;
}

void copy_job_to_state(struct copy_job *job, const struct rds_snapshot *found, const struct mark *mark)
{
    struct reencrypt_copy *state = job->state;
    copy_job_learn_account(job, found->arn);
    copy_to_state(job->call->arena, found, state);
    state->arn = state->id = tf_known_string(job->target_arn);
    state->account_id = tf_known_string(job->target.account);
    state->region = tf_known_string(job->target.region);
    state->source_snapshot_arn = tf_known_string(job->source_arn);
    const struct str source_key = encryption_key(&job->source_found);
    if (!str_is_empty(source_key))
        state->source_kms_key_arn = tf_known_string(source_key);
    state->source_snapshot_create_time = tf_string_or_null(mark_source_time(mark));
    state->holder_id = tf_known_string(mark->holder_id);
}

struct aws_call copy_job_in_source_region(const struct copy_job *job)
{
    struct aws_call there = job->aws;
    there.region = job->source.region;
    return there;
}

struct str copy_job_how_to_cancel(const struct copy_job *job, struct str status)
{
    const struct str how = snapshot_how_to_cancel(job->call->arena, &job->target, status);
    return str_is_empty(how) ? how : str_format(job->call->arena, " %.*s.", STR_ARG(how));
}
