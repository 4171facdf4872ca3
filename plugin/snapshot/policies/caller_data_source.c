/* SPDX-License-Identifier: MPL-2.0
 *
 * data "snapshot_caller_policy": what the role that the provider runs as must be
 * allowed on one side of a migration, and no more: the other half of what
 * snapshot_key_policy writes. With names of clusters, or keys that the role makes,
 * also what the resources of hashicorp/aws need for the rest of the seven steps.
 * No AWS call, no configuration needed, the same bytes for the same input. What it
 * does not hold is optional: better messages (rds:DescribeEvents,
 * rds:DescribeAccountAttributes) and finding a refusal before the copy
 * (kms:ListGrants, and kms:GetKeyPolicy unless the role manages its keys).
 */
#include "aws/arn.h"
#include "aws/endpoint.h"
#include "aws/policy/document.h"
#include "plugin/snapshot/arguments.h"
#include "plugin/snapshot/kind.h"
#include "plugin/snapshot/policies/needs.h"
#include "plugin/snapshot/registry.h"

struct caller_policy {
    struct tf_string side;
    struct tf_string account_id;
    struct tf_string source_account_id;
    struct tf_string region;
    struct tf_string source_region;
    struct tf_string snapshot_kind;
    struct tf_string_set source_snapshot_names;
    struct tf_string_set snapshot_names;
    struct tf_string_set source_kms_key_arns;
    struct tf_string_set kms_key_arns;
    struct tf_string_set cluster_names;
    struct tf_string_set instance_names;
    struct tf_bool manages_keys;
    struct tf_string json;
};

static bool is_source(const struct caller_policy *policy)
{
    return str_equal(policy->side.value, STR("source"));
}

/* ---- Rows ------------------------------------------------------------------ */

static void check_side(struct tf_call *call, const char *path, const void *member)
{
    const struct tf_string *side = member;
    if (!str_equal(side->value, STR("source")) && !str_equal(side->value, STR("target")))
        tf_error(
            call, path, "Invalid side",
            "\"%.*s\" is neither \"source\" (the account that shares) nor \"target\" (the account that copies what "
            "is shared).",
            STR_ARG(side->value));
}

static void check_account(struct tf_call *call, const char *path, const void *member)
{
    const struct tf_string *account = member;
    CLEANUP(err_clear) struct err err = { 0 };
    if (!argument_is_account(call->arena, account->value, &err))
        tf_error(call, path, "Invalid account id", "%s", err_text(&err));
}

static void check_names(struct tf_call *call, const char *path, const void *member)
{
    const struct tf_string_set *names = member;
    if (!names->count)
        tf_error(call, path, "No names", "At least one name is needed; \"*\" stands for any.");
    for (size_t i = 0; i < names->count; i++)
        if (names->items[i].state != TF_UNKNOWN &&
            (str_is_empty(names->items[i].value) || aws_is_arn(names->items[i].value)))
            tf_error(
                call, path, "Invalid name",
                "\"%.*s\" is not a name. The ARN is made of it, the account and the Region; \"*\" in a name stands "
                "for any text.",
                STR_ARG(names->items[i].value));
}

static void check_keys(struct tf_call *call, const char *path, const void *member)
{
    const struct tf_string_set *keys = member;
    if (!keys->count)
        tf_error(call, path, "No keys", "At least one key ARN is needed.");
    for (size_t i = 0; i < keys->count; i++) {
        struct aws_arn arn;
        CLEANUP(err_clear) struct err err = { 0 };
        const struct str text = keys->items[i].value;
        if (keys->items[i].state != TF_UNKNOWN &&
            !(aws_is_arn(text) && aws_arn_parse(text, &arn, &err) && str_equal(arn.service, STR("kms")) &&
              str_starts_with(arn.resource, STR("key/"))))
            tf_error(
                call, path, "Invalid key ARN",
                "\"%.*s\" is not the ARN of a key, arn:PARTITION:kms:REGION:ACCOUNT:key/ID: identity policies know "
                "no aliases.",
                STR_ARG(text));
    }
}

