/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/copy/apply/send.h"

#include "plugin/snapshot/account.h"
#include "plugin/snapshot/copy/apply/quota.h"
#include "plugin/snapshot/copy/apply/refusal.h"
#include "plugin/snapshot/copy/source.h"
#include "plugin/snapshot/watch/available.h"
#include "plugin/snapshot/watch/cause.h"
#include "plugin/snapshot/watch/look.h"
#include "plugin/snapshot/watch/status.h"
#include "plugin/snapshot/watch/turn.h"
#include "plugin/snapshot/watch/wait.h"

enum {
    ANSWER_MS = 10 * SECOND_MS, /* as after a stop (aws/http/message.h) */
    BUSY_MS = HOUR_MS,          /* of what AWS calls busy, though its status is "available", and which it can copy */
};

enum standing { STANDS_NOTHING, STANDS_OURS, STANDS_ANOTHER };

/* What is there after a Copy call without an answer, or one for a name that is taken:
 * the copy whose answer did not come? */
static enum standing look_at_name(struct copy_job *job, struct rds_snapshot *out)
{
    struct rds_snapshot found;
    struct mark mark;
    CLEANUP(err_clear) struct err err = { 0 };
    if (!look_at_snapshot(&job->aws, job->target.kind, job->target.name, &found, &err))
        return err.kind == ERR_NOT_FOUND ? STANDS_NOTHING : STANDS_ANOTHER;
    if (status_is_leaving(found.status))
        return STANDS_NOTHING;
    if (mark_find(&found.tags, &mark) != MARK_FOUND || !str_equal(mark.holder_id, job->mark.holder_id))
        return STANDS_ANOTHER;
    *out = found;
    return STANDS_OURS;
}

/* A refusal for want of room tells how full the quota is. One that does not say which limit it means is one of slots
 * as long as the quota has room, or, where the quota cannot be read, when as many copies as RDS allows are under way. */
static enum cause_wait weigh_limit(struct copy_job *job, enum cause_wait wait, struct err *refusal)
{
    struct quota quota;
    if (wait != CAUSE_QUOTA && wait != CAUSE_SOME_LIMIT)
        return wait;
    const bool is_told = quota_look(&job->aws, job->target.kind, &quota);
    if (wait == CAUSE_SOME_LIMIT &&
        (is_told ? quota.used < quota.max : quota_slots_are_taken(&job->aws, job->target.kind)))
        return CAUSE_SLOT;
    if (is_told)
        err_wrap(refusal, "%lld of %lld manual %ss are used", (long long)quota.used, (long long)quota.max,
                 snapshot_kind_of(job->target.kind)->noun);
    return CAUSE_FINAL;
}

/* After a wait for a slot that ended without one. */
static bool tell_slots(const struct copy_job *job, struct err *err)
{
    const struct aws_call look = copy_job_last_look(job);
    const int64_t count = err->kind == ERR_TIMEOUT ? quota_count_slots(&look, job->target.kind) : 0;
    if (count > 0)
        err_wrap(err, "no copy slot came free (copies of %ss into %.*s that are under way: %s%lld)",
                 snapshot_kind_of(job->target.kind)->noun, STR_ARG(job->target.region),
                 job->target.kind == RDS_INSTANCE ? "at least " : "", (long long)count);
    else if (err->kind == ERR_TIMEOUT)
        err_wrap(err, "no copy slot came free");
    if (!err_remedy(err)[0])
        err_set_remedy(err, "Nothing was copied yet. Apply again when other copies have ended, or set a longer limit "
                            "with the timeouts block.");
    return false;
}

/* For pauses between two Copy calls: one that is sent with no time left for its
 * answer may leave a copy that this apply knows nothing of. */
static struct aws_call pausing_call(const struct copy_job *job)
{
    struct aws_call call = job->aws;
    if (call.deadline_ms != CLOCK_NEVER)
        call.deadline_ms -= ANSWER_MS;
    return call;
}

/* A name that is taken by nothing that is to be seen: a deletion that is not known everywhere yet. */
static enum cause_wait weigh_name(enum cause_wait wait, enum standing standing)
{
    return wait == CAUSE_EXISTS && standing == STANDS_NOTHING ? CAUSE_PROPAGATION : wait;
}

struct sending {
    struct copy_job *job;
    struct turn_ticket *ticket;
    struct rds_snapshot *out;
    enum cause_wait cause; /* of the last refusal */
    struct err refusal;
    enum cause_wait reason; /* the same, but for failures that pass */
    int64_t since_ms;       /* for this reason */
};

/* How long AWS may keep saying so until it stands. A source that RDS may never copy is refused with the code of a busy
 * one, for all that is known. */
static int64_t patience_ms(const struct sending *sending, const struct err *refusal)
{
    const struct copy_job *job = sending->job;
    struct copy_source_doubt doubt;
    if (refusal->unanswered)
        return 0;
    if (sending->cause == CAUSE_SLOT || wait_is_passing(refusal))
        return CLOCK_NEVER;
    if (sending->cause == CAUSE_SOURCE)
        return copy_source_doubt(job->call->arena, &job->source_found, &job->source, job->target.account, &doubt)
                   ? WAIT_PROPAGATION_MS
                   : BUSY_MS;
    return sending->cause == CAUSE_PROPAGATION ? WAIT_PROPAGATION_MS : 0;
}

