/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/copy/apply/outcome.h"

#include "plugin/snapshot/copy/apply/clearing.h"
#include "plugin/snapshot/copy/apply/failure.h"
#include "plugin/snapshot/copy/apply/takeover.h"
#include "plugin/snapshot/watch/cause.h"
#include "plugin/snapshot/watch/look.h"
#include "plugin/snapshot/watch/status.h"
#include "plugin/snapshot/watch/wait.h"

enum { JUST_MADE_MS = 2 * MINUTE_MS };

/* ---- The wait -------------------------------------------------------------- */

struct watched {
    const struct holding *held;
    struct str name;
    struct rds_snapshot *last;
    enum copy_end end; /* where AWS said it */
};

static enum copy_end end_of(const struct wait *wait, const struct err *err)
{
    if (err->kind == ERR_CANCELLED)
        return COPY_STOPPED;
    if (err->kind == ERR_TIMEOUT)
        return COPY_DEADLINE;
    return wait->last == WAIT_ENDS && err->kind == ERR_NOT_FOUND ? COPY_GONE : COPY_DENIED;
}

/* What a look that AWS answered means. True: the wait is over, with `end`. */
static bool judge_look(const struct holding *held, struct str name, const struct rds_snapshot *found,
                       enum copy_end *end, struct err *err)
{
    *end = COPY_GONE;
    if (!holding_is_ours(held, found)) {
        err_set(err, ERR_CONFLICT, "\"%.*s\" was taken over or replaced by somebody else while this one waited: it %s",
                STR_ARG(name), holding_tell_other(found));
        err_set_remedy(err, "%s", holding_tell_cure(found));
        return true;
    }
    if (status_is_leaving(found->status)) {
        err_set(err, ERR_NOT_FOUND, "somebody else is deleting \"%.*s\"", STR_ARG(name));
        return true;
    }
    if (status_is_lost(found->status)) {
        *end = COPY_FAILED;
        err_set(err, ERR_CONFLICT, "AWS reports \"%.*s\" as \"%.*s\" at %lld %%", STR_ARG(name), STR_ARG(found->status),
                (long long)found->percent_progress.value);
        return true;
    }
    *end = COPY_AVAILABLE;
    return status_is_available(found->status);
}

static enum wait_verdict look(struct wait *wait, const struct aws_call *call, struct err *err)
{
    struct watched *watched = wait->self;
    struct rds_snapshot *last = watched->last, found;
    enum wait_verdict again = WAIT_AGAIN;
    if (look_at_snapshot(call, watched->held->kind, watched->name, &found, err)) {
        *last = found;
        if (judge_look(watched->held, watched->name, last, &watched->end, err))
            return watched->end == COPY_AVAILABLE ? WAIT_DONE : WAIT_GIVES_UP;
    } else {
        /* Right after the Copy call a Describe may not find the copy yet. */
        const bool may_appear = err->kind == ERR_NOT_FOUND && wait_age_ms(wait) < JUST_MADE_MS;
        if (!may_appear && !wait_is_passing(err))
            return WAIT_ENDS;
        log_write(call->log, LOG_INFO, NULL, "cannot read the copy \"%.*s\", trying again: %s", STR_ARG(watched->name),
                  err_text(err));
        again = WAIT_AGAIN_BLIND;
    }
    log_write(call->log, LOG_INFO, NULL, "waiting for the copy \"%.*s\": %.*s, %lld %%", STR_ARG(watched->name),
              STR_ARG(last->status), (long long)last->percent_progress.value);
    return again;
}

enum copy_end outcome_watch(const struct aws_call *call, const struct holding *held, struct str name,
                            struct rds_snapshot *last, struct err *err)
{
    struct watched watched = { .held = held, .name = name, .last = last };
    struct wait wait = { .call = call, .try = look, .self = &watched };
    if (wait_run(&wait, err) || wait.last == WAIT_GIVES_UP)
        return watched.end;
    const enum copy_end end = end_of(&wait, err);
    err_wrap(err, "waiting for it to become available");
    return end;
}

/* ---- What it means --------------------------------------------------------- */

static void explain_end(struct copy_job *job, const struct rds_snapshot *last, enum copy_end end, struct err *err)
{
    const bool has_none_to_take_back = end == COPY_GONE && !job->prior;
    const char *cause = has_none_to_take_back ? "" : str_c(job->call->arena, str_from(err_remedy(err)));
    const struct str cancel = copy_job_how_to_cancel(job, last->status);
    err_wrap(err, "the copy %.*s (status %.*s, %lld %%)", STR_ARG(job->target_arn), STR_ARG(last->status),
             (long long)last->percent_progress.value);
    if (end == COPY_GONE)
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

static const char *summary_of(enum copy_end end, const struct rds_snapshot *last, const struct err *err)
{
    struct mark mark;
    if (end != COPY_GONE)
        return "The copy is not finished";
    if (err->kind == ERR_NOT_FOUND)
        return status_is_leaving(last->status) ? "The copy is being deleted" : "The copy is gone";
    return mark_find(&last->tags, &mark) == MARK_UNREADABLE ? "The copy has an unknown mark"
                                                            : "The copy was taken over or replaced";
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
    const struct holding held = copy_holding(job->state);
    struct rds_snapshot last = seen_before(job);
    apply->keep_state = !is_create;
    enum copy_end end = outcome_watch(&job->aws, &held, job->target.name, &last, err);
    if (end == COPY_GONE) /* what has the name now is nothing of this state's */
        apply->keep_state = false;
    else
        copy_to_state(job->call->arena, &last, job->state);
    switch (end) {
    case COPY_AVAILABLE:
        if (takeover_settle(job, &held, err))
            return true;
        apply->summary = job->summary;
        return false;
    case COPY_STOPPED:
        if (job->owes_mark) /* a state with the other's holder might be told to delete it; the next apply adopts it */
            break;
        warn_of_stop(job, &last);
        return true;
    case COPY_FAILED:
        apply->summary = "The copy failed";
        err_wrap(err, "copying %.*s to %.*s", STR_ARG(job->source_arn), STR_ARG(job->target_arn));
        copy_failure_explain(job, &last, err);
        if (is_create)
            clearing_of_own(job, &held);
        return false;
    case COPY_DEADLINE:
    case COPY_GONE:
    case COPY_DENIED:
        break;
    }
    apply->summary = summary_of(end, &last, err);
    cause_explain(err);
    explain_end(job, &last, end, err);
    return false;
}
