/* SPDX-License-Identifier: MPL-2.0
 *
 * aws_kms_key. Deleting a key schedules its deletion; a key that waits for it
 * is gone. A policy keeps the user's spelling while only blanks differ.
 */
#include "aws/kms.h"
#include "tests/standin_aws/kms_calls.h"
#include "tests/standin_aws/registry.h"
#include "tests/standin_aws/standin.h"
#include "tests/standin_aws/tags.h"

struct kms_key_resource {
    struct tf_string arn;
    struct tf_int64 deletion_window_in_days;
    struct tf_string description;
    struct tf_bool enable_key_rotation;
    struct tf_string id;
    struct tf_string key_id;
    struct tf_string policy;
    struct tf_string_map tags;
    struct tf_string_map tags_all;
};

/* The next character that is no blank outside a JSON string; 0 at the end. */
static char next_significant(struct str *rest, bool *in_string)
{
    while (rest->len) {
        char character = rest->ptr[0];
        *rest = str_slice(*rest, 1, rest->len);
        if (character == '"')
            *in_string = !*in_string;
        if (*in_string || !(character == ' ' || character == '\n' || character == '\r' || character == '\t'))
            return character;
    }
    return '\0';
}

static bool is_same_policy(const void *prior, const void *configured)
{
    struct str a = ((const struct tf_string *)prior)->value;
    struct str b = ((const struct tf_string *)configured)->value;
    bool a_in_string = false;
    bool b_in_string = false;
    for (;;) {
        char next = next_significant(&a, &a_in_string);
        if (next != next_significant(&b, &b_in_string))
            return false;
        if (next == '\0')
            return true;
    }
}

/* clang-format off */
#define KEY(member, rules, text) TF_ATTR(struct kms_key_resource, member, .flags = (rules), .description = (text))

static const struct tf_attribute key_attributes[] = {
    KEY(arn, TOLD, "ARN of the key."),
    KEY(deletion_window_in_days, TF_OPTIONAL, "Days between deletion here and by AWS, 7 to 30. Default 30."),
    KEY(description, CHOSEN, "Description of the key."),
    KEY(enable_key_rotation, TF_OPTIONAL, "Rotate it yearly."),
    KEY(id, CHOSEN, "The key id."),
    KEY(key_id, TOLD, "The key id."),
    TF_ATTR(struct kms_key_resource, policy, .flags = CHOSEN, .equal = is_same_policy,
            .description = "The key policy, JSON."),
    KEY(tags, TF_OPTIONAL, "Tags."),
    KEY(tags_all, TF_OPTIONAL | TF_COMPUTED, "Tags of the key: the provider's default_tags, and `tags`."),
    TF_END,
};
/* clang-format on */

static bool call_on_key(const struct aws_call *aws, const struct aws_operation *operation, struct str key_id,
                        struct kms_key_reply *reply, struct err *err)
{
    const struct kms_key_request request = { .key_id = key_id };
    return aws_client_call(aws, operation, &request, reply, err);
}

static bool set_rotation(const struct aws_call *aws, const struct kms_key_resource *key, struct err *err)
{
    return call_on_key(aws, tf_is_true(key->enable_key_rotation) ? &kms_enable_rotation : &kms_disable_rotation,
                       key->id.value, NULL, err);
}

static bool key_create(struct tf_call *call, struct tf_apply *apply, struct err *err)
{
    const struct kms_key_resource *want = apply->planned;
    struct kms_key_resource *state = apply->state;
    struct aws_call aws;
    if (!standin_short_call(call, &aws, err))
        return false;
    const struct kms_key_request request = {
        .description = tf_text(want->description, STR("")),
        .policy = tf_text(want->policy, STR("")),
        .tags = standin_tags_to_send(call->arena, &want->tags_all),
    };
    struct kms_key_reply made;
    if (!aws_client_call(&aws, &kms_create_key, &request, &made, err))
        return err_wrap(err, "creating a KMS key");
    apply->keep_state = true;
    state->arn = tf_known_string(made.metadata.arn);
    state->id = state->key_id = tf_known_string(made.metadata.key_id);
    struct str policy;
    if (!kms_get_key_policy(&aws, state->id.value, &policy, err) ||
        (tf_is_true(want->enable_key_rotation) && !set_rotation(&aws, state, err)))
        return err_wrap(err, "setting up the KMS key %.*s", STR_ARG(state->id.value));
    state->description = tf_known_string(made.metadata.description);
    state->policy = tf_known_string(policy);
    return true;
}

