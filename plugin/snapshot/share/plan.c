/* SPDX-License-Identifier: MPL-2.0
 *
 * What a plan of snapshot_share decides: which snapshot is meant, so that its ARN
 * is known and the copy in the other account can be planned; another snapshot
 * replaces the share, everything else is done in place.
 */
#include "plugin/snapshot/share/model.h"

#include "aws/arn.h"
#include "aws/endpoint.h"
#include "plugin/snapshot/account.h"
#include "plugin/snapshot/encryption.h"
#include "plugin/snapshot/keys/door.h"
#include "plugin/snapshot/share/change.h"
#include "plugin/snapshot/watch/status.h"

/* Kind and Region of what an identifier names, where they are not configured. */
static bool plan_place(struct tf_call *call, const struct share *config, const struct share *prior,
                       const struct snapshot_ref *named, struct share *planned, struct err *err)
{
    if (config->snapshot_kind.state == TF_NULL && (named || !prior))
        planned->snapshot_kind = tf_known_string(str_from(snapshot_kind_of(named ? named->kind : RDS_CLUSTER)->name));
    if (config->region.state == TF_NULL && named)
        planned->region = tf_known_string(named->region);
    else if (config->region.state == TF_NULL && !prior)
        return aws_configuration_find_region(account_aws(call), call, &planned->region, err);
    return true;
}

static bool check_against_arn(const struct share *planned, const struct snapshot_ref *named, struct err *err)
{
    if (planned->region.state == TF_KNOWN && !str_equal(planned->region.value, named->region)) {
        err_set(err, ERR_INVALID, "the snapshot is in the Region \"%.*s\", but region is \"%.*s\"",
                STR_ARG(named->region), STR_ARG(planned->region.value));
        err_set_path(err, "region");
        err_set_remedy(err, "Leave `region` out: the ARN says it.");
        return false;
    }
    const char *kind = snapshot_kind_of(named->kind)->name;
    if (planned->snapshot_kind.state == TF_KNOWN && !str_equal(planned->snapshot_kind.value, str_from(kind))) {
        err_set(err, ERR_INVALID, "the ARN is that of a %s, but snapshot_kind is \"%.*s\"",
                snapshot_kind_of(named->kind)->noun, STR_ARG(planned->snapshot_kind.value));
        err_set_path(err, "snapshot_kind");
        err_set_remedy(err, "Leave `snapshot_kind` out: the ARN says it.");
        return false;
    }
    return true;
}

/* The ARN that a bare name denotes; unknown while the identity is not to be had. */
static bool plan_arn_of_name(struct tf_call *call, const struct share *prior, struct share *planned, struct err *err)
{
    struct snapshot_ref ref = { .name = planned->snapshot_identifier.value };
    struct snapshot_ref held;
    planned->snapshot_arn.state = TF_UNKNOWN;
    if (planned->region.state != TF_KNOWN || !snapshot_kind_find(tf_text(planned->snapshot_kind, STR("")), &ref.kind))
        return true;
    ref.region = planned->region.value;
    ref.partition = str_from(aws_partition_of_region(ref.region)->name);
    if (prior && snapshot_ref_parse(call->arena, tf_text(prior->snapshot_arn, STR("")), &held, err)) {
        ref.account = held.account;
    } else {
        struct aws_identity identity = { 0 };
        if (!aws_configuration_is_known(account_aws(call), NULL))
            return true;
        if (!account_identity(call, &identity, err))
            return err_wrap(err, "finding out which account the snapshot belongs to");
        ref.account = identity.account;
    }
    if (!str_is_empty(ref.account))
        planned->snapshot_arn = tf_known_string(snapshot_ref_arn(call->arena, &ref));
    return true;
}

/* Core heeds a replaced path only where its value differs. */
static void plan_replacement(struct tf_call *call, const struct share *prior, struct share *planned)
{
    if (planned->snapshot_arn.state == TF_KNOWN &&
        str_equal_ignore_case(planned->snapshot_arn.value, tf_text(prior->snapshot_arn, STR("")))) {
        planned->snapshot_arn = prior->snapshot_arn;
        if (planned->snapshot_identifier.state == TF_KNOWN)
            planned->snapshot_identifier = prior->snapshot_identifier;
        return;
    }
    const struct {
        const char *path;
        struct tf_string prior, planned;
    } places[] = {
        { "snapshot_identifier", prior->snapshot_identifier, planned->snapshot_identifier },
        { "snapshot_kind",       prior->snapshot_kind,       planned->snapshot_kind       },
        { "region",              prior->region,              planned->region              },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(places); i++)
        if (!tf_string_equal(places[i].prior, places[i].planned))
            tf_replace(call, places[i].path);
}

static void warn_of_own_account(struct tf_call *call, const struct share *planned)
{
    struct snapshot_ref ref;
    CLEANUP(err_clear) struct err ignored = { 0 };
    if (planned->snapshot_arn.state == TF_KNOWN &&
        snapshot_ref_parse(call->arena, planned->snapshot_arn.value, &ref, &ignored) &&
        tf_string_set_has(&planned->account_ids, ref.account))
        tf_warn(call, "account_ids", "Shared with its own account",
                "%.*s owns the snapshot; sharing with it has no effect. Name the other accounts only.",
                STR_ARG(ref.account));
}

