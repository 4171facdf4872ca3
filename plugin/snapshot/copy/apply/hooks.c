/* SPDX-License-Identifier: MPL-2.0
 *
 * Making, adopting and resuming a copy. Rules that everything here keeps: a
 * running copy is never thrown away; an update makes nothing and deletes nothing; a
 * create that ends with an error leaves no state (Terraform would taint and then
 * delete the copy), the next create adopts; a stop ends with success, a warning
 * and the real status.
 */
#include "plugin/snapshot/account.h"
#include "plugin/snapshot/copy/apply/adoption.h"
#include "plugin/snapshot/copy/apply/failure.h"
#include "plugin/snapshot/copy/apply/removal.h"
#include "plugin/snapshot/copy/apply/send.h"
#include "plugin/snapshot/copy/tags.h"
#include "plugin/snapshot/watch/cause.h"
#include "plugin/snapshot/watch/look.h"
#include "plugin/snapshot/watch/wait.h"

/* ---- Adopting ------------------------------------------------------------- */

static bool write_holder(struct copy_job *job, struct str holder_id, struct err *err)
{
    struct mark mark = job->adopted_mark;
    struct aws_tags tags;
    mark.holder_id = holder_id;
    if (!tags_for_copy(job->call->arena, &(struct aws_tags){ 0 }, &job->state->tags_all,
                       mark_text(job->call->arena, &mark), &tags, err) ||
        !rds_add_tags(&job->aws, job->target_arn, tags, err))
        return false;
    job->state->holder_id = tf_known_string(mark.holder_id);
    return true;
}

/* The next apply finds it again. */
static bool explain_unadopted(const struct copy_job *job, struct err *err)
{
    cause_explain(err);
    if (!err->remedy[0])
        err_set_remedy(err, "The copy is there. Apply again to adopt it.");
    return err_wrap(err, "adopting %.*s", STR_ARG(job->target_arn));
}

static void tell_adoption(struct copy_job *job, const struct rds_snapshot *found, const struct adoption_wish *wish)
{
    const struct str begun = found->create_time.ptr ? found->create_time : STR("at an unknown time");
    const struct str compared = adoption_tell(job->call->arena, found, wish, &job->adopted_mark);
    tf_warn(
        job->call, NULL, "An existing copy was adopted",
        "%.*s existed already (begun %.*s) and is the copy that is wanted. %.*s Nothing was copied, and its data is "
        "what it was. Other data needs another target_snapshot_identifier.",
        STR_ARG(job->target_arn), STR_ARG(begun), STR_ARG(compared));
}

static bool has_all_tags(const struct copy_job *job, const struct rds_snapshot *found)
{
    const struct tf_string_map *wanted = &job->state->tags_all;
    for (size_t i = 0; i < wanted->count; i++) {
        const struct str *value = tags_find(&found->tags, wanted->items[i].key);
        if (!value || !str_equal(*value, wanted->items[i].value.value))
            return false;
    }
    return true;
}

/* What the delete leg of this replacement has left keeps its holder, unless somebody took it since. */
static bool adopt(struct copy_job *job, const struct rds_snapshot *found, const struct adoption_wish *wish,
                  struct err *err)
{
    const struct str holder_id = job->adopted_mark.holder_id;
    const bool is_left =
        memory_knows(account_memory(job->call), MEMORY_LEFT, memory_pair(job->call->arena, job->target_arn, holder_id));
    copy_job_to_state(job, found, &job->adopted_mark);
    if (!(is_left && has_all_tags(job, found)) && !write_holder(job, is_left ? holder_id : job->mark.holder_id, err)) {
        if (err->kind != ERR_CONFLICT) /* not in a state that takes tags: once it is available */
            return explain_unadopted(job, err);
        job->owes_mark = true;
    }
    tell_adoption(job, found, wish);
    return true;
}

/* A snapshot has the name, and it holds data. */
static bool take_over(struct copy_job *job, const struct rds_snapshot *found, struct err *err)
{
    job->summary = "The copy that exists could not be adopted";
    if (!copy_job_peek(job, err))
        return err_wrap(err, "%.*s exists; telling whether it is the wanted copy", STR_ARG(job->target_arn));
    const struct adoption_wish wish = {
        .mark = &job->mark,
        .source_arn = job->source_arn,
        .source_time = job->source_found.create_time,
        .key_arn = job->key_answer == KEY_FOUND ? job->key.arn : STR(""),
        .key_text = job->config->kms_key_id.value,
    };
    if (adoption_judge(job->call->arena, found, &wish, &job->adopted_mark, err))
        return adopt(job, found, &wish, err);
    job->summary = "The name is taken";
    err_set_path(err, "target_snapshot_identifier");
    return false;
}

