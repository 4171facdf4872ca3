/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/copy/apply/inputs.h"

#include "plugin/snapshot/account.h"
#include "plugin/snapshot/copy/apply/key.h"
#include "plugin/snapshot/copy/source.h"
#include "plugin/snapshot/copy/tags.h"
#include "plugin/snapshot/keys/door.h"
#include "plugin/snapshot/watch/available.h"
#include "plugin/snapshot/watch/look.h"
#include "plugin/snapshot/watch/status.h"

static void fill_mark(struct copy_job *job)
{
    struct arena *arena = job->call->arena;
    struct str key = job->key.answer == KEY_FOUND ? job->key.key.arn : job->config->kms_key_id.value;
    job->mark.source = mark_digest(arena, job->source_arn);
    job->mark.key = mark_digest(arena, key);
    job->mark.time = job->source_found.create_time;
}

/* A source without account was given by name: it is the caller's own. */
static void learn_from_source(struct copy_job *job)
{
    if (str_is_empty(job->source.account))
        copy_job_learn_account(job, job->source_found.arn);
}

bool copy_job_peek(struct copy_job *job, struct err *err)
{
    struct aws_call there = copy_job_in_source_region(job);
    CLEANUP(err_clear) struct err refusal = { 0 };
    if (rds_describe_snapshot(&there, job->source.kind, copy_job_source_id(job), &job->source_found, &refusal)) {
        learn_from_source(job);
    } else if (refusal.kind != ERR_NOT_FOUND && refusal.kind != ERR_DENIED) {
        err_move(err, &refusal);
        return err_wrap(err, "looking at the source %.*s", STR_ARG(job->source_arn));
    }
    if (!key_ask(job->call, &job->aws, job->config->kms_key_id.value, KEY_FRESH, &job->key, NULL, err))
        return false;
    fill_mark(job);
    return true;
}

/* Among GovCloud Regions, and for DocumentDB everywhere, RDS asks for the source by a URL that the caller has signed;
 * Neptune does not support one (API references of CopyDBClusterSnapshot, PreSignedUrl). */
static struct str presign_region(const struct copy_job *job)
{
    const struct str engine = job->source_found.engine;
    const bool is_govcloud = str_equal(job->target.partition, STR("aws-us-gov"));
    const bool is_wanted = str_equal(engine, STR("docdb")) || (is_govcloud && !str_equal(engine, STR("neptune")));
    return is_wanted && !str_equal(job->source.region, job->target.region) ? job->source.region : STR("");
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
        .presign_region = presign_region(job),
        .option_group_name = tf_text(job->config->option_group_name, STR("")),
        .copy_option_group = { job->config->copy_option_group.state == TF_KNOWN, job->config->copy_option_group.value },
        .target_custom_availability_zone = tf_text(job->config->target_custom_availability_zone, STR("")),
    };
    return tags_for_copy(job->call->arena, &copied, &job->state->tags_all, mark, &job->options.tags, err);
}

/* A source that is still being made may take hours: what the key refuses is said before. */
static bool wait_source(struct copy_job *job, struct err *err)
{
    struct aws_call there = copy_job_in_source_region(job);
    CLEANUP(err_clear) struct err refusal = { 0 };
    bool is_seen = look_at_source(account_looks(job->call), &there, &job->source, copy_job_source_id(job),
                                  &job->source_found, &refusal);
    if (is_seen && status_is_available(job->source_found.status))
        return true;
    bool is_lost = status_is_failed(job->source_found.status) || status_is_leaving(job->source_found.status);
    bool may_come = is_seen ? !is_lost : look_is_absent(&there, copy_job_source_id(job), &refusal);
    if (may_come && !copy_key_wait(job, err))
        return false;
    if (wait_source_available(&there, job->source.kind, copy_job_source_id(job), &job->source_found, err))
        return true;
    look_explain_absent(&there, job->source.kind, copy_job_source_id(job), err);
    err_set_path(err, "source_snapshot_identifier");
    return false;
}

bool copy_job_wait(struct copy_job *job, struct err *err)
{
    if (!wait_source(job, err) || !copy_source_check_readers(&job->source_found, &job->config->reader_account_ids, err))
        return false;
    learn_from_source(job);
    if (!copy_key_wait(job, err) || !copy_key_check_source(job, err))
        return false;
    fill_mark(job);
    return fill_options(job, err);
}
