/* SPDX-License-Identifier: MPL-2.0
 *
 * What a plan of snapshot_reencrypt_copy decides: the ARN is known whenever
 * target, kind, Region and account are; only another ARN, or a copy that has
 * failed, replaces. Other data under the same name is an error. Known planned
 * values come from the configuration and the provider's identity only; answers of
 * AWS give warnings and errors, and decide whether two spellings of a key mean the
 * same.
 */
#include "plugin/snapshot/copy/model.h"

#include "aws/arn.h"
#include "aws/endpoint.h"
#include "plugin/snapshot/account.h"
#include "plugin/snapshot/copy/note.h"
#include "plugin/snapshot/copy/other_data.h"
#include "plugin/snapshot/copy/plan/planning.h"
#include "plugin/snapshot/copy/plan/preflight.h"
#include "plugin/snapshot/copy/tags.h"
#include "plugin/snapshot/watch/wait.h"

void planning_warn_of_unknown(struct planning *planning, const char *path)
{
    tf_warn(planning->call, path, "Known only while applying",
            "The value of %s is not known yet. If it names other data than that of %.*s, the apply ends with an "
            "error before it changes anything: other data needs another target_snapshot_identifier.",
            path, STR_ARG(planning->prior->arn.value));
}

bool planning_leaves_to_apply(struct planning *planning, const char *path)
{
    if (!planning->prior || !planning->is_place_late)
        return false;
    tf_warn(planning->call, path, "Known only while applying",
            "%s names other data than that of %.*s. The name, kind or Region of the copy is not known yet. If it stays "
            "the same, the apply ends with an error before it changes anything: other data needs another "
            "target_snapshot_identifier.",
            path, STR_ARG(planning->prior->arn.value));
    return true;
}

/* ---- Place: kind, Region, account, ARN ------------------------------------ */

/* A create's kind and Region get their defaults here; an update's are prior. */
static bool plan_defaults(struct planning *planning, struct err *err)
{
    struct reencrypt_copy *planned = planning->planned;
    if (planning->config->snapshot_kind.state == TF_NULL)
        planned->snapshot_kind = tf_known_string(STR("cluster"));
    if (planning->config->region.state == TF_NULL)
        planned->region = aws_configuration_region(account_aws(planning->call));
    if (planned->region.state != TF_NULL)
        return true;
    aws_configuration_refuse_region(account_aws(planning->call), planning->call->arena, err);
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
static bool plan_new_home(struct planning *planning, struct err *err)
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
    const bool is_lost = wait_status_holds_nothing(tf_text(old->status, STR("")));
    if (is_another)
        warn_of_another_place(planning, old);
    if (!is_another && is_lost) {
        tf_replace(planning->call, "status");
        planned->status.state = TF_UNKNOWN;
    }
    return is_another || is_lost;
}

/* Of an update; what replaces is judged as the create that it will be. */
static bool plan_home(struct planning *planning, const struct tf_plan *plan, struct err *err)
{
    const struct reencrypt_copy *old = planning->prior;
    if (old && (!reencrypt_copy_ref(planning->call->arena, old, &planning->home, err) ||
                !check_late_place(planning, plan, err)))
        return false;
    planning->has_home = old;
    if (old && !is_replaced(planning, old)) {
        planning->is_place_late = is_place_unknown(planning->planned);
        return true;
    }
    planning->prior = NULL;
    planning->has_home = false;
    if (!plan_new_home(planning, err))
        return false;
    plan_new_arn(planning);
    return true;
}

/* ---- Source --------------------------------------------------------------- */

/* The ARN that the configured source denotes; an empty text where that needs an
 * account that is not known yet. */
static bool source_arn_of(const struct planning *planning, struct str text, struct str *out, struct err *err)
{
    *out = STR("");
    struct snapshot_ref ref;
    if (!planning->has_home && !aws_is_arn(text))
        return true;
    if (!planning->has_home) {
        if (!snapshot_ref_parse(planning->call->arena, text, &ref, err))
            return false;
    } else if (!snapshot_ref_resolve(planning->call->arena, text, &planning->home, &ref, err)) {
        return false;
    }
    *out = snapshot_ref_arn(planning->call->arena, &ref);
    return true;
}

static bool refuse_own_source(const struct planning *planning, struct str source_arn, struct err *err)
{
    if (planning->planned->arn.state != TF_KNOWN || !str_equal(source_arn, planning->planned->arn.value))
        return true;
    err_set(err, ERR_INVALID, "source and target are the same snapshot, %.*s", STR_ARG(source_arn));
    err_set_remedy(err, "A copy is a snapshot of its own: choose another target_snapshot_identifier, or name another "
                        "source.");
    return false;
}