/* ---- Making --------------------------------------------------------------- */

/* A sentence, with the space before it. */
static struct str how_to_cancel(const struct copy_job *job, struct str status)
{
    const struct str how = snapshot_how_to_cancel(job->call->arena, &job->target, status);
    return str_is_empty(how) ? how : str_format(job->call->arena, " %.*s.", STR_ARG(how));
}

static bool refuse_changed(const struct copy_job *job, struct err *err)
{
    err_set(err, ERR_CONFLICT, "%.*s was taken over by somebody else while this one waited; it is left alone",
            STR_ARG(job->target_arn));
    err_set_path(err, "target_snapshot_identifier");
    return false;
}

/* A failed snapshot holds nothing; it would block the name. `held` NULL:
 * whoever made it, as long as its mark can be read. */
static bool remove_failed(struct copy_job *job, const struct holding *held, bool *out_left, struct err *err)
{
    const struct removal removal = {
        .call = job->call, .aws = &job->aws, .ref = &job->target, .arn = job->target_arn, .held = held
    };
    return removal_run(&removal, out_left, err);
}

static bool copy_into_free_name(struct copy_job *job, struct err *err)
{
    struct rds_snapshot made, found;
    struct err ignored = { 0 };
    if (!copy_job_wait(job, err))
        return false;
    if (copy_send(job, &made, err)) {
        copy_job_to_state(job, &made, &job->mark);
        return true;
    }
    if (err->unanswered) {
        const struct str cancel = how_to_cancel(job, STR("creating")); /* as an instance copy may be */
        job->summary = "It is not known whether the copy was started";
        err_set_remedy(err,
                       "No answer came to the Copy call, so the copy may exist. Apply again: if it does it is adopted, "
                       "otherwise it is copied.%.*s To take it into a state by hand: terraform import ADDRESS %.*s",
                       STR_ARG(cancel), STR_ARG(job->target_arn));
        return false;
    }
    if (cause_explain(err) != CAUSE_EXISTS ||
        !look_at_snapshot(&job->aws, job->target.kind, job->target.name, &found, &ignored))
        return false;
    if (wait_status_holds_nothing(found.status)) {
        err_set_remedy(err, "A snapshot of that name has failed or is being deleted. Apply again: the name is cleared "
                            "first.");
        return false;
    }
    /* Another apply was faster: its copy may be the very one that is wanted. */
    return take_over(job, &found, err);
}

/* What has the name and holds no data goes. */
static bool clear_name(struct copy_job *job, const struct rds_snapshot *found, struct err *err)
{
    bool is_left = false;
    if (wait_status_is_leaving(found->status))
        return wait_gone(&job->aws, job->target.kind, job->target.name, found, err);
    return remove_failed(job, NULL, &is_left, err) && (!is_left || refuse_changed(job, err));
}

static bool can_be_cleared(const struct rds_snapshot *found)
{
    struct mark mark;
    return wait_status_is_leaving(found->status) ||
           (wait_status_is_failed(found->status) && mark_find(&found->tags, &mark) == MARK_FOUND);
}

/* Ends with the wanted copy under way or done, in `state`. */
static bool make(struct copy_job *job, struct err *err)
{
    struct rds_snapshot found;
    if (!look_at_snapshot(&job->aws, job->target.kind, job->target.name, &found, err)) {
        if (err->kind == ERR_NOT_FOUND)
            return copy_into_free_name(job, err);
        cause_explain(err);
        return err_wrap(err, "looking whether %.*s exists", STR_ARG(job->target_arn));
    }
    copy_job_learn_account(job, found.arn);
    if (!can_be_cleared(&found))
        return take_over(job, &found, err);
    return clear_name(job, &found, err) && copy_into_free_name(job, err);
}

/* ---- Waiting and outcomes ------------------------------------------------- */

