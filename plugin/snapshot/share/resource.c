/* SPDX-License-Identifier: MPL-2.0
 *
 * resource "snapshot_share": lets accounts copy and restore a snapshot of this
 * account (its `restore` attribute). It touches only its own accounts, so
 * several can live on one snapshot. A snapshot encrypted with the AWS-managed
 * key aws/rds is refused before any call that shares: no other account could
 * ever read it, and RDS says so only when the copy fails there.
 */
#include "aws/arn.h"
#include "plugin/snapshot/account.h"
#include "plugin/snapshot/arguments.h"
#include "plugin/snapshot/registry.h"
#include "plugin/snapshot/share/change.h"

enum { SHARE_LIMIT_MS = HOUR_MS, SHARE_READ_LIMIT_MS = 10 * MINUTE_MS };

/* Of a create, update or delete. */
static int64_t change_deadline_ms(const struct tf_call *call)
{
    return clock_after_ms(waiter_clock(call->waiter), SHARE_LIMIT_MS);
}

/* The texts of `set` for which `wanted` says so. */
static struct wire_strings pick(struct arena *arena, const struct tf_string_set *set,
                                bool (*wanted)(const void *context, struct str account), const void *context)
{
    struct wire_strings out = { .items = arena_array(arena, set->count + 1, sizeof(*out.items)) };
    for (size_t i = 0; i < set->count; i++)
        if (wanted(context, set->items[i].value))
            out.items[out.count++] = set->items[i].value;
    return out;
}

static bool is_absent_in_set(const void *context, struct str account)
{
    return !tf_string_set_has(context, account);
}

static bool is_listed(const void *context, struct str account)
{
    const struct wire_strings *listed = context;
    for (size_t i = 0; i < listed->count; i++)
        if (str_equal(listed->items[i], account))
            return true;
    return false;
}

static void share_to_state(const struct share_job *job, struct share *state)
{
    state->id = state->snapshot_arn = tf_known_string(job->arn);
    state->region = tf_known_string(job->ref.region);
    state->snapshot_kind = tf_known_string(str_from(snapshot_kind_of(job->ref.kind)->name));
}

static struct wire_strings all_of(struct tf_call *call, const struct share *state)
{
    const struct tf_string_set *accounts = &state->account_ids;
    struct wire_strings all;
    all.items = tf_given_texts(call->arena, accounts->items, accounts->count, &all.count);
    return all;
}

/* ---- Create, read, update, delete, import ---------------------------------- */

static bool share_create(struct tf_call *call, struct tf_apply *apply, struct err *err)
{
    struct share *state = apply->state;
    struct share_job job;
    if (!share_change_begin(&job, call, apply->planned, false, change_deadline_ms(call), err) ||
        !share_change_check(call, &job, all_of(call, state), err))
        return false;
    share_to_state(&job, state);
    struct wire_strings none = { 0 };
    if (share_change_run(call, &job, all_of(call, state), &none, err))
        return true;
    /* Unanswered: the accounts may have been granted, so the state must say so. */
    apply->keep_state = err->unanswered;
    return false;
}

/* "all" is no account of a share's. */
static struct wire_strings without_everybody(struct arena *arena, const struct wire_strings *listed)
{
    struct wire_strings out = { .items = arena_array(arena, listed->count + 1, sizeof(*out.items)) };
    for (size_t i = 0; i < listed->count; i++)
        if (!str_equal(listed->items[i], STR("all")))
            out.items[out.count++] = listed->items[i];
    return out;
}

static bool share_read(struct tf_call *call, struct tf_read *read, struct err *err)
{
    struct share *state = read->state;
    struct share_job job;
    struct wire_strings listed;
    const char *unknown;
    if (!aws_configuration_is_known(account_aws(call), &unknown)) {
        const struct str arn = tf_text(state->snapshot_arn, STR(""));
        tf_warn(call, NULL, "Not refreshed",
                "The share of %.*s is shown as the state has it: the provider's argument %s is not known yet.",
                STR_ARG(arn), unknown);
        return true;
    }
    int64_t deadline_ms = clock_after_real_ms(waiter_clock(call->waiter), SHARE_READ_LIMIT_MS);
    if (!share_change_begin(&job, call, state, true, deadline_ms, err))
        return false;
    if (!rds_describe_shares(&job.aws, job.ref.kind, job.ref.name, &listed, err)) {
        read->gone = err->kind == ERR_NOT_FOUND;
        return read->gone || err_wrap(err, "reading the accounts that %.*s is shared with", STR_ARG(job.arn));
    }
    share_warn_of_public(call, &listed, job.arn);
    struct wire_strings own = state->account_ids.state == TF_KNOWN
                                  ? pick(call->arena, &state->account_ids, is_listed, &listed)
                                  : without_everybody(call->arena, &listed); /* an import of all */
    state->account_ids = tf_string_set_from(call->arena, own.items, own.count);
    read->gone = own.count == 0;
    return true;
}

