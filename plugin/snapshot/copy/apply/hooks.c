/* SPDX-License-Identifier: MPL-2.0
 *
 * Create, update and delete of snapshot_reencrypt_copy, in order. Rules that everything
 * here keeps: a running copy is never thrown away; an update makes nothing and deletes
 * nothing; a create that ends with an error leaves no state (Terraform would taint and
 * then delete the copy), the next create adopts.
 */
#include "plugin/snapshot/account.h"
#include "plugin/snapshot/copy/apply/clearing.h"
#include "plugin/snapshot/copy/apply/inputs.h"
#include "plugin/snapshot/copy/apply/key.h"
#include "plugin/snapshot/copy/apply/outcome.h"
#include "plugin/snapshot/copy/apply/removal.h"
#include "plugin/snapshot/copy/apply/send.h"
#include "plugin/snapshot/copy/apply/successor.h"
#include "plugin/snapshot/copy/apply/takeover.h"
#include "plugin/snapshot/copy/tags.h"
#include "plugin/snapshot/watch/cause.h"
#include "plugin/snapshot/watch/look.h"
#include "plugin/snapshot/watch/status.h"

/* ---- Making --------------------------------------------------------------- */

static bool copy_into_free_name(struct copy_job *job, struct err *err)
{
    struct rds_snapshot made, found;
    CLEANUP(err_clear) struct err ignored = { 0 };
    if (!copy_job_wait(job, err))
        return false;
    if (copy_send(job, &made, err)) {
        copy_job_to_state(job, &made, &job->mark);
        return true;
    }
    if (err->unanswered) {
        const struct str cancel = copy_job_how_to_cancel(job, STR("creating")); /* as an instance copy may be */
        job->summary = "It is not known whether the copy was started";
        err_set_remedy(err,
                       "No answer came to the Copy call, so the copy may exist. Apply again: if it does it is adopted, "
                       "otherwise it is copied.%.*s To take it into a state by hand: terraform import ADDRESS %.*s",
                       STR_ARG(cancel), STR_ARG(job->target_arn));
        return false;
    }
    if (cause_of(err) != CAUSE_EXISTS ||
        !look_at_snapshot(&job->aws, job->target.kind, job->target.name, &found, &ignored))
        return false;
    if (status_holds_nothing(found.status)) {
        err_set_remedy(err, "A snapshot of that name has failed or is being deleted. Apply again: the name is cleared "
                            "first.");
        return false;
    }
    /* Another apply was faster: its copy may be the very one that is wanted. */
    return takeover_run(job, &found, err);
}

/* Ends with the wanted copy under way or done, in `state`. */
static bool make(struct copy_job *job, struct err *err)
{
    struct rds_snapshot found;
    if (!look_at_snapshot(&job->aws, job->target.kind, job->target.name, &found, err)) {
        if (err->kind == ERR_NOT_FOUND)
            return copy_into_free_name(job, err);
        return err_wrap(err, "looking whether %.*s exists", STR_ARG(job->target_arn));
    }
    copy_job_learn_account(job, found.arn);
    if (!clearing_is_possible(&found))
        return takeover_run(job, &found, err);
    return clearing_of_name(job, &found, err) && copy_into_free_name(job, err);
}

/* ---- Create --------------------------------------------------------------- */

/* No copy was accepted: there is nothing to keep. */
static bool explain_unmade(const struct copy_job *job, struct err *err)
{
    cause_explain(err);
    if (err->kind == ERR_TIMEOUT && !err_remedy(err)[0])
        err_set_remedy(err, "Nothing was copied yet. Apply again, or set a longer limit with the timeouts block.");
    key_doubt_tell(&job->key_doubt, "Before the copy", err);
    return false;
}

bool copy_create(struct tf_call *call, struct tf_apply *apply, struct err *err)
{
    const struct reencrypt_copy *planned = apply->planned;
    struct timeouts timeouts = timeouts_of(&planned->timeouts);
    struct copy_job job;
    if (!copy_job_begin(&job, call, apply, &timeouts.create, err) || !copy_job_find_source(&job, err))
        return false;
    const struct str claim = job.target_arn; /* which may gain its account later */
    if (!memory_learn(account_memory(call), MEMORY_CLAIMED, claim)) {
        err_set(err, ERR_CONFLICT,
                "another resource of this configuration makes or deletes %.*s too: two resources cannot have one name",
                STR_ARG(job.target_arn));
        err_set_path(err, "target_snapshot_identifier");
        err_set_remedy(err, "Give each its own target_snapshot_identifier. If the resource got another address, say so "
                            "with a block: moved { from = OLD_ADDRESS, to = NEW_ADDRESS }.");
        return false;
    }
    if (!make(&job, err)) {
        apply->summary = job.summary;
        memory_forget(account_memory(call), MEMORY_CLAIMED, claim);
        return explain_unmade(&job, err);
    }
    return outcome_wait(&job, apply, true, err);
}

