/* SPDX-License-Identifier: MPL-2.0
 *
 * resource "snapshot_share": lets accounts copy and restore a snapshot of this
 * account (its `restore` attribute). It touches only its own accounts, so
 * several can live on one snapshot. A snapshot encrypted with the AWS-managed
 * key aws/rds is refused before any call that shares: no other account could
 * ever read it, and RDS says so only when the copy fails there.
 */
#include "plugin/snapshot/share/model.h"

#include "aws/arn.h"
#include "plugin/snapshot/account.h"
#include "plugin/snapshot/arguments.h"
#include "plugin/snapshot/keys/door.h"
#include "plugin/snapshot/registry.h"
#include "plugin/snapshot/watch/cause.h"
#include "plugin/snapshot/watch/look.h"
#include "plugin/snapshot/watch/wait.h"

enum { SHARE_LIMIT_MS = HOUR_MS, SHARE_READ_LIMIT_MS = 10 * MINUTE_MS };

/* ---- Rows and validation -------------------------------------------------- */

static bool refuse_automatic(struct str name, struct err *err)
{
    err_set(err, ERR_INVALID, "\"%.*s\" was made by AWS, and only manual snapshots can be shared", STR_ARG(name));
    err_set_remedy(err, "Copy it first (snapshot_reencrypt_copy) and share the copy.");
    return false;
}

static void check_identifier(struct tf_call *call, const char *path, const void *member)
{
    const struct tf_string *identifier = member;
    struct snapshot_ref ref = { .name = identifier->value };
    struct err err = { 0 };
    argument_check_snapshot(call, path, member);
    if (aws_is_arn(identifier->value) && !snapshot_ref_parse(call->arena, identifier->value, &ref, &err))
        return;
    if (snapshot_name_is_automated(ref.name) && !refuse_automatic(ref.name, &err))
        tf_error(call, path, "Automatic snapshots cannot be shared", "%s. %s", err.text, err.remedy);
}

static void check_share_accounts(struct tf_call *call, const char *path, const void *member)
{
    const struct tf_string_set *accounts = member;
    if (accounts->count == 0)
        tf_error(call, path, "No account",
                 "No account is given; 1 to %d are allowed. To take the share back, remove the resource.",
                 SHARED_ACCOUNTS_MAX);
    if (tf_string_set_has(accounts, STR("all")))
        tf_error(call, path, "Sharing with everybody is refused",
                 "\"all\" would make the snapshot public. Name the accounts that need it, 12 digits each.");
    else
        argument_check_accounts(call, path, member);
}

static const struct tf_attribute share_attributes[] = {
    TF_ATTR(struct share, snapshot_identifier, .flags = TF_REQUIRED, .validate = check_identifier,
            .description = "Name or ARN of the manual snapshot to share, owned by the provider's account. **Another "
                           "snapshot replaces the share.**"),
    TF_ATTR(struct share, account_ids, .flags = TF_REQUIRED, .validate = check_share_accounts,
            .description =
                "The accounts that may copy and restore the snapshot: 1 to 20, 12 digits each; `all` is rejected. A "
                "change grants the accounts that are new and revokes those that left, in place. Accounts that "
                "somebody else shared the snapshot with are left alone."),
    TF_ATTR(struct share, snapshot_kind, .flags = TF_OPTIONAL | TF_COMPUTED | TF_STABLE,
            .validate = argument_check_kind,
            .description = "`cluster` or `instance`. Default: what the ARN says, `cluster` for a name. **A change "
                           "replaces the share.**"),
    TF_ATTR(
        struct share, region, .flags = TF_OPTIONAL | TF_COMPUTED | TF_STABLE, .validate = argument_check_region,
        .description =
            "Region of the snapshot. Default: the ARN's, for a name the provider's. **A change replaces the share.**"),
    TF_ATTR(struct share, id, .flags = TF_COMPUTED | TF_STABLE, .description = "The same as `snapshot_arn`."),
    TF_ATTR(struct share, snapshot_arn, .flags = TF_COMPUTED | TF_STABLE,
            .description = "ARN of the shared snapshot, known at plan. As the source of a copy in the other account it "
                           "makes Terraform share first and copy then."),
    TF_END,
};

/* ---- Calls ---------------------------------------------------------------- */

struct share_job {
    struct aws_call aws;
    struct snapshot_ref ref;
    struct str arn;
    struct str key_doubt; /* what could not be told of the key's policy; empty: nothing */
};

/* `share` names the snapshot by ARN where it is known, else by name and place. `is_held`: the state has it. */
static bool share_begin(struct share_job *job, struct tf_call *call, const struct share *share, bool is_held,
                        int64_t deadline_ms, struct err *err)
{
    struct snapshot_ref ref = { .region = tf_text(share->region, STR("")), .name = share->snapshot_identifier.value };
    if (share->snapshot_arn.state == TF_KNOWN) {
        if (!snapshot_ref_parse(call->arena, share->snapshot_arn.value, &ref, err))
            return false;
    } else if (!snapshot_kind_find(tf_text(share->snapshot_kind, STR("")), &ref.kind)) {
        return err_set(err, ERR_INTERNAL, "a plan without a kind was to be applied");
    }
    *job = (struct share_job){ .ref = ref };
    if (!(is_held ? account_held_call : account_call)(call, &job->ref, deadline_ms, &job->aws, err))
        return false;
    job->ref.name = str_lower(call->arena, job->ref.name);
    job->arn = snapshot_ref_arn(call->arena, &job->ref);
    return true;
}