static void explain_end(struct copy_job *job, const struct rds_snapshot *last, enum wait_end end, struct err *err)
{
    const bool has_none_to_take_back = end == WAIT_GONE && !job->prior;
    const char *cause = has_none_to_take_back ? "" : str_c(job->call->arena, str_from(err->remedy));
    const struct str cancel = how_to_cancel(job, last->status);
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

static void remove_own_failed(struct copy_job *job, const struct holding *held)
{
    bool is_left;
    struct err err = { 0 };
    if (!remove_failed(job, held, &is_left, &err))
        tf_warn(job->call, NULL, "The failed copy could not be deleted", "%.*s: %s. The next apply tries again.",
                STR_ARG(job->target_arn), err.text);
}

static bool is_named_after(const struct rds_snapshot *found, struct str holder_id)
{
    struct mark mark;
    return mark_find(&found->tags, &mark) == MARK_FOUND && str_equal(mark.holder_id, holder_id);
}

/* The name in the tags was refused while copying; now it is tried until it is
 * taken, unless another adopter was faster. */
static bool settle_mark(struct copy_job *job, const struct holding *held, struct err *err)
{
    const int64_t began_ms = waiter_now_ms(job->call->waiter);
    struct err told = { 0 };
    while (job->owes_mark && !write_holder(job, job->mark.holder_id, err)) {
        struct rds_snapshot now;
        if (err->kind != ERR_CONFLICT && !wait_is_passing(err))
            return wait_recall(&told, err) || explain_unadopted(job, err);
        told = *err;
        if (!wait_pause(&job->aws, began_ms, &told, err))
            return explain_unadopted(job, err);
        if (!look_at_snapshot(&job->aws, job->target.kind, job->target.name, &now, err))
            return wait_recall(&told, err) || explain_unadopted(job, err);
        if (is_named_after(&now, job->mark.holder_id)) /* the answer to an earlier try was lost */
            break;
        if (!holding_is_ours(held, &now))
            return refuse_changed(job, err);
    }
    if (job->owes_mark)
        job->state->holder_id = tf_known_string(job->mark.holder_id);
    return true;
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

/* `is_create`: an error leaves no state. */
static bool finish(struct copy_job *job, struct tf_apply *apply, bool is_create, struct err *err)
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
        if (settle_mark(job, &held, err))
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
            remove_own_failed(job, &held);
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

/* ---- Create --------------------------------------------------------------- */

/* No copy was accepted: there is nothing to keep. */
static bool explain_unmade(const struct copy_job *job, struct err *err)
{
    if (err->kind == ERR_TIMEOUT && !err->remedy[0])
        err_set_remedy(err, "Nothing was copied yet. Apply again, or set a longer limit with the timeouts block.");
    copy_job_tell_doubt(job, err);
    return false;
}

bool reencrypt_copy_create(struct tf_call *call, struct tf_apply *apply, struct err *err)
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
    return finish(&job, apply, true, err);
}

/* ---- Update --------------------------------------------------------------- */

/* `out_changed`: some of it was done, or may have been. */
static bool send_tags(struct copy_job *job, const struct tags_change *change, bool *out_changed, struct err *err)
{
    if (change->add.count && !rds_add_tags(&job->aws, job->target_arn, change->add, err)) {
        *out_changed = err->unanswered;
        cause_explain(err);
        return err_wrap(err, "adding tags to %.*s", STR_ARG(job->target_arn));
    }
    if (change->remove.count && !rds_remove_tags(&job->aws, job->target_arn, change->remove, err)) {
        *out_changed = true;
        cause_explain(err);
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
        left = str_format(job->call->arena, "%.*s%s%.*s", STR_ARG(left),
                          i ? ", " : " Tags that it may still bear: ", STR_ARG(change->remove.items[i]));
    tf_warn(job->call, "tags", "Tags were not changed yet", "%.*s %s. Apply again when it is available.%.*s",
            STR_ARG(job->target_arn),
            why->kind == ERR_CANCELLED ? "was to get its tags when the apply was stopped"
                                       : "takes no tags while it is copied",
            STR_ARG(left));
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

bool reencrypt_copy_update(struct tf_call *call, struct tf_apply *apply, struct err *err)
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
    return update_tags(&job, apply, &change, resumes, err) && (!resumes || finish(&job, apply, false, err));
}