static const struct tf_attribute caller_policy_attributes[] = {
    TF_ATTR(struct caller_policy, side, .flags = TF_REQUIRED, .validate = check_side,
            .description = "`source`: the role of the account that shares; `target`: the role of the account that "
                           "copies what is shared."),
    TF_ATTR(struct caller_policy, account_id, .flags = TF_REQUIRED, .validate = check_account,
            .description = "The account that the role belongs to: 12 digits."),
    TF_ATTR(struct caller_policy, source_account_id, .flags = TF_OPTIONAL, .validate = check_account,
            .description = "For `target` only, and required there: the account that shares."),
    TF_ATTR(struct caller_policy, region, .flags = TF_REQUIRED, .validate = argument_check_region,
            .description = "The Region of the copies."),
    TF_ATTR(struct caller_policy, source_region, .flags = TF_OPTIONAL, .validate = argument_check_region,
            .description = "The Region of what is copied. Default: that of the copies."),
    TF_ATTR(struct caller_policy, snapshot_kind, .flags = TF_OPTIONAL, .validate = argument_check_kind,
            .description = "`cluster` (default) or `instance`."),
    TF_ATTR(struct caller_policy, source_snapshot_names, .flags = TF_REQUIRED, .validate = check_names,
            .description = "Names of the snapshots that are copied or, with `cluster_names`, restored directly; `*` in "
                           "a name stands for any text."),
    TF_ATTR(struct caller_policy, snapshot_names, .flags = TF_REQUIRED, .validate = check_names,
            .description =
                "Names of the copies, which the `source` side also shares; with `cluster_names`, for `target`, "
                "also of the final snapshots of these clusters. `*` in a name stands for any text."),
    TF_ATTR(struct caller_policy, source_kms_key_arns, .flags = TF_OPTIONAL, .validate = check_keys,
            .description = "ARNs of the customer-managed keys that the copied snapshots are encrypted with. Required "
                           "for `target`; for `source` leave it out where that is `aws/rds`, which needs none."),
    TF_ATTR(struct caller_policy, kms_key_arns, .flags = TF_REQUIRED, .validate = check_keys,
            .description = "ARNs of the keys that the copies are encrypted with. `*` in one stands for any text."),
    TF_ATTR(struct caller_policy, cluster_names, .flags = TF_OPTIONAL, .validate = check_names,
            .description = "DB clusters that the same role snapshots by `aws_db_cluster_snapshot` (`source`), or "
                           "restores by `aws_rds_cluster` and `aws_rds_cluster_instance` (`target`), and keeps. The "
                           "policy then holds what these need, too."),
    TF_ATTR(struct caller_policy, instance_names, .flags = TF_OPTIONAL, .validate = check_names,
            .description =
                "With `cluster_names`, for `target` only and required there: the instances of these clusters."),
    TF_ATTR(struct caller_policy, manages_keys, .flags = TF_OPTIONAL,
            .description = "`true`: the same role makes the keys in `kms_key_arns` and keeps them, by `aws_kms_key` "
                           "and `aws_kms_alias`. A key's id is not known before: `kms_key_arns` has to be a pattern "
                           "then, such as `arn:aws:kms:eu-central-1:111122223333:key/*`."),
    TF_ATTR(struct caller_policy, json, .flags = TF_COMPUTED,
            .description = "The policy, for `aws_iam_role_policy.policy`. The same input gives the same bytes."),
    TF_END,
};

