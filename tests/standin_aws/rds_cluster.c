/* SPDX-License-Identifier: MPL-2.0
 *
 * aws_rds_cluster, restored from a snapshot; another snapshot is another cluster.
 */
#include "tests/standin_aws/rds_calls.h"
#include "tests/standin_aws/registry.h"
#include "tests/standin_aws/standin.h"
#include "tests/standin_aws/tags.h"
#include "tests/standin_aws/timeouts.h"
#include "tests/standin_aws/wait.h"

struct capacities {
    struct tf_int64 max_capacity;
    struct tf_int64 min_capacity;
};

TF_BLOCKS(capacities);

struct rds_cluster {
    struct tf_bool apply_immediately;
    struct tf_string arn;
    struct tf_int64 backup_retention_period;
    struct tf_string cluster_identifier;
    struct tf_string db_cluster_parameter_group_name;
    struct tf_string db_subnet_group_name;
    struct tf_bool deletion_protection;
    struct tf_string endpoint;
    struct tf_string engine;
    struct tf_string engine_version;
    struct tf_string final_snapshot_identifier;
    struct tf_string id;
    struct tf_string kms_key_id;
    struct tf_int64 port;
    struct tf_string reader_endpoint;
    struct tf_blocks_capacities serverlessv2_scaling_configuration;
    struct tf_bool skip_final_snapshot;
    struct tf_string snapshot_identifier;
    struct tf_bool storage_encrypted;
    struct tf_string_map tags;
    struct tf_string_map tags_all;
    struct tf_blocks_timeouts timeouts;
    struct tf_string_set vpc_security_group_ids;
};

/* clang-format off */
#define CLUSTER(member, rules, text) TF_ATTR(struct rds_cluster, member, .flags = (rules), .description = (text))

static const struct tf_attribute capacities_attributes[] = {
    TF_ATTR(struct capacities, max_capacity, .flags = TF_REQUIRED, .description = "Most, in ACUs."),
    TF_ATTR(struct capacities, min_capacity, .flags = TF_REQUIRED, .description = "Fewest, in ACUs."),
    TF_END,
};
static const struct tf_model capacities_model = TF_MODEL(struct capacities, capacities_attributes);

static const struct tf_attribute cluster_attributes[] = {
    CLUSTER(apply_immediately, TF_OPTIONAL | TF_COMPUTED, "Do not wait for the maintenance window."),
    CLUSTER(arn, TOLD, "ARN of the cluster."),
    CLUSTER(backup_retention_period, CHOSEN, "Days that automated backups are kept."),
    CLUSTER(cluster_identifier, CHOSEN | FIXED, "Name of the cluster."),
    CLUSTER(db_cluster_parameter_group_name, CHOSEN, "Parameter group."),
    CLUSTER(db_subnet_group_name, CHOSEN | FIXED, "Subnet group."),
    CLUSTER(deletion_protection, TF_OPTIONAL, "Refuse deletion."),
    CLUSTER(endpoint, TOLD, "Where to write to."),
    CLUSTER(engine, TF_REQUIRED | FIXED, "Engine."),
    CLUSTER(engine_version, CHOSEN, "Engine version."),
    CLUSTER(final_snapshot_identifier, TF_OPTIONAL, "Name of the last snapshot."),
    CLUSTER(id, CHOSEN, "Name of the cluster."),
    CLUSTER(kms_key_id, CHOSEN | FIXED, "ARN of the key."),
    CLUSTER(port, CHOSEN, "Port."),
    CLUSTER(reader_endpoint, TOLD, "Where to read from."),
    TF_BLOCK(struct rds_cluster, serverlessv2_scaling_configuration, TF_BLOCK_LIST, struct capacities,
             &capacities_model, .max_items = 1, .description = "Capacity of its `db.serverless` instances."),
    CLUSTER(skip_final_snapshot, TF_OPTIONAL, "Delete without a last snapshot."),
    CLUSTER(snapshot_identifier, TF_OPTIONAL | FIXED, "Name or ARN of the snapshot to restore."),
    CLUSTER(storage_encrypted, CHOSEN | FIXED, "Whether it is encrypted."),
    CLUSTER(tags, TF_OPTIONAL, "Tags."),
    CLUSTER(tags_all, TF_OPTIONAL | TF_COMPUTED, "Tags: the provider's default_tags, and `tags`."),
    TF_BLOCK(struct rds_cluster, timeouts, TF_BLOCK_SINGLE, struct timeouts, &standin_timeouts_model,
             .description = "Time limits."),
    CLUSTER(vpc_security_group_ids, CHOSEN, "Security groups."),
    TF_END,
};
/* clang-format on */

