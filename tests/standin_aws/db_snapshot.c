/* SPDX-License-Identifier: MPL-2.0
 *
 * aws_db_snapshot and aws_db_cluster_snapshot: one object whose attributes have
 * other names. Nothing is adopted: a name that is taken is an error.
 */
#include "tests/standin_aws/rds_calls.h"
#include "tests/standin_aws/registry.h"
#include "tests/standin_aws/standin.h"
#include "tests/standin_aws/tags.h"
#include "tests/standin_aws/timeouts.h"
#include "tests/standin_aws/wait.h"

struct db_snapshot {
    struct tf_string database;
    struct tf_string arn;
    struct tf_string name;
    struct tf_string id;
    struct tf_string_map tags;
    struct tf_string_map tags_all;
    struct tf_blocks_create_timeout timeouts;
};

/* clang-format off */
#define NAMED(own_name, member, rules, text)                                                                           \
    { .name = (own_name), .kind = TF_KIND(struct db_snapshot, member), .offset = offsetof(struct db_snapshot, member), \
      .size = sizeof(((struct db_snapshot *)0)->member), .flags = (rules), .description = (text) }
#define SNAPSHOT(member, rules, text) TF_ATTR(struct db_snapshot, member, .flags = (rules), .description = (text))
#define ROWS_OF_BOTH                                                                                                   \
    SNAPSHOT(id, CHOSEN, "Name of the snapshot."),                                                                     \
    SNAPSHOT(tags, TF_OPTIONAL, "Tags."),                                                                              \
    SNAPSHOT(tags_all, TF_OPTIONAL | TF_COMPUTED, "Tags: the provider's default_tags, and `tags`."),                   \
    TF_BLOCK(struct db_snapshot, timeouts, TF_BLOCK_SINGLE, struct create_timeout, &standin_create_timeout_model,      \
             .description = "Time limits.")

static const struct tf_attribute cluster_attributes[] = {
    NAMED("db_cluster_identifier", database, TF_REQUIRED | FIXED, "The cluster."),
    NAMED("db_cluster_snapshot_arn", arn, TOLD, "ARN of the snapshot."),
    NAMED("db_cluster_snapshot_identifier", name, TF_REQUIRED | FIXED, "Name of the snapshot."),
    ROWS_OF_BOTH,
    TF_END,
};

static const struct tf_attribute instance_attributes[] = {
    NAMED("db_instance_identifier", database, TF_REQUIRED | FIXED, "The instance."),
    NAMED("db_snapshot_arn", arn, TOLD, "ARN of the snapshot."),
    NAMED("db_snapshot_identifier", name, TF_REQUIRED | FIXED, "Name of the snapshot."),
    ROWS_OF_BOTH,
    TF_END,
};
/* clang-format on */

static const struct {
    const char *noun;
    status_fn *status;
} kinds[] = {
    [RDS_CLUSTER] = { "cluster snapshot", rds_cluster_snapshot_status  },
    [RDS_INSTANCE] = { "snapshot",         rds_instance_snapshot_status },
};

static void snapshot_to_state(const struct rds_snapshot *found, struct db_snapshot *state)
{
    state->database = tf_known_string(found->database_identifier);
    state->arn = tf_known_string(found->arn);
    state->name = tf_known_string(found->identifier);
}

static bool snapshot_create(enum rds_kind kind, struct tf_call *call, struct tf_apply *apply, struct err *err)
{
    const struct db_snapshot *want = apply->planned;
    struct db_snapshot *state = apply->state;
    const struct str name = want->name.value;
    const struct rds_snapshot_request request = { .database = want->database.value,
                                                  .snapshot = name,
                                                  .tags = standin_tags_to_send(call->arena, &want->tags_all) };
    struct aws_call aws;
    struct rds_snapshot made;
    if (!standin_call(call, standin_create_timeout_of(&want->timeouts).create, 20 * MINUTE_MS, &aws, err) ||
        !aws_client_call(&aws, &rds_create_snapshot[kind], &request, NULL, err))
        return err_wrap(err, "creating the %s %.*s", kinds[kind].noun, STR_ARG(name));
    apply->keep_state = true;
    state->id = want->name;
    if (!standin_wait_available(&aws, kinds[kind].status, name, err) ||
        !rds_describe_snapshot(&aws, kind, name, &made, err))
        return false;
    snapshot_to_state(&made, state);
    return true;
}

