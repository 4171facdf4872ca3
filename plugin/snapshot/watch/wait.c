/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/watch/wait.h"

#include <string.h>

#include "aws/crypto.h"

enum {
    INTERVAL_MIN_MS = 2 * SECOND_MS,
    INTERVAL_MAX_MS = 30 * SECOND_MS,
};

/* ---- Pauses ---------------------------------------------------------------- */

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

int64_t wait_age_ms(const struct wait *wait)
{
    return waiter_now_ms(wait->call->waiter) - wait->began_ms;
}

static bool pause_interval(const struct wait *wait, struct err *err)
{
    const struct aws_call *call = wait->call;
    uint32_t random;
    crypto_random(&random, sizeof(random));
    int64_t until = waiter_now_ms(call->waiter) + wait_interval_ms(wait->is_even ? HOUR_MS : wait_age_ms(wait), random);
    if (until > call->deadline_ms)
        until = call->deadline_ms;
    if (!waiter_pause(call->waiter, until, err))
        return false;
    return until < call->deadline_ms || err_set(err, ERR_TIMEOUT, "the time limit has passed");
}

/* An end keeps what was said last. */
static bool pause(const struct wait *wait, const struct err *said, struct err *err)
{
    CLEANUP(err_clear) struct err end = { 0 };
    if (pause_interval(wait, &end))
        return true;
    err_copy(err, said->kind == ERR_NONE ? &end : said);
    if (err->kind != end.kind)
        err_wrap(err, "%s", err_text(&end));
    err->kind = end.kind;
    return false;
}

/* For a try that the deadline or a stop cut off: its error tells what was said before it as well. */
static void recall(const struct err *said, struct err *err)
{
    if (err->kind == ERR_TIMEOUT)
        err_wrap(err, "the time limit has passed");
    if (said->kind == ERR_NONE || (err->kind != ERR_TIMEOUT && err->kind != ERR_CANCELLED))
        return;
    const bool is_of_a_call = err_code(err)[0] || !err_part(said, ERR_OPERATION)[0]; /* a status is of none */
    CLEANUP(err_clear) struct err both = { 0 };
    err_copy(&both, is_of_a_call ? err : said);
    both.kind = err->kind;
    both.unanswered = err->unanswered;
    err_set_part(&both, ERR_TEXT, "%s; before that: %s", err_text(err), err_text(said));
    err_move(err, &both);
}

/* ---- Tries ----------------------------------------------------------------- */

/* What the tries take, of which a day has thousands. */
struct memory_of_tries {
    const struct aws_call *call;
    struct arena *kept; /* of the last that was answered */
};

static void keep_last(struct memory_of_tries *memory)
{
    arena_merge(memory->call->arena, memory->kept);
}

static enum wait_verdict try_once(struct wait *wait, struct memory_of_tries *memory, struct err *err)
{
    struct aws_call call = *wait->call;
    const struct str request_id = call.request_id ? *call.request_id : STR("");
    call.arena = arena_new();
    const enum wait_verdict verdict = wait->try(wait, &call, err);
    if (verdict == WAIT_AGAIN_BLIND) {
        arena_free(call.arena);
        if (call.request_id)
            *call.request_id = request_id;
        return verdict;
    }
    if (verdict == WAIT_AGAIN)
        arena_free(memory->kept);
    else
        arena_merge(call.arena, memory->kept);
    memory->kept = call.arena;
    return verdict;
}

bool wait_run(struct wait *wait, struct err *err)
{
    CLEANUP(keep_last) struct memory_of_tries memory = { .call = wait->call };
    wait->began_ms = waiter_now_ms(wait->call->waiter);
    CLEANUP(err_clear) struct err said = { 0 };
    for (;;) {
        CLEANUP(err_clear) struct err now = { 0 };
        wait->last = try_once(wait, &memory, &now);
        switch (wait->last) {
        case WAIT_DONE:
            return true;
        case WAIT_ENDS:
            recall(&said, &now);
            err_move(err, &now);
            return false;
        case WAIT_GIVES_UP:
            err_move(err, &now);
            return false;
        case WAIT_AGAIN:
        case WAIT_AGAIN_BLIND:
            err_move(&said, &now);
            break;
        }
        if (!pause(wait, &said, err))
            return false;
    }
}

bool wait_is_passing(const struct err *err)
{
    return err->kind == ERR_IO || err->kind == ERR_THROTTLED;
}

void wait_tell_seen(const struct rds_snapshot *seen, struct err *err)
{
    const long long percent = (long long)seen->percent_progress.value;
    if (err->kind == ERR_NONE)
        err_set(err, ERR_CONFLICT, "its status was \"%.*s\" at %lld %%", STR_ARG(seen->status), percent);
    else if (!str_is_empty(seen->status))
        err_wrap(err, "its status was \"%.*s\" at %lld %%, then", STR_ARG(seen->status), percent);
}
