/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/copy/apply/key.h"

#include "aws/arn.h"
#include "plugin/snapshot/account.h"
#include "plugin/snapshot/encryption.h"
#include "plugin/snapshot/keys/door.h"
#include "plugin/snapshot/watch/wait.h"

enum { KEY_ID_BYTES = 36 };

/* An id is 36 characters, or begins with "mrk-"; anything else may be an alias without its beginning. */
static struct str alias_hint(struct arena *arena, struct str text)
{
    const bool is_id = text.len == KEY_ID_BYTES || str_starts_with(text, STR("mrk-"));
    if (is_id || aws_is_arn(text) || key_is_alias(text))
        return STR("");
    return str_format(arena, " If \"%.*s\" is the name of an alias, write \"alias/%.*s\".", STR_ARG(text),
                      STR_ARG(text));
}

static void refuse_absent_key(const struct copy_job *job, struct err *err)
{
    err_wrap(err, "there is no key \"%.*s\" in account %.*s, Region %.*s", STR_ARG(job->config->kms_key_id.value),
             STR_ARG(job->target.account), STR_ARG(job->target.region));
    const struct str hint = alias_hint(job->call->arena, job->config->kms_key_id.value);
    err_set_path(err, "kms_key_id");
    err_set_remedy(err,
                   "Keys are regional: the copy needs a key of its own Region. A key of another account must be named "
                   "by its ARN.%.*s",
                   STR_ARG(hint));
}

/* The first one is reported. */
static void doubt_key(struct copy_job *job, const struct key_doubt *doubt)
{
    if (str_is_empty(job->key_doubt.untold))
        job->key_doubt.untold = doubt->untold;
    if (str_is_empty(job->key_doubt.lacking))
        job->key_doubt.lacking = doubt->lacking;
}

/* A look that failed, at a key that only RDS may be able to use: it will say so itself. */
static bool go_without_look(struct copy_job *job, const struct err *failure)
{
    log_write(job->call->log, LOG_WARN, NULL, "copying without a look at the key: %s", err_text(failure));
    doubt_key(job, &(const struct key_doubt){ .untold = key_doubt_of(job->call->arena, failure) });
    return true;
}

static bool check_key_access(struct copy_job *job, const struct aws_call *there, const struct key_lookup *key,
                             enum key_part part, const char *path, struct err *err)
{
    const struct tf_string_set *readers = part == KEY_PART_TARGET ? &job->config->reader_account_ids : NULL;
    const struct key_users users = key_users_of(job->call, part, job->target.region, readers);
    struct key_doubt doubt;
    if (!key_preflight_apply(job->call, there, key, path, &users, &doubt, err))
        return err_wrap(err, "nothing was copied");
    doubt_key(job, &doubt);
    return true;
}

bool copy_key_check_source(struct copy_job *job, struct err *err)
{
    const struct aws_call there = copy_job_in_source_region(job);
    const struct str arn = encryption_key(&job->source_found);
    struct key_lookup key;
    if (str_is_empty(arn) || !str_equal(job->source.account, job->target.account) || str_equal(arn, job->key.key.arn))
        return true;
    if (!key_ask(job->call, &there, arn, KEY_FRESH, &key, NULL, err)) {
        if (err->kind != ERR_CANCELLED)
            return go_without_look(job, err);
        err_set_path(err, "source_snapshot_identifier");
        return err_wrap(err, "nothing was copied");
    }
    return str_is_empty(key.key.arn) ||
           check_key_access(job, &there, &key, KEY_PART_SOURCE, "source_snapshot_identifier", err);
}

/* DescribeKey is denied, and the text says no ARN. */
static void doubt_untold_key(struct copy_job *job)
{
    const struct str untold =
        str_format(job->call->arena,
                   "what the key \"%.*s\" is and whether its policy admits all who need it is not known: "
                   "kms:DescribeKey is denied",
                   STR_ARG(job->config->kms_key_id.value));
    doubt_key(job, &(const struct key_doubt){ .untold = untold });
    log_write(job->aws.log, LOG_INFO, NULL, "%.*s", STR_ARG(untold));
}

/* Until KMS says what the key is, or that it will not say. */
static enum wait_verdict look_up_key(struct wait *wait, const struct aws_call *call, struct err *err)
{
    struct copy_job *job = wait->self;
    CLEANUP(err_clear) struct err refusal = { 0 };
    const bool is_told = key_ask(job->call, call, job->config->kms_key_id.value, KEY_FRESH, &job->key, &refusal, err);
    const bool is_over = wait_age_ms(wait) >= WAIT_PROPAGATION_MS;
    if (is_told && job->key.answer != KEY_ABSENT)
        return WAIT_DONE;
    if (!is_told && !wait_is_passing(err))
        return WAIT_ENDS;
    if (is_told)
        err_move(err, &refusal);
    if (!is_over)
        return is_told ? WAIT_AGAIN : WAIT_AGAIN_BLIND;
    if (is_told) {
        refuse_absent_key(job, err);
        return WAIT_GIVES_UP;
    }
    if (job->key.answer == KEY_ABSENT) /* by a look before */
        job->key.answer = KEY_UNTOLD;
    go_without_look(job, err);
    return WAIT_DONE;
}

bool copy_key_wait(struct copy_job *job, struct err *err)
{
    struct wait wait = { .call = &job->aws, .try = look_up_key, .self = job };
    job->key_doubt = (struct key_doubt){ 0 }; /* of an earlier look, before hours of waiting for the source */
    if (!wait_run(&wait, err))
        return wait.last == WAIT_AGAIN || wait.last == WAIT_AGAIN_BLIND
                   ? err_wrap(err, "waiting for the key \"%.*s\" to be known", STR_ARG(job->config->kms_key_id.value))
                   : false;
    if (!str_is_empty(job->key_doubt.untold))
        return true;
    if (str_is_empty(job->key.key.arn)) {
        doubt_untold_key(job);
        return true;
    }
    return check_key_access(job, &job->aws, &job->key, KEY_PART_TARGET, "kms_key_id", err);
}