/* Of a create, update or delete. */
static int64_t change_deadline_ms(const struct tf_call *call)
{
    return clock_after_ms(waiter_clock(call->waiter), SHARE_LIMIT_MS);
}

/* Modify, again and again while the snapshot is busy. */
static bool modify_when_idle(const struct share_job *job, struct wire_strings add, struct wire_strings remove,
                             struct err *err)
{
    const int64_t began_ms = waiter_now_ms(job->aws.waiter);
    struct rds_snapshot found;
    for (struct err told = { 0 }; !rds_modify_shares(&job->aws, job->ref.kind, job->ref.name, add, remove, err);) {
        wait_recall(&told, err);
        if (err->unanswered || cause_explain(err) != CAUSE_SOURCE)
            return false;
        told = *err;
        log_write(job->aws.log, LOG_INFO, NULL, "its shares cannot be changed yet, trying again: %s", told.text);
        if (!wait_pause(&job->aws, began_ms, &told, err))
            return false;
        if (!wait_source_available(&job->aws, job->ref.kind, job->ref.name, &found, err))
            return err_wrap(err, "it was busy (%s)", told.text);
    }
    return true;
}

static bool modify(const struct share_job *job, struct wire_strings add, struct wire_strings remove, struct err *err)
{
    if ((!add.count && !remove.count) || modify_when_idle(job, add, remove, err))
        return true;
    if (err->kind == ERR_TIMEOUT && !err->code[0] && !str_is_empty(job->key_doubt))
        err_set_remedy(err, "Before that, %.*s.", STR_ARG(job->key_doubt)); /* that look may have taken all the time */
    return err_wrap(err, "changing the accounts that %.*s is shared with", STR_ARG(job->arn));
}

