/* SPDX-License-Identifier: MPL-2.0
 *
 * The place of a copy in a plan: kind, Region, account, ARN. Known planned values come
 * from the configuration and the caller's identity. Another ARN replaces; so does a copy
 * that has failed, under its own.
 */
#include "aws/endpoint.h"
#include "plugin/snapshot/account.h"
#include "plugin/snapshot/copy/plan/planning.h"
#include "plugin/snapshot/watch/status.h"

/* A create's kind and Region get their defaults here; an update's are prior. */
static bool plan_defaults(struct planning *planning, struct err *err)
{
    struct reencrypt_copy *planned = planning->planned;
    if (planning->config->snapshot_kind.state == TF_NULL)
        planned->snapshot_kind = tf_known_string(STR("cluster"));
    if (planning->config->region.state != TF_NULL ||
        aws_configuration_find_region(account_aws(planning->call), planning->call, &planned->region, err))
        return true;
    err_set_path(err, "region");
    return false;
}

/* Accounts, and their credentials, are of one partition. */
static bool check_partition(const struct snapshot_ref *home, const struct aws_identity *identity, struct err *err)
{
    if (str_is_empty(identity->partition) || str_equal(identity->partition, home->partition))
        return true;
    err_set(err, ERR_INVALID,
            "the Region \"%.*s\" is one of the partition %.*s, but the provider's credentials, of account %.*s, are of "
            "the partition %.*s",
            STR_ARG(home->region), STR_ARG(home->partition), STR_ARG(identity->account), STR_ARG(identity->partition));
    err_set_path(err, "region");
    err_set_remedy(err,
                   "Name a Region of the partition %.*s, or give this resource a provider (alias) with credentials "
                   "of the other partition.",
                   STR_ARG(identity->partition));
    return false;
}

/* The caller's account for a new copy. Not to be had yet: has_home stays false. */
static bool plan_new_place(struct planning *planning, struct err *err)
{
    const struct reencrypt_copy *planned = planning->planned;
    struct aws_identity identity;
    if (!plan_defaults(planning, err))
        return false;
    if (planned->snapshot_kind.state != TF_KNOWN || planned->region.state != TF_KNOWN ||
        !aws_configuration_is_known(account_aws(planning->call), NULL))
        return true;
    if (!account_identity(planning->call, &identity, err))
        return err_wrap(err, "finding out which account the copy will belong to");
    if (str_is_empty(identity.account))
        return true;
    planning->home = (struct snapshot_ref){
        .partition = str_from(aws_partition_of_region(planned->region.value)->name),
        .region = planned->region.value,
        .account = identity.account,
    };
    planning->has_home = snapshot_kind_find(planned->snapshot_kind.value, &planning->home.kind);
    return check_partition(&planning->home, &identity, err);
}

static void plan_new_arn(struct planning *planning)
{
    struct reencrypt_copy *planned = planning->planned;
    if (!planning->has_home)
        return;
    planned->account_id = tf_known_string(planning->home.account);
    if (planned->target_snapshot_identifier.state != TF_KNOWN)
        return;
    planning->home.name = planned->target_snapshot_identifier.value;
    planned->arn = planned->id = tf_known_string(snapshot_ref_arn(planning->call->arena, &planning->home));
}

/* The note of an update whose place is not known, for the plan inside its apply. */
static const char place_unknown[] = "place not known";

static bool is_place_unknown(const struct reencrypt_copy *planned)
{
    return planned->target_snapshot_identifier.state == TF_UNKNOWN || planned->snapshot_kind.state == TF_UNKNOWN ||
           planned->region.state == TF_UNKNOWN;
}

static bool is_change(struct tf_string prior, struct tf_string planned)
{
    return planned.state == TF_KNOWN && !str_equal(prior.value, planned.value);
}

static bool refuse_late_place(struct str prior_arn, struct str arn, struct err *err)
{
    err_set(err, ERR_CONFLICT,
            "the name, kind or Region means another snapshot, %.*s instead of %.*s, and that became known only while "
            "applying, or this is a plan with -refresh=false",
            STR_ARG(arn), STR_ARG(prior_arn));
    err_set_path(err, "target_snapshot_identifier");
    err_set_remedy(err, "Nothing was changed here. With -refresh=false, plan without it: before Terraform 1.16, a copy "
                        "is only replaced by a plan that has read it. In an apply, apply once more: the next plan "
                        "knows the value and shows the replacement.");
    return false;
}

