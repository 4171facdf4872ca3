/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/copy_job.h"

#include "aws/endpoint.h"
#include "plugin/snapshot/account.h"
#include "plugin/snapshot/cause.h"
#include "plugin/snapshot/key_preflight.h"
#include "plugin/snapshot/look.h"
#include "plugin/snapshot/quota.h"
#include "plugin/snapshot/tags.h"
#include "plugin/snapshot/wait.h"

enum {
    LAST_LOOK_MS = 2 * MINUTE_MS,
    ANSWER_MS = 10 * SECOND_MS, /* as after a stop (http.h) */
};

static int64_t now_ms(const struct copy_job *job)
{
    return clock_monotonic_ms(waiter_clock(job->call->waiter));
}

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

/* What was unknown at plan may have become another name, kind or Region. */
static bool check_kept_arn(struct copy_job *job, struct err *err)
{
    return !job->prior || str_equal(job->target_arn, job->prior->arn.value) ||
           reencrypt_copy_refuse_late_place(job->prior->arn.value, job->target_arn, err);
}

static void fill_mark(struct copy_job *job)
{
    struct arena *arena = job->call->arena;
    struct str key = job->key_answer == KEY_FOUND ? job->key.arn : job->config->kms_key_id.value;
    job->mark.source = mark_digest(arena, job->source_arn);
    job->mark.key = mark_digest(arena, key);
    job->mark.version = mark_digest(arena, tf_text(job->config->source_version, STR("")));
    job->mark.time = job->source_found.create_time;
}