/* AWS copies within a partition only. */
static bool refuse_foreign_partition(const struct planning *planning, struct str text, struct err *err)
{
    const struct tf_string region = planning->planned->region;
    struct snapshot_ref source;
    struct err ignored = { 0 };
    if (region.state != TF_KNOWN || !snapshot_ref_parse(planning->call->arena, text, &source, &ignored))
        return true;
    const char *partition = aws_partition_of_region(region.value)->name;
    if (str_equal(source.partition, str_from(partition)))
        return true;
    err_set(err, ERR_INVALID,
            "the source %.*s is in the partition %.*s, the copy will be in %s (Region %.*s): AWS copies no snapshot "
            "from one partition to another",
            STR_ARG(text), STR_ARG(source.partition), partition, STR_ARG(region.value));
    err_set_remedy(err, "Name a source of the partition %s, or copy within %.*s, with a provider of that one.",
                   partition, STR_ARG(source.partition));
    return false;
}

/* As configured, in a create or where the state does not know its source. */
static void take_source(struct planning *planning, struct str arn)
{
    struct tf_string denoted = tf_string_or_null(arn);
    if (denoted.state == TF_NULL)
        denoted.state = TF_UNKNOWN;
    planning->planned->source_snapshot_arn = denoted;
}

/* `out_arn` is empty where it is not known yet. */
static bool check_source(const struct planning *planning, struct str given, struct str *out_arn, struct err *err)
{
    return refuse_foreign_partition(planning, given, err) && source_arn_of(planning, given, out_arn, err) &&
           refuse_own_source(planning, *out_arn, err);
}

static bool plan_known_source(struct planning *planning, struct str given, struct err *err)
{
    static const char path[] = "source_snapshot_identifier";
    const struct reencrypt_copy *prior = planning->prior;
    struct str arn;
    const bool is_held = prior && prior->source_snapshot_arn.state == TF_KNOWN;
    if (!(is_held ? source_arn_of(planning, given, &arn, err) : check_source(planning, given, &arn, err))) {
        err_set_path(err, path);
        return planning_leaves_to_apply(planning, path);
    }
    if (!is_held) {
        take_source(planning, arn);
        return true;
    }
    const struct str was = prior->source_snapshot_arn.value;
    if (!str_equal_ignore_case(arn, was))
        return planning_leaves_to_apply(planning, path) ||
               other_data_refuse(planning->call->arena, prior, path,
                                 str_format(planning->call->arena, "from the source %.*s", STR_ARG(was)), arn, err);
    if (prior->source_snapshot_identifier.state == TF_KNOWN)
        planning->planned->source_snapshot_identifier = prior->source_snapshot_identifier;
    return true;
}

static bool plan_source(struct planning *planning, struct err *err)
{
    const struct tf_string given = planning->config->source_snapshot_identifier;
    if (given.state == TF_KNOWN)
        return plan_known_source(planning, given.value, err);
    if (planning->prior)
        planning_warn_of_unknown(planning, "source_snapshot_identifier");
    if (!planning->prior || planning->prior->source_snapshot_arn.state != TF_KNOWN)
        planning->planned->source_snapshot_arn.state = TF_UNKNOWN;
    return true;
}

/* ---- Arguments of instance snapshots ---------------------------------------- */

static bool plan_option(struct planning *planning, const char *path, struct tf_string was, struct tf_string wanted,
                        struct err *err)
{
    struct arena *arena = planning->call->arena;
    const struct str before = tf_text(was, STR("")), now = tf_text(wanted, STR("nothing"));
    if (tf_string_equal(was, wanted))
        return true;
    if (wanted.state == TF_UNKNOWN) {
        planning_warn_of_unknown(planning, path);
        return true;
    }
    if (was.state != TF_NULL)
        return planning_leaves_to_apply(planning, path) ||
               other_data_refuse(arena, planning->prior, path,
                                 str_format(arena, "with %s = \"%.*s\"", path, STR_ARG(before)), now, err);
    tf_warn(planning->call, path, "No effect on this copy",
            "%s was not set when %.*s was made, or is not known of it (an import). The value goes into the state, and "
            "the copy stays as it is.",
            path, STR_ARG(planning->prior->arn.value));
    return true;
}

/* What is not set means false, beside a false: an import's may have been true. */
static struct tf_string text_of(struct tf_bool member, struct tf_bool other)
{
    const bool is_false = member.state == TF_NULL && other.state == TF_KNOWN && !other.value;
    if (member.state != TF_KNOWN && !is_false)
        return (struct tf_string){ .state = member.state };
    return tf_known_string(tf_is_true(member) ? STR("true") : STR("false"));
}