/* ---- Update --------------------------------------------------------------- */

/* `out_changed`: some of it was done, or may have been. */
static bool send_tags(struct copy_job *job, const struct tags_change *change, bool *out_changed, struct err *err)
{
    if (change->add.count && !rds_add_tags(&job->aws, job->target_arn, change->add, err)) {
        *out_changed = err->unanswered;
        return err_wrap(err, "adding tags to %.*s", STR_ARG(job->target_arn));
    }
    if (change->remove.count && !rds_remove_tags(&job->aws, job->target_arn, change->remove, err)) {
        *out_changed = true;
        return err_wrap(err, "removing tags from %.*s", STR_ARG(job->target_arn));
    }
    return true;
}

/* The old tags are there still, the new ones are or may be: with both in the state
 * the next read finds out, and what is to be removed then is. */
static void keep_both_tags(struct copy_job *job, struct tf_apply *apply)
{
    const struct tf_string_map *const maps[] = { &job->prior->tags_all, &job->state->tags_all };
    struct tf_string_map both = { .state = TF_KNOWN };
    for (size_t i = 0; i < ARRAY_LENGTH(maps); i++)
        for (size_t j = 0; j < maps[i]->count; j++)
            tf_string_map_put(job->call->arena, &both, maps[i]->items[j].key, maps[i]->items[j].value);
    *job->state = *job->prior;
    job->state->tags_all = both;
    apply->keep_state = true;
}

/* A success must hold what was planned: the next read finds tags that are missing,
 * but does not look for those that are managed no more. */
static void warn_of_tags(const struct copy_job *job, const struct tags_change *change, const struct err *why)
{
    struct str left = STR("");
    for (size_t i = 0; i < change->remove.count; i++)
        str_join(job->call->arena, &left, ", ", "%.*s", STR_ARG(change->remove.items[i]));
    tf_warn(job->call, "tags", "Tags were not changed yet", "%.*s %s. Apply again when it is available.%s%.*s",
            STR_ARG(job->target_arn),
            why->kind == ERR_CANCELLED ? "was to get its tags when the apply was stopped"
                                       : "takes no tags while it is copied",
            left.len ? " Tags that it may still bear: " : "", STR_ARG(left));
}

/* Of an unfinished copy (`resumes`) tags are no reason to leave it, nor to fail when stopped. */
static bool update_tags(struct copy_job *job, struct tf_apply *apply, const struct tags_change *change, bool resumes,
                        struct err *err)
{
    bool is_changed = false;
    if (send_tags(job, change, &is_changed, err))
        return true;
    if (resumes && (err->kind == ERR_CONFLICT || err->kind == ERR_CANCELLED)) {
        warn_of_tags(job, change, err);
        return true;
    }
    if (is_changed)
        keep_both_tags(job, apply);
    return false;
}

bool copy_update(struct tf_call *call, struct tf_apply *apply, struct err *err)
{
    const struct reencrypt_copy *prior = apply->prior;
    const struct reencrypt_copy *planned = apply->planned;
    const struct timeouts timeouts = timeouts_of(&planned->timeouts);
    const struct tags_change change = tags_difference(call->arena, &prior->tags_all, &planned->tags_all);
    const bool resumes = planned->status.state == TF_UNKNOWN;
    struct copy_job job;
    if (!resumes && !change.add.count && !change.remove.count)
        return true;
    if (!copy_job_begin(&job, call, apply, &timeouts.update, err) || (resumes && !copy_job_find_source(&job, err)))
        return false;
    return update_tags(&job, apply, &change, resumes, err) && (!resumes || outcome_wait(&job, apply, false, err));
}

/* ---- Delete --------------------------------------------------------------- */

bool copy_delete(struct tf_call *call, struct tf_apply *apply, struct err *err)
{
    const struct reencrypt_copy *prior = apply->prior;
    const struct timeouts timeouts = timeouts_of(&prior->timeouts);
    struct snapshot_ref ref;
    struct aws_call aws;
    bool is_left;
    successor_announce(call, prior, apply->note);
    if (!copy_ref(call->arena, prior, &ref, err) ||
        !account_held_call(call, &ref, timeouts_deadline_ms(call, &timeouts.delete, COPY_DELETE_TIMEOUT_MS), &aws, err))
        return false;
    const struct removal removal = {
        .call = call,
        .aws = &aws,
        .ref = &ref,
        .arn = prior->arn.value,
        .prior = prior,
        .note = apply->note,
    };
    return removal_run(&removal, &is_left, err);
}
