/* SPDX-License-Identifier: MPL-2.0
 *
 * Who calls: the keys of the block, or a web identity, or what environment and
 * shared files give; then each assume_role in turn (the order of
 * hashicorp/aws-sdk-go-base).
 */
#include "plugin/aws_provider/checks.h"
#include "plugin/aws_provider/configuration.h"
#include "plugin/aws_provider/duration.h"

static struct wire_strings strings_of(struct arena *arena, const struct tf_string_set *set)
{
    struct wire_strings strings;
    strings.items = tf_given_texts(arena, set->items, set->count, &strings.count);
    return strings;
}

static struct aws_tags tags_of(struct arena *arena, const struct tf_string_map *map)
{
    struct aws_tags tags = { .items = arena_array(arena, map->count, sizeof(*tags.items)) };
    for (size_t i = 0; i < map->count; i++)
        if (map->items[i].value.state == TF_KNOWN)
            tags.items[tags.count++] = (struct aws_tag){ map->items[i].key, map->items[i].value.value };
    return tags;
}

static struct wire_int64 seconds_of(struct tf_string duration)
{
    int64_t ms;
    CLEANUP(err_clear) struct err ignored = { 0 }; /* validated with the configuration */
    if (duration.state != TF_KNOWN || !duration_parse(duration.value, &ms, &ignored))
        return (struct wire_int64){ 0 };
    return (struct wire_int64){ .present = true, .value = ms / SECOND_MS };
}

static struct str text_or_variable(const struct aws_configuration *configuration, struct tf_string argument,
                                   const char *variable)
{
    struct str text = tf_text(argument, STR(""));
    if (str_is_empty(text) && !env_find(&configuration->env, variable, &text))
        text = STR("");
    return text;
}

/* Where no token is configured, one of the environment's two. A pod of EKS always has the file: the token is meant. */
static bool find_token(const struct aws_configuration *configuration, const struct assume_role_with_web_identity *block,
                       struct aws_web_identity_options *options, struct err *err)
{
    struct str file = tf_text(block->web_identity_token_file, STR(""));
    options->token = tf_text(block->web_identity_token, STR(""));
    options->token_file_name = "`web_identity_token_file`";
    if (str_is_empty(options->token) && str_is_empty(file)) {
        options->token_file_name = "AWS_WEB_IDENTITY_TOKEN_FILE";
        if (!env_find(&configuration->env, "TF_AWS_WEB_IDENTITY_TOKEN", &options->token) &&
            !env_find(&configuration->env, "AWS_WEB_IDENTITY_TOKEN_FILE", &file))
            return err_set(err, ERR_INVALID,
                           "assume_role_with_web_identity has neither `web_identity_token` nor "
                           "`web_identity_token_file`, and neither TF_AWS_WEB_IDENTITY_TOKEN nor "
                           "AWS_WEB_IDENTITY_TOKEN_FILE is set");
    }
    options->token_file = aws_expand_path(configuration->arena, &configuration->env, file);
    return true;
}

static bool web_identity_source(struct aws_configuration *configuration,
                                const struct assume_role_with_web_identity *block, struct aws_credentials_source *out,
                                struct err *err)
{
    const struct sts_assume_role_options role = {
        .role_arn = text_or_variable(configuration, block->role_arn, "AWS_ROLE_ARN"),
        .session_name = text_or_variable(configuration, block->session_name, "AWS_ROLE_SESSION_NAME"),
        .policy = tf_text(block->policy, STR("")),
        .policy_arns = strings_of(configuration->arena, &block->policy_arns),
        .duration_seconds = seconds_of(block->duration),
    };
    struct aws_web_identity_options options = {
        .doors = &configuration->doors,
        .role = &role,
        .role_arn_name = str_is_empty(tf_text(block->role_arn, STR(""))) ? "AWS_ROLE_ARN" : NULL,
    };
    if (str_is_empty(role.role_arn))
        return err_set(err, ERR_INVALID,
                       "assume_role_with_web_identity has no `role_arn`, and AWS_ROLE_ARN is not set either");
    if (!find_token(configuration, block, &options, err))
        return false;
    *out = aws_credentials_web_identity(&options);
    return true;
}

static bool has_keys(const struct aws_provider_block *block)
{
    return !str_is_empty(tf_text(block->access_key, STR(""))) || !str_is_empty(tf_text(block->secret_key, STR(""))) ||
           !str_is_empty(tf_text(block->token, STR("")));
}

static bool base_source(struct aws_configuration *configuration, struct aws_credentials_source *out, struct err *err)
{
    const struct aws_provider_block *block = configuration->block;
    if (has_keys(block)) {
        *out = aws_credentials_static(tf_text(block->access_key, STR("")), tf_text(block->secret_key, STR("")),
                                      tf_text(block->token, STR("")));
        return true;
    }
    const struct assume_role_with_web_identity *web = configuration_web_identity(block);
    if (web)
        return web_identity_source(configuration, web, out, err);
    const struct aws_credentials_chain_options options = { .doors = &configuration->doors,
                                                           .files = configuration->files,
                                                           .profile = tf_text(block->profile, STR("")) };
    *out = aws_credentials_chain(&options);
    return true;
}

bool configuration_credentials(struct aws_configuration *configuration, struct aws_credentials_source *out,
                               struct err *err)
{
    const struct tf_blocks_assume_role *roles = &configuration->block->assume_role;
    if (!base_source(configuration, out, err))
        return false;
    for (size_t i = 0; i < roles->count; i++) {
        const struct assume_role *block = &roles->items[i];
        if (str_is_empty(tf_text(block->role_arn, STR(""))))
            continue;
        const struct sts_assume_role_options role = {
            .role_arn = tf_text(block->role_arn, STR("")),
            .session_name = tf_text(block->session_name, STR("")),
            .external_id = tf_text(block->external_id, STR("")),
            .policy = tf_text(block->policy, STR("")),
            .source_identity = tf_text(block->source_identity, STR("")),
            .policy_arns = strings_of(configuration->arena, &block->policy_arns),
            .duration_seconds = seconds_of(block->duration),
            .tags = tags_of(configuration->arena, &block->tags),
            .transitive_tag_keys = strings_of(configuration->arena, &block->transitive_tag_keys),
        };
        *out = aws_credentials_assume_role(&configuration->doors,
                                           aws_credentials_cache_new(*out, &configuration->clock), &role);
    }
    return true;
}
