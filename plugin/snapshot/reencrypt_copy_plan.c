/* SPDX-License-Identifier: MPL-2.0
 *
 * What a plan of snapshot_reencrypt_copy decides (design 3.1, 3.2): the ARN is
 * known whenever target, kind, Region and account are; only those replace; all
 * that needs new bytes is an update under the same ARN, so that a restored
 * cluster is never replaced. Known planned values come from the configuration
 * and the provider's identity only; answers of AWS give warnings, and decide
 * whether two spellings of a key mean the same.
 */
#include "plugin/snapshot/reencrypt_copy.h"

#include "aws/arn.h"
#include "aws/endpoint.h"
#include "plugin/snapshot/account.h"
#include "plugin/snapshot/copy_preflight.h"
#include "plugin/snapshot/key.h"
#include "plugin/snapshot/replacement_note.h"
#include "plugin/snapshot/tags.h"
#include "plugin/snapshot/wait.h"

enum { PLAN_CALL_LIMIT_MS = 2 * MINUTE_MS };

struct planning {
    struct tf_call *call;
    const struct reencrypt_copy *config;
    const struct reencrypt_copy *prior; /* NULL: create */
    struct reencrypt_copy *planned;
    /* Where the copy is or will be. Empty texts: not known yet. */
    struct snapshot_ref home;
    bool has_home;
    const char *remake_reason; /* NULL: no new bytes */
};

static void say_remake(struct planning *planning, const char *reason)
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
        err_set(err, ERR_INVALID, "no Region: neither this resource nor its provider says where the copy is to be");
        err_set_path(err, "region");
        err_set_remedy(err, "Set `region` here or in the provider block, or AWS_REGION.");
        return false;
    }
    return true;
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
    return true;
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
    return err_set(err, ERR_INVALID, "source and target are the same snapshot, %.*s", STR_ARG(source_arn));
}

