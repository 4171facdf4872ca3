/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/copy/apply/removal.h"

#include "plugin/snapshot/account.h"
#include "plugin/snapshot/copy/apply/successor.h"
#include "plugin/snapshot/watch/cause.h"
#include "plugin/snapshot/watch/look.h"
#include "plugin/snapshot/watch/wait.h"

static void tell_left(const struct removal *removal, const char *why, const char *cure)
{
    tf_warn(removal->call, NULL, "The copy was left in place", "%.*s %s. It is not deleted.%s%s", STR_ARG(removal->arn),
            why, cure[0] ? " " : "", cure);
}

/* Nothing but this message leads to it any more. */
static void tell_retained(const struct removal *removal)
{
    const struct snapshot_ref *ref = removal->ref;
    const char *noun = ref->kind == RDS_CLUSTER ? "db-cluster-snapshot" : "db-snapshot";
    tf_warn(removal->call, NULL, "The copy is retained",
            "%.*s has deletion_policy = \"retain\". It is not deleted, and this state no longer contains it. To delete "
            "it in account %.*s: aws rds delete-%s --region %.*s --%s-identifier %.*s",
            STR_ARG(removal->arn), STR_ARG(ref->account), noun, STR_ARG(ref->region), noun, STR_ARG(ref->name));
}

/* A create clears its name, of what holds nothing. */
static bool may_clear(const struct removal *removal, const struct rds_snapshot *found)
{
    struct mark mark;
    const bool is_ours =
        removal->held ? holding_is_ours(removal->held, found) : mark_find(&found->tags, &mark) == MARK_FOUND;
    return is_ours && wait_status_holds_nothing(found->status);
}

/* Terraform does not order this delete and that create. */
static bool is_wanted_elsewhere(const struct removal *removal, const struct rds_snapshot *found)
{
    return !wait_status_holds_nothing(found->status) &&
           memory_knows(account_memory(removal->call), MEMORY_TO_CREATE, removal->arn);
}

/* A delete that was ordered. Errors: a replacement that would lose the copy. */
static bool judge_order(const struct removal *removal, const struct rds_snapshot *found, bool *out_may, struct err *err)
{
    const struct holding held = reencrypt_copy_holding(removal->prior);
    const bool is_retained = reencrypt_copy_is_retained(removal->prior);
    enum successor successor = SUCCESSOR_NONE;
    *out_may = false;
    if (!holding_is_ours(&held, found)) {
        tell_left(removal, holding_tell_other(found), holding_tell_cure(found));
        return true;
    }
    if (!wait_status_holds_nothing(found->status) &&
        !successor_judge(removal->call, removal->aws, removal->prior, found, removal->note, &successor, err))
        return false;
    if (successor == SUCCESSOR_ADOPTS)
        return true;
    if (is_wanted_elsewhere(removal, found)) {
        tell_left(removal, "is wanted by another resource of this apply", "");
        return true;
    }
    *out_may = !is_retained;
    if (is_retained)
        tell_retained(removal);
    return true;
}

/* Whether `found`, seen just now, may be deleted. */
static bool judge(const struct removal *removal, const struct rds_snapshot *found, bool *out_may, struct err *err)
{
    if (removal->prior)
        return judge_order(removal, found, out_may, err);
    *out_may = may_clear(removal, found);
    return true;
}

static bool explain_look(const struct removal *removal, const struct err *told, struct err *err)
{
    const bool is_first = told->kind == ERR_NONE;
    wait_recall(told, err);
    cause_explain(err);
    return err_wrap(err, "%s %.*s", is_first ? "reading" : "deleting", STR_ARG(removal->arn));
}

/* Whose it is, is asked before every try: by then it may be another one of that name. */
static bool delete_while_ours(const struct removal *removal, bool *out_left, struct err *err)
{
    const enum rds_kind kind = removal->ref->kind;
    const struct str name = removal->ref->name;
    const int64_t began_ms = waiter_now_ms(removal->call->waiter);
    *out_left = false;
    for (struct err told = { 0 };; told = *err) {
        struct rds_snapshot found;
        bool may_go;
        if (!look_at_snapshot(removal->aws, kind, name, &found, err))
            return err->kind == ERR_NOT_FOUND || explain_look(removal, &told, err);
        if (!judge(removal, &found, &may_go, err))
            return false;
        *out_left = !may_go;
        if (!may_go)
            return true;
        if (wait_status_is_leaving(found.status) || rds_delete_snapshot(removal->aws, kind, name, err))
            return wait_gone(removal->aws, kind, name, &found, err);
        if (err->kind == ERR_NOT_FOUND)
            return true;
        if (!wait_before_next_delete(removal->aws, began_ms, err))
            return err_wrap(err, "deleting %.*s", STR_ARG(removal->arn));
    }
}

/* A create has taken its ARN already. A delete takes it too, so that no create of this apply adopts what
 * is about to go. */
bool removal_run(const struct removal *removal, bool *out_left, struct err *err)
{
    if (!removal->prior)
        return delete_while_ours(removal, out_left, err);
    *out_left = !memory_learn(account_memory(removal->call), MEMORY_CLAIMED, removal->arn);
    if (*out_left) {
        tell_left(removal, "is what this apply has just made or adopted, or deletes at another address", "");
        return true;
    }
    const bool is_done = delete_while_ours(removal, out_left, err);
    memory_forget(account_memory(removal->call), MEMORY_CLAIMED, removal->arn);
    return is_done;
}