bool copy_job_begin(struct copy_job *job, struct tf_call *call, struct tf_apply *apply, const struct tf_string *limit,
                    struct err *err)
{
    *job = (struct copy_job){
        .call = call, .config = apply->config, .prior = apply->prior, .state = apply->state, .key_answer = KEY_UNTOLD
    };
    int64_t deadline_ms = timeouts_deadline_ms(call, limit, COPY_TIMEOUT_MS);
    if (!wanted_ref(apply, &job->target, err) || !account_call(call, &job->target, deadline_ms, &job->aws, err))
        return false;
    job->aws.request_id = &job->last_request_id;
    job->began_ms = now_ms(job);
    job->target_arn = snapshot_ref_arn(call->arena, &job->target);
    job->target.name = str_lower(call->arena, job->target.name);
    if (!check_kept_arn(job, err))
        return false;
    job->mark.copy_id = mark_new_id(call->arena);
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

/* ---- Source and key ------------------------------------------------------- */

static struct aws_call in_source_region(const struct copy_job *job)
{
    struct aws_call there = job->aws;
    there.region = job->source.region;
    return there;
}

/* A caller whose account is not known (skip_requesting_account_id) learns it
 * from the first of its own snapshots that AWS describes. */
void copy_job_learn_account(struct copy_job *job, struct str own_arn)
{
    struct snapshot_ref own;
    struct err ignored = { 0 };
    if (!str_is_empty(job->target.account) || !snapshot_ref_parse(job->call->arena, own_arn, &own, &ignored))
        return;
    job->target.account = own.account;
    job->target_arn = snapshot_ref_arn(job->call->arena, &job->target);
    if (!str_is_empty(job->source.account))
        return;
    job->source.account = own.account;
    job->source_arn = snapshot_ref_arn(job->call->arena, &job->source);
}

/* A source without account was given by name: it is the caller's own. */
static void learn_from_source(struct copy_job *job)
{
    if (str_is_empty(job->source.account))
        copy_job_learn_account(job, job->source_found.arn);
}

/* A foreign snapshot is only found by its ARN. */
static struct str source_id(const struct copy_job *job)
{
    return str_equal(job->source.account, job->target.account) ? job->source.name : job->source_arn;
}

bool copy_job_peek(struct copy_job *job, struct err *err)
{
    struct aws_call there = in_source_region(job);
    struct err refusal = { 0 };
    if (rds_describe_snapshot(&there, job->source.kind, source_id(job), &job->source_found, &refusal)) {
        learn_from_source(job);
    } else if (refusal.kind != ERR_NOT_FOUND && refusal.kind != ERR_DENIED) {
        *err = refusal;
        return err_wrap(err, "looking at the source %.*s", STR_ARG(job->source_arn));
    }
    if (!key_look_up(&job->aws, job->config->kms_key_id.value, &job->key_answer, &job->key, err))
        return false;
    fill_mark(job);
    return true;
}

static bool refuse_absent_key(const struct copy_job *job, struct err *err)
{
    err_set(err, ERR_NOT_FOUND, "there is no key \"%.*s\" in account %.*s, Region %.*s",
            STR_ARG(job->config->kms_key_id.value), STR_ARG(job->target.account), STR_ARG(job->target.region));
    err_set_path(err, "kms_key_id");
    err_set_remedy(err, "Keys are regional: the copy needs a key of its own Region. A key of another account must be "
                        "named by its ARN.");
    return false;
}

static struct key_users users_of(const struct copy_job *job, enum key_part part)
{
    struct key_users users = { .part = part, .region = job->target.region };
    key_users_fill_caller(job->call, &users);
    if (part == KEY_PART_TARGET)
        key_users_fill_readers(job->call, &job->config->reader_account_ids, &users);
    return users;
}

static bool check_key_access(struct copy_job *job, const struct aws_call *there, const struct kms_key *key,
                             enum key_part part, const char *path, struct err *err)
{
    const struct key_users users = users_of(job, part);
    struct str doubt;
    if (!key_preflight_apply(there, key, path, &users, &doubt, err))
        return err_wrap(err, "nothing was copied");
    if (str_is_empty(job->key_doubt))
        job->key_doubt = doubt;
    return true;
}

/* The key of a source of the caller's own account; another account's does not tell. */
static bool check_source_key(struct copy_job *job, struct err *err)
{
    const struct aws_call there = in_source_region(job);
    const struct str arn = job->source_found.kms_key_id;
    struct kms_key key;
    enum key_answer answer;
    struct err refusal = { 0 };
    return str_is_empty(arn) || !str_equal(job->source.account, job->target.account) || str_equal(arn, job->key.arn) ||
           !key_look_up(&there, arn, &answer, &key, &refusal) || answer != KEY_FOUND ||
           check_key_access(job, &there, &key, KEY_PART_SOURCE, "source_snapshot_identifier", err);
}

/* A key made moments ago may not be known everywhere. */
static bool wait_key_usable(struct copy_job *job, struct err *err)
{
    const int64_t began_ms = now_ms(job);
    const struct str text = job->config->kms_key_id.value;
    for (;;) {
        struct err refusal = { 0 }, failure = { 0 };
        const bool is_told = key_look_up_or_why(&job->aws, text, &job->key_answer, &job->key, &refusal, &failure);
        if (is_told && job->key_answer != KEY_ABSENT)
            return job->key_answer == KEY_UNTOLD ||
                   (key_check_usable(&job->key, err) &&
                    check_key_access(job, &job->aws, &job->key, KEY_PART_TARGET, "kms_key_id", err));
        const bool is_over = now_ms(job) - began_ms >= WAIT_PROPAGATION_MS;
        if (is_told && is_over)
            return refuse_absent_key(job, err);
        *err = failure;
        if (!is_told && (is_over || !wait_is_passing(&failure)))
            return false;
        if (!wait_pause(&job->aws, began_ms, is_told ? &refusal : &failure, err))
            return err_wrap(err, "waiting for the key \"%.*s\" to be known", STR_ARG(text));
    }
}

static bool fill_options(struct copy_job *job, struct err *err)
{
    struct aws_tags copied = { 0 };
    if (tf_is_true(job->config->copy_tags)) {
        copied = job->source_found.tags;
        if (!str_equal(job->source.account, job->target.account))
            tf_warn(job->call, "copy_tags", "Tags were not copied",
                    "The tags of %.*s belong to account %.*s and cannot be read from account %.*s.",
                    STR_ARG(job->source_arn), STR_ARG(job->source.account), STR_ARG(job->target.account));
    }
    struct str mark = mark_text(job->call->arena, &job->mark);
    job->options = (struct rds_copy_options){
        .source = job->config->source_snapshot_identifier.value,
        .target = job->target.name,
        .kms_key_id = job->config->kms_key_id.value,
        .option_group_name = tf_text(job->config->option_group_name, STR("")),
        .copy_option_group = { job->config->copy_option_group.state == TF_KNOWN, job->config->copy_option_group.value },
        .target_custom_availability_zone = tf_text(job->config->target_custom_availability_zone, STR("")),
    };
    return tags_for_copy(job->call->arena, &copied, &job->state->tags_all, mark, &job->options.tags, err);
}

/* A source that is still being made may take hours: what the key refuses is said before. */
static bool wait_source(struct copy_job *job, struct err *err)
{
    struct aws_call there = in_source_region(job);
    struct err refusal = { 0 };
    bool is_seen = rds_describe_snapshot(&there, job->source.kind, source_id(job), &job->source_found, &refusal);
    if (is_seen && wait_status_is_available(job->source_found.status))
        return true;
    bool is_lost = wait_status_is_failed(job->source_found.status) || wait_status_is_leaving(job->source_found.status);
    bool may_come = is_seen ? !is_lost : refusal.kind == ERR_NOT_FOUND;
    if (may_come && !wait_key_usable(job, err))
        return false;
    if (wait_source_available(&there, job->source.kind, source_id(job), &job->source_found, err))
        return true;
    cause_explain(err);
    err_set_path(err, "source_snapshot_identifier");
    return false;
}

bool copy_job_wait(struct copy_job *job, struct err *err)
{
    if (!wait_source(job, err))
        return false;
    learn_from_source(job);
    if (!wait_key_usable(job, err) || !check_source_key(job, err))
        return false;
    fill_mark(job);
    return fill_options(job, err);
}

/* ---- The Copy call -------------------------------------------------------- */

/* Is what stands there the copy whose answer did not come? */
static bool find_unanswered_copy(struct copy_job *job, struct rds_snapshot *out)
{
    struct rds_snapshot found;
    struct mark mark;
    struct err err = { 0 };
    if (!look_at_snapshot(&job->aws, job->target.kind, job->target.name, &found, &err) ||
        mark_find(&found.tags, &mark) != MARK_FOUND || !str_equal(mark.holder_id, job->mark.holder_id))
        return false;
    *out = found;
    return true;
}

/* A refusal for want of room tells how full the quota is; one that does not say
 * which limit it means is one of slots as long as the quota has room. */
static enum cause_wait weigh_limit(struct copy_job *job, enum cause_wait wait, struct err *refusal)
{
    struct quota quota;
    struct err ignored = { 0 };
    if (wait != CAUSE_QUOTA && wait != CAUSE_SOME_LIMIT)
        return wait;
    if (!quota_look(&job->aws, job->target.kind, &quota, &ignored) || !quota.is_told)
        return CAUSE_FINAL;
    if (wait == CAUSE_SOME_LIMIT && quota.used < quota.max)
        return CAUSE_SLOT;
    err_wrap(refusal, "%lld of %lld manual %ss are used", (long long)quota.used, (long long)quota.max,
             snapshot_kind_of(job->target.kind)->noun);
    return CAUSE_FINAL;
}

/* After a wait for a slot that ended without one. */
static bool tell_slots(const struct copy_job *job, struct err *err)
{
    const struct aws_call look = copy_job_last_look(job);
    const int64_t count = err->kind == ERR_TIMEOUT ? quota_count_slots(&look, job->target.kind) : -1;
    if (count >= 0)
        err_wrap(err, "no copy slot came free (copies of %ss from other Regions into %.*s that are under way: %lld)",
                 snapshot_kind_of(job->target.kind)->noun, STR_ARG(job->target.region), (long long)count);
    if (!err->remedy[0])
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

/* Until no other copy of this connection stands before this one. */
static bool wait_turn(const struct copy_job *job, struct slot_ticket *ticket, struct err *err)
{
    struct slot_line *line = account_slots(job->call);
    size_t ahead, said = 0;
    slot_line_join(line, ticket);
    while ((ahead = slot_line_ahead(line, ticket)) > 0) {
        if (ahead != said)
            log_write(job->call->log, LOG_INFO, NULL, "waiting for a copy slot into %.*s, %zu ahead in line",
                      STR_ARG(job->target.region), ahead);
        said = ahead;
        enum waiter_result result = waiter_wait(ticket->waiter, pausing_call(job).deadline_ms);
        if (result != WAITER_WOKEN)
            return err_set(
                err, result == WAITER_CANCELLED ? ERR_CANCELLED : ERR_TIMEOUT,
                "%s while it was waiting in line for a copy slot (copies of this configuration before it: %zu)",
                result == WAITER_CANCELLED ? "stopped" : "the time limit has passed", ahead);
    }
    return true;
}

/* A key that is refused after all may be refused for what could not be told before. */
static void tell_key_doubt(const struct copy_job *job, struct err *err)
{
    if (str_starts_with(str_from(err->code), STR("KMSKeyNotAccessible")) && !str_is_empty(job->key_doubt))
        err_set_remedy(err, "%s\n\nBefore the copy, %.*s.", str_copy(job->call->arena, str_from(err->remedy)).ptr,
                       STR_ARG(job->key_doubt));
}

/* False: AWS said no, or nothing, and that stands. `since_ms`: when it began to say what soon passes. */
static bool may_send_again(struct copy_job *job, int64_t since_ms, enum cause_wait wait, const struct err *refusal)
{
    if (refusal->unanswered)
        return false;
    if (wait == CAUSE_SLOT || wait == CAUSE_SOURCE)
        return true;
    return (wait == CAUSE_PROPAGATION || wait_is_passing(refusal)) && now_ms(job) - since_ms < WAIT_PROPAGATION_MS;
}

static bool pause_before_next(struct copy_job *job, struct slot_ticket *ticket, int64_t began_ms, enum cause_wait wait,
                              const struct err *refusal, struct err *err)
{
    const struct aws_call pausing = pausing_call(job);
    log_write(job->call->log, LOG_INFO, NULL, "the copy is not accepted yet, trying again: %s", refusal->text);
    if (wait == CAUSE_SLOT)
        return wait_pause_evenly(&pausing, refusal, err) || tell_slots(job, err);
    slot_line_leave(account_slots(job->call), ticket); /* others need not wait for this */
    return wait_pause(&pausing, began_ms, refusal, err) || err_wrap(err, "AWS did not accept the copy");
}

static bool send_in_turn(struct copy_job *job, struct slot_ticket *ticket, struct rds_snapshot *out, struct err *err)
{
    const int64_t began_ms = now_ms(job);
    int64_t since_ms = CLOCK_NEVER;
    struct err refusal = { 0 };
    for (;;) {
        if (!str_equal(job->source.region, job->target.region) && !wait_turn(job, ticket, err))
            return tell_slots(job, err);
        if (rds_copy_snapshot(&job->aws, job->target.kind, &job->options, out, &refusal)) {
            job->copy_request_id = job->last_request_id;
            return true;
        }
        enum cause_wait wait = weigh_limit(job, cause_explain(&refusal), &refusal);
        if ((refusal.unanswered || wait == CAUSE_EXISTS) && find_unanswered_copy(job, out))
            return true;
        if (since_ms == CLOCK_NEVER || wait == CAUSE_SLOT || wait == CAUSE_SOURCE)
            since_ms = now_ms(job);
        *err = refusal;
        if (!may_send_again(job, since_ms, wait, &refusal) ||
            !pause_before_next(job, ticket, began_ms, wait, &refusal, err))
            return false;
    }
}

bool copy_job_send(struct copy_job *job, struct rds_snapshot *out, struct err *err)
{
    struct slot_ticket ticket = {
        .place = str_format(job->call->arena, "%s %.*s", snapshot_kind_of(job->target.kind)->name,
                            STR_ARG(job->target.region)),
        .waiter = job->call->waiter,
    };
    job->is_sent = send_in_turn(job, &ticket, out, err);
    slot_line_leave(account_slots(job->call), &ticket);
    job->began_ms = now_ms(job);
    if (!job->is_sent)
        tell_key_doubt(job, err);
    return job->is_sent || err_wrap(err, "copying %.*s to %.*s", STR_ARG(job->source_arn), STR_ARG(job->target_arn));
}

bool copy_job_check_room(const struct copy_job *job, struct err *err)
{
    return quota_check_room(&job->aws, job->target.kind, 1, err);
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
    reencrypt_copy_to_state(job->call->arena, found, state);
    state->arn = state->id = tf_known_string(job->target_arn);
    state->account_id = tf_known_string(job->target.account);
    state->region = tf_known_string(job->target.region);
    state->source_snapshot_arn = tf_known_string(job->source_arn);
    if (!str_is_empty(job->source_found.kms_key_id))
        state->source_kms_key_arn = tf_known_string(job->source_found.kms_key_id);
    state->copy_id = tf_known_string(mark->copy_id);
    state->holder_id = tf_known_string(mark->holder_id);
}