static bool plan_options(struct planning *planning, struct err *err)
{
    const struct reencrypt_copy *prior = planning->prior, *planned = planning->planned;
    if (!prior)
        return true;
    const struct tf_bool was = prior->copy_option_group, wanted = planned->copy_option_group;
    return plan_option(planning, "option_group_name", prior->option_group_name, planned->option_group_name, err) &&
           plan_option(planning, "copy_option_group", text_of(was, wanted), text_of(wanted, was), err) &&
           plan_option(planning, "target_custom_availability_zone", prior->target_custom_availability_zone,
                       planned->target_custom_availability_zone, err);
}

/* ---- Tags and readers ------------------------------------------------------ */

static bool plan_tags(struct planning *planning, struct err *err)
{
    const struct tf_string_map *defaults = aws_configuration_default_tags(account_aws(planning->call));
    struct reencrypt_copy *planned = planning->planned;
    planned->tags_all = tags_all_of(planning->call->arena, defaults, &planned->tags);
    return tags_check_all(planning->call->arena, defaults, &planned->tags_all, err);
}

static void warn_of_own_account(const struct planning *planning)
{
    if (planning->has_home && !str_is_empty(planning->home.account) &&
        tf_string_set_has(&planning->planned->reader_account_ids, planning->home.account))
        tf_warn(planning->call, "reader_account_ids", "The copy's own account among its readers",
                "%.*s will own the copy, and needs no mention; name the other accounts that will copy or restore it.",
                STR_ARG(planning->home.account));
}

/* ---- The keys of a copy that is to be made --------------------------------- */

static bool look_at_keys(const struct planning *planning, struct err *err)
{
    return planning->prior || !planning->has_home ||
           copy_preflight_plan(planning->call, planning->config, planning->planned, &planning->home, err);
}

/* ---- Keys that may expire while the copy is waited for ---------------------- */

static void warn_of_session(const struct planning *planning)
{
    const struct reencrypt_copy *planned = planning->planned;
    static const char summary[] = "These credentials cannot be refreshed";
    const struct str text = aws_configuration_session_warning(account_aws(planning->call));
    const bool waits = planned->status.state == TF_UNKNOWN ||
                       (!planning->prior && !memory_knows(account_memory(planning->call), MEMORY_HAS_ADDRESS,
                                                          tf_text(planned->arn, STR(""))));
    if (!waits || str_is_empty(text) || !memory_learn(account_memory(planning->call), MEMORY_SAID, str_from(summary)))
        return;
    tf_warn(planning->call, NULL, summary, "%.*s", STR_ARG(text));
}

/* ---- The note for the delete that may begin a replacement ------------------ */

static struct str note_of(const struct planning *planning)
{
    const struct replacement_note note = {
        .arn = tf_text(planning->planned->arn, STR("")),
        .source_arn = tf_text(planning->planned->source_snapshot_arn, STR("")),
        .kms_key_id = tf_text(planning->config->kms_key_id, STR("")),
    };
    return replacement_note_text(planning->call->arena, &note);
}

/* ---- The same copy under two addresses -------------------------------------- */

static bool refuse_two_addresses(struct str arn, struct err *err)
{
    err_set(err, ERR_CONFLICT, "this plan deletes %.*s at one address and makes or keeps it at another", STR_ARG(arn));
    err_set_remedy(err, "If the resource got another address, say so with a block, and nothing is deleted: moved { "
                        "from = OLD_ADDRESS, to = NEW_ADDRESS }. If an apply with create_before_destroy was "
                        "interrupted, apply once with the names of that apply, and change them after it; if it did "
                        "not change the names (-replace, taint): terraform state rm ADDRESS; the next apply adopts "
                        "the copy. To delete the copy and to make it again, use two applies.\nTo destroy all the "
                        "same: terraform destroy -refresh=false");
    return false;
}

/* Neither does a failed copy hold anything, nor does a delete touch what another state or the create of an
 * interrupted apply has adopted. */
static bool holds_nothing_to_lose(struct tf_call *call, const struct reencrypt_copy *prior)
{
    return wait_status_holds_nothing(tf_text(prior->status, STR(""))) ||
           memory_knows(account_memory(call), MEMORY_OTHER_HOLDER, prior->arn.value);
}

