/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/copy/apply/takeover.h"

#include "plugin/snapshot/account.h"
#include "plugin/snapshot/copy/apply/adoption.h"
#include "plugin/snapshot/copy/apply/inputs.h"
#include "plugin/snapshot/copy/tags.h"
#include "plugin/snapshot/watch/cause.h"
#include "plugin/snapshot/watch/look.h"
#include "plugin/snapshot/watch/wait.h"

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
    if (!err_remedy(err)[0])
        err_set_remedy(err, "The copy is there. Apply again to adopt it.");
    return err_wrap(err, "adopting %.*s", STR_ARG(job->target_arn));
}

static void tell_adoption(struct copy_job *job, const struct rds_snapshot *found, const struct adoption_wish *wish)
{
    const struct str begun = found->create_time.ptr ? found->create_time : STR("at an unknown time");
    const struct str time = found->original_create_time; /* of an instance */
    const struct str compared = adoption_tell(job->call->arena, found, wish, &job->adopted_mark);
    tf_warn(
        job->call, NULL, "An existing copy was adopted",
        "%.*s existed already (begun %.*s) and is the copy that is wanted. %.*s Nothing was copied, and its data is "
        "what it was%s%.*s. Other data needs another target_snapshot_identifier.",
        STR_ARG(job->target_arn), STR_ARG(begun), STR_ARG(compared), time.len ? " at " : "", STR_ARG(time));
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

bool takeover_run(struct copy_job *job, const struct rds_snapshot *found, struct err *err)
{
    job->summary = "The copy that exists could not be adopted";
    if (!copy_job_peek(job, err))
        return err_wrap(err, "%.*s exists; telling whether it is the wanted copy", STR_ARG(job->target_arn));
    const struct adoption_wish wish = {
        .mark = &job->mark,
        .source_arn = job->source_arn,
        .source_time = job->source_found.create_time,
        .key_arn = job->key.answer == KEY_FOUND ? job->key.key.arn : STR(""),
        .key_text = job->config->kms_key_id.value,
    };
    if (adoption_judge(job->call->arena, found, &wish, &job->adopted_mark, err))
        return adopt(job, found, &wish, err);
    job->summary = "The name is taken";
    err_set_path(err, "target_snapshot_identifier");
    return false;
}

bool takeover_refuse(const struct copy_job *job, struct err *err)
{
    err_set(err, ERR_CONFLICT, "%.*s was taken over by somebody else while this one waited; it is left alone",
            STR_ARG(job->target_arn));
    err_set_path(err, "target_snapshot_identifier");
    return false;
}

static bool is_named_after(const struct rds_snapshot *found, struct str holder_id)
{
    struct mark mark;
    return mark_find(&found->tags, &mark) == MARK_FOUND && str_equal(mark.holder_id, holder_id);
}

struct settling {
    struct copy_job *job;
    const struct holding *held;
    bool has_tried;
};

static enum wait_verdict try_settle(struct wait *wait, const struct aws_call *call, struct err *err)
{
    struct settling *settling = wait->self;
    struct copy_job *job = settling->job;
    struct rds_snapshot now;
    if (settling->has_tried) {
        if (!look_at_snapshot(call, job->target.kind, job->target.name, &now, err))
            return WAIT_ENDS;
        if (is_named_after(&now, job->mark.holder_id)) /* the answer to an earlier try was lost */
            return WAIT_DONE;
        if (!holding_is_ours(settling->held, &now)) {
            takeover_refuse(job, err);
            return WAIT_GIVES_UP;
        }
    }
    settling->has_tried = true;
    if (write_holder(job, job->mark.holder_id, err))
        return WAIT_DONE;
    return err->kind == ERR_CONFLICT || wait_is_passing(err) ? WAIT_AGAIN : WAIT_ENDS;
}

bool takeover_settle(struct copy_job *job, const struct holding *held, struct err *err)
{
    struct settling settling = { .job = job, .held = held };
    struct wait wait = { .call = &job->aws, .try = try_settle, .self = &settling };
    if (!job->owes_mark)
        return true;
    if (!wait_run(&wait, err))
        return wait.last != WAIT_GIVES_UP && explain_unadopted(job, err);
    job->state->holder_id = tf_known_string(job->mark.holder_id);
    return true;
}