/* Is this the plan inside an apply, of what was planned as an update while its name, kind or
 * Region was not known? A host that does not say so has read nothing through this connection. */
static bool may_be_late(const struct planning *planning, const struct tf_plan *plan)
{
    return plan->hands_over_notes
               ? str_equal(plan->first_note, str_from(place_unknown))
               : !memory_knows(account_memory(planning->call), MEMORY_READ, planning->prior->arn.value);
}

/* What was planned as an update would be replaced. Core calls that a provider's bug
 * ("inconsistent final plan"). */
static bool check_late_place(const struct planning *planning, const struct tf_plan *plan, struct err *err)
{
    const struct reencrypt_copy *planned = planning->planned;
    struct snapshot_ref now = planning->home;
    if (!may_be_late(planning, plan))
        return true;
    if (planned->target_snapshot_identifier.state == TF_KNOWN)
        now.name = planned->target_snapshot_identifier.value;
    if (planned->region.state == TF_KNOWN) {
        now.region = planned->region.value;
        now.partition = str_from(aws_partition_of_region(now.region)->name);
    }
    if (planned->snapshot_kind.state == TF_KNOWN && !snapshot_kind_find(planned->snapshot_kind.value, &now.kind))
        return true; /* validation refuses it */
    struct str arn = snapshot_ref_arn(planning->call->arena, &now);
    return str_equal(arn, planning->prior->arn.value) || refuse_late_place(planning->prior->arn.value, arn, err);
}

/* The first of the two passes of a replacement: core drops the warnings of the second. */
static void warn_of_another_place(struct planning *planning, const struct reencrypt_copy *old)
{
    tf_warn(planning->call, "target_snapshot_identifier", "Another snapshot takes the place of this copy",
            "%.*s is replaced by a new snapshot, and so are the shares and copies that are made from it. A cluster "
            "that was restored from it and does not ignore snapshot_identifier is deleted first of all, with all data "
            "written since: give every restored cluster lifecycle { ignore_changes = [snapshot_identifier, "
            "final_snapshot_identifier] }.\n\n"
            "This copy, or a resource that depends on it, needs lifecycle { create_before_destroy = true }. Without "
            "it, the apply ends with an error before it deletes this copy.",
            STR_ARG(old->arn.value));
}

/* Does the plan replace what `old` says? What has failed, or is being deleted, holds nothing. */
static bool is_replaced(struct planning *planning, const struct reencrypt_copy *old)
{
    struct reencrypt_copy *planned = planning->planned;
    const struct {
        const char *path;
        bool is_changed;
    } places[] = {
        { "target_snapshot_identifier",
         is_change(old->target_snapshot_identifier,                   planned->target_snapshot_identifier) },
        { "snapshot_kind",              is_change(old->snapshot_kind, planned->snapshot_kind)              },
        { "region",                     is_change(old->region,        planned->region)                     },
    };
    bool is_another = false;
    for (size_t i = 0; i < ARRAY_LENGTH(places); i++) {
        if (places[i].is_changed)
            tf_replace(planning->call, places[i].path);
        is_another = is_another || places[i].is_changed;
    }
    const bool is_lost = status_holds_nothing(tf_text(old->status, STR("")));
    if (is_another)
        warn_of_another_place(planning, old);
    if (!is_another && is_lost) {
        tf_replace(planning->call, "status");
        planned->status.state = TF_UNKNOWN;
    }
    return is_another || is_lost;
}

bool planning_place(struct planning *planning, const struct tf_plan *plan, struct err *err)
{
    const struct reencrypt_copy *old = planning->prior;
    if (old && (!copy_ref(planning->call->arena, old, &planning->home, err) || !check_late_place(planning, plan, err)))
        return false;
    planning->has_home = old;
    if (old && !is_replaced(planning, old)) {
        planning->is_place_late = is_place_unknown(planning->planned);
        return true;
    }
    planning->prior = NULL;
    planning->has_home = false;
    if (!plan_new_place(planning, err))
        return false;
    plan_new_arn(planning);
    return true;
}

struct str planning_place_note(const struct planning *planning)
{
    return is_place_unknown(planning->planned) ? str_from(place_unknown) : STR("");
}