/* Of the planned accounts those that the share `held`, or NULL, lists already, or those that it does not. */
static struct tf_string_set planned_accounts(struct tf_call *call, const struct share *planned,
                                             const struct share *held, bool is_listed)
{
    struct tf_string_set out = { .state = TF_KNOWN };
    out.items = arena_array(call->arena, planned->account_ids.count + 1, sizeof(*out.items));
    for (size_t i = 0; i < planned->account_ids.count; i++)
        if (is_listed == (held && tf_string_set_has(&held->account_ids, planned->account_ids.items[i].value)))
            out.items[out.count++] = planned->account_ids.items[i];
    return out;
}

/* ---- Two shares that list the same account --------------------------------- */

/* Where one is deleted, or deposed by an earlier apply, the other one's plan has nothing
 * to grant, and so the access is lost until the next. Core plans the two in any order. */
static void warn_of_second_listing(struct tf_call *call, enum memory_fact listing, struct str arn,
                                   const struct tf_string_set *accounts)
{
    static const char summary[] = "Two shares list the same account";
    const enum memory_fact other = listing == MEMORY_KEPT_LISTS ? MEMORY_DELETED_LISTED : MEMORY_KEPT_LISTS;
    struct str both = STR("");
    for (size_t i = 0; i < accounts->count; i++) {
        const struct str account = accounts->items[i].value;
        const struct str pair = memory_pair(call->arena, arn, account);
        memory_learn(account_memory(call), listing, pair);
        if (memory_knows(account_memory(call), other, pair))
            str_join(call->arena, &both, ", ", "%.*s", STR_ARG(account));
    }
    if (!str_is_empty(both) && memory_says_first(account_memory(call), call->arena, summary, arn))
        tf_warn(
            call, NULL, summary,
            "Two shares of %.*s list %.*s, and this plan deletes one of them. That revokes the access, and the other "
            "share grants it again only with the next plan: after this apply, apply again.",
            STR_ARG(arn), STR_ARG(both));
}

/* ---- The key, where there is something to look at -------------------------- */

void share_warn_of_public(struct tf_call *call, const struct wire_strings *listed, struct str arn)
{
    static const char summary[] = "The snapshot is public";
    for (size_t i = 0; i < listed->count; i++)
        if (str_equal(listed->items[i], STR("all")) &&
            memory_says_first(account_memory(call), call->arena, summary, arn))
            tf_warn(
                call, "snapshot_identifier", summary,
                "%.*s is shared with \"all\": every AWS account can copy and restore it, whatever account_ids says. "
                "This resource leaves that as it is. To end it, remove \"all\" from the snapshot's restore "
                "attribute (console: Share snapshot, private).",
                STR_ARG(arn));
}

/* RDS makes no encrypted snapshot public: the others alone are asked about. */
static void look_for_public(struct tf_call *call, const struct aws_call *aws, const struct snapshot_ref *ref,
                            struct str arn)
{
    struct wire_strings listed;
    CLEANUP(err_clear) struct err ignored = { 0 };
    if (rds_describe_shares(aws, ref->kind, ref->name, &listed, &ignored))
        share_warn_of_public(call, &listed, arn);
}

/* AWS documents no rule for such a snapshot (Aurora user guide, aurora-share-snapshot). */
static void warn_of_aws_owned_key(struct tf_call *call, struct str arn)
{
    static const char summary[] = "RDS may refuse to share this snapshot";
    if (memory_says_first(account_memory(call), call->arena, summary, arn))
        tf_warn(call, "snapshot_identifier", summary,
                "%.*s is encrypted with a key that AWS owns (sse-rds). AWS does not document whether such a snapshot "
                "can be shared. The apply asks RDS. If RDS refuses:\n\n%s",
                STR_ARG(arn), share_copy_first);
}

/* What is to be shared; all zero where AWS does not say. A snapshot that failed or is being
 * deleted makes room for another one, perhaps under another key. */
static struct rds_snapshot look_at_shared(struct tf_call *call, const struct aws_call *aws, const struct share *planned,
                                          const struct snapshot_ref *ref)
{
    struct rds_snapshot found;
    CLEANUP(err_clear) struct err ignored = { 0 };
    if (!rds_describe_snapshot(aws, ref->kind, ref->name, &found, &ignored) || status_holds_nothing(found.status))
        return (struct rds_snapshot){ 0 };
    if (encryption_of(&found) == ENCRYPTION_RDS)
        warn_of_aws_owned_key(call, planned->snapshot_arn.value);
    if (str_is_empty(encryption_key(&found)))
        look_for_public(call, aws, ref, planned->snapshot_arn.value);
    return found;
}