static void caller_policy_validate(struct tf_call *call, const void *config)
{
    const struct caller_policy *policy = config;
    if (policy->side.state != TF_KNOWN)
        return;
    if (!is_source(policy) && policy->source_account_id.state == TF_NULL)
        tf_error(call, "source_account_id", "Missing source_account_id",
                 "A target's policy names the account that shares.");
    if (!is_source(policy) && policy->source_kms_key_arns.state == TF_NULL)
        tf_error(call, "source_kms_key_arns", "Missing source_kms_key_arns",
                 "A target reads what is encrypted with a key of the account that shares: name it.");
    if (is_source(policy) && policy->source_account_id.state != TF_NULL)
        tf_error(call, "source_account_id", "Unexpected source_account_id",
                 "A source copies its own snapshots; the argument belongs to side = \"target\".");
    const bool has_clusters = policy->cluster_names.state != TF_NULL;
    const bool has_instances = policy->instance_names.state != TF_NULL;
    if (has_instances && (is_source(policy) || !has_clusters))
        tf_error(call, "instance_names", "Unexpected instance_names",
                 "They are the instances of the restored clusters: with cluster_names and side = \"target\" only.");
    if (!is_source(policy) && has_clusters && !has_instances)
        tf_error(call, "instance_names", "Missing instance_names",
                 "A restored cluster has instances: name them, such as \"orders-*\".");
    if (has_clusters && str_equal(tf_text(policy->snapshot_kind, STR("")), STR("instance")))
        tf_error(call, "cluster_names", "Unexpected cluster_names",
                 "With snapshot_kind = \"instance\" no cluster is snapshotted or restored.");
}

/* ---- The policy ------------------------------------------------------------- */

/* Actions by kind; API operations and IAM actions have one name. */
enum action_list { COPYING, LOOKING, KEEPING, SHARING, ACTION_LISTS };

static const char *const actions[ACTION_LISTS][2][5] = {
    [COPYING] = { [RDS_CLUSTER] = { "rds:CopyDBClusterSnapshot" },                                                       [RDS_INSTANCE] = { "rds:CopyDBSnapshot" } },
    [LOOKING] = { [RDS_CLUSTER] = { "rds:DescribeDBClusterSnapshots" },
                 [RDS_INSTANCE] = { "rds:DescribeDBSnapshots" }                                                                                                    },
    [KEEPING] = { [RDS_CLUSTER] = { "rds:AddTagsToResource", "rds:RemoveTagsFromResource",
                                    "rds:DeleteDBClusterSnapshot" },
                 [RDS_INSTANCE] = { "rds:AddTagsToResource", "rds:RemoveTagsFromResource", "rds:DeleteDBSnapshot" }                                                },
    [SHARING] = { [RDS_CLUSTER] = { "rds:DescribeDBClusterSnapshotAttributes", "rds:ModifyDBClusterSnapshotAttribute" },
                 [RDS_INSTANCE] = { "rds:DescribeDBSnapshotAttributes", "rds:ModifyDBSnapshotAttribute" }                                                          },
};

struct writing {
    struct arena *arena;
    enum rds_kind kind;
    struct aws_policy_statement statements[16];
    size_t count;
};

static void put(struct writing *writing, const char *sid, const char *const *list, const struct wire_strings *resources)
{
    writing->statements[writing->count++] = (struct aws_policy_statement){
        .sid = sid, .actions = list, .resources = resources->items, .resource_count = resources->count
    };
}

static void put_list(struct writing *writing, const char *sid, enum action_list list,
                     const struct wire_strings *resources)
{
    put(writing, sid, actions[list][writing->kind], resources);
}

static struct wire_strings snapshot_arns(struct arena *arena, const struct tf_string_set *names,
                                         struct snapshot_ref place)
{
    struct wire_strings out = { .items = arena_array(arena, names->count, sizeof(struct str)), .count = names->count };
    for (size_t i = 0; i < names->count; i++) {
        place.name = str_lower(arena, names->items[i].value);
        out.items[i] = snapshot_ref_arn(arena, &place);
    }
    return out;
}

static struct wire_strings texts_of(struct arena *arena, const struct tf_string_set *set)
{
    struct wire_strings out;
    out.items = tf_given_texts(arena, set->items, set->count, &out.count);
    return out;
}

