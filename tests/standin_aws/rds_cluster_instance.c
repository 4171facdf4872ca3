/* SPDX-License-Identifier: MPL-2.0
 *
 * aws_rds_cluster_instance.
 */
#include "tests/standin_aws/rds_calls.h"
#include "tests/standin_aws/registry.h"
#include "tests/standin_aws/standin.h"
#include "tests/standin_aws/tags.h"
#include "tests/standin_aws/timeouts.h"
#include "tests/standin_aws/wait.h"

struct rds_cluster_instance {
    struct tf_bool apply_immediately;
    struct tf_string cluster_identifier;
    struct tf_string db_parameter_group_name;
    struct tf_string engine;
    struct tf_string engine_version;
    struct tf_string id;
    struct tf_string identifier;
    struct tf_string instance_class;
    struct tf_string_map tags;
    struct tf_string_map tags_all;
    struct tf_blocks_timeouts timeouts;
};

/* clang-format off */
#define INSTANCE(member, rules, text) \
    TF_ATTR(struct rds_cluster_instance, member, .flags = (rules), .description = (text))

static const struct tf_attribute instance_attributes[] = {
    INSTANCE(apply_immediately, TF_OPTIONAL | TF_COMPUTED, "Do not wait for the maintenance window."),
    INSTANCE(cluster_identifier, TF_REQUIRED | FIXED, "The cluster."),
    INSTANCE(db_parameter_group_name, CHOSEN, "Parameter group."),
    INSTANCE(engine, TF_REQUIRED | FIXED, "Engine."),
    INSTANCE(engine_version, CHOSEN, "Engine version."),
    INSTANCE(id, CHOSEN, "Name of the instance."),
    INSTANCE(identifier, CHOSEN | FIXED, "Name of the instance."),
    INSTANCE(instance_class, TF_REQUIRED, "Class, such as `db.r6g.large`."),
    INSTANCE(tags, TF_OPTIONAL, "Tags."),
    INSTANCE(tags_all, TF_OPTIONAL | TF_COMPUTED, "Tags: the provider's default_tags, and `tags`."),
    TF_BLOCK(struct rds_cluster_instance, timeouts, TF_BLOCK_SINGLE, struct timeouts, &standin_timeouts_model,
             .description = "Time limits."),
    TF_END,
};
/* clang-format on */

static void instance_to_state(const struct db_instance *found, struct rds_cluster_instance *state)
{
    state->cluster_identifier = tf_known_string(found->cluster_identifier);
    state->db_parameter_group_name =
        tf_known_string(found->parameter_groups.count ? found->parameter_groups.items[0].name : STR(""));
    state->engine = tf_known_string(found->engine);
    state->engine_version = tf_known_string(found->engine_version);
    state->identifier = state->id = tf_known_string(found->identifier);
    state->instance_class = tf_known_string(found->instance_class);
}

static bool instance_create(struct tf_call *call, struct tf_apply *apply, struct err *err)
{
    const struct rds_cluster_instance *want = apply->planned;
    struct rds_cluster_instance *state = apply->state;
    const struct db_instance_request request = {
        .identifier = tf_text(want->identifier, STR("")),
        .cluster_identifier = want->cluster_identifier.value,
        .instance_class = want->instance_class.value,
        .engine = want->engine.value,
        .engine_version = tf_text(want->engine_version, STR("")),
        .db_parameter_group_name = tf_text(want->db_parameter_group_name, STR("")),
        .tags = standin_tags_to_send(call->arena, &want->tags_all),
    };
    struct aws_call aws;
    struct db_instance made;
    if (!standin_call(call, timeouts_of(&want->timeouts).create, 90 * MINUTE_MS, &aws, err) ||
        !aws_client_call(&aws, &rds_create_instance, &request, NULL, err))
        return err_wrap(err, "creating the instance %.*s", STR_ARG(request.identifier));
    apply->keep_state = true;
    state->id = want->identifier;
    if (!standin_wait_available(&aws, rds_instance_status, request.identifier, err) ||
        !rds_describe_instance(&aws, request.identifier, &made, err))
        return false;
    instance_to_state(&made, state);
    return true;
}

static bool instance_read(struct tf_call *call, struct tf_read *read, struct err *err)
{
    struct rds_cluster_instance *state = read->state;
    struct aws_call aws;
    struct db_instance found;
    if (!standin_short_call(call, &aws, err))
        return false;
    if (!rds_describe_instance(&aws, state->id.value, &found, err)) {
        read->gone = err->kind == ERR_NOT_FOUND;
        return read->gone;
    }
    instance_to_state(&found, state);
    state->tags_all = standin_tags_from(call, &found.tags);
    return true;
}

static bool instance_update(struct tf_call *call, struct tf_apply *apply, struct err *err)
{
    const struct rds_cluster_instance *prior = apply->prior;
    const struct rds_cluster_instance *want = apply->planned;
    const struct db_instance_request change = {
        .identifier = prior->id.value,
        .instance_class = want->instance_class.value,
        .db_parameter_group_name = tf_string_equal(prior->db_parameter_group_name, want->db_parameter_group_name)
                                       ? STR("")
                                       : want->db_parameter_group_name.value,
        .apply_immediately = { want->apply_immediately.state == TF_KNOWN, want->apply_immediately.value },
    };
    struct aws_call aws;
    struct db_instance found;
    if (!standin_call(call, timeouts_of(&want->timeouts).update, 90 * MINUTE_MS, &aws, err) ||
        !aws_client_call(&aws, &rds_modify_instance, &change, NULL, err) ||
        !standin_wait_available(&aws, rds_instance_status, prior->id.value, err) ||
        !rds_describe_instance(&aws, prior->id.value, &found, err) ||
        !rds_change_tags(&aws, found.arn, &prior->tags_all, &want->tags_all, err))
        return err_wrap(err, "updating the instance %.*s", STR_ARG(prior->id.value));
    instance_to_state(&found, apply->state);
    return true;
}

static bool instance_delete(struct tf_call *call, struct tf_apply *apply, struct err *err)
{
    const struct rds_cluster_instance *prior = apply->prior;
    const struct db_instance_request request = {
        .identifier = prior->id.value, .skip_final_snapshot = { true, true }
    };
    struct aws_call aws;
    if (!standin_call(call, timeouts_of(&prior->timeouts).delete, 90 * MINUTE_MS, &aws, err) ||
        (!aws_client_call(&aws, &rds_delete_instance, &request, NULL, err) && err->kind != ERR_NOT_FOUND))
        return err_wrap(err, "deleting the instance %.*s", STR_ARG(request.identifier));
    return standin_wait_gone(&aws, rds_instance_status, request.identifier, err);
}

static bool instance_import(struct tf_call *call, struct str id, void *state, struct err *err)
{
    (void)call;
    (void)err;
    ((struct rds_cluster_instance *)state)->id = tf_known_string(id);
    return true;
}

static bool instance_plan(struct tf_call *call, struct tf_plan *plan, struct err *err)
{
    (void)err;
    struct rds_cluster_instance *planned = plan->planned;
    if (!plan->destroy)
        planned->tags_all = standin_tags_all(call, &planned->tags);
    return true;
}

const struct tf_resource rds_cluster_instance_resource = {
    .type_name = "aws_rds_cluster_instance",
    .description = "An instance of an Aurora cluster.",
    .model = TF_MODEL(struct rds_cluster_instance, instance_attributes),
    .plan = instance_plan,
    .create = instance_create,
    .read = instance_read,
    .update = instance_update,
    .delete = instance_delete,
    .import = instance_import,
};