/* What is being deleted takes its shares with it. */
static bool is_leaving(const struct share_job *job)
{
    struct rds_snapshot found;
    struct err refusal = { 0 };
    return rds_describe_snapshot(&job->aws, job->ref.kind, job->ref.name, &found, &refusal)
               ? wait_status_is_leaving(found.status)
               : refusal.kind == ERR_NOT_FOUND;
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

static bool is_any(const void *context, struct str account)
{
    (void)context;
    (void)account;
    return true;
}

/* A caller whose account is not known (skip_requesting_account_id) learns it from
 * its own snapshot. */
static bool learn_account(struct arena *arena, struct share_job *job, const struct rds_snapshot *found, struct err *err)
{
    if (!str_is_empty(job->ref.account))
        return true;
    if (!snapshot_ref_parse(arena, found->arn, &job->ref, err))
        return false;
    job->arn = snapshot_ref_arn(arena, &job->ref);
    return true;
}

/* `added` only: accounts that are shared with already are taken to know what they do. */
static bool check_readers(struct tf_call *call, struct share_job *job, const struct kms_key *key,
                          const struct wire_strings *added, struct err *err)
{
    const struct key_users users = { .readers = added->items, .reader_count = added->count };
    struct err problem = { 0 };
    if (!added->count)
        return true;
    if (!key_check_usable(key, &problem) && !key_is_lost(key)) {
        tf_warn(call, "snapshot_identifier", "Shared, but of no use yet",
                "%s. Nobody can copy or restore %.*s until that has changed.\n\n%s", problem.text, STR_ARG(job->arn),
                problem.remedy);
        return true;
    }
    return key_preflight_apply(&job->aws, key, "account_ids", &users, &job->key_doubt, err) ||
           err_wrap(err, "%.*s is not shared", STR_ARG(job->arn));
}

static bool check_key(struct tf_call *call, struct share_job *job, struct str key_id, const struct wire_strings *added,
                      struct err *err)
{
    struct kms_key key;
    enum key_answer answer;
    struct err failure = { 0 };
    const struct aws_call brief = key_brief_call(&job->aws);
    if (!key_look_up(&brief, key_id, &answer, &key, &failure)) {
        if (!key_may_be_told_later(&job->aws, &failure)) {
            *err = failure;
            return false;
        }
        job->key_doubt = key_doubt_of(call->arena, &failure);
        log_write(call->log, LOG_WARN, NULL, "%.*s is shared without a look at its key: %s", STR_ARG(job->arn),
                  failure.text);
        return true;
    }
    if (!key_is_at_hand(&job->aws, key_id, answer, &key))
        return true;
    if (!str_equal(key.key_manager, STR("AWS")))
        return check_readers(call, job, &key, added, err);
    err_set(err, ERR_INVALID,
            "%.*s is encrypted with the AWS-managed key %.*s (aws/rds); such a snapshot can never be read by another "
            "account, so it is not shared",
            STR_ARG(job->arn), STR_ARG(key.arn));
    err_set_path(err, "snapshot_identifier");
    err_set_remedy(err, "Copy it first with a customer-managed key: a snapshot_reencrypt_copy with kms_key_id set to "
                        "a key whose policy admits the other account (data source snapshot_key_policy), and share "
                        "that copy.");
    return false;
}

/* A definite "no" is said before anything is shared. `added`: accounts that it is to be shared with. */
static bool check_shareable(struct tf_call *call, struct share_job *job, struct wire_strings added, struct err *err)
{
    struct rds_snapshot found;
    if (!wait_source_available(&job->aws, job->ref.kind, job->ref.name, &found, err)) {
        look_explain_absent(&job->aws, job->ref.kind, job->ref.name, err);
        cause_explain(err);
        err_set_path(err, "snapshot_identifier");
        return false;
    }
    /* Not encrypted, or with a key of AWS's own (sse-rds): there AWS alone knows the rules. */
    return learn_account(call->arena, job, &found, err) &&
           (str_is_empty(found.kms_key_id) || check_key(call, job, found.kms_key_id, &added, err));
}

static void share_to_state(const struct share_job *job, struct share *state)
{
    state->id = state->snapshot_arn = tf_known_string(job->arn);
    state->region = tf_known_string(job->ref.region);
    state->snapshot_kind = tf_known_string(str_from(snapshot_kind_of(job->ref.kind)->name));
}

static struct wire_strings all_of(struct tf_call *call, const struct share *state)
{
    return pick(call->arena, &state->account_ids, is_any, NULL);
}

/* Of those to revoke: another share may have granted them in this same apply. */
static struct wire_strings still_to_revoke(struct tf_call *call, const struct share_job *job,
                                           struct wire_strings accounts)
{
    struct wire_strings out = { .items = arena_array(call->arena, accounts.count + 1, sizeof(*out.items)) };
    for (size_t i = 0; i < accounts.count; i++)
        if (!memory_knows(account_memory(call), MEMORY_GRANTED, memory_pair(call->arena, job->arn, accounts.items[i])))
            out.items[out.count++] = accounts.items[i];
    return out;
}

/* Shares of one snapshot change it one after the other: an account that one leaves
 * to another has been granted by then, and one that the other was refused is revoked.
 * What was left is taken out of `remove`. */
static bool change(struct tf_call *call, const struct share_job *job, struct wire_strings add,
                   struct wire_strings *remove, struct err *err)
{
    struct turn_ticket ticket = {
        .goal = str_format(call->arena, "a change of the shares of %.*s", STR_ARG(job->arn)),
        .waiter = call->waiter,
    };
    bool is_done = turn_line_wait(account_turns(call), &ticket, job->aws.deadline_ms, call->log, err);
    if (is_done) {
        *remove = still_to_revoke(call, job, *remove);
        is_done = modify(job, add, *remove, err);
    }
    if (is_done || err->unanswered)
        for (size_t i = 0; i < add.count; i++)
            memory_learn(account_memory(call), MEMORY_GRANTED, memory_pair(call->arena, job->arn, add.items[i]));
    turn_line_leave(account_turns(call), &ticket);
    return is_done;
}

/* ---- Create, read, update, delete, import ---------------------------------- */

static bool share_create(struct tf_call *call, struct tf_apply *apply, struct err *err)
{
    struct share *state = apply->state;
    struct share_job job;
    if (!share_begin(&job, call, apply->planned, false, change_deadline_ms(call), err) ||
        !check_shareable(call, &job, all_of(call, state), err))
        return false;
    share_to_state(&job, state);
    struct wire_strings none = { 0 };
    if (change(call, &job, all_of(call, state), &none, err))
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
    if (!share_begin(&job, call, state, true, deadline_ms, err))
        return false;
    if (!rds_describe_shares(&job.aws, job.ref.kind, job.ref.name, &listed, err)) {
        read->gone = err->kind == ERR_NOT_FOUND;
        cause_explain(err);
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
    if (!share_begin(&job, call, apply->planned, true, change_deadline_ms(call), err) ||
        (add.count && !check_shareable(call, &job, add, err)))
        return false;
    share_to_state(&job, state);
    if (change(call, &job, add, &remove, err))
        return true;
    if (err->unanswered)
        keep_union(call, apply, prior, state);
    return false;
}

static bool share_delete(struct tf_call *call, struct tf_apply *apply, struct err *err)
{
    const struct share *prior = apply->prior;
    struct share_job job;
    if (!share_begin(&job, call, prior, true, change_deadline_ms(call), err))
        return false;
    struct wire_strings revoke = all_of(call, prior);
    return change(call, &job, (struct wire_strings){ 0 }, &revoke, err) || err->kind == ERR_NOT_FOUND ||
           (err->kind == ERR_CONFLICT && is_leaving(&job));
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
        return refuse_automatic(ref.name, err);
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
        "key `aws/rds` is rejected before anything is shared, because no other account can read it. The "
        "apply waits up to an hour for a snapshot that is busy or not available yet, and up to five minutes "
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