static struct wire_strings joined(struct arena *arena, const struct wire_strings *a, const struct wire_strings *b)
{
    struct wire_strings out = { .items = arena_array(arena, a->count + b->count, sizeof(struct str)) };
    for (size_t i = 0; i < a->count; i++)
        out.items[out.count++] = a->items[i];
    for (size_t i = 0; i < b->count; i++)
        out.items[out.count++] = b->items[i];
    return out;
}

/* kms:DescribeKey is asked for directly, too; all else only through RDS, and
 * grants only for RDS's own use. */
static void put_keys(struct writing *writing, const char *const sids[3], const struct wire_strings *keys,
                     enum key_part part, const struct wire_strings *hosts)
{
    static const char *const looking[] = { "kms:DescribeKey", NULL };
    static const struct str is_true = { "true", sizeof("true") - 1 };
    const char **use = arena_array(writing->arena, NEEDS_COUNT + 1, sizeof(*use));
    const char **grants = arena_array(writing->arena, NEEDS_COUNT + 1, sizeof(*grants));
    size_t used = 0, granted = 0;
    for (size_t i = 0; i < NEEDS_COUNT; i++)
        if (need_is_of(&needs[i], part) && needs[i].is_grant_action)
            grants[granted++] = needs[i].action;
        else if (need_is_of(&needs[i], part) && !str_equal(str_from(needs[i].action), STR("kms:DescribeKey")))
            use[used++] = needs[i].action;
    const struct aws_policy_condition via_rds = { "StringEquals", "kms:ViaService", hosts->items, hosts->count };
    put(writing, sids[0], looking, keys);
    if (used) {
        put(writing, sids[1], use, keys);
        writing->statements[writing->count - 1].conditions[0] = via_rds;
        writing->statements[writing->count - 1].condition_count = 1;
    }
    put(writing, sids[2], grants, keys);
    writing->statements[writing->count - 1].conditions[0] = via_rds;
    writing->statements[writing->count - 1].conditions[1] =
        (struct aws_policy_condition){ "Bool", "kms:GrantIsForAWSResource", &is_true, 1 };
    writing->statements[writing->count - 1].condition_count = 2;
}

/* ---- What hashicorp/aws needs ------------------------------------------------ */

/* By what its resources are documented to do, and by the calls that tests/standin_aws
 * makes for them. */
static const char *const snapshot_making[] = { "rds:CreateDBClusterSnapshot", NULL };
static const char *const snapshot_keeping[] = { "rds:AddTagsToResource", "rds:RemoveTagsFromResource",
                                                "rds:DeleteDBClusterSnapshot",
                                                "rds:DescribeDBClusterSnapshotAttributes", NULL };
static const char *const database_keeping[] = {
    "rds:RestoreDBClusterFromSnapshot",
    "rds:DescribeDBClusters",
    "rds:ModifyDBCluster",
    "rds:DeleteDBCluster",
    "rds:CreateDBClusterSnapshot", /* the final one, as AWS announced in 2024 */
    "rds:CreateDBInstance",
    "rds:DescribeDBInstances",
    "rds:ModifyDBInstance",
    "rds:DeleteDBInstance",
    NULL,
};
static const char *const database_tagging[] = { "rds:AddTagsToResource", "rds:RemoveTagsFromResource", NULL };
static const char *const global_looking[] = { "rds:DescribeGlobalClusters", NULL };
static const char *const key_making[] = { "kms:CreateKey", "kms:ListAliases", NULL };
static const char *const key_keeping[] = {
    "kms:GetKeyPolicy",
    "kms:PutKeyPolicy",
    "kms:UpdateKeyDescription",
    "kms:EnableKeyRotation",
    "kms:DisableKeyRotation",
    "kms:GetKeyRotationStatus",
    "kms:ListResourceTags",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:ScheduleKeyDeletion",
    NULL,
};
static const char *const key_naming[] = { "kms:CreateAlias", "kms:UpdateAlias", "kms:DeleteAlias", NULL };