/* "ARN HOLDER": two states of one holder, an import beside the block that it came from. */
static struct str copy_of(struct tf_call *call, const struct reencrypt_copy *prior)
{
    return memory_pair(call->arena, prior->arn.value, tf_text(prior->holder_id, STR("-")));
}

/* The name of a copy that is deleted goes to another address that has a copy, as when a list with `count` gets shorter.
 * Or the names of an interrupted apply are put back, and the deleted one is what this very address has deposed: core
 * does not tell the two apart, so it is a warning, and the delete leaves what this apply has planned to make. */
static void warn_of_taken_name(struct tf_call *call, struct str arn)
{
    struct memory *memory = account_memory(call);
    if (memory_knows(memory, MEMORY_TO_DESTROY, arn) && memory_knows(memory, MEMORY_TO_TAKE, arn))
        tf_warn(call, NULL, "A copy that is deleted gives its name to another resource",
                "This plan deletes %.*s, and another resource takes its name. If you take back an interrupted apply, "
                "nothing is to be done. Otherwise the resource has got another address: say so with a block, and "
                "nothing is deleted: moved { from = OLD_ADDRESS, to = NEW_ADDRESS }.",
                STR_ARG(arn));
}

static bool check_destroy(struct tf_call *call, const struct reencrypt_copy *prior, struct err *err)
{
    struct memory *memory = account_memory(call);
    const struct str arn = prior->arn.value;
    const struct str copy = copy_of(call, prior);
    if (holds_nothing_to_lose(call, prior))
        return true;
    memory_learn(memory, MEMORY_TO_DESTROY, arn);
    memory_learn(memory, MEMORY_TO_DESTROY, copy);
    warn_of_taken_name(call, arn);
    return memory_knows(memory, MEMORY_CLAIMED, arn) ||
           !(memory_knows(memory, MEMORY_TO_CREATE, arn) || memory_knows(memory, MEMORY_KEPT, copy)) ||
           refuse_two_addresses(arn, err);
}

static bool check_create(struct tf_call *call, struct str arn, struct err *err)
{
    struct memory *memory = account_memory(call);
    if (memory_knows(memory, MEMORY_HAS_ADDRESS, arn))
        return true;
    memory_learn(memory, MEMORY_TO_CREATE, arn);
    return memory_knows(memory, MEMORY_CLAIMED, arn) || !memory_knows(memory, MEMORY_TO_DESTROY, arn) ||
           refuse_two_addresses(arn, err);
}

/* Terraform does not order a delete at one address and a create at another: the copy would be gone before it
 * can be made again. An object that a replacement has deposed is not meant: core deletes it after the create of
 * its address. */
static bool check_addresses(struct tf_call *call, const struct tf_plan *plan, struct err *err)
{
    const struct reencrypt_copy *prior = plan->prior, *planned = plan->planned;
    struct memory *memory = account_memory(call);
    if (plan->destroy)
        return check_destroy(call, prior, err);
    const struct str arn = tf_text(planned->arn, STR(""));
    if (str_is_empty(arn))
        return true;
    if (!prior)
        return check_create(call, arn, err);
    memory_learn(memory, MEMORY_HAS_ADDRESS, arn);
    if (str_equal(prior->arn.value, arn)) {
        memory_learn(memory, MEMORY_KEPT, copy_of(call, prior));
        return !memory_knows(memory, MEMORY_TO_DESTROY, copy_of(call, prior)) || refuse_two_addresses(arn, err);
    }
    memory_learn(memory, MEMORY_TO_TAKE, arn);
    warn_of_taken_name(call, arn);
    return true;
}

bool reencrypt_copy_plan(struct tf_call *call, struct tf_plan *plan, struct err *err)
{
    if (plan->destroy)
        return check_addresses(call, plan, err);
    struct planning planning = { .call = call, .config = plan->config, .prior = plan->prior, .planned = plan->planned };
    if (!plan_home(&planning, plan, err) || !check_addresses(call, plan, err) || !plan_source(&planning, err) ||
        !reencrypt_copy_plan_key(&planning, err) || !plan_options(&planning, err) || !plan_tags(&planning, err))
        return false;
    const struct tf_string status = planning.prior ? planning.prior->status : (struct tf_string){ .state = TF_NULL };
    if (status.state == TF_KNOWN && !wait_status_is_available(status.value))
        reencrypt_copy_forget_unreported(planning.planned);
    if (!look_at_keys(&planning, err))
        return false;
    warn_of_session(&planning);
    warn_of_own_account(&planning);
    plan->note = !plan->prior                      ? note_of(&planning)
                 : is_place_unknown(plan->planned) ? str_from(place_unknown)
                                                   : STR("");
    return true;
}