static bool plan_source(struct planning *planning, struct err *err)
{
    const struct tf_string given = planning->config->source_snapshot_identifier;
    const struct reencrypt_copy *prior = planning->prior;
    struct reencrypt_copy *planned = planning->planned;
    if (given.state != TF_KNOWN) {
        planned->source_snapshot_arn.state = TF_UNKNOWN;
        if (prior)
            say_remake(planning, "its source is not known yet and may be another snapshot");
        return true;
    }
    struct str arn;
    if (!source_arn_of(planning, given.value, &arn, err) || !refuse_own_source(planning, arn, err)) {
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
    say_remake(planning, "its source is another snapshot");
    return true;
}

/* ---- Key ------------------------------------------------------------------ */

static bool plan_call(struct planning *planning, struct aws_call *out, struct err *err)
{
    int64_t deadline_ms = clock_after_real_ms(waiter_clock(planning->call->waiter), PLAN_CALL_LIMIT_MS);
    return account_call(planning->call, &planning->home, deadline_ms, out, err);
}

/* Asks DescribeKey what `text` means now; `out_arn` is empty when it means no key. */
static bool compare_through_aws(struct planning *planning, struct str text, enum key_match *out_match,
                                struct str *out_arn, struct err *err)
{
    struct aws_call aws;
    struct kms_key key;
    enum key_answer answer;
    if (!plan_call(planning, &aws, err) || !key_look_up(&aws, text, &answer, &key, err))
        return false;
    *out_arn = answer == KEY_FOUND ? key.arn : STR("");
    *out_match = answer == KEY_UNTOLD                                                            ? KEY_CANNOT_TELL
                 : answer == KEY_FOUND && str_equal(key.arn, planning->prior->kms_key_arn.value) ? KEY_SAME
                                                                                                 : KEY_OTHER;
    return true;
}

/* The configured text is the one in state, but an alias may have been moved. */
static bool plan_same_key_text(struct planning *planning, struct err *err)
{
    const struct str text = planning->config->kms_key_id.value;
    struct str now;
    enum key_match match;
    if (!key_is_alias(text) || planning->prior->kms_key_arn.state != TF_KNOWN ||
        !aws_configuration_is_known(account_aws(planning->call), NULL))
        return true;
    if (!compare_through_aws(planning, text, &match, &now, err))
        return false;
    if (match == KEY_OTHER && !str_is_empty(now))
        tf_warn(planning->call, "kms_key_id", "The alias points to another key now",
                "The copy %.*s is encrypted with %.*s; \"%.*s\" now means %.*s. The copy is left as it is. Change "
                "source_version, or name the key itself, to copy again with the new key.",
                STR_ARG(planning->prior->arn.value), STR_ARG(planning->prior->kms_key_arn.value), STR_ARG(text),
                STR_ARG(now));
    return true;
}

/* RDS encrypts with a key of the copy's own Region. */
static bool check_key_region(const struct planning *planning, struct err *err)
{
    const struct tf_string key = planning->config->kms_key_id;
    const struct tf_string region = planning->planned->region;
    struct aws_arn arn;
    if (key.state != TF_KNOWN || region.state != TF_KNOWN || !aws_is_arn(key.value))
        return true;
    if (!aws_arn_parse(key.value, &arn, err))
        return false;
    if (str_equal(arn.region, region.value))
        return true;
    err_set(err, ERR_INVALID, "the key %.*s is in the Region \"%.*s\", the copy will be in \"%.*s\"",
            STR_ARG(key.value), STR_ARG(arn.region), STR_ARG(region.value));
    err_set_path(err, "kms_key_id");
    err_set_remedy(err, "A copy is encrypted with a key of its own Region: name one, or the replica there of a "
                        "multi-Region key.");
    return false;
}

/* Without AWS: by the key in state, or, where AWS never told it, by the two texts. */
static enum key_match compare_key_texts(const struct reencrypt_copy *prior, struct str given)
{
    const struct str before = prior->kms_key_id.value;
    if (prior->kms_key_arn.state == TF_KNOWN)
        return key_compare(prior->kms_key_arn.value, given);
    if (key_is_alias(before))
        return KEY_CANNOT_TELL;
    return aws_is_arn(before) ? key_compare(before, given) : key_compare(given, before);
}

static bool plan_other_key_text(struct planning *planning, struct str given, struct err *err)
{
    const struct reencrypt_copy *prior = planning->prior;
    enum key_match match = compare_key_texts(prior, given);
    struct str now;
    if (match == KEY_CANNOT_TELL && !aws_configuration_is_known(account_aws(planning->call), NULL)) {
        err_set(err, ERR_INVALID,
                "whether \"%.*s\" means the key of %.*s cannot be found out while the provider's configuration is not "
                "known",
                STR_ARG(given), STR_ARG(prior->arn.value));
        err_set_path(err, "kms_key_id");
        err_set_remedy(err, "Name the key by its ARN, or keep the spelling that the state has: \"%.*s\".",
                       STR_ARG(prior->kms_key_id.value));
        return false;
    }
    if (match == KEY_CANNOT_TELL && prior->kms_key_arn.state == TF_KNOWN &&
        !compare_through_aws(planning, given, &match, &now, err))
        return false;
    if (match == KEY_OTHER) {
        say_remake(planning, "it is to be encrypted with another key");
        return true;
    }
    planning->planned->kms_key_id = prior->kms_key_id;
    if (match == KEY_CANNOT_TELL)
        tf_warn(planning->call, "kms_key_id", "Cannot tell whether this is another key",
                "The copy %.*s was made with \"%.*s\". AWS does not tell this caller whether \"%.*s\" means the same "
                "key (kms:DescribeKey). It is taken to be the same and the copy is left as it is.",
                STR_ARG(prior->arn.value), STR_ARG(prior->kms_key_id.value), STR_ARG(given));
    return true;
}

static bool plan_key(struct planning *planning, struct err *err)
{
    const struct reencrypt_copy *prior = planning->prior;
    const struct tf_string given = planning->config->kms_key_id;
    if (!prior || prior->kms_key_id.state != TF_KNOWN)
        return true;
    if (given.state != TF_KNOWN) {
        say_remake(planning, "its key is not known yet and may be another one");
        return true;
    }
    return str_equal(given.value, prior->kms_key_id.value) ? plan_same_key_text(planning, err)
                                                           : plan_other_key_text(planning, given.value, err);
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
        say_remake(planning, str_c(planning->call->arena, str_format(planning->call->arena, "%s changes", path)));
}

/* Null on either side only says what is known about the same bytes. */
static void plan_version(struct planning *planning)
{
    const struct tf_string prior = planning->prior->source_version;
    const struct tf_string planned = planning->planned->source_version;
    if (prior.state != TF_KNOWN || planned.state == TF_NULL || tf_string_equal(prior, planned))
        return;
    say_remake(planning, planned.state == TF_KNOWN
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
        say_remake(planning, "the existing copy is not usable");
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
                "found available and the key usable. Its ARN stays, so nothing restored from it is replaced.",
                STR_ARG(prior->arn.value), planning->remake_reason);
    } else if (prior->status.state == TF_KNOWN && !wait_status_is_available(prior->status.value)) {
        reencrypt_copy_forget_unreported(planned);
    }
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
    if ((planned->copy_id.state != TF_UNKNOWN && planned->status.state != TF_UNKNOWN) ||
        !aws_configuration_is_session_bound(account_aws(planning->call)) ||
        !account_says_first(planning->call, str_from(summary)))
        return;
    tf_warn(
        planning->call, NULL, summary,
        "The provider signs with the keys of a session (with a session token, from `token` in the provider block or "
        "AWS_SESSION_TOKEN), which end with it, while a copy may take hours. Should they expire meanwhile, the "
        "apply ends with an error, the copy goes on in AWS, and the next apply, with fresh keys, adopts it.\n\n"
        "A role on top of session keys ends with them, too. What is refreshed for as long as it takes is a role "
        "assumed with keys that last:\n\n"
        "  provider \"snapshot\" {\n"
        "    profile = \"base\" # with an access key of a user, not of a session\n"
        "    assume_role {\n"
        "      role_arn = \"arn:aws:iam::111122223333:role/migration\"\n"
        "    }\n"
        "  }\n\n"
        "or, in CI, with a token that is written anew: assume_role_with_web_identity with "
        "web_identity_token_file, or AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE.");
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
    if (!check_key_region(&planning, err) || !plan_source(&planning, err) || !plan_key(&planning, err))
        return false;
    plan_options(&planning);
    plan_bytes(&planning);
    if (!look_at_keys(&planning, err))
        return false;
    warn_of_session(&planning);
    planning.planned->tags_all =
        tags_all_of(call->arena, aws_configuration_default_tags(account_aws(call)), &planning.planned->tags);
    return plan_note(&planning, plan, err);
}