/* "arn:aws:rds:REGION:ACCOUNT:cluster:NAME" of each name. */
static struct wire_strings arns_of(struct arena *arena, const char *service, const char *type, struct str region,
                                   struct str account, const struct tf_string_set *names)
{
    struct wire_strings out = { .items = arena_array(arena, names->count + 1, sizeof(struct str)),
                                .count = names->count };
    for (size_t i = 0; i < names->count; i++) {
        const struct str name = str_lower(arena, names->items[i].value);
        out.items[i] = str_format(arena, "arn:%s:%s:%.*s:%.*s:%s%.*s", aws_partition_of_region(region)->name, service,
                                  STR_ARG(region), STR_ARG(account), type, STR_ARG(name));
    }
    return out;
}

static struct wire_strings any_of(struct arena *arena, const char *service, const char *type,
                                  const struct caller_policy *policy)
{
    const struct str any = STR("*");
    const struct tf_string_set names = tf_string_set_from(arena, &any, 1);
    return arns_of(arena, service, type, policy->region.value, policy->account_id.value, &names);
}

static void put_snapshots_of_clusters(struct writing *writing, const struct caller_policy *policy, struct str region,
                                      const struct wire_strings *snapshots)
{
    const struct wire_strings clusters =
        arns_of(writing->arena, "rds", "cluster:", region, policy->account_id.value, &policy->cluster_names);
    const struct wire_strings both = joined(writing->arena, &clusters, snapshots);
    put(writing, "TakeSnapshots", snapshot_making, &both);
    put(writing, "KeepSnapshots", snapshot_keeping, snapshots);
}

/* `snapshots`: what a cluster may be restored from, and its final ones. Then what a cluster or an instance may be given
 * by name when it is made or changed. */
static void put_databases(struct writing *writing, const struct caller_policy *policy,
                          const struct wire_strings *snapshots)
{
    static const char *const groups[] = { "subgrp:", "cluster-pg:", "pg:", "og:" };
    struct arena *arena = writing->arena;
    const struct wire_strings clusters =
        arns_of(arena, "rds", "cluster:", policy->region.value, policy->account_id.value, &policy->cluster_names);
    const struct wire_strings instances =
        arns_of(arena, "rds", "db:", policy->region.value, policy->account_id.value, &policy->instance_names);
    const struct wire_strings databases = joined(arena, &clusters, &instances);
    struct wire_strings all = joined(arena, &databases, snapshots);
    for (size_t i = 0; i < ARRAY_LENGTH(groups); i++) {
        const struct wire_strings group = any_of(arena, "rds", groups[i], policy);
        all = joined(arena, &all, &group);
    }
    put(writing, "RestoreAndKeepDatabases", database_keeping, &all);
    put(writing, "TagDatabases", database_tagging, &databases);
    put(writing, "LookAtGlobalClusters", global_looking, &(struct wire_strings){ 0 });
}

static void put_key_management(struct writing *writing, const struct caller_policy *policy,
                               const struct wire_strings *keys)
{
    const struct wire_strings aliases = any_of(writing->arena, "kms", "alias/", policy);
    const struct wire_strings both = joined(writing->arena, keys, &aliases);
    put(writing, "MakeKeys", key_making, &(struct wire_strings){ 0 });
    put(writing, "KeepKeys", key_keeping, keys);
    put(writing, "NameKeys", key_naming, &both);
}

/* ---- All of it ---------------------------------------------------------------- */

static struct wire_strings hosts_of(struct arena *arena, struct str region, struct str source_region)
{
    const struct str regions[] = { region, source_region };
    struct wire_strings out = { .items = arena_array(arena, 2, sizeof(struct str)) };
    for (size_t i = 0; i < (str_equal(region, source_region) ? 1 : ARRAY_LENGTH(regions)); i++)
        out.items[out.count++] =
            str_format(arena, "rds.%.*s.%s", STR_ARG(regions[i]), aws_partition_of_region(regions[i])->dns_suffix);
    return out;
}