static void cluster_validate(struct tf_call *call, const void *config)
{
    if (((const struct rds_cluster *)config)->snapshot_identifier.state == TF_NULL)
        tf_error(call, "snapshot_identifier", "Missing snapshot", "The stand-in makes no empty clusters.");
}

static void cluster_to_state(struct tf_call *call, const struct db_cluster *found, struct rds_cluster *state)
{
    struct str *groups = arena_array(call->arena, found->security_groups.count, sizeof(*groups));
    for (size_t i = 0; i < found->security_groups.count; i++)
        groups[i] = found->security_groups.items[i].id;
    state->arn = tf_known_string(found->arn);
    state->backup_retention_period = tf_known_int64(found->backup_retention_period.value);
    state->cluster_identifier = state->id = tf_known_string(found->identifier);
    state->db_cluster_parameter_group_name = tf_known_string(found->db_cluster_parameter_group_name);
    state->db_subnet_group_name = tf_known_string(found->db_subnet_group_name);
    if (found->deletion_protection.value || state->deletion_protection.state == TF_KNOWN)
        state->deletion_protection = tf_known_bool(found->deletion_protection.value);
    state->endpoint = tf_known_string(found->endpoint);
    state->engine = tf_known_string(found->engine);
    state->engine_version = tf_known_string(found->engine_version);
    state->kms_key_id = tf_known_string(found->kms_key_id);
    state->port = tf_known_int64(found->port.value);
    state->reader_endpoint = tf_known_string(found->reader_endpoint);
    state->storage_encrypted = tf_known_bool(found->storage_encrypted.value);
    state->vpc_security_group_ids = tf_string_set_from(call->arena, groups, found->security_groups.count);
}

static struct wire_int64 number_of(struct tf_int64 number)
{
    return (struct wire_int64){ number.state == TF_KNOWN, number.value };
}

static struct db_cluster_request request_from(struct tf_call *call, const struct rds_cluster *want)
{
    struct db_cluster_request request = {
        .identifier = tf_text(want->cluster_identifier, STR("")),
        .snapshot_identifier = tf_text(want->snapshot_identifier, STR("")),
        .engine = tf_text(want->engine, STR("")),
        .engine_version = tf_text(want->engine_version, STR("")),
        .kms_key_id = tf_text(want->kms_key_id, STR("")),
        .db_cluster_parameter_group_name = tf_text(want->db_cluster_parameter_group_name, STR("")),
        .db_subnet_group_name = tf_text(want->db_subnet_group_name, STR("")),
        .port = number_of(want->port),
        .deletion_protection = { want->deletion_protection.state == TF_KNOWN, want->deletion_protection.value },
        .tags = standin_tags_to_send(call->arena, &want->tags_all),
    };
    const struct tf_string_set *groups = &want->vpc_security_group_ids;
    request.vpc_security_group_ids.items = arena_array(call->arena, groups->count, sizeof(struct str));
    for (size_t i = 0; i < groups->count; i++)
        request.vpc_security_group_ids.items[request.vpc_security_group_ids.count++] = groups->items[i].value;
    return request;
}

/* What a restore does not take, or an update may change. False: nothing of it is set. */
static bool changes_from(const struct rds_cluster *want, struct db_cluster_request *change)
{
    const struct tf_blocks_capacities *scaling = &want->serverlessv2_scaling_configuration;
    change->identifier = want->cluster_identifier.value;
    change->apply_immediately =
        (struct wire_bool){ want->apply_immediately.state == TF_KNOWN, want->apply_immediately.value };
    change->backup_retention_period = number_of(want->backup_retention_period);
    if (scaling->state == TF_KNOWN && scaling->count)
        change->scaling =
            (struct scaling){ number_of(scaling->items[0].min_capacity), number_of(scaling->items[0].max_capacity) };
    return change->backup_retention_period.present || change->scaling.min_capacity.present;
}

static bool change_cluster(const struct aws_call *aws, const struct db_cluster_request *change, struct err *err)
{
    return aws_client_call(aws, &rds_modify_cluster, change, NULL, err) &&
           standin_wait_available(aws, rds_cluster_status, change->identifier, err);
}

