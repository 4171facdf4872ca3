/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/copy/apply/job.h"

#include "aws/arn.h"
#include "aws/endpoint.h"
#include "plugin/snapshot/account.h"
#include "plugin/snapshot/copy/plan/preflight.h"
#include "plugin/snapshot/copy/tags.h"
#include "plugin/snapshot/keys/door.h"
#include "plugin/snapshot/watch/cause.h"
#include "plugin/snapshot/watch/look.h"
#include "plugin/snapshot/watch/wait.h"

enum {
    LAST_LOOK_MS = 2 * MINUTE_MS,
    KEY_ID_BYTES = 36,
};

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

static void fill_mark(struct copy_job *job)
{
    struct arena *arena = job->call->arena;
    struct str key = job->key_answer == KEY_FOUND ? job->key.arn : job->config->kms_key_id.value;
    job->mark.source = mark_digest(arena, job->source_arn);
    job->mark.key = mark_digest(arena, key);
    job->mark.time = job->source_found.create_time;
}

bool copy_job_begin(struct copy_job *job, struct tf_call *call, struct tf_apply *apply, const struct tf_string *limit,
                    struct err *err)
{
    *job = (struct copy_job){
        .call = call, .config = apply->config, .prior = apply->prior, .state = apply->state, .key_answer = KEY_UNTOLD
    };
    int64_t deadline_ms = timeouts_deadline_ms(call, limit, COPY_TIMEOUT_MS);
    if (!(job->prior ? reencrypt_copy_ref(call->arena, job->prior, &job->target, err)
                     : wanted_ref(apply, &job->target, err)) ||
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

struct str copy_job_source_id(const struct copy_job *job)
{
    return str_equal(job->source.account, job->target.account) ? job->source.name : job->source_arn;
}

bool copy_job_peek(struct copy_job *job, struct err *err)
{
    struct aws_call there = in_source_region(job);
    struct err refusal = { 0 };
    if (rds_describe_snapshot(&there, job->source.kind, copy_job_source_id(job), &job->source_found, &refusal)) {
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

/* An id is 36 characters, or begins with "mrk-"; anything else may be an alias without its beginning. */
static struct str alias_hint(struct arena *arena, struct str text)
{
    const bool is_id = text.len == KEY_ID_BYTES || str_starts_with(text, STR("mrk-"));
    if (is_id || aws_is_arn(text) || key_is_alias(text))
        return STR("");
    return str_format(arena, " If \"%.*s\" is the name of an alias, write \"alias/%.*s\".", STR_ARG(text),
                      STR_ARG(text));
}

static bool refuse_absent_key(const struct copy_job *job, const struct err *refusal, struct err *err)
{
    *err = *refusal;
    err_wrap(err, "there is no key \"%.*s\" in account %.*s, Region %.*s", STR_ARG(job->config->kms_key_id.value),
             STR_ARG(job->target.account), STR_ARG(job->target.region));
    const struct str hint = alias_hint(job->call->arena, job->config->kms_key_id.value);
    err_set_path(err, "kms_key_id");
    err_set_remedy(err,
                   "Keys are regional: the copy needs a key of its own Region. A key of another account must be named "
                   "by its ARN.%.*s",
                   STR_ARG(hint));
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

/* The first one is told. */
static void doubt_key(struct copy_job *job, struct str doubt)
{
    if (str_is_empty(job->key_doubt))
        job->key_doubt = doubt;
}

/* A look that failed, at a key that only RDS may be able to use: it will say so itself. */
static bool go_without_look(struct copy_job *job, const struct err *failure)
{
    log_write(job->call->log, LOG_WARN, NULL, "copying without a look at the key: %s", failure->text);
    doubt_key(job, key_doubt_of(job->call->arena, failure));
    return true;
}

static bool check_key_access(struct copy_job *job, const struct aws_call *there, const struct kms_key *key,
                             enum key_part part, const char *path, struct err *err)
{
    const struct key_users users = users_of(job, part);
    struct str doubt;
    if (!key_preflight_apply(there, key, path, &users, &doubt, err))
        return err_wrap(err, "nothing was copied");
    doubt_key(job, doubt);
    return true;
}

/* The key of a source of the caller's own account; another account's does not tell. */
static bool check_source_key(struct copy_job *job, struct err *err)
{
    const struct aws_call there = in_source_region(job);
    const struct aws_call brief = key_brief_call(&there);
    const struct str arn = job->source_found.kms_key_id;
    struct kms_key key;
    enum key_answer answer;
    if (str_is_empty(arn) || !str_equal(job->source.account, job->target.account) || str_equal(arn, job->key.arn))
        return true;
    if (!key_look_up(&brief, arn, &answer, &key, err)) {
        if (err->kind != ERR_CANCELLED)
            return go_without_look(job, err);
        err_set_path(err, "source_snapshot_identifier");
        return err_wrap(err, "nothing was copied");
    }
    return !key_is_at_hand(&there, arn, answer, &key) ||
           check_key_access(job, &there, &key, KEY_PART_SOURCE, "source_snapshot_identifier", err);
}

/* DescribeKey is denied. */
static bool check_untold_key(struct copy_job *job, struct err *err)
{
    const struct str text = job->config->kms_key_id.value;
    if (key_is_at_hand(&job->aws, text, KEY_UNTOLD, &job->key))
        return check_key_access(job, &job->aws, &job->key, KEY_PART_TARGET, "kms_key_id", err);
    doubt_key(job, str_format(job->call->arena,
                              "what the key \"%.*s\" is and whether its policy admits all who need it could not be "
                              "told: kms:DescribeKey is denied",
                              STR_ARG(text)));
    log_write(job->aws.log, LOG_INFO, NULL, "%.*s", STR_ARG(job->key_doubt));
    return true;
}

/* A key made moments ago may not be known everywhere. Where KMS is not to be
 * reached, the copy goes on: RDS, which reaches it by itself, refuses a key that is
 * no good at once. */
static bool wait_key_usable(struct copy_job *job, struct err *err)
{
    const int64_t began_ms = waiter_now_ms(job->call->waiter);
    const struct str text = job->config->kms_key_id.value;
    job->key_doubt = STR(""); /* of an earlier look, before hours of waiting for the source */
    for (struct err told = { 0 };;) {
        struct err refusal = { 0 }, failure = { 0 };
        const struct aws_call brief = key_brief_call(&job->aws);
        const bool is_told = key_look_up_or_why(&brief, text, &job->key_answer, &job->key, &refusal, &failure);
        if (is_told && job->key_answer != KEY_ABSENT)
            return job->key_answer == KEY_UNTOLD
                       ? check_untold_key(job, err)
                       : key_check_usable(&job->key, err) &&
                             check_key_access(job, &job->aws, &job->key, KEY_PART_TARGET, "kms_key_id", err);
        const bool is_over = waiter_now_ms(job->call->waiter) - began_ms >= WAIT_PROPAGATION_MS;
        if (is_told && is_over)
            return refuse_absent_key(job, &refusal, err);
        *err = failure;
        if (!is_told && !key_may_be_told_later(&job->aws, &failure))
            return wait_recall(&told, err);
        if (!is_told && is_over) {
            if (job->key_answer == KEY_ABSENT) /* by a look before */
                job->key_answer = KEY_UNTOLD;
            return go_without_look(job, &failure);
        }
        told = is_told ? refusal : failure;
        if (!wait_pause(&job->aws, began_ms, &told, err))
            return err_wrap(err, "waiting for the key \"%.*s\" to be known", STR_ARG(text));
    }
}

static bool fill_options(struct copy_job *job, struct err *err)
{
    struct aws_tags copied = { 0 };
    if (tf_is_true(job->config->copy_tags)) {
        copied = job->source_found.tags;
        if (!str_equal(job->source.account, job->target.account))
            tf_warn(
                job->call, "copy_tags", "Tags were not copied",
                "The tags of %.*s belong to account %.*s and cannot be read from account %.*s. Write those that the "
                "copy is to have into `tags`.",
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
    bool is_seen =
        rds_describe_snapshot(&there, job->source.kind, copy_job_source_id(job), &job->source_found, &refusal);
    if (is_seen && wait_status_is_available(job->source_found.status))
        return true;
    bool is_lost = wait_status_is_failed(job->source_found.status) || wait_status_is_leaving(job->source_found.status);
    bool may_come = is_seen ? !is_lost : refusal.kind == ERR_NOT_FOUND;
    if (may_come && !wait_key_usable(job, err))
        return false;
    if (wait_source_available(&there, job->source.kind, copy_job_source_id(job), &job->source_found, err))
        return true;
    look_explain_absent(&there, job->source.kind, copy_job_source_id(job), err);
    cause_explain(err);
    err_set_path(err, "source_snapshot_identifier");
    return false;
}

bool copy_job_wait(struct copy_job *job, struct err *err)
{
    if (!wait_source(job, err) || !copy_preflight_source(&job->source_found, job->source.kind, err))
        return false;
    learn_from_source(job);
    if (!wait_key_usable(job, err) || !check_source_key(job, err))
        return false;
    fill_mark(job);
    return fill_options(job, err);
}

/* ---- Failures ------------------------------------------------------------- */

void copy_job_tell_doubt(const struct copy_job *job, struct err *err)
{
    const bool is_refused = str_starts_with(str_from(err->code), STR("KMSKeyNotAccessible"));
    const bool is_cut_off = err->kind == ERR_TIMEOUT && !err->code[0];
    if ((is_refused || is_cut_off) && !str_is_empty(job->key_doubt))
        err_set_remedy(err, "%s\n\nBefore the copy, %.*s.", str_copy(job->call->arena, str_from(err->remedy)).ptr,
                       STR_ARG(job->key_doubt));
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
    state->source_snapshot_create_time = tf_string_or_null(mark_source_time(mark));
    state->holder_id = tf_known_string(mark->holder_id);
}