/* What really is shared now, when an update did not end well: when unsure, the union. */
static void keep_union(struct tf_call *call, struct tf_apply *apply, const struct share *prior, struct share *state)
{
    size_t count = prior->account_ids.count;
    struct wire_strings more = pick(call->arena, &state->account_ids, is_absent_in_set, &prior->account_ids);
    struct str *both = arena_array(call->arena, count + more.count + 1, sizeof(*both));
    for (size_t i = 0; i < count; i++)
        both[i] = prior->account_ids.items[i].value;
    for (size_t i = 0; i < more.count; i++)
        both[count + i] = more.items[i];
    *state = *prior;
    state->account_ids = tf_string_set_from(call->arena, both, count + more.count);
    apply->keep_state = true;
}

static bool share_update(struct tf_call *call, struct tf_apply *apply, struct err *err)
{
    const struct share *prior = apply->prior;
    struct share *state = apply->state;
    struct share_job job;
    struct wire_strings add = pick(call->arena, &state->account_ids, is_absent_in_set, &prior->account_ids);
    struct wire_strings remove = pick(call->arena, &prior->account_ids, is_absent_in_set, &state->account_ids);
    if (!share_change_begin(&job, call, apply->planned, true, change_deadline_ms(call), err) ||
        (add.count && !share_change_check(call, &job, add, err)))
        return false;
    share_to_state(&job, state);
    if (share_change_run(call, &job, add, &remove, err))
        return true;
    if (err->unanswered)
        keep_union(call, apply, prior, state);
    return false;
}

static bool share_delete(struct tf_call *call, struct tf_apply *apply, struct err *err)
{
    const struct share *prior = apply->prior;
    struct share_job job;
    if (!share_change_begin(&job, call, prior, true, change_deadline_ms(call), err))
        return false;
    struct wire_strings revoke = all_of(call, prior);
    return share_change_run(call, &job, (struct wire_strings){ 0 }, &revoke, err) || err->kind == ERR_NOT_FOUND ||
           (err->kind == ERR_CONFLICT && share_change_is_moot(&job));
}

/* "ARN" for all accounts listed now, "ARN/ACCOUNT,ACCOUNT" for some. */
static bool share_import(struct tf_call *call, struct str id, void *state, struct err *err)
{
    struct share *share = state;
    struct snapshot_ref ref;
    ptrdiff_t slash = str_find_char(id, '/');
    struct str arn = slash < 0 ? id : str_slice(id, 0, (size_t)slash);
    struct str rest = slash < 0 ? (struct str){ 0 } : str_slice(id, (size_t)slash + 1, id.len);
    if (!argument_is_clean(call->arena, "the ARN in the import id", arn, err))
        return false;
    if (!aws_is_arn(arn) || !snapshot_ref_parse(call->arena, arn, &ref, err))
        return err_set(err, ERR_INVALID,
                       "\"%.*s\" is not an import id: give the snapshot's ARN, or ARN/ACCOUNT,ACCOUNT", STR_ARG(id));
    if (snapshot_name_is_automated(ref.name))
        return share_refuse_automatic(ref.name, err);
    struct str accounts[SHARED_ACCOUNTS_MAX];
    size_t count = 0;
    struct str account;
    while (str_next(&rest, ',', &account)) {
        if (!argument_is_account(call->arena, account, err))
            return false;
        if (count == SHARED_ACCOUNTS_MAX)
            return err_set(err, ERR_INVALID, "\"%.*s\" names more than %d accounts", STR_ARG(id), SHARED_ACCOUNTS_MAX);
        accounts[count++] = account;
    }
    struct str own_arn = snapshot_ref_arn(call->arena, &ref);
    share->snapshot_identifier = share->id = share->snapshot_arn = tf_known_string(own_arn);
    share->region = tf_known_string(ref.region);
    share->snapshot_kind = tf_known_string(str_from(snapshot_kind_of(ref.kind)->name));
    if (count)
        share->account_ids = tf_string_set_from(call->arena, accounts, count);
    return true;
}

const struct tf_resource share_resource = {
    .type_name = "snapshot_share",
    .description =
        "Lets other accounts copy and restore a manual DB cluster or DB instance snapshot (its `restore` "
        "attribute).\n\nA share grants and revokes its own accounts only, so that a snapshot can have several. "
        "List an account in one of them: deleting a share revokes its accounts, and another share that "
        "lists them grants them again only with the next apply. A snapshot encrypted with the AWS-managed "
        "key `aws/rds` is rejected before anything is shared, because no other account can read it. For one encrypted "
        "with a key that AWS owns (`sse-rds`), the plan warns, and RDS decides. The apply waits up to an hour for a "
        "snapshot that is busy or not available yet, and up to five minutes "
        "for a key whose policy does not admit an account.",
    .version = 0,
    .model = TF_MODEL(struct share, share_attributes),
    .plan = share_plan,
    .create = share_create,
    .read = share_read,
    .update = share_update,
    .delete = share_delete,
    .import = share_import,
};
