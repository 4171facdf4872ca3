/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/copy/apply/failure.h"

#include "aws/arn.h"
#include "aws/call/error.h"
#include "plugin/snapshot/account.h"
#include "plugin/snapshot/copy/source.h"
#include "plugin/snapshot/encryption.h"
#include "plugin/snapshot/keys/door.h"
#include "plugin/snapshot/watch/cause.h"
#include "plugin/snapshot/watch/look.h"
#include "plugin/snapshot/watch/status.h"
#include "plugin/snapshot/watch/wait.h"

enum {
    EVENTS_SHOWN = 5,
    EVENT_SHOWN_BYTES = 200,
};

/* What was found, a line each, and the signs in it. */
struct findings {
    struct arena *arena;
    struct aws_call look; /* one deadline for all looks */
    struct str text;
    unsigned signs;
    struct str without_key; /* what to do about CAUSE_SIGN_SOURCE_WITHOUT_KEY */
};

static struct aws_call look_in(const struct findings *findings, struct str region)
{
    struct aws_call look = findings->look;
    look.region = region;
    return look;
}

static void tell(struct findings *findings, const char *what, struct str how)
{
    findings->text = str_format(findings->arena, "%.*s\n- %s: %.*s", STR_ARG(findings->text), what, STR_ARG(how));
}

/* ---- What may be looked at -------------------------------------------------- */

static void tell_caller(const struct copy_job *job, struct findings *findings)
{
    struct aws_identity caller;
    CLEANUP(err_clear) struct err ignored = { 0 };
    if (account_identity(job->call, &caller, &ignored) && !str_is_empty(caller.arn))
        tell(findings, "caller",
             str_format(findings->arena, "%.*s, account %.*s", STR_ARG(caller.arn), STR_ARG(caller.account)));
}

static void tell_source(const struct copy_job *job, struct findings *findings)
{
    const struct aws_call look = look_in(findings, job->source.region);
    struct rds_snapshot found;
    struct copy_source_doubt doubt;
    CLEANUP(err_clear) struct err refusal = { 0 };
    struct str how;
    if (rds_describe_snapshot(&look, job->source.kind, job->source_arn, &found, &refusal)) {
        how = found.status;
        if (!status_is_available(found.status))
            findings->signs |= CAUSE_SIGN_SOURCE_GONE;
        if (copy_source_doubt(findings->arena, &found, &job->source, job->target.account, &doubt)) {
            findings->signs |= CAUSE_SIGN_SOURCE_WITHOUT_KEY;
            findings->without_key = doubt.remedy;
        }
    } else if (look_is_absent(&look, job->source_arn, &refusal)) {
        how = STR("does not exist or is not visible to this account");
        findings->signs |= CAUSE_SIGN_SOURCE_GONE;
    } else {
        how = str_format(findings->arena, "cannot be read (%s)", err_text(&refusal));
    }
    tell(findings, "source", str_format(findings->arena, "%.*s: %.*s", STR_ARG(job->source_arn), STR_ARG(how)));
}

static struct str key_region(struct str text, struct str otherwise)
{
    struct aws_arn arn;
    CLEANUP(err_clear) struct err ignored = { 0 };
    return aws_is_arn(text) && aws_arn_parse(text, &arn, &ignored) ? arn.region : otherwise;
}

/* Denied is the usual answer to a direct call from another account: RDS may be admitted all the same. */
static struct str key_state(const struct copy_job *job, struct findings *findings, struct str text,
                            unsigned sign_unusable, unsigned sign_untold)
{
    const struct aws_call look = look_in(findings, key_region(text, job->target.region));
    struct key_lookup lookup;
    CLEANUP(err_clear) struct err err = { 0 };
    if (!key_ask(job->call, &look, text, KEY_NOW, &lookup, NULL, &err))
        return str_format(findings->arena, "cannot be read (%s)", err_text(&err));
    if (lookup.answer == KEY_UNTOLD) {
        findings->signs |= sign_untold;
        return STR("this caller may not read its state (kms:DescribeKey is denied)");
    }
    if (lookup.answer == KEY_ABSENT || !key_check_usable(&lookup.key, &err))
        findings->signs |= sign_unusable;
    return lookup.answer == KEY_ABSENT ? STR("does not exist") : lookup.key.key_state;
}

