/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/copy/apply/refusal.h"

#include "plugin/snapshot/copy/source.h"
#include "plugin/snapshot/encryption.h"
#include "plugin/snapshot/keys/door.h"
#include "plugin/snapshot/watch/cause.h"
#include "plugin/snapshot/watch/look.h"

static struct aws_call look_at_the_source(const struct copy_job *job)
{
    struct aws_call look = copy_job_last_look(job);
    look.region = job->source.region;
    return look;
}

/* aws/rds is the commonest key of all, and no other account can ever use it. Its policy
 * refuses a direct DescribeKey from there; a customer's may refuse it as well. */
static void explain_source_key(const struct copy_job *job, struct err *err)
{
    const struct aws_call look = look_at_the_source(job);
    const struct str arn = encryption_key(&job->source_found);
    struct key_lookup lookup;
    CLEANUP(err_clear) struct err ignored = { 0 };
    if (str_is_empty(arn) || str_is_empty(job->target.account) || str_equal(job->source.account, job->target.account) ||
        !key_ask(job->call, &look, arn, KEY_FRESH, &lookup, NULL, &ignored))
        return;
    const bool is_managed = lookup.answer == KEY_FOUND && str_equal(lookup.key.key_manager, STR("AWS"));
    if (lookup.answer != KEY_UNTOLD && !is_managed)
        return;
    if (is_managed)
        err_set_remedy(err, "%s", ""); /* its policy cannot be edited */
    err_add_remedy(err,
                   "%s %.*s is the AWS-managed key aws/rds of account %.*s, which no other account can use%s. In that "
                   "account, copy the snapshot with a customer-managed key (snapshot_reencrypt_copy), share the copy, "
                   "and name it here.",
                   is_managed ? "The key" : "A possible cause: the key", STR_ARG(arn), STR_ARG(job->source.account),
                   is_managed ? "" : " (kms:DescribeKey on it is denied)");
}

static const char *what_is_crossed(const struct copy_job *job)
{
    const bool account = !str_equal(job->source.account, job->target.account);
    const bool region = !str_equal(job->source.region, job->target.region);
    return account && region ? " to another account and Region"
           : account         ? " to another account"
           : region          ? " to another Region"
                             : "";
}

static void explain_option_group(const struct copy_job *job, struct err *err)
{
    const struct str named = tf_text(job->config->option_group_name, STR(""));
    const struct snapshot_ref *target = &job->target;
    if (!str_is_empty(named))
        err_set_remedy(err,
                       "The option group \"%.*s\" of account %.*s, Region %.*s lacks options that the source uses. Add "
                       "the listed options to it, or name a group that has them in option_group_name.",
                       STR_ARG(named), STR_ARG(target->account), STR_ARG(target->region));
    else
        err_set_remedy(err,
                       "The source uses options, and its option group does not follow the copy%s. %s "
                       "option_group_name an option group of account %.*s, Region %.*s that has the listed options.",
                       what_is_crossed(job),
                       tf_is_true(job->config->copy_option_group) ? "Name in"
                                                                  : "Set copy_option_group = true, or name in",
                       STR_ARG(target->account), STR_ARG(target->region));
}

/* The source may have no key in KMS: then advice about its policy does not apply. Whether RDS copies such a source is
 * not settled, and with which text it refuses. */
static void explain_encryption(const struct copy_job *job, struct err *err)
{
    struct copy_source_doubt doubt;
    if (!copy_source_doubt(job->call->arena, &job->source_found, &job->source, job->target.account, &doubt))
        return;
    if (cause_about(err) == CAUSE_ABOUT_SOURCE_KEY)
        err_set_remedy(err, "%.*s %s\n\n%.*s", STR_ARG(job->source_arn), doubt.open, STR_ARG(doubt.remedy));
    else
        err_add_remedy(err, "A possible cause: %.*s %s %.*s", STR_ARG(job->source_arn), doubt.open,
                       STR_ARG(doubt.remedy));
}

/* AWS announced it in 2025-09 for Aurora and RDS; DocumentDB's page (USER_CopyDBClusterSnapshot.CrossAccount) says
 * "same Region only". What RDS answers where it refuses is not known. */
static void explain_one_step(const struct copy_job *job, struct err *err)
{
    const struct snapshot_ref *source = &job->source, *target = &job->target;
    if (str_is_empty(target->account) || str_equal(source->account, target->account) ||
        str_equal(source->region, target->region))
        return;
    err_add_remedy(err,
                   "This copy changes account and Region in one step, and RDS may %s for this engine or account. In "
                   "account %.*s, copy the snapshot to Region %.*s first (snapshot_reencrypt_copy with that region and "
                   "a key of that Region), share that copy, and name it here. The module aurora-account-migration does "
                   "so with copy_across_regions_first = true.",
                   err_remedy(err)[0] ? "also refuse that" : "not offer that", STR_ARG(source->account),
                   STR_ARG(target->region));
}

void copy_refusal_explain(const struct copy_job *job, struct err *err)
{
    if (err->kind == ERR_CANCELLED)
        return;
    const struct aws_call look = look_at_the_source(job);
    const bool may_be_source = cause_may_be_source(err); /* by AWS's text, before more is said */
    switch (cause_about(err)) {
    case CAUSE_ABOUT_SOURCE:
        look_explain_absent(&look, job->source.kind, copy_job_source_id(job), err);
        break;
    case CAUSE_ABOUT_SOURCE_KEY:
        explain_source_key(job, err);
        break;
    case CAUSE_ABOUT_OPTION_GROUP:
        explain_option_group(job, err);
        break;
    case CAUSE_ABOUT_OTHER:
    case CAUSE_ABOUT_CALLER:
    case CAUSE_ABOUT_LIMIT:
        break;
    }
    if (!may_be_source)
        return;
    explain_encryption(job, err);
    explain_one_step(job, err);
}
