/* SPDX-License-Identifier: MPL-2.0
 *
 * aws_kms_alias: a name of a key. Its id is the name.
 */
#include "aws/arn.h"
#include "tests/standin_aws/kms_calls.h"
#include "tests/standin_aws/registry.h"
#include "tests/standin_aws/standin.h"

struct kms_alias {
    struct tf_string arn;
    struct tf_string id;
    struct tf_string name;
    struct tf_string target_key_id;
};

/* A key's ARN denotes the same key as its id. */
static bool is_same_key(const void *prior, const void *configured)
{
    struct str a = ((const struct tf_string *)prior)->value;
    struct str b = ((const struct tf_string *)configured)->value;
    const struct str longer = a.len > b.len ? a : b;
    const struct str shorter = a.len > b.len ? b : a;
    return aws_is_arn(longer) && !aws_is_arn(shorter) && str_ends_with(longer, shorter);
}

static void check_name(struct tf_call *call, const char *path, const void *member)
{
    const struct str name = ((const struct tf_string *)member)->value;
    if (!str_starts_with(name, STR("alias/")) || str_starts_with(name, STR("alias/aws/")))
        tf_error(call, path, "Invalid alias", "It must begin with \"alias/\" and not with \"alias/aws/\".");
}

static const struct tf_attribute alias_attributes[] = {
    TF_ATTR(struct kms_alias, arn, .flags = TOLD, .description = "ARN of the alias."),
    TF_ATTR(struct kms_alias, id, .flags = CHOSEN, .description = "The name."),
    TF_ATTR(struct kms_alias, name, .flags = CHOSEN | FIXED, .validate = check_name,
            .description = "The name, beginning with `alias/`."),
    TF_ATTR(struct kms_alias, target_key_id, .flags = TF_REQUIRED, .equal = is_same_key,
            .description = "Id or ARN of the key."),
    TF_END,
};

static void alias_validate(struct tf_call *call, const void *config)
{
    if (((const struct kms_alias *)config)->name.state == TF_NULL)
        tf_error(call, "name", "Missing name", "The stand-in does not invent names.");
}

/* KMS has no way to ask for one alias. */
static bool find_alias(const struct aws_call *aws, struct str name, struct kms_alias_entry *out, struct err *err)
{
    struct kms_aliases_page page = { 0 };
    struct kms_aliases_reply reply;
    do {
        if (!aws_client_call(aws, &kms_list_aliases, &page, &reply, err))
            return false;
        for (size_t i = 0; i < reply.aliases.count; i++)
            if (str_equal(reply.aliases.items[i].name, name)) {
                *out = reply.aliases.items[i];
                return true;
            }
        page.marker = reply.marker;
    } while (!str_is_empty(page.marker));
    return err_set(err, ERR_NOT_FOUND, "no alias %.*s", STR_ARG(name));
}

static bool alias_fill(const struct aws_call *aws, struct kms_alias *state, struct err *err)
{
    struct kms_alias_entry alias;
    if (!find_alias(aws, state->id.value, &alias, err))
        return err_wrap(err, "reading %.*s", STR_ARG(state->id.value));
    const struct tf_string key_id = tf_known_string(alias.target_key_id);
    if (state->target_key_id.state != TF_KNOWN ||
        !(tf_string_equal(state->target_key_id, key_id) || is_same_key(&state->target_key_id, &key_id)))
        state->target_key_id = key_id;
    state->arn = tf_known_string(alias.arn);
    return true;
}

static bool alias_put(struct tf_call *call, struct tf_apply *apply, const struct aws_operation *operation,
                      struct err *err)
{
    struct kms_alias *state = apply->state;
    const struct kms_alias_request request = { .name = state->name.value, .target_key_id = state->target_key_id.value };
    struct aws_call aws;
    if (!standin_short_call(call, &aws, err) || !aws_client_call(&aws, operation, &request, NULL, err))
        return err_wrap(err, "setting %.*s", STR_ARG(request.name));
    apply->keep_state = true;
    state->id = state->name;
    return alias_fill(&aws, state, err);
}

static bool alias_create(struct tf_call *call, struct tf_apply *apply, struct err *err)
{
    return alias_put(call, apply, &kms_create_alias, err);
}

static bool alias_update(struct tf_call *call, struct tf_apply *apply, struct err *err)
{
    return alias_put(call, apply, &kms_update_alias, err);
}

static bool alias_read(struct tf_call *call, struct tf_read *read, struct err *err)
{
    struct kms_alias *state = read->state;
    struct aws_call aws;
    if (!standin_short_call(call, &aws, err))
        return false;
    if (alias_fill(&aws, state, err)) {
        state->name = state->id;
        return true;
    }
    read->gone = err->kind == ERR_NOT_FOUND;
    return read->gone;
}

static bool alias_delete(struct tf_call *call, struct tf_apply *apply, struct err *err)
{
    const struct kms_alias *prior = apply->prior;
    const struct kms_alias_request request = { .name = prior->id.value };
    struct aws_call aws;
    return standin_short_call(call, &aws, err) &&
           (aws_client_call(&aws, &kms_delete_alias, &request, NULL, err) || err->kind == ERR_NOT_FOUND);
}

static bool alias_import(struct tf_call *call, struct str id, void *state, struct err *err)
{
    (void)call;
    (void)err;
    ((struct kms_alias *)state)->id = tf_known_string(id);
    return true;
}

const struct tf_resource kms_alias_resource = {
    .type_name = "aws_kms_alias",
    .description = "An alias of a KMS key.",
    .model = TF_MODEL(struct kms_alias, alias_attributes),
    .validate = alias_validate,
    .create = alias_create,
    .read = alias_read,
    .update = alias_update,
    .delete = alias_delete,
    .import = alias_import,
};
