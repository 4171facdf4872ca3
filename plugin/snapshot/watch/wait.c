/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/watch/wait.h"

#include <string.h>

#include "aws/arn.h"
#include "aws/crypto.h"
#include "plugin/snapshot/watch/cause.h"
#include "plugin/snapshot/watch/look.h"

enum {
    INTERVAL_MIN_MS = 2 * SECOND_MS,
    INTERVAL_MAX_MS = 30 * SECOND_MS,
    JUST_MADE_MS = 2 * MINUTE_MS,
    OWN_NAME_MS = 30 * SECOND_MS, /* what this account made itself is known sooner than a share */
};

int64_t wait_interval_ms(int64_t age_ms, uint32_t random)
{
    int64_t interval = age_ms / 10;
    if (interval < INTERVAL_MIN_MS)
        interval = INTERVAL_MIN_MS;
    if (interval > INTERVAL_MAX_MS)
        interval = INTERVAL_MAX_MS;
    /* 90 to 110 %: many copies begun at once do not poll at once. */
    return interval * 9 / 10 + (int64_t)((uint64_t)interval / 5 * random / UINT32_MAX);
}

static bool pause_interval(const struct aws_call *call, int64_t age_ms, struct err *err)
{
    uint32_t random;
    crypto_random(&random, sizeof(random));
    int64_t until = waiter_now_ms(call->waiter) + wait_interval_ms(age_ms, random);
    if (until > call->deadline_ms)
        until = call->deadline_ms;
    if (!waiter_pause(call->waiter, until, err))
        return false;
    return until < call->deadline_ms || err_set(err, ERR_TIMEOUT, "the time limit has passed");
}

static bool pause_at_age(const struct aws_call *call, int64_t age_ms, const struct err *refusal, struct err *err)
{
    struct err end = { 0 };
    if (pause_interval(call, age_ms, &end))
        return true;
    struct err last = refusal && refusal->kind != ERR_NONE ? *refusal : end;
    if (last.kind != end.kind)
        err_wrap(&last, "%s", end.text);
    last.kind = end.kind;
    *err = last;
    return false;
}

bool wait_pause(const struct aws_call *call, int64_t began_ms, const struct err *refusal, struct err *err)
{
    return pause_at_age(call, waiter_now_ms(call->waiter) - began_ms, refusal, err);
}

bool wait_pause_evenly(const struct aws_call *call, const struct err *refusal, struct err *err)
{
    return pause_at_age(call, HOUR_MS, refusal, err);
}

bool wait_recall(const struct err *told, struct err *err)
{
    const struct err end = *err;
    if (end.kind == ERR_TIMEOUT)
        err_wrap(err, "the time limit has passed");
    if (told->kind == ERR_NONE || (end.kind != ERR_TIMEOUT && end.kind != ERR_CANCELLED))
        return false;
    struct err both = end.code[0] ? end : *told;
    if (!both.operation[0])
        both = *err; /* a status is of no call */
    both.kind = end.kind;
    both.unanswered = end.unanswered;
    memcpy(both.text, told->text, sizeof(both.text));
    err_wrap(&both, "%s; before that", err->text);
    *err = both;
    return false;
}

/* What the looks of a wait were told, for its end. */
struct told {
    struct rds_snapshot seen;
    struct err last;
};

static void note_status(struct told *told, const struct rds_snapshot *found)
{
    told->seen = *found;
    err_set(&told->last, ERR_CONFLICT, "its status was \"%.*s\" at %lld %%", STR_ARG(found->status),
            (long long)found->percent_progress.value);
}

static void note_refusal(struct told *told, const struct err *refusal)
{
    told->last = *refusal;
    if (!str_is_empty(told->seen.status))
        err_wrap(&told->last, "its status was \"%.*s\" at %lld %%, then", STR_ARG(told->seen.status),
                 (long long)told->seen.percent_progress.value);
}

bool wait_is_passing(const struct err *err)
{
    return err->kind == ERR_IO || err->kind == ERR_THROTTLED;
}

bool wait_status_is_available(struct str status)
{
    return str_equal(status, STR("available"));
}

bool wait_status_is_failed(struct str status)
{
    return str_equal(status, STR("failed"));
}

