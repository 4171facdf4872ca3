/* SPDX-License-Identifier: MPL-2.0
 *
 * What a plan of snapshot_reencrypt_copy decides: the ARN is known whenever
 * target, kind, Region and account are; only those replace; all that needs new
 * bytes is an update under the same ARN, so that a restored cluster is never
 * replaced. Known planned values come from the configuration and the provider's
 * identity only; answers of AWS give warnings, and decide whether two spellings
 * of a key mean the same.
 */
#include "plugin/snapshot/reencrypt_copy.h"

#include "aws/arn.h"
#include "aws/endpoint.h"
#include "plugin/snapshot/account.h"
#include "plugin/snapshot/copy_preflight.h"
#include "plugin/snapshot/reencrypt_copy_planning.h"
#include "plugin/snapshot/replacement_note.h"
#include "plugin/snapshot/tags.h"
#include "plugin/snapshot/wait.h"

void planning_say_remake(struct planning *planning, const char *reason)
{
    if (!planning->remake_reason)
        planning->remake_reason = reason;
}

/* ---- Place: kind, Region, account, ARN ------------------------------------ */

/* A create's kind and Region get their defaults here; an update's are prior. */
static bool plan_defaults(struct planning *planning, struct err *err)
{
    struct reencrypt_copy *planned = planning->planned;
    if (planning->config->snapshot_kind.state == TF_NULL && !planning->prior)
        planned->snapshot_kind = tf_known_string(STR("cluster"));
    if (planning->config->region.state == TF_NULL && !planning->prior)
        planned->region = aws_configuration_region(account_aws(planning->call));
    if (planned->region.state == TF_NULL) {
        aws_configuration_refuse_region(account_aws(planning->call), planning->call->arena, err);
        err_set_path(err, "region");
        return false;
    }
    return true;
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

/* A rename replaces the copy, and with it whatever takes its ARN as ForceNew. */
static void warn_of_rename(struct planning *planning)
{
    tf_warn(planning->call, "target_snapshot_identifier", "A new name is a new snapshot",
            "The copy %.*s will be replaced by one named \"%.*s\". A cluster restored from it (aws_rds_cluster with "
            "snapshot_identifier) will be replaced as well, with all data written since, unless it has lifecycle { "
            "ignore_changes = [snapshot_identifier] }.\n\nTo copy newer bytes under the same name, change "
            "source_version instead.",
            STR_ARG(planning->prior->arn.value), STR_ARG(planning->config->target_snapshot_identifier.value));
}

static bool is_change(struct tf_string prior, struct tf_string planned)
{
    return planned.state == TF_KNOWN && !str_equal(prior.value, planned.value);
}

bool reencrypt_copy_refuse_late_place(struct str prior_arn, struct str arn, struct err *err)
{
    err_set(err, ERR_CONFLICT,
            "the target's name, kind or Region became known only while applying, and means another snapshot: %.*s "
            "instead of %.*s",
            STR_ARG(arn), STR_ARG(prior_arn));
    err_set_path(err, "target_snapshot_identifier");
    err_set_remedy(err, "Nothing was changed here. Apply once more: the next plan knows the value and shows the "
                        "replacement. If this was a plan with -refresh=false, plan without it: a copy is only "
                        "replaced by a plan that has read it.");
    return false;
}

/* What was planned as an update, its name unknown, would be replaced. Core calls
 * that a provider's bug ("inconsistent final plan"), and says so after the second
 * plan, which a host before 1.16 does not show to be one: account_has_read tells. */
static bool check_late_place(const struct planning *planning, struct err *err)
{
    const struct reencrypt_copy *planned = planning->planned;
    struct snapshot_ref now = planning->home;
    if (account_has_read(planning->call, planning->prior->arn.value))
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
    return str_equal(arn, planning->prior->arn.value) ||
           reencrypt_copy_refuse_late_place(planning->prior->arn.value, arn, err);
}

static bool plan_kept_home(struct planning *planning, struct err *err)
{
    const struct reencrypt_copy *prior = planning->prior;
    const struct reencrypt_copy *planned = planning->planned;
    if (!reencrypt_copy_ref(planning->call->arena, prior, &planning->home, err) || !check_late_place(planning, err))
        return false;
    planning->has_home = true;
    if (is_change(prior->target_snapshot_identifier, planned->target_snapshot_identifier)) {
        tf_replace(planning->call, "target_snapshot_identifier");
        warn_of_rename(planning);
    }
    if (is_change(prior->snapshot_kind, planned->snapshot_kind))
        tf_replace(planning->call, "snapshot_kind");
    if (is_change(prior->region, planned->region))
        tf_replace(planning->call, "region");
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

static bool plan_source(struct planning *planning, struct err *err)
{
    const struct tf_string given = planning->config->source_snapshot_identifier;
    const struct reencrypt_copy *prior = planning->prior;
    struct reencrypt_copy *planned = planning->planned;
    if (given.state != TF_KNOWN) {
        planned->source_snapshot_arn.state = TF_UNKNOWN;
        if (prior)
            planning_say_remake(planning, "its source is not known yet and may be another snapshot");
        return true;
    }
    struct str arn;
    if (!refuse_foreign_partition(planning, given.value, err) || !source_arn_of(planning, given.value, &arn, err) ||
        !refuse_own_source(planning, arn, err)) {
        err_set_path(err, "source_snapshot_identifier");
        return false;
    }
    struct tf_string denoted = tf_string_or_null(arn);
    if (denoted.state == TF_NULL)
        denoted.state = TF_UNKNOWN;
    if (!prior || prior->source_snapshot_arn.state != TF_KNOWN) {
        planned->source_snapshot_arn = denoted;
        return true;
    }
    if (str_equal_ignore_case(arn, prior->source_snapshot_arn.value)) {
        if (prior->source_snapshot_identifier.state == TF_KNOWN)
            planned->source_snapshot_identifier = prior->source_snapshot_identifier;
        return true;
    }
    planned->source_snapshot_arn = denoted;
    planning_say_remake(planning, "its source is another snapshot");
    return true;
}

/* ---- Everything else that needs new bytes --------------------------------- */

/* From null to a value says what is not known of the same bytes (an import, a
 * version that begins to be counted). */
static void plan_option(struct planning *planning, const char *path, enum tf_state prior, enum tf_state planned,
                        bool is_equal)
{
    if (prior == TF_NULL && planned != TF_NULL)
        tf_warn(planning->call, path, "Taken into the state without a new copy",
                "%s was not set before; the copy %.*s is left as it is. Change source_version to make the copy anew "
                "with it.",
                path, STR_ARG(planning->prior->arn.value));
    else if (prior != TF_NULL && (planned == TF_UNKNOWN || !is_equal))
        planning_say_remake(planning,
                            str_c(planning->call->arena, str_format(planning->call->arena, "%s changes", path)));
}

/* Null on either side only says what is known about the same bytes. */
static void plan_version(struct planning *planning)
{
    const struct tf_string prior = planning->prior->source_version;
    const struct tf_string planned = planning->planned->source_version;
    if (prior.state != TF_KNOWN || planned.state == TF_NULL || tf_string_equal(prior, planned))
        return;
    planning_say_remake(planning, planned.state == TF_KNOWN
                                      ? "source_version says that the source has new bytes"
                                      : "source_version is not known yet and may say that the source has new bytes");
}

static void plan_options(struct planning *planning)
{
    const struct reencrypt_copy *prior = planning->prior;
    const struct reencrypt_copy *planned = planning->planned;
    if (!prior)
        return;
    plan_version(planning);
    plan_option(planning, "option_group_name", prior->option_group_name.state, planned->option_group_name.state,
                tf_string_equal(prior->option_group_name, planned->option_group_name));
    plan_option(planning, "copy_option_group", prior->copy_option_group.state, planned->copy_option_group.state,
                tf_is_true(prior->copy_option_group) == tf_is_true(planned->copy_option_group));
    plan_option(planning, "target_custom_availability_zone", prior->target_custom_availability_zone.state,
                planned->target_custom_availability_zone.state,
                tf_string_equal(prior->target_custom_availability_zone, planned->target_custom_availability_zone));
    if (prior->status.state == TF_KNOWN &&
        (wait_status_is_failed(prior->status.value) || wait_status_is_leaving(prior->status.value)))
        planning_say_remake(planning, "the existing copy is not usable");
}

static void plan_bytes(struct planning *planning)
{
    const struct reencrypt_copy *prior = planning->prior;
    struct reencrypt_copy *planned = planning->planned;
    if (!prior)
        return;
    if (planning->remake_reason) {
        reencrypt_copy_forget(planned);
        tf_warn(planning->call, NULL, "The copy will be made again under the same ARN",
                "%.*s will be deleted and copied anew, because %s. The old copy is deleted only after the source is "
                "found available and the key usable. Its ARN stays, so a cluster that takes it as snapshot_identifier "
                "is not replaced. What only the new bytes decide (engine, kms_key_arn and the like) is unknown until "
                "then: where such a value is an argument that replaces a resource, as engine does a cluster, that "
                "resource is planned to be replaced; write it as a variable.",
                STR_ARG(prior->arn.value), planning->remake_reason);
    } else if (prior->status.state == TF_KNOWN && !wait_status_is_available(prior->status.value)) {
        reencrypt_copy_forget_unreported(planned);
    }
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
    bool makes_bytes = !planning->prior || planning->remake_reason;
    return !makes_bytes || !planning->has_home ||
           copy_preflight_plan(planning->call, planning->config, planning->planned, &planning->home, err);
}

/* ---- Keys that may expire while the copy is waited for ---------------------- */

static void warn_of_session(const struct planning *planning)
{
    const struct reencrypt_copy *planned = planning->planned;
    static const char summary[] = "These credentials cannot be refreshed";
    const struct str text = aws_configuration_session_warning(account_aws(planning->call));
    if ((planned->copy_id.state != TF_UNKNOWN && planned->status.state != TF_UNKNOWN) || str_is_empty(text) ||
        !account_says_first(planning->call, str_from(summary)))
        return;
    tf_warn(planning->call, NULL, summary, "%.*s", STR_ARG(text));
}

/* ---- The note for the delete that may begin a replacement ------------------ */

static bool refuse_retained(const struct planning *planning, struct str prior_note, struct err *err)
{
    struct replacement_note seen;
    if (planning->prior || !replacement_note_parse(prior_note, &seen) || str_is_empty(seen.arn) ||
        !str_equal(seen.policy, STR("retain")) || !str_equal(seen.arn, tf_text(planning->planned->arn, STR(""))))
        return true;
    err_set(err, ERR_CONFLICT,
            "%.*s cannot be replaced by a copy of the same name: its deletion_policy is \"retain\", so the old one "
            "would stay",
            STR_ARG(seen.arn));
    err_set_remedy(err, "To copy newer bytes under the same name change source_version; otherwise choose another "
                        "target_snapshot_identifier, or apply deletion_policy = \"delete\" first.");
    return false;
}

static bool plan_note(struct planning *planning, struct tf_plan *plan, struct err *err)
{
    const struct reencrypt_copy *held = planning->prior ? planning->prior : planning->planned;
    const struct replacement_note note = {
        .arn = tf_text(held->arn, STR("")),
        .policy = tf_text(held->deletion_policy, STR("delete")),
        .source_arn = tf_text(planning->planned->source_snapshot_arn, STR("")),
        .kms_key_id = tf_text(planning->config->kms_key_id, STR("")),
    };
    plan->note = replacement_note_text(planning->call->arena, &note);
    return refuse_retained(planning, plan->prior_note, err);
}

bool reencrypt_copy_plan(struct tf_call *call, struct tf_plan *plan, struct err *err)
{
    if (plan->destroy)
        return true;
    struct planning planning = { .call = call, .config = plan->config, .prior = plan->prior, .planned = plan->planned };
    if (!plan_defaults(&planning, err) ||
        !(planning.prior ? plan_kept_home(&planning, err) : plan_new_home(&planning, err)))
        return false;
    if (!planning.prior)
        plan_new_arn(&planning);
    if (!plan_source(&planning, err) || !reencrypt_copy_plan_key(&planning, err) || !plan_tags(&planning, err))
        return false;
    plan_options(&planning);
    plan_bytes(&planning);
    if (!look_at_keys(&planning, err))
        return false;
    warn_of_session(&planning);
    warn_of_own_account(&planning);
    return plan_note(&planning, plan, err);
}
