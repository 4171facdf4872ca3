/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/copy/apply/outcome.h"

#include "plugin/snapshot/copy/apply/clearing.h"
#include "plugin/snapshot/copy/apply/failure.h"
#include "plugin/snapshot/copy/apply/takeover.h"
#include "plugin/snapshot/watch/cause.h"
#include "plugin/snapshot/watch/wait.h"

static void explain_end(struct copy_job *job, const struct rds_snapshot *last, enum wait_end end, struct err *err)
{
    const bool has_none_to_take_back = end == WAIT_GONE && !job->prior;
    const char *cause = has_none_to_take_back ? "" : str_c(job->call->arena, str_from(err->remedy));
    const struct str cancel = copy_job_how_to_cancel(job, last->status);
    err_wrap(err, "the copy %.*s (status %.*s, %lld %%)", STR_ARG(job->target_arn), STR_ARG(last->status),
             (long long)last->percent_progress.value);
    if (end == WAIT_GONE)
        err_set_remedy(
            err,
            "%s%sThe copy of this apply is gone or somebody else's. Find out who else uses the name \"%.*s\" "
            "in account %.*s, Region %.*s before applying again.",
            cause, cause[0] ? "\n" : "", STR_ARG(job->target.name), STR_ARG(job->target.account),
            STR_ARG(job->target.region));
    else
        err_set_remedy(err,
                       "%s%sThe copy goes on in AWS. Apply again: it is found and waited for, nothing is copied twice. "
                       "A longer limit is set with the timeouts block.%.*s To take it into a state by hand: terraform "
                       "import ADDRESS %.*s",
                       cause, cause[0] ? "\n" : "", STR_ARG(cancel), STR_ARG(job->target_arn));
}

static void warn_of_stop(struct copy_job *job, const struct rds_snapshot *last)
{
    tf_warn(job->call, NULL, "Stopped while copying",
            "The copy %.*s goes on in AWS (status %.*s, %lld %%) and is in the state. Apply again to wait for its end; "
            "nothing is copied twice.",
            STR_ARG(job->target_arn), STR_ARG(last->status), (long long)last->percent_progress.value);
}

/* What was known of the copy when the wait began. */
static struct rds_snapshot seen_before(const struct copy_job *job)
{
    const bool resumes = job->state->status.state != TF_KNOWN && job->prior;
    const struct reencrypt_copy *known = resumes ? job->prior : job->state;
    return (struct rds_snapshot){
        .status = tf_text(known->status, STR("unknown")),
        .percent_progress = { known->percent_progress.state == TF_KNOWN, known->percent_progress.value },
    };
}

bool outcome_wait(struct copy_job *job, struct tf_apply *apply, bool is_create, struct err *err)
{
    const struct holding held = reencrypt_copy_holding(job->state);
    struct rds_snapshot last = seen_before(job);
    /* Adopted but not ours in AWS's eyes yet: a state that holds it under the other's
     * name could be told to delete it. Without that the next apply adopts it again. */
    apply->keep_state = !is_create && !job->owes_mark;
    enum wait_end end = wait_copy_available(&job->aws, &held, job->target.name, &last, err);
    if (end == WAIT_GONE) /* what has the name now is nothing of this state's */
        apply->keep_state = false;
    else
        reencrypt_copy_to_state(job->call->arena, &last, job->state);
    switch (end) {
    case WAIT_AVAILABLE:
        if (takeover_settle(job, &held, err))
            return true;
        apply->summary = job->summary;
        return false;
    case WAIT_STOPPED:
        if (job->owes_mark)
            break;
        warn_of_stop(job, &last);
        return true;
    case WAIT_FAILED:
        apply->summary = "The copy failed";
        err_wrap(err, "copying %.*s to %.*s", STR_ARG(job->source_arn), STR_ARG(job->target_arn));
        failed_copy_explain(job, &last, err);
        if (is_create)
            clearing_of_own(job, &held);
        return false;
    case WAIT_DEADLINE:
    case WAIT_GONE:
    case WAIT_DENIED:
        break;
    }
    apply->summary = end == WAIT_GONE ? "The copy is gone" : "The copy is not finished";
    cause_explain(err);
    explain_end(job, &last, end, err);
    return false;
}
