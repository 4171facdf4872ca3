/* SPDX-License-Identifier: MPL-2.0
 *
 * Making, re-making, adopting and resuming a copy (design 3.3, 3.4). Rules that
 * everything here keeps: a running copy is never thrown away; nothing is deleted
 * before what it is made from exists and the key is usable; a create that ends
 * with an error leaves no state (Terraform would taint and then delete the
 * copy), the next create adopts; a stop ends with success, a warning and the
 * real status.
 */
#include "aws/endpoint.h"
#include "plugin/snapshot/adoption.h"
#include "plugin/snapshot/cause.h"
#include "plugin/snapshot/connection.h"
#include "plugin/snapshot/key.h"
#include "plugin/snapshot/look.h"
#include "plugin/snapshot/reencrypt_copy.h"
#include "plugin/snapshot/tags.h"
#include "plugin/snapshot/wait.h"

/* One create or update in progress. */
struct copy_job {
    struct tf_call *call;
    struct aws_call aws;                 /* in the copy's Region, with the operation's deadline */
    const struct reencrypt_copy *config; /* as spelled: what calls use */
    const struct reencrypt_copy *prior;  /* NULL: create */
    struct reencrypt_copy *state;
    struct snapshot_ref target;
    struct str target_arn;
    struct str source_arn;
    struct snapshot_ref source;
    struct rds_snapshot source_found;
    struct kms_key key;
    enum key_answer key_answer;
    struct mark mark; /* that a copy made by this job bears */
    struct mark adopted_mark;
    bool owes_mark; /* adopted, but its tags could not be written while copying */
};

static int64_t job_now_ms(const struct copy_job *job)
{
    return clock_monotonic_ms(waiter_clock(job->call->waiter));
}

/* ---- Beginning ------------------------------------------------------------ */