static bool snapshot_read(enum rds_kind kind, struct tf_call *call, struct tf_read *read, struct err *err)
{
    struct db_snapshot *state = read->state;
    struct aws_call aws;
    struct rds_snapshot found;
    struct wire_strings shared_accounts; /* an argument that the stand-in lacks; the call is made all the same */
    if (!standin_short_call(call, &aws, err))
        return false;
    if (!rds_describe_snapshot(&aws, kind, state->id.value, &found, err)) {
        read->gone = err->kind == ERR_NOT_FOUND;
        return read->gone;
    }
    if (!rds_describe_shares(&aws, kind, state->id.value, &shared_accounts, err))
        return false;
    snapshot_to_state(&found, state);
    state->tags_all = standin_tags_from(call, &found.tags);
    return true;
}

static bool snapshot_update(struct tf_call *call, struct tf_apply *apply, struct err *err)
{
    const struct db_snapshot *prior = apply->prior;
    const struct db_snapshot *want = apply->planned;
    struct aws_call aws;
    return standin_short_call(call, &aws, err) &&
           rds_change_tags(&aws, prior->arn.value, &prior->tags_all, &want->tags_all, err);
}

static bool snapshot_delete(enum rds_kind kind, struct tf_call *call, struct tf_apply *apply, struct err *err)
{
    const struct db_snapshot *prior = apply->prior;
    struct aws_call aws;
    return standin_short_call(call, &aws, err) &&
           (rds_delete_snapshot(&aws, kind, prior->id.value, err) || err->kind == ERR_NOT_FOUND) &&
           standin_wait_gone(&aws, kinds[kind].status, prior->id.value, err);
}

static bool snapshot_import(struct tf_call *call, struct str id, void *state, struct err *err)
{
    (void)call;
    (void)err;
    ((struct db_snapshot *)state)->id = tf_known_string(id);
    return true;
}

static bool snapshot_plan(struct tf_call *call, struct tf_plan *plan, struct err *err)
{
    (void)err;
    struct db_snapshot *planned = plan->planned;
    if (!plan->destroy)
        planned->tags_all = standin_tags_all(call, &planned->tags);
    return true;
}

/* ---- By kind ---------------------------------------------------------------- */

static bool cluster_create(struct tf_call *call, struct tf_apply *apply, struct err *err)
{
    return snapshot_create(RDS_CLUSTER, call, apply, err);
}

static bool cluster_read(struct tf_call *call, struct tf_read *read, struct err *err)
{
    return snapshot_read(RDS_CLUSTER, call, read, err);
}

static bool cluster_delete(struct tf_call *call, struct tf_apply *apply, struct err *err)
{
    return snapshot_delete(RDS_CLUSTER, call, apply, err);
}

static bool instance_create(struct tf_call *call, struct tf_apply *apply, struct err *err)
{
    return snapshot_create(RDS_INSTANCE, call, apply, err);
}

static bool instance_read(struct tf_call *call, struct tf_read *read, struct err *err)
{
    return snapshot_read(RDS_INSTANCE, call, read, err);
}

static bool instance_delete(struct tf_call *call, struct tf_apply *apply, struct err *err)
{
    return snapshot_delete(RDS_INSTANCE, call, apply, err);
}

const struct tf_resource db_cluster_snapshot_resource = {
    .type_name = "aws_db_cluster_snapshot",
    .description = "A snapshot of an Aurora cluster.",
    .model = TF_MODEL(struct db_snapshot, cluster_attributes),
    .plan = snapshot_plan,
    .create = cluster_create,
    .read = cluster_read,
    .update = snapshot_update,
    .delete = cluster_delete,
    .import = snapshot_import,
};

const struct tf_resource db_snapshot_resource = {
    .type_name = "aws_db_snapshot",
    .description = "A snapshot of a DB instance.",
    .model = TF_MODEL(struct db_snapshot, instance_attributes),
    .plan = snapshot_plan,
    .create = instance_create,
    .read = instance_read,
    .update = snapshot_update,
    .delete = instance_delete,
    .import = snapshot_import,
};
