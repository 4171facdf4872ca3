/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/copy/apply/removal.h"

#include "plugin/snapshot/account.h"
#include "plugin/snapshot/copy/apply/successor.h"
#include "plugin/snapshot/watch/cause.h"
#include "plugin/snapshot/watch/look.h"
#include "plugin/snapshot/watch/status.h"
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
bool removal_may_clear(const struct holding *held, const struct rds_snapshot *found)
{
    struct mark mark;
    const bool is_ours = held ? holding_is_ours(held, found) : mark_find(&found->tags, &mark) == MARK_FOUND;
    return is_ours && status_holds_nothing(found->status);
}

/* Terraform does not order this delete and that create. */
static bool is_wanted_elsewhere(const struct removal *removal, const struct rds_snapshot *found)
{
    return !status_holds_nothing(found->status) &&
           memory_knows(account_memory(removal->call), MEMORY_TO_CREATE, removal->arn);
}

/* A delete that was ordered. Errors: a replacement that would lose the copy. */
static bool judge_order(const struct removal *removal, const struct aws_call *aws, const struct rds_snapshot *found,
                        bool *out_may, struct err *err)
{
    const struct holding held = copy_holding(removal->prior);
    const bool is_retained = copy_is_retained(removal->prior);
    enum successor successor = SUCCESSOR_NONE;
    *out_may = false;
    if (!holding_is_ours(&held, found)) {
        tell_left(removal, holding_tell_other(found), holding_tell_cure(found));
        return true;
    }
    if (!status_holds_nothing(found->status) &&
        !successor_judge(removal->call, aws, removal->prior, found, removal->note, &successor, err))
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
static bool judge(const struct removal *removal, const struct aws_call *aws, const struct rds_snapshot *found,
                  bool *out_may, struct err *err)
{
    if (removal->prior)
        return judge_order(removal, aws, found, out_may, err);
    *out_may = removal_may_clear(removal->held, found);
    return true;
}

/* ---- Until it is gone ------------------------------------------------------- */

/* What somebody else has made under the name since then. */
static bool is_another(const struct rds_snapshot *old, const struct rds_snapshot *found)
{
    struct mark before, now;
    if (status_is_leaving(found->status))
        return false;
    if (mark_find(&found->tags, &now) == MARK_FOUND)
        return mark_find(&old->tags, &before) != MARK_FOUND || !str_equal(before.holder_id, now.holder_id);
    return !str_is_empty(old->create_time) && !str_is_empty(found->create_time) &&
           !str_equal(old->create_time, found->create_time);
}

struct leaving {
    enum rds_kind kind;
    struct str name;
    const struct rds_snapshot *old;
    struct rds_snapshot seen;
};

static enum wait_verdict look_at_leaving(struct wait *wait, const struct aws_call *call, struct err *err)
{
    struct leaving *leaving = wait->self;
    struct rds_snapshot found;
    if (look_at_snapshot(call, leaving->kind, leaving->name, &found, err)) {
        if (is_another(leaving->old, &found))
            return WAIT_DONE;
        leaving->seen = found;
        wait_tell_seen(&leaving->seen, err);
        return WAIT_AGAIN;
    }
    if (err->kind == ERR_NOT_FOUND)
        return WAIT_DONE;
    if (!wait_is_passing(err))
        return WAIT_ENDS;
    wait_tell_seen(&leaving->seen, err);
    return WAIT_AGAIN_BLIND;
}

bool removal_wait_gone(const struct aws_call *call, enum rds_kind kind, struct str name, const struct rds_snapshot *old,
                       struct err *err)
{
    struct leaving leaving = { .kind = kind, .name = name, .old = old };
    struct wait wait = { .call = call, .try = look_at_leaving, .self = &leaving };
    return wait_run(&wait, err) || err_wrap(err, "waiting for \"%.*s\" to be deleted", STR_ARG(name));
}

/* ---- Deleting ---------------------------------------------------------------- */

struct deleting {
    const struct removal *removal;
    struct rds_snapshot found;
    bool is_left, is_ordered, has_tried;
};

/* Whose it is, is asked before every try: by then it may be another one of that name. */
static enum wait_verdict try_delete(struct wait *wait, const struct aws_call *call, struct err *err)
{
    struct deleting *deleting = wait->self;
    const struct removal *removal = deleting->removal;
    const enum rds_kind kind = removal->ref->kind;
    const struct str name = removal->ref->name;
    bool may_go;
    if (!look_at_snapshot(call, kind, name, &deleting->found, err))
        return err->kind == ERR_NOT_FOUND ? WAIT_DONE : WAIT_ENDS;
    if (!judge(removal, call, &deleting->found, &may_go, err))
        return WAIT_GIVES_UP;
    deleting->is_left = !may_go;
    deleting->is_ordered =
        may_go && (status_is_leaving(deleting->found.status) || rds_delete_snapshot(call, kind, name, err));
    if (!may_go || deleting->is_ordered || err->kind == ERR_NOT_FOUND)
        return WAIT_DONE;
    deleting->has_tried = true;
    if (cause_of(err) != CAUSE_SOURCE && !wait_is_passing(err))
        return WAIT_ENDS;
    log_write(call->log, LOG_INFO, NULL, "cannot be deleted yet, trying again: %s", err_text(err));
    return WAIT_AGAIN;
}

static bool delete_while_ours(const struct removal *removal, bool *out_left, struct err *err)
{
    struct deleting deleting = { .removal = removal };
    struct wait wait = { .call = removal->aws, .try = try_delete, .self = &deleting };
    const bool is_done = wait_run(&wait, err);
    *out_left = is_done && deleting.is_left;
    if (is_done)
        return !deleting.is_ordered ||
               removal_wait_gone(removal->aws, removal->ref->kind, removal->ref->name, &deleting.found, err);
    if (wait.last == WAIT_GIVES_UP)
        return false;
    return err_wrap(err, "%s %.*s", deleting.has_tried ? "deleting" : "reading", STR_ARG(removal->arn));
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