bool wait_status_is_lost(struct str status)
{
    return wait_status_is_failed(status) || str_starts_with(status, STR("incompatible-"));
}

bool wait_status_is_leaving(struct str status)
{
    return str_equal(status, STR("deleting")) || str_equal(status, STR("deleted"));
}

bool wait_status_holds_nothing(struct str status)
{
    return wait_status_is_failed(status) || wait_status_is_leaving(status);
}

bool wait_status_is_under_way(struct str status)
{
    return !wait_status_is_available(status) && !wait_status_is_lost(status) && !wait_status_is_leaving(status);
}

/* Looks of a wait, of which a day has thousands: an answer gives back what those
 * before it took, and the last one stays with the call. */
struct looks {
    const struct aws_call *call;
    struct arena *kept;
};

static void keep_last_look(struct looks *looks)
{
    arena_merge(looks->call->arena, looks->kept);
}

typedef bool look_fn(const struct aws_call *call, enum rds_kind kind, struct str id, struct rds_snapshot *out,
                     struct err *err);

static bool look_again(struct looks *looks, look_fn *look, enum rds_kind kind, struct str id, struct rds_snapshot *out,
                       struct err *err)
{
    struct aws_call call = *looks->call;
    call.arena = arena_new();
    const bool is_answered = look(&call, kind, id, out, err);
    if (is_answered)
        arena_free(looks->kept);
    else
        arena_merge(call.arena, looks->kept);
    looks->kept = call.arena;
    return is_answered;
}

bool wait_source_available(const struct aws_call *call, enum rds_kind kind, struct str id, struct rds_snapshot *out,
                           struct err *err)
{
    CLEANUP(keep_last_look) struct looks looks = { .call = call };
    const int64_t began_ms = waiter_now_ms(call->waiter);
    const int64_t window_ms = aws_is_arn(id) ? WAIT_PROPAGATION_MS : OWN_NAME_MS;
    struct told told = { 0 };
    for (;;) {
        struct rds_snapshot found;
        struct err refusal = { 0 };
        if (look_again(&looks, rds_describe_snapshot, kind, id, &found, &refusal)) {
            if (wait_status_is_available(found.status)) {
                *out = found;
                return true;
            }
            if (wait_status_is_lost(found.status) || wait_status_is_leaving(found.status))
                return err_set(err, ERR_CONFLICT, "the snapshot \"%.*s\" cannot be used: its status is \"%.*s\"",
                               STR_ARG(id), STR_ARG(found.status));
            note_status(&told, &found);
        } else {
            bool may_appear = refusal.kind == ERR_NOT_FOUND && waiter_now_ms(call->waiter) - began_ms < window_ms;
            if (!may_appear && !wait_is_passing(&refusal)) {
                *err = refusal;
                return wait_recall(&told.last, err) || err_wrap(err, "reading the snapshot \"%.*s\"", STR_ARG(id));
            }
            note_refusal(&told, &refusal);
        }
        log_write(call->log, LOG_INFO, NULL, "waiting for the snapshot \"%.*s\": %s", STR_ARG(id), told.last.text);
        if (!wait_pause(call, began_ms, &told.last, err))
            return err_wrap(err, "waiting for the snapshot \"%.*s\" to become available", STR_ARG(id));
    }
}

static enum wait_end end_of(const struct err *err)
{
    return err->kind == ERR_CANCELLED ? WAIT_STOPPED : err->kind == ERR_TIMEOUT ? WAIT_DEADLINE : WAIT_DENIED;
}

/* What a look that AWS answered means. True: the wait is over, with `end`. */
static bool judge_look(const struct holding *held, struct str name, const struct rds_snapshot *found,
                       enum wait_end *end, struct err *err)
{
    *end = WAIT_GONE;
    if (!holding_is_ours(held, found)) {
        err_set(err, ERR_CONFLICT, "\"%.*s\" was taken over or replaced by somebody else while this one waited: it %s",
                STR_ARG(name), holding_tell_other(found));
        err_set_remedy(err, "%s", holding_tell_cure(found));
        return true;
    }
    if (wait_status_is_leaving(found->status)) {
        err_set(err, ERR_NOT_FOUND, "somebody else is deleting \"%.*s\"", STR_ARG(name));
        return true;
    }
    if (wait_status_is_lost(found->status)) {
        *end = WAIT_FAILED;
        err_set(err, ERR_CONFLICT, "AWS reports \"%.*s\" as \"%.*s\" at %lld %%", STR_ARG(name), STR_ARG(found->status),
                (long long)found->percent_progress.value);
        return true;
    }
    *end = WAIT_AVAILABLE;
    return wait_status_is_available(found->status);
}