/* Busy, says AWS: until the source is available, in case it is the source that is meant. A look that the limit or a
 * stop cuts off leaves what AWS said. */
static enum wait_verdict wait_source_again(struct sending *sending, const struct aws_call *call, struct err *err)
{
    const struct copy_job *job = sending->job;
    struct aws_call there = *call;
    struct rds_snapshot found;
    CLEANUP(err_clear) struct err unseen = { 0 };
    there.region = job->source.region;
    there.request_id = NULL;
    if (rds_describe_snapshot(&there, job->source.kind, copy_job_source_id(job), &found, &unseen) &&
        status_is_available(found.status))
        return WAIT_DONE;
    if (unseen.kind == ERR_TIMEOUT || unseen.kind == ERR_CANCELLED) {
        err_copy(err, &sending->refusal);
        return WAIT_AGAIN_BLIND;
    }
    if (!wait_source_available(&there, job->source.kind, copy_job_source_id(job), &found, err)) {
        err_wrap(err, "AWS did not accept the copy (%s)", err_text(&sending->refusal));
        return WAIT_GIVES_UP;
    }
    sending->since_ms = waiter_now_ms(call->waiter); /* till now it had a reason */
    return WAIT_DONE;
}

/* One Copy call. True: the copy is there. False: `err`, and what it means. */
static bool try_copy(struct sending *sending, struct err *err)
{
    struct copy_job *job = sending->job;
    if (rds_copy_snapshot(&job->aws, job->target.kind, &job->options, sending->out, err)) {
        job->copy_request_id = job->last_request_id;
        return true;
    }
    cause_explain(err); /* by what AWS alone says */
    sending->cause = weigh_limit(job, cause_of(err), err);
    if (!err->unanswered && sending->cause != CAUSE_EXISTS)
        return false;
    enum standing standing = look_at_name(job, sending->out);
    sending->cause = weigh_name(sending->cause, standing);
    return standing == STANDS_OURS;
}

/* A reason that AWS gives anew has its patience from then on; a failure that passes
 * between two refusals for one reason is none. */
static bool has_patience(struct sending *sending, const struct err *err)
{
    const int64_t now_ms = waiter_now_ms(sending->job->call->waiter);
    if (!wait_is_passing(err) && sending->cause != sending->reason) {
        sending->since_ms = now_ms;
        sending->reason = sending->cause;
    }
    return now_ms - sending->since_ms < patience_ms(sending, err);
}

static enum wait_verdict try_send(struct wait *wait, const struct aws_call *call, struct err *err)
{
    struct sending *sending = wait->self;
    struct copy_job *job = sending->job;
    struct turn_line *line = account_turns(job->call);
    struct arena *const kept = job->aws.arena;
    const enum wait_verdict source = sending->cause == CAUSE_SOURCE ? wait_source_again(sending, call, err) : WAIT_DONE;
    if (source != WAIT_DONE)
        return source;
    const int64_t joined_ms = waiter_now_ms(call->waiter);
    sending->cause = CAUSE_SLOT;
    if (!turn_line_wait(line, sending->ticket, call->deadline_ms, call->log, err))
        return WAIT_GIVES_UP;
    sending->since_ms += waiter_now_ms(call->waiter) - joined_ms; /* AWS was not asked meanwhile */
    job->aws.arena = call->arena;
    const bool is_there = try_copy(sending, err);
    job->aws.arena = kept;
    if (is_there)
        return WAIT_DONE;
    err_copy(&sending->refusal, err);
    if (!has_patience(sending, err))
        return WAIT_ENDS;
    log_write(call->log, LOG_INFO, NULL, "the copy is not accepted yet, trying again: %s", err_text(err));
    if (wait_is_passing(err))
        return WAIT_AGAIN_BLIND; /* and keeps its place */
    wait->is_even = sending->cause == CAUSE_SLOT;
    if (!wait->is_even)
        turn_line_leave(line, sending->ticket); /* others need not wait for this */
    return WAIT_AGAIN_BLIND;
}

bool copy_send(struct copy_job *job, struct rds_snapshot *out, struct err *err)
{
    struct turn_ticket ticket = {
        .goal = str_format(job->call->arena, "a copy slot of %ss into %.*s", snapshot_kind_of(job->target.kind)->noun,
                           STR_ARG(job->target.region)),
        .waiter = job->call->waiter,
    };
    const struct aws_call pausing = pausing_call(job);
    struct sending sending = {
        .job = job, .ticket = &ticket, .out = out, .since_ms = waiter_now_ms(job->call->waiter)
    };
    struct wait wait = { .call = &pausing, .try = try_send, .self = &sending };
    job->is_sent = wait_run(&wait, err);
    const bool was_passing = wait_is_passing(&sending.refusal);
    err_clear(&sending.refusal);
    turn_line_leave(account_turns(job->call), &ticket);
    job->began_ms = waiter_now_ms(job->call->waiter);
    if (job->is_sent)
        return true;
    if (sending.cause == CAUSE_SLOT)
        tell_slots(job, err);
    else if (wait.last == WAIT_AGAIN_BLIND)
        err_wrap(err, "AWS did not accept the copy");
    if (!was_passing)
        copy_refusal_explain(job, err);
    return err_wrap(err, "copying %.*s to %.*s", STR_ARG(job->source_arn), STR_ARG(job->target_arn));
}