static bool cluster_create(struct tf_call *call, struct tf_apply *apply, struct err *err)
{
    const struct rds_cluster *want = apply->planned;
    struct rds_cluster *state = apply->state;
    const struct db_cluster_request request = request_from(call, want);
    struct db_cluster_request change = { 0 };
    const bool is_changed = changes_from(want, &change);
    struct aws_call aws;
    struct db_cluster made;
    if (!standin_call(call, timeouts_of(&want->timeouts).create, 2 * HOUR_MS, &aws, err) ||
        !aws_client_call(&aws, &rds_restore_cluster, &request, NULL, err))
        return err_wrap(err, "creating the cluster %.*s", STR_ARG(request.identifier));
    apply->keep_state = true;
    state->id = want->cluster_identifier;
    if (!standin_wait_available(&aws, rds_cluster_status, request.identifier, err) ||
        (is_changed && !change_cluster(&aws, &change, err)) ||
        !rds_describe_cluster(&aws, request.identifier, &made, err))
        return false;
    cluster_to_state(call, &made, state);
    return true;
}

static bool cluster_read(struct tf_call *call, struct tf_read *read, struct err *err)
{
    struct rds_cluster *state = read->state;
    struct aws_call aws;
    struct db_cluster found;
    if (!standin_short_call(call, &aws, err))
        return false;
    if (!rds_describe_cluster(&aws, state->id.value, &found, err)) {
        read->gone = err->kind == ERR_NOT_FOUND;
        return read->gone;
    }
    if (!rds_look_at_global_clusters(&aws, err))
        return false;
    cluster_to_state(call, &found, state);
    state->tags_all = standin_tags_from(call, &found.tags);
    return true;
}

static bool cluster_update(struct tf_call *call, struct tf_apply *apply, struct err *err)
{
    const struct rds_cluster *prior = apply->prior;
    const struct rds_cluster *want = apply->planned;
    const struct db_cluster_request all = request_from(call, want);
    struct db_cluster_request change = {
        .engine_version = tf_string_equal(prior->engine_version, want->engine_version) ? STR("") : all.engine_version,
        .vpc_security_group_ids = all.vpc_security_group_ids,
        .db_cluster_parameter_group_name = all.db_cluster_parameter_group_name,
        .port = all.port,
        .deletion_protection = { true, tf_is_true(want->deletion_protection) },
    };
    (void)changes_from(want, &change);
    struct aws_call aws;
    struct db_cluster found;
    if (!standin_call(call, timeouts_of(&want->timeouts).update, 2 * HOUR_MS, &aws, err) ||
        !change_cluster(&aws, &change, err) ||
        !rds_change_tags(&aws, prior->arn.value, &prior->tags_all, &want->tags_all, err) ||
        !rds_describe_cluster(&aws, prior->id.value, &found, err))
        return err_wrap(err, "updating the cluster %.*s", STR_ARG(prior->id.value));
    cluster_to_state(call, &found, apply->state);
    return true;
}

static bool cluster_delete(struct tf_call *call, struct tf_apply *apply, struct err *err)
{
    const struct rds_cluster *prior = apply->prior;
    const bool skips = tf_is_true(prior->skip_final_snapshot);
    const struct str last = tf_text(prior->final_snapshot_identifier, STR(""));
    const struct db_cluster_request request = {
        .identifier = prior->id.value,
        .skip_final_snapshot = { true, skips },
        .final_snapshot_identifier = skips ? STR("") : last
    };
    struct aws_call aws;
    if (!skips && str_is_empty(last))
        return err_set(err, ERR_INVALID,
                       "final_snapshot_identifier is required when skip_final_snapshot is false or unset");
    if (!standin_call(call, timeouts_of(&prior->timeouts).delete, 2 * HOUR_MS, &aws, err) ||
        (!aws_client_call(&aws, &rds_delete_cluster, &request, NULL, err) && err->kind != ERR_NOT_FOUND))
        return err_wrap(err, "deleting the cluster %.*s", STR_ARG(request.identifier));
    return standin_wait_gone(&aws, rds_cluster_status, request.identifier, err);
}

static bool cluster_import(struct tf_call *call, struct str id, void *state, struct err *err)
{
    (void)call;
    (void)err;
    ((struct rds_cluster *)state)->id = tf_known_string(id);
    return true;
}

static bool cluster_plan(struct tf_call *call, struct tf_plan *plan, struct err *err)
{
    (void)err;
    struct rds_cluster *planned = plan->planned;
    if (!plan->destroy)
        planned->tags_all = standin_tags_all(call, &planned->tags);
    return true;
}

const struct tf_resource rds_cluster_resource = {
    .type_name = "aws_rds_cluster",
    .description = "An Aurora cluster.",
    .model = TF_MODEL(struct rds_cluster, cluster_attributes),
    .validate = cluster_validate,
    .plan = cluster_plan,
    .create = cluster_create,
    .read = cluster_read,
    .update = cluster_update,
    .delete = cluster_delete,
    .import = cluster_import,
};