enum wait_end wait_copy_available(const struct aws_call *call, const struct holding *held, struct str name,
                                  struct rds_snapshot *last, struct err *err)
{
    CLEANUP(keep_last_look) struct looks looks = { .call = call };
    const int64_t began_ms = waiter_now_ms(call->waiter);
    struct err told = { 0 };
    for (;;) {
        enum wait_end end;
        struct err refusal = { 0 };
        if (look_again(&looks, look_at_snapshot, held->kind, name, last, &refusal)) {
            if (judge_look(held, name, last, &end, err))
                return end;
            told = refusal; /* the caller tells the status that was seen last */
        } else {
            /* Right after the Copy call a Describe may not find the copy yet. */
            bool may_appear = refusal.kind == ERR_NOT_FOUND && waiter_now_ms(call->waiter) - began_ms < JUST_MADE_MS;
            if (!may_appear && !wait_is_passing(&refusal)) {
                *err = refusal;
                wait_recall(&told, err);
                err_wrap(err, "waiting for it to become available");
                return refusal.kind == ERR_NOT_FOUND ? WAIT_GONE : end_of(&refusal);
            }
            told = refusal;
            log_write(call->log, LOG_INFO, NULL, "cannot look at the copy \"%.*s\", trying again: %s", STR_ARG(name),
                      refusal.text);
        }
        log_write(call->log, LOG_INFO, NULL, "waiting for the copy \"%.*s\": %.*s, %lld %%", STR_ARG(name),
                  STR_ARG(last->status), (long long)last->percent_progress.value);
        if (!wait_pause(call, began_ms, &told, err)) {
            err_wrap(err, "waiting for it to become available");
            return end_of(err);
        }
    }
}

bool wait_before_next_delete(const struct aws_call *call, int64_t began_ms, struct err *err)
{
    const enum cause_wait wait = cause_explain(err);
    const struct err refusal = *err;
    if (wait != CAUSE_SOURCE && !wait_is_passing(&refusal))
        return false;
    log_write(call->log, LOG_INFO, NULL, "cannot be deleted yet, trying again: %s", refusal.text);
    return wait_pause(call, began_ms, &refusal, err);
}

/* What somebody else has made under the name since then. */
static bool is_another(const struct rds_snapshot *old, const struct rds_snapshot *found)
{
    struct mark before, now;
    if (wait_status_is_leaving(found->status))
        return false;
    if (mark_find(&found->tags, &now) == MARK_FOUND)
        return mark_find(&old->tags, &before) != MARK_FOUND || !str_equal(before.holder_id, now.holder_id);
    return !str_is_empty(old->create_time) && !str_is_empty(found->create_time) &&
           !str_equal(old->create_time, found->create_time);
}

bool wait_gone(const struct aws_call *call, enum rds_kind kind, struct str name, const struct rds_snapshot *old,
               struct err *err)
{
    CLEANUP(keep_last_look) struct looks looks = { .call = call };
    const int64_t began_ms = waiter_now_ms(call->waiter);
    struct told told = { 0 };
    for (;;) {
        struct rds_snapshot found;
        struct err refusal = { 0 };
        const bool is_seen = look_again(&looks, look_at_snapshot, kind, name, &found, &refusal);
        if (is_seen ? is_another(old, &found) : refusal.kind == ERR_NOT_FOUND)
            return true;
        if (!is_seen && !wait_is_passing(&refusal)) {
            *err = refusal;
            return wait_recall(&told.last, err) || err_wrap(err, "waiting for \"%.*s\" to be deleted", STR_ARG(name));
        }
        if (is_seen)
            note_status(&told, &found);
        else
            note_refusal(&told, &refusal);
        if (!wait_pause(call, began_ms, &told.last, err))
            return err_wrap(err, "waiting for \"%.*s\" to be deleted", STR_ARG(name));
    }
}