/* Only the owner can share. What is shared already was read with these credentials. */
static bool check_owner(struct tf_call *call, const struct share *held, const struct share *planned, struct err *err)
{
    struct snapshot_ref ref;
    struct aws_identity identity;
    if (planned->snapshot_arn.state != TF_KNOWN || !aws_configuration_is_known(account_aws(call), NULL) || held)
        return true;
    if (!account_identity(call, &identity, err))
        return err_wrap(err, "finding out whether the snapshot is this account's");
    if (snapshot_ref_parse(call->arena, planned->snapshot_arn.value, &ref, err) && account_check(&ref, &identity, err))
        return true;
    err_set_path(err, "snapshot_identifier");
    return false;
}

/* The share of a copy is not one of whatever has its name by now. */
static bool check_data(struct tf_call *call, const struct share *planned, const struct tf_string_set *added,
                       struct err *err)
{
    const struct str arn = tf_text(planned->snapshot_arn, STR(""));
    if (!added->count || !memory_knows(account_memory(call), MEMORY_OTHER_DATA, arn))
        return true;
    err_set(err, ERR_CONFLICT,
            "%.*s is not shared: the state has a snapshot_reencrypt_copy of that name, but the snapshot there holds "
            "other data",
            STR_ARG(arn));
    err_set_path(err, "snapshot_identifier");
    err_set_remedy(err, "Give the copy another target_snapshot_identifier: it is made again there, and shared. If you "
                        "mean to share the snapshot that exists, remove the copy from the state (terraform state rm "
                        "ADDRESS) and name the snapshot here.\nThis error stops every plan of this share, that of a "
                        "destroy too. To destroy all the same: terraform destroy -refresh=false");
    return false;
}

/* Only for accounts that are to be added: what works already is left alone. */
static bool plan_key(struct tf_call *call, const struct share *planned, const struct tf_string_set *added,
                     struct err *err)
{
    struct snapshot_ref ref;
    struct aws_call aws;
    CLEANUP(err_clear) struct err ignored = { 0 };
    if (!added->count || planned->snapshot_arn.state != TF_KNOWN ||
        !aws_configuration_is_known(account_aws(call), NULL) ||
        !snapshot_ref_parse(call->arena, planned->snapshot_arn.value, &ref, &ignored) ||
        !account_call(call, &ref, key_preflight_deadline_ms(call), &aws, &ignored))
        return true; /* the apply says what is wrong with them */
    const struct rds_snapshot found = look_at_shared(call, &aws, planned, &ref);
    const struct str key = encryption_key(&found);
    const struct key_users users = key_users_of(call, KEY_PART_NONE, STR(""), added);
    if (!share_check_tde(&found, err))
        return false;
    return str_is_empty(key) || !users.reader_count ||
           key_preflight_plan(call, &aws, key, "snapshot_identifier", &users, err) ||
           err_wrap(err, "%.*s cannot be shared", STR_ARG(planned->snapshot_arn.value));
}

bool share_plan(struct tf_call *call, struct tf_plan *plan, struct err *err)
{
    const struct share *config = plan->config;
    const struct share *prior = plan->prior;
    struct share *planned = plan->planned;
    struct snapshot_ref named;
    if (plan->destroy) {
        warn_of_second_listing(call, MEMORY_DELETED_LISTED, tf_text(prior->snapshot_arn, STR("")), &prior->account_ids);
        return true;
    }
    bool is_named = config->snapshot_identifier.state == TF_KNOWN;
    bool is_arn = is_named && aws_is_arn(config->snapshot_identifier.value);
    if (is_arn && !snapshot_ref_parse(call->arena, config->snapshot_identifier.value, &named, err))
        return false;
    planned->snapshot_identifier = config->snapshot_identifier;
    if (is_named && !plan_place(call, config, prior, is_arn ? &named : NULL, planned, err))
        return false;
    if (is_arn && !check_against_arn(planned, &named, err))
        return false;
    if (is_arn)
        planned->snapshot_arn = tf_known_string(snapshot_ref_arn(call->arena, &named));
    else if (!is_named)
        planned->snapshot_arn.state = planned->snapshot_kind.state = planned->region.state = TF_UNKNOWN;
    else if (!plan_arn_of_name(call, prior, planned, err))
        return false;
    if (config->snapshot_kind.state != TF_NULL)
        planned->snapshot_kind = config->snapshot_kind;
    if (config->region.state != TF_NULL)
        planned->region = config->region;
    if (prior)
        plan_replacement(call, prior, planned);
    planned->id = planned->snapshot_arn;
    /* Another snapshot is judged as a create judges it: core plans that one too, but drops its warnings. */
    const struct share *held = prior && tf_string_equal(prior->snapshot_arn, planned->snapshot_arn) ? prior : NULL;
    if (!check_owner(call, held, planned, err))
        return false;
    const struct tf_string_set kept = planned_accounts(call, planned, held, true);
    const struct tf_string_set added = planned_accounts(call, planned, held, false);
    warn_of_own_account(call, planned);
    warn_of_second_listing(call, MEMORY_KEPT_LISTS, tf_text(planned->snapshot_arn, STR("")), &kept);
    return check_data(call, planned, &added, err) && plan_key(call, planned, &added, err);
}