static bool key_read(struct tf_call *call, struct tf_read *read, struct err *err)
{
    const struct kms_key_resource *prior = read->prior;
    struct kms_key_resource *state = read->state;
    struct aws_call aws;
    struct kms_key_reply key;
    struct str policy;
    struct kms_key_reply rotation;
    struct kms_key_reply tags;
    if (!standin_short_call(call, &aws, err))
        return false;
    bool found = call_on_key(&aws, &kms_get_key, prior->id.value, &key, err);
    if (found ? str_equal(key.metadata.key_state, STR("PendingDeletion")) : err->kind == ERR_NOT_FOUND) {
        read->gone = true;
        return true;
    }
    if (!found || !kms_get_key_policy(&aws, prior->id.value, &policy, err) ||
        !call_on_key(&aws, &kms_get_key_rotation, prior->id.value, &rotation, err) ||
        !call_on_key(&aws, &kms_list_key_tags, prior->id.value, &tags, err))
        return err_wrap(err, "reading the KMS key %.*s", STR_ARG(prior->id.value));
    state->arn = tf_known_string(key.metadata.arn);
    state->key_id = tf_known_string(key.metadata.key_id);
    state->description = tf_known_string(key.metadata.description);
    if (rotation.rotates.value || prior->enable_key_rotation.state == TF_KNOWN)
        state->enable_key_rotation = tf_known_bool(rotation.rotates.value);
    state->policy = tf_known_string(policy);
    if (prior->policy.state == TF_KNOWN && is_same_policy(&prior->policy, &state->policy))
        state->policy = prior->policy;
    state->tags_all = standin_tags_from(call, &tags.tags);
    return true;
}

static bool key_update(struct tf_call *call, struct tf_apply *apply, struct err *err)
{
    const struct kms_key_resource *prior = apply->prior;
    const struct kms_key_resource *want = apply->planned;
    const struct tags_change tags = standin_tags_difference(call->arena, &prior->tags_all, &want->tags_all);
    const struct kms_key_request request = { .key_id = prior->id.value,
                                             .description = tf_text(want->description, STR("")),
                                             .policy_name = STR("default"),
                                             .policy = tf_text(want->policy, STR("")) };
    const struct kms_key_request add = { .key_id = prior->id.value, .tags = tags.add };
    const struct kms_key_request remove = { .key_id = prior->id.value, .tag_keys = tags.remove };
    struct aws_call aws;
    return standin_short_call(call, &aws, err) &&
           (tf_string_equal(prior->description, want->description) ||
            aws_client_call(&aws, &kms_update_description, &request, NULL, err)) &&
           (tf_string_equal(prior->policy, want->policy) ||
            aws_client_call(&aws, &kms_put_key_policy, &request, NULL, err)) &&
           (tf_is_true(prior->enable_key_rotation) == tf_is_true(want->enable_key_rotation) ||
            set_rotation(&aws, want, err)) &&
           (!add.tags.count || aws_client_call(&aws, &kms_tag_key, &add, NULL, err)) &&
           (!remove.tag_keys.count || aws_client_call(&aws, &kms_untag_key, &remove, NULL, err));
}

static bool key_delete(struct tf_call *call, struct tf_apply *apply, struct err *err)
{
    const struct kms_key_resource *prior = apply->prior;
    const bool has_window = prior->deletion_window_in_days.state == TF_KNOWN;
    const struct kms_key_request request = {
        .key_id = prior->id.value, .pending_window_in_days = { has_window, prior->deletion_window_in_days.value }
    };
    struct aws_call aws;
    return standin_short_call(call, &aws, err) &&
           (aws_client_call(&aws, &kms_schedule_deletion, &request, NULL, err) || err->kind == ERR_NOT_FOUND);
}

static bool key_import(struct tf_call *call, struct str id, void *state, struct err *err)
{
    (void)call;
    (void)err;
    ((struct kms_key_resource *)state)->id = tf_known_string(id);
    return true;
}

static bool key_plan(struct tf_call *call, struct tf_plan *plan, struct err *err)
{
    (void)err;
    struct kms_key_resource *planned = plan->planned;
    if (!plan->destroy)
        planned->tags_all = standin_tags_all(call, &planned->tags);
    return true;
}

const struct tf_resource kms_key_resource = {
    .type_name = "aws_kms_key",
    .description = "A customer-managed KMS key.",
    .model = TF_MODEL(struct kms_key_resource, key_attributes),
    .plan = key_plan,
    .create = key_create,
    .read = key_read,
    .update = key_update,
    .delete = key_delete,
    .import = key_import,
};