/* Where the configuration wants the copy; an empty account is filled in later. */
static bool wanted_ref(const struct tf_apply *apply, struct snapshot_ref *out, struct err *err)
{
    const struct reencrypt_copy *planned = apply->planned;
    struct snapshot_ref ref = {
        .region = tf_text(planned->region, STR("")),
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
    if (!job->prior || str_equal(job->target_arn, job->prior->arn.value))
        return true;
    err_set(err, ERR_CONFLICT,
            "the name, kind or Region became known only now and means another snapshot: %.*s instead of %.*s",
            STR_ARG(job->target_arn), STR_ARG(job->prior->arn.value));
    err_set_remedy(err, "Nothing was changed. Apply once more: the next plan knows the value and shows the "
                        "replacement.");
    return false;
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

static bool job_begin(struct copy_job *job, struct tf_call *call, struct tf_apply *apply, const struct tf_string *limit,
                      struct err *err)
{
    *job = (struct copy_job){
        .call = call, .config = apply->config, .prior = apply->prior, .state = apply->state, .key_answer = KEY_UNTOLD
    };
    int64_t deadline_ms = timeouts_deadline_ms(call, limit, COPY_TIMEOUT_MS);
    if (!wanted_ref(apply, &job->target, err) || !connection_call(call, &job->target, deadline_ms, &job->aws, err))
        return false;
    if (job->prior) {
        struct snapshot_ref held;
        if (!reencrypt_copy_ref(call->arena, job->prior, &held, err))
            return false;
        job->target.partition = held.partition;
        job->target.account = held.account;
    } else if (str_is_empty(job->target.partition)) {
        job->target.partition = str_from(aws_partition_of_region(job->target.region)->name);
    }
    job->target_arn = snapshot_ref_arn(call->arena, &job->target);
    job->target.name = str_lower(call->arena, job->target.name);
    if (!check_kept_arn(job, err))
        return false;
    job->mark.copy_id = mark_new_id(call->arena);
    job->mark.holder_id = mark_new_id(call->arena);
    return true;
}

static bool job_find_source(struct copy_job *job, struct err *err)
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

/* A foreign snapshot is only found by its ARN. */
static struct str source_id(const struct copy_job *job)
{
    return str_equal(job->source.account, job->target.account) ? job->source.name : job->source_arn;
}

/* For comparing only: what cannot be seen is left out of the comparison. */
static void peek_at_source_and_key(struct copy_job *job)
{
    struct aws_call there = in_source_region(job);
    struct err err = { 0 };
    if (!rds_describe_snapshot(&there, job->source.kind, source_id(job), &job->source_found, &err))
        log_write(job->call->log, LOG_DEBUG, NULL, "cannot look at the source: %s", err.text);
    if (!key_look_up(&job->aws, job->config->kms_key_id.value, &job->key_answer, &job->key, &err))
        log_write(job->call->log, LOG_DEBUG, NULL, "cannot look at the key: %s", err.text);
    fill_mark(job);
}

/* A key made moments ago may not be known everywhere. */
static bool wait_key_usable(struct copy_job *job, struct err *err)
{
    const int64_t began_ms = job_now_ms(job);
    const struct str text = job->config->kms_key_id.value;
    for (;;) {
        if (!key_look_up(&job->aws, text, &job->key_answer, &job->key, err))
            return false;
        if (job->key_answer == KEY_UNTOLD)
            return true;
        if (job->key_answer == KEY_FOUND)
            return key_check_usable(&job->key, err);
        if (job_now_ms(job) - began_ms >= WAIT_PROPAGATION_MS) {
            err_set(err, ERR_NOT_FOUND, "there is no key \"%.*s\" in account %.*s, Region %.*s", STR_ARG(text),
                    STR_ARG(job->target.account), STR_ARG(job->target.region));
            err_set_path(err, "kms_key_id");
            err_set_remedy(err, "Keys are regional: the copy needs a key of its own Region. A key of another account "
                                "must be named by its ARN.");
            return false;
        }
        if (!wait_pause(&job->aws, began_ms, err))
            return err_wrap(err, "waiting for the key \"%.*s\" to be known", STR_ARG(text));
    }
}

static bool wait_source_and_key(struct copy_job *job, struct err *err)
{
    struct aws_call there = in_source_region(job);
    if (!wait_source_available(&there, job->source.kind, source_id(job), &job->source_found, err)) {
        cause_explain(err);
        err_set_path(err, "source_snapshot_identifier");
        return false;
    }
    if (!wait_key_usable(job, err))
        return false;
    fill_mark(job);
    return true;
}

/* ---- The Copy call -------------------------------------------------------- */

static bool copy_options(struct copy_job *job, struct rds_copy_options *out, struct err *err)
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
    *out = (struct rds_copy_options){
        .source = job->config->source_snapshot_identifier.value,
        .target = job->target.name,
        .kms_key_id = job->config->kms_key_id.value,
        .option_group_name = tf_text(job->config->option_group_name, STR("")),
        .copy_option_group = { job->config->copy_option_group.state == TF_KNOWN, job->config->copy_option_group.value },
        .target_custom_availability_zone = tf_text(job->config->target_custom_availability_zone, STR("")),
    };
    return tags_for_copy(job->call->arena, &copied, &job->state->tags_all, mark, &out->tags, err);
}

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

/* Until AWS accepts. Slots are waited for until the deadline, a key or share
 * that is not known everywhere yet for minutes. `err->unanswered` stays set when
 * the copy may exist. */
static bool send_copy(struct copy_job *job, struct rds_snapshot *out, struct err *err)
{
    const int64_t began_ms = job_now_ms(job);
    struct rds_copy_options options;
    if (!copy_options(job, &options, err))
        return false;
    while (!rds_copy_snapshot(&job->aws, job->target.kind, &options, out, err)) {
        if ((err->unanswered || err->kind == ERR_CONFLICT) && find_unanswered_copy(job, out))
            return true;
        enum cause_wait wait = err->unanswered ? CAUSE_FINAL : cause_explain(err);
        bool in_window = job_now_ms(job) - began_ms < WAIT_PROPAGATION_MS;
        if (wait == CAUSE_FINAL || (wait == CAUSE_PROPAGATION && !in_window))
            return err_wrap(err, "copying %.*s to %.*s", STR_ARG(job->source_arn), STR_ARG(job->target_arn));
        log_write(job->call->log, LOG_INFO, NULL, "the copy is not accepted yet, trying again: %s", err->text);
        struct err pause = { 0 };
        if (!wait_pause(&job->aws, began_ms, &pause)) {
            err->kind = pause.kind;
            return err_wrap(err, "%s while AWS did not accept the copy of %.*s", pause.text, STR_ARG(job->source_arn));
        }
    }
    return true;
}

/* From here on the copy exists. */
static void made_to_state(struct copy_job *job, const struct rds_snapshot *found, const struct mark *mark)
{
    struct reencrypt_copy *state = job->state;
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

/* ---- Adopting ------------------------------------------------------------- */

static bool write_holder(struct copy_job *job, struct err *err)
{
    struct mark mark = job->adopted_mark;
    struct aws_tags tags;
    mark.holder_id = job->mark.holder_id;
    if (!tags_for_copy(job->call->arena, &(struct aws_tags){ 0 }, &job->state->tags_all,
                       mark_text(job->call->arena, &mark), &tags, err) ||
        !rds_add_tags(&job->aws, job->target_arn, tags, err))
        return false;
    job->state->holder_id = tf_known_string(mark.holder_id);
    return true;
}

static bool adopt(struct copy_job *job, const struct rds_snapshot *found, const struct mark *mark, struct err *err)
{
    job->adopted_mark = *mark;
    made_to_state(job, found, mark);
    if (!write_holder(job, err)) {
        if (err->kind != ERR_CONFLICT) /* not in a state that takes tags: once it is available */
            return err_wrap(err, "adopting %.*s", STR_ARG(job->target_arn));
        job->owes_mark = true;
    }
    tf_warn(job->call, NULL, "An existing copy was adopted",
            "%.*s existed already (begun %.*s) and is the copy that is wanted: same source, key, source_version and "
            "age of the source. It was taken over, nothing was copied. To copy anew, change source_version.",
            STR_ARG(job->target_arn), STR_ARG(found->create_time.ptr ? found->create_time : STR("at an unknown time")));
    return true;
}

/* ---- Making --------------------------------------------------------------- */

static enum adoption judge(struct copy_job *job, const struct rds_snapshot *found, struct mark *out_mark,
                           struct err *err)
{
    peek_at_source_and_key(job);
    const struct adoption_wish wish = {
        .mark = &job->mark,
        .source_arn = job->source_arn,
        .source_time = job->source_found.create_time,
        .key_arn = job->key_answer == KEY_FOUND ? job->key.arn : STR(""),
        .key_text = job->config->kms_key_id.value,
        .held_by = job->prior ? tf_text(job->prior->holder_id, STR("")) : STR(""),
        .state_source_arn = job->prior ? tf_text(job->prior->source_snapshot_arn, STR("")) : STR(""),
        .state_key_arn = job->prior ? tf_text(job->prior->kms_key_arn, STR("")) : STR(""),
    };
    return adoption_judge(job->call->arena, found, &wish, out_mark, err);
}

static bool remove_old(struct copy_job *job, const struct rds_snapshot *old, struct err *err)
{
    if (!wait_status_is_leaving(old->status) &&
        !rds_delete_snapshot(&job->aws, job->target.kind, job->target.name, err) && err->kind != ERR_NOT_FOUND) {
        cause_explain(err);
        return err_wrap(err, "deleting the old copy %.*s", STR_ARG(job->target_arn));
    }
    return wait_gone(&job->aws, job->target.kind, job->target.name, err);
}

static bool copy_into_free_name(struct copy_job *job, bool removed, struct err *err)
{
    struct rds_snapshot made;
    if (send_copy(job, &made, err)) {
        made_to_state(job, &made, &job->mark);
        return true;
    }
    if (removed && !err->unanswered)
        err_set_remedy(err,
                       "The old copy %.*s was deleted to make room and no new one was begun. The source %.*s is "
                       "untouched: correct the cause and apply again.",
                       STR_ARG(job->target_arn), STR_ARG(job->source_arn));
    return false;
}

/* Ends with the wanted copy under way or done, in `state`. */
static bool make(struct copy_job *job, struct err *err)
{
    struct rds_snapshot found;
    struct mark mark;
    enum adoption verdict;
    if (!look_at_snapshot(&job->aws, job->target.kind, job->target.name, &found, err)) {
        if (err->kind != ERR_NOT_FOUND) {
            cause_explain(err);
            return err_wrap(err, "looking whether %.*s exists", STR_ARG(job->target_arn));
        }
        return wait_source_and_key(job, err) && copy_into_free_name(job, false, err);
    }
    verdict = judge(job, &found, &mark, err);
    switch (verdict) {
    case ADOPTION_REFUSE:
        err_set_path(err, "target_snapshot_identifier");
        return false;
    case ADOPTION_OWN_NEW:
    case ADOPTION_ADOPT:
        return adopt(job, &found, &mark, err);
    case ADOPTION_OWN_OLD:
        break;
    }
    return wait_source_and_key(job, err) && remove_old(job, &found, err) && copy_into_free_name(job, true, err);
}

/* ---- Waiting and outcomes ------------------------------------------------- */

static void explain_end(struct copy_job *job, const struct rds_snapshot *last, const char *resume, struct err *err)
{
    err_wrap(err, "the copy %.*s (status %.*s, %lld %%)", STR_ARG(job->target_arn), STR_ARG(last->status),
             (long long)last->percent_progress.value);
    if (!err->remedy[0])
        err_set_remedy(err,
                       "The copy goes on in AWS. Apply again: it is %s and waited for, nothing is copied twice. A "
                       "longer limit is set with the timeouts block. To cancel it, delete the snapshot \"%.*s\" in "
                       "account %.*s, Region %.*s. To take it into a state by hand: terraform import ADDRESS %.*s",
                       resume, STR_ARG(job->target.name), STR_ARG(job->target.account), STR_ARG(job->target.region),
                       STR_ARG(job->target_arn));
}

static void warn_of_stop(struct copy_job *job, const struct rds_snapshot *last)
{
    tf_warn(job->call, NULL, "Stopped while copying",
            "The copy %.*s goes on in AWS (status %.*s, %lld %%) and is in the state. Apply again to wait for its end; "
            "nothing is copied twice.",
            STR_ARG(job->target_arn), STR_ARG(last->status), (long long)last->percent_progress.value);
}

static void explain_failed_copy(struct copy_job *job, struct err *err)
{
    err_set_remedy(err,
                   "RDS does not say why a copy failed. The likeliest cause is a key that became unusable while "
                   "copying (source %.*s, copy %.*s), or a source deleted or no longer shared before the end. Check "
                   "both keys' state and policy and apply again.",
                   STR_ARG(tf_text(job->state->source_kms_key_arn, STR("unknown"))),
                   STR_ARG(tf_text(job->state->kms_key_arn, job->config->kms_key_id.value)));
}

/* A failed snapshot holds nothing; left standing it would block the name. */
static void remove_failed(struct copy_job *job)
{
    struct err err = { 0 };
    if (!rds_delete_snapshot(&job->aws, job->target.kind, job->target.name, &err))
        tf_warn(job->call, NULL, "The failed copy could not be deleted", "%.*s: %s. The next apply tries again.",
                STR_ARG(job->target_arn), err.text);
}

/* The name in the tags was refused while copying; now it must be taken. */
static bool settle_mark(struct copy_job *job, struct err *err)
{
    return !job->owes_mark || write_holder(job, err) || err_wrap(err, "adopting %.*s", STR_ARG(job->target_arn));
}

/* `is_create`: an error leaves no state. */
static bool finish(struct copy_job *job, struct tf_apply *apply, bool is_create, struct err *err)
{
    struct rds_snapshot last = { .status = tf_text(job->state->status, STR("unknown")) };
    struct str holder = tf_text(job->state->holder_id, STR(""));
    apply->keep_state = !is_create;
    enum wait_end end = wait_copy_available(&job->aws, job->target.kind, job->target.name, holder, &last, err);
    reencrypt_copy_to_state(job->call->arena, &last, job->state);
    switch (end) {
    case WAIT_AVAILABLE:
        return settle_mark(job, err);
    case WAIT_STOPPED:
        warn_of_stop(job, &last);
        return true;
    case WAIT_FAILED:
        explain_failed_copy(job, err);
        if (is_create)
            remove_failed(job);
        return false;
    case WAIT_DEADLINE:
    case WAIT_LOST:
        break;
    }
    cause_explain(err);
    explain_end(job, &last, is_create ? "adopted" : "found", err);
    return false;
}

/* ---- Create --------------------------------------------------------------- */

/* Before the Copy call there is nothing to keep; after an unanswered one the copy may exist. */
static bool explain_unmade(struct copy_job *job, struct err *err)
{
    if (err->unanswered)
        err_set_remedy(err,
                       "No answer came to the Copy call, so %.*s may exist. Apply again: if it does it is adopted, "
                       "otherwise it is copied.",
                       STR_ARG(job->target_arn));
    return false;
}

bool reencrypt_copy_create(struct tf_call *call, struct tf_apply *apply, struct err *err)
{
    const struct reencrypt_copy *planned = apply->planned;
    struct timeouts timeouts = timeouts_of(&planned->timeouts);
    struct copy_job job;
    if (!job_begin(&job, call, apply, &timeouts.create, err) || !job_find_source(&job, err))
        return false;
    if (!connection_claim(call, job.target_arn)) {
        err_set(err, ERR_CONFLICT,
                "another resource of this configuration makes %.*s too: two resources cannot have one name",
                STR_ARG(job.target_arn));
        err_set_path(err, "target_snapshot_identifier");
        return false;
    }
    if (!make(&job, err)) {
        connection_unclaim(call, job.target_arn);
        return explain_unmade(&job, err);
    }
    return finish(&job, apply, true, err);
}

/* ---- Update --------------------------------------------------------------- */

static bool update_tags(struct copy_job *job, struct err *err)
{
    struct tags_change change = tags_difference(job->call->arena, &job->prior->tags_all, &job->state->tags_all);
    if (change.add.count && !rds_add_tags(&job->aws, job->target_arn, change.add, err)) {
        cause_explain(err);
        return err_wrap(err, "adding tags to %.*s", STR_ARG(job->target_arn));
    }
    if (change.remove.count && !rds_remove_tags(&job->aws, job->target_arn, change.remove, err)) {
        cause_explain(err);
        return err_wrap(err, "removing tags from %.*s", STR_ARG(job->target_arn));
    }
    return true;
}

bool reencrypt_copy_update(struct tf_call *call, struct tf_apply *apply, struct err *err)
{
    const struct reencrypt_copy *planned = apply->planned;
    struct timeouts timeouts = timeouts_of(&planned->timeouts);
    struct copy_job job;
    if (!job_begin(&job, call, apply, &timeouts.update, err) || !job_find_source(&job, err))
        return false;
    if (planned->copy_id.state == TF_UNKNOWN) /* the plan wants new bytes, their tags come with them */
        return (make(&job, err) || explain_unmade(&job, err)) && finish(&job, apply, false, err);
    bool resumes = planned->status.state == TF_UNKNOWN;
    if (resumes && !finish(&job, apply, false, err))
        return false;
    if (resumes && waiter_is_cancelled(call->waiter))
        return true; /* a later read finds the tags that are still to be written */
    apply->keep_state = false;
    return update_tags(&job, err);
}
