/* SPDX-License-Identifier: MPL-2.0
 *
 * aws_db_snapshot. Nothing is adopted: a name that is taken is an error.
 */
#include "tests/standin_aws/rds_calls.h"
#include "tests/standin_aws/registry.h"
#include "tests/standin_aws/standin.h"
#include "tests/standin_aws/tags.h"
#include "tests/standin_aws/timeouts.h"
#include "tests/standin_aws/wait.h"

struct db_snapshot {
    struct tf_string db_instance_identifier;
    struct tf_string db_snapshot_arn;
    struct tf_string db_snapshot_identifier;
    struct tf_string engine;
    struct tf_string engine_version;
    struct tf_string id;
    struct tf_string kms_key_id;
    struct tf_string region;
    struct tf_string snapshot_type;
    struct tf_string status;
    struct tf_bool encrypted;
    struct tf_string_map tags;
    struct tf_string_map tags_all;
    struct tf_blocks_create_timeout timeouts;
};

/* clang-format off */
#define SNAPSHOT(member, rules, text) TF_ATTR(struct db_snapshot, member, .flags = (rules), .description = (text))

static const struct tf_attribute snapshot_attributes[] = {
    SNAPSHOT(db_instance_identifier, TF_REQUIRED | FIXED, "The instance."),
    SNAPSHOT(db_snapshot_arn, TOLD, "ARN of the snapshot."),
    SNAPSHOT(db_snapshot_identifier, TF_REQUIRED | FIXED, "Name of the snapshot."),
    SNAPSHOT(engine, TOLD, "Engine."),
    SNAPSHOT(engine_version, TOLD, "Engine version."),
    SNAPSHOT(id, CHOSEN, "Name of the snapshot."),
    SNAPSHOT(kms_key_id, TOLD, "ARN of its key."),
    SNAPSHOT(region, CHOSEN | FIXED, "Region. Default: the provider's."),
    SNAPSHOT(snapshot_type, TOLD, "`manual`."),
    SNAPSHOT(status, TOLD, "Status."),
    SNAPSHOT(encrypted, TOLD, "Whether it is encrypted."),
    SNAPSHOT(tags, TF_OPTIONAL, "Tags."),
    SNAPSHOT(tags_all, TF_OPTIONAL | TF_COMPUTED, "Tags with the provider's default_tags."),
    TF_BLOCK(struct db_snapshot, timeouts, TF_BLOCK_SINGLE, struct create_timeout, &standin_create_timeout_model,
             .description = "Time limits."),
    TF_END,
};
/* clang-format on */

static void snapshot_to_state(const struct rds_snapshot *found, struct db_snapshot *state)
{
    state->db_instance_identifier = tf_known_string(found->database_identifier);
    state->db_snapshot_arn = tf_known_string(found->arn);
    state->db_snapshot_identifier = tf_known_string(found->identifier);
    state->engine = tf_known_string(found->engine);
    state->engine_version = tf_known_string(found->engine_version);
    state->kms_key_id = tf_known_string(found->kms_key_id);
    state->snapshot_type = tf_known_string(found->snapshot_type);
    state->status = tf_known_string(found->status);
    state->encrypted = tf_known_bool(found->encrypted.value);
}

static bool snapshot_create(struct tf_call *call, struct tf_apply *apply, struct err *err)
{
    const struct db_snapshot *want = apply->planned;
    struct db_snapshot *state = apply->state;
    const struct str name = want->db_snapshot_identifier.value;
    const struct rds_snapshot_request request = { .database = want->db_instance_identifier.value,
                                                  .snapshot = name,
                                                  .tags = standin_tags_to_send(call->arena, &want->tags_all) };
    struct aws_call aws;
    struct rds_snapshot made;
    if (!standin_call(call, want->region, standin_create_timeout_of(&want->timeouts).create, 20 * MINUTE_MS, &aws,
                      err) ||
        !aws_client_call(&aws, &rds_create_snapshot[RDS_INSTANCE], &request, NULL, err))
        return err_wrap(err, "creating the snapshot %.*s", STR_ARG(name));
    apply->keep_state = true;
    state->id = want->db_snapshot_identifier;
    if (!standin_wait_available(&aws, rds_instance_snapshot_status, name, err) ||
        !rds_describe_snapshot(&aws, RDS_INSTANCE, name, &made, err))
        return false;
    snapshot_to_state(&made, state);
    return true;
}

static bool snapshot_read(struct tf_call *call, struct tf_read *read, struct err *err)
{
    struct db_snapshot *state = read->state;
    struct aws_call aws;
    struct rds_snapshot found;
    if (!standin_short_call(call, state->region, &aws, err))
        return false;
    if (!rds_describe_snapshot(&aws, RDS_INSTANCE, state->id.value, &found, err)) {
        read->gone = err->kind == ERR_NOT_FOUND;
        return read->gone;
    }
    snapshot_to_state(&found, state);
    standin_tags_to_state(call, &found.tags, &state->tags, &state->tags_all);
    return true;
}

static bool snapshot_update(struct tf_call *call, struct tf_apply *apply, struct err *err)
{
    const struct db_snapshot *prior = apply->prior;
    const struct db_snapshot *want = apply->planned;
    struct aws_call aws;
    return standin_short_call(call, prior->region, &aws, err) &&
           rds_change_tags(&aws, prior->db_snapshot_arn, &prior->tags_all, &want->tags_all, err);
}

static bool snapshot_delete(struct tf_call *call, struct tf_apply *apply, struct err *err)
{
    const struct db_snapshot *prior = apply->prior;
    struct aws_call aws;
    return standin_short_call(call, prior->region, &aws, err) &&
           (rds_delete_snapshot(&aws, RDS_INSTANCE, prior->id.value, err) || err->kind == ERR_NOT_FOUND) &&
           standin_wait_gone(&aws, rds_instance_snapshot_status, prior->id.value, err);
}

static bool snapshot_import(struct tf_call *call, struct str id, void *state, struct err *err)
{
    struct db_snapshot *snapshot = state;
    (void)err;
    standin_import(call, id, &snapshot->id, &snapshot->region);
    return true;
}

static bool snapshot_plan(struct tf_call *call, struct tf_plan *plan, struct err *err)
{
    struct db_snapshot *planned = plan->planned;
    (void)err;
    if (!plan->destroy)
        standin_plan(call, plan, &planned->region, &planned->tags, &planned->tags_all);
    return true;
}

const struct tf_resource db_snapshot_resource = {
    .type_name = "aws_db_snapshot",
    .description = "A snapshot of a DB instance.",
    .model = TF_MODEL(struct db_snapshot, snapshot_attributes),
    .plan = snapshot_plan,
    .create = snapshot_create,
    .read = snapshot_read,
    .update = snapshot_update,
    .delete = snapshot_delete,
    .import = snapshot_import,
};