static bool caller_policy_read(struct tf_call *call, const void *config, void *state, struct err *err)
{
    static const char *const copy_keys[] = { "LookAtKeysOfCopies", "UseKeysOfCopies", "GrantKeysOfCopiesToRDS" };
    static const char *const source_keys[] = { "LookAtKeysOfSources", "UseKeysOfSources", "GrantKeysOfSourcesToRDS" };
    const struct caller_policy *policy = config;
    struct caller_policy *result = state;
    struct arena *arena = call->arena;
    struct writing writing = { .arena = arena, .kind = RDS_CLUSTER };
    const struct str source_region = tf_text(policy->source_region, policy->region.value);
    (void)snapshot_kind_find(tf_text(policy->snapshot_kind, STR("cluster")), &writing.kind);

    const struct wire_strings copies =
        snapshot_arns(arena, &policy->snapshot_names,
                      (struct snapshot_ref){ .partition = str_from(aws_partition_of_region(policy->region.value)->name),
                                             .region = policy->region.value,
                                             .account = policy->account_id.value,
                                             .kind = writing.kind });
    const struct wire_strings sources =
        snapshot_arns(arena, &policy->source_snapshot_names,
                      (struct snapshot_ref){ .partition = str_from(aws_partition_of_region(source_region)->name),
                                             .region = source_region,
                                             .account = tf_text(policy->source_account_id, policy->account_id.value),
                                             .kind = writing.kind });
    const struct wire_strings both = joined(arena, &sources, &copies);
    const struct wire_strings keys = texts_of(arena, &policy->kms_key_arns);
    const struct wire_strings keys_of_sources = texts_of(arena, &policy->source_kms_key_arns);
    const struct wire_strings hosts = hosts_of(arena, policy->region.value, policy->region.value);
    const struct wire_strings all_hosts = hosts_of(arena, policy->region.value, source_region);
    put_list(&writing, "Copy", COPYING, &both);
    put_list(&writing, "Look", LOOKING, &both);
    put_list(&writing, "KeepCopies", KEEPING, &copies);
    if (is_source(policy))
        put_list(&writing, "ShareCopies", SHARING, &copies);
    const bool has_clusters = policy->cluster_names.state == TF_KNOWN;
    /* A restore reads what is encrypted with the key of the copies. */
    put_keys(&writing, copy_keys, &keys, has_clusters && !is_source(policy) ? KEY_PART_READER : KEY_PART_TARGET,
             &hosts);
    if (keys_of_sources.count)
        put_keys(&writing, source_keys, &keys_of_sources, KEY_PART_READER, &all_hosts);
    if (has_clusters && is_source(policy))
        put_snapshots_of_clusters(&writing, policy, source_region, &sources);
    if (has_clusters && !is_source(policy))
        put_databases(&writing, policy, &both);
    if (tf_is_true(policy->manages_keys))
        put_key_management(&writing, policy, &keys);
    struct str json;
    if (!aws_policy_write(arena, writing.statements, writing.count, &json, err))
        return false;
    result->json = tf_known_string(json);
    return true;
}

const struct tf_data_source caller_policy_data_source = {
    .type_name = "snapshot_caller_policy",
    .description = "The identity policy that the provider's role needs on one side of a migration, no more than that: "
                   "for copying and sharing (`source`), or for copying what is shared (`target`). It goes together "
                   "with the policies of the two keys (`snapshot_key_policy`). Makes no AWS call.\n\nBy default it "
                   "holds what the resources of this provider need. With `cluster_names` and `manages_keys` it is the "
                   "policy of a role that does the whole side by Terraform, snapshot or restore and keys included, as "
                   "the module `aurora-account-migration` does. Optional, and therefore not in it: `kms:GetKeyPolicy` "
                   "(in it with `manages_keys`) and `kms:ListGrants` on the role's own keys, with which a refusal is "
                   "found before the copy; `rds:DescribeEvents` and `rds:DescribeAccountAttributes`, for better "
                   "messages. Snapshots of Neptune and DocumentDB also need `rds:ListTagsForResource`.",
    .model = TF_MODEL(struct caller_policy, caller_policy_attributes),
    .validate = caller_policy_validate,
    .read = caller_policy_read,
};