static void tell_key(const struct copy_job *job, struct findings *findings, const char *what, struct str text,
                     unsigned sign_unusable, unsigned sign_untold)
{
    if (str_is_empty(text)) {
        tell(findings, what, STR("not known (unencrypted, under a key of AWS's own, or not told)"));
        return;
    }
    struct str state = key_state(job, findings, text, sign_unusable, sign_untold);
    tell(findings, what, str_format(findings->arena, "%.*s: %.*s", STR_ARG(text), STR_ARG(state)));
}

static void tell_events(const struct copy_job *job, struct findings *findings)
{
    struct rds_events events;
    CLEANUP(err_clear) struct err refusal = { 0 };
    if (!rds_describe_events(&findings->look, job->target.kind, job->target.name, &events, &refusal)) {
        tell(findings, "events", str_format(findings->arena, "cannot be read (%s)", err_text(&refusal)));
        return;
    }
    if (!events.count)
        tell(findings, "events", STR("none"));
    for (size_t i = events.count > EVENTS_SHOWN ? events.count - EVENTS_SHOWN : 0; i < events.count; i++) {
        const struct str message = str_slice(events.items[i].message, 0, EVENT_SHOWN_BYTES);
        tell(findings, "event",
             str_format(findings->arena, "%.*s %.*s", STR_ARG(events.items[i].date), STR_ARG(message)));
    }
}

/* ---- The error --------------------------------------------------------------- */

/* Which request it was: the Copy call where this apply made it, else the one that told of the end. */
static void tell_origin(const struct copy_job *job, struct err *err)
{
    static const char *const copies[] = { [RDS_CLUSTER] = "CopyDBClusterSnapshot", [RDS_INSTANCE] = "CopyDBSnapshot" };
    static const char *const looks[] = {
        [RDS_CLUSTER] = "DescribeDBClusterSnapshots", [RDS_INSTANCE] = "DescribeDBSnapshots"
    };
    const bool is_own = !str_is_empty(job->copy_request_id);
    aws_error_put(err, ERR_OPERATION, str_from((is_own ? copies : looks)[job->target.kind]));
    aws_error_put(err, ERR_REQUEST_ID, is_own ? job->copy_request_id : job->last_request_id);
    aws_error_put(err, ERR_ACCOUNT, job->target.account);
    aws_error_put(err, ERR_REGION, job->target.region);
}

static struct str elapsed(const struct copy_job *job)
{
    const int64_t now_ms = waiter_now_ms(job->call->waiter);
    const int64_t minutes = (now_ms - job->began_ms) / MINUTE_MS;
    const char *since = job->is_sent ? "after this apply began it" : "after this apply began to wait for it";
    return str_format(job->call->arena, "%lld h %02lld min %s", (long long)minutes / 60, (long long)minutes % 60,
                      since);
}

static struct str key_of_source(const struct copy_job *job)
{
    const struct str key = encryption_key(&job->source_found);
    return str_is_empty(key) ? tf_text(job->state->source_kms_key_arn, STR("")) : key;
}

void copy_failure_explain(const struct copy_job *job, const struct rds_snapshot *last, struct err *err)
{
    struct findings findings = { .arena = job->call->arena, .look = copy_job_last_look(job) };
    tell_caller(job, &findings);
    tell_source(job, &findings);
    tell_key(job, &findings, "key of the source", key_of_source(job), CAUSE_SIGN_SOURCE_KEY_UNUSABLE,
             CAUSE_SIGN_SOURCE_KEY_UNTOLD);
    tell_key(job, &findings, "key of the copy",
             str_is_empty(last->kms_key_id) ? job->config->kms_key_id.value : last->kms_key_id,
             CAUSE_SIGN_COPY_KEY_UNUSABLE, CAUSE_SIGN_COPY_KEY_UNTOLD);
    tell_events(job, &findings);
    const struct cause_of_failure *likeliest = cause_of_failed_copy(findings.signs);
    const struct str after = elapsed(job);
    err_set(err, err->kind, "%s, %.*s.\n%.*s\n\nThe likeliest cause: %s", err_text(err), STR_ARG(after),
            STR_ARG(findings.text), likeliest->cause);
    const bool is_without_key = likeliest->sign == CAUSE_SIGN_SOURCE_WITHOUT_KEY;
    const struct str remedy = is_without_key ? findings.without_key : str_from(likeliest->remedy);
    err_set_remedy(err, "%.*s", STR_ARG(remedy));
    tell_origin(job, err);
}
