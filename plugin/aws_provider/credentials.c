/* SPDX-License-Identifier: MPL-2.0
 *
 * Who calls: the keys of the block, or a web identity, or what environment and
 * shared files give; then each assume_role in turn (the order of
 * hashicorp/aws-sdk-go-base).
 */
#include "aws/sts.h"
#include "aws/time.h"
#include "plugin/aws_provider/checks.h"
#include "plugin/aws_provider/configuration.h"
#include "plugin/aws_provider/duration.h"

/* ---- The door to STS ------------------------------------------------------ */

DEFINE_CLEANUP(drop_client, struct aws_client *, aws_client_free)
DEFINE_CLEANUP(drop_cache, struct aws_credentials_cache *, aws_credentials_cache_free)

static bool region_of_sts(struct aws_configuration *configuration, const struct aws_credentials_call *call,
                          const struct aws_credentials *with, struct str *out, struct err *err)
{
    CLEANUP(err_clear) struct err reason = { 0 };
    *out =
        str_is_empty(configuration->sts_region) ? tf_text(configuration->region, STR("")) : configuration->sts_region;
    if (!str_is_empty(*out) || (with && configuration_region_of_instance(configuration, call, with, out, &reason)))
        return true;
    return configuration_refuse_region(configuration, call->arena, with ? err_text(&reason) : NULL, err);
}

static bool assume_role(void *self, const struct aws_credentials_call *call, const struct aws_credentials *with,
                        const struct sts_assume_role_options *options, struct sts_credentials *out, struct err *err)
{
    struct aws_configuration *configuration = self;
    CLEANUP(drop_cache) struct aws_credentials_cache *signer = NULL;
    CLEANUP(drop_client) struct aws_client *client = NULL;
    if (with)
        signer = aws_credentials_cache_new(
            aws_credentials_static(with->access_key_id, with->secret_access_key, with->session_token),
            &configuration->clock);
    const struct aws_client_options client_options = configuration_client_options(configuration, signer);
    if (!aws_client_new(&client_options, &client, err))
        return false;
    struct str region;
    if (!region_of_sts(configuration, call, with, &region, err))
        return false;
    const struct aws_call aws = { .client = client,
                                  .region = region,
                                  .arena = call->arena,
                                  .waiter = call->waiter,
                                  .deadline_ms = call->deadline_ms,
                                  .log = call->log };
    return sts_assume_role(&aws, options, out, err);
}

static enum aws_metadata_switch metadata_switch(const struct aws_provider_block *block)
{
    bool is_skipped;
    if (!checks_read_bool(tf_text(block->skip_metadata_api_check, STR("")), &is_skipped))
        return AWS_METADATA_AS_ENVIRONMENT;
    return is_skipped ? AWS_METADATA_OFF : AWS_METADATA_ON;
}

void configuration_open_doors(struct aws_configuration *configuration)
{
    const struct aws_provider_block *block = configuration->block;
    configuration->sts = (struct aws_sts_door){ .assume_role = assume_role, .self = configuration };
    configuration->doors = (struct aws_credentials_doors){
        .env = &configuration->env,
        .reader = &configuration->reader,
        .writer = &configuration->writer,
        .clock = &configuration->clock,
        .sts = &configuration->sts,
        .transport = configuration->transport,
        .use_fips = configuration->use_fips,
        .use_dualstack = configuration->use_dualstack,
        .sso_endpoint = configuration->sso_endpoint,
        .metadata_endpoint = tf_text(block->ec2_metadata_service_endpoint, STR("")),
        .metadata_mode = tf_text(block->ec2_metadata_service_endpoint_mode, STR("")),
        .metadata_switch = metadata_switch(block),
    };
}

/* ---- From block to source ------------------------------------------------- */

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

const struct assume_role_with_web_identity *configuration_web_identity(const struct aws_provider_block *block)
{
    const struct tf_blocks_assume_role_with_web_identity *blocks = &block->assume_role_with_web_identity;
    if (!blocks->count)
        return NULL;
    const struct assume_role_with_web_identity *web = blocks->items;
    const struct tf_string texts[] = { web->duration,           web->policy,
                                       web->role_arn,           web->session_name,
                                       web->web_identity_token, web->web_identity_token_file };
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++)
        if (!str_is_empty(tf_text(texts[i], STR(""))))
            return web;
    return web->policy_arns.count ? web : NULL;
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

/* ---- Keys that end with their session ------------------------------------- */

static const char advice_for_keys[] =
    "A role that is assumed with these keys ends with them, too. A role is renewed for as long as the copy takes "
    "when it is assumed with keys that last:\n\n  provider \"snapshot\" {\n    profile = \"base\" # with an access key "
    "of a user, not of a session\n    assume_role {\n      role_arn = "
    "\"arn:aws:iam::111122223333:role/migration\"\n    }\n  }\n\n";
static const char advice_for_roles[] =
    "The roles of the provider's assume_role blocks end with these keys, too. They are renewed for as long as the "
    "copy takes when the keys below them last:\n\n  provider \"snapshot\" {\n    profile = \"base\" # with an access "
    "key of a user, not of a session\n    # the assume_role blocks as before\n  }\n\n";

static bool assumes_a_role(const struct aws_provider_block *block)
{
    for (size_t i = 0; i < block->assume_role.count; i++)
        if (!str_is_empty(tf_text(block->assume_role.items[i].role_arn, STR(""))))
            return true;
    return false;
}

/* At "2026-11-30T21:05:00Z" or, where nobody says when, with the session token. */
static struct str describe_end(struct arena *arena, const struct aws_credentials *credentials)
{
    if (credentials->ends_wall_ms == AWS_ENDS_UNKNOWN)
        return STR("They end with their session token");
    const struct str when = aws_time_text(arena, credentials->ends_wall_ms);
    return str_format(arena, "They end at %.*s", STR_ARG(when));
}

struct str aws_configuration_session_warning(struct aws_configuration *configuration, struct tf_call *call)
{
    const struct aws_credentials_call fetch = {
        .arena = call->arena, .waiter = call->waiter, .deadline_ms = CLOCK_NEVER, .log = call->log
    };
    struct aws_identity identity;
    struct aws_credentials found;
    CLEANUP(err_clear) struct err ignored = { 0 }; /* a call that needs them says it */
    if (!aws_configuration_identity(configuration, call, &identity, &ignored) ||
        !aws_credentials_cache_get(configuration->credentials, &fetch, &found, &ignored) ||
        found.ends_wall_ms == AWS_ENDS_NEVER)
        return STR("");
    const struct str end = describe_end(call->arena, &found);
    return str_format(
        call->arena,
        "The provider signs with the keys of a session, from %s. %.*s, while a copy may take hours. When they expire "
        "during the wait, the apply ends with an error, the copy goes on in AWS, and the next apply with fresh keys "
        "adopts it. %s%s.\n\n%sIn CI, use a token file that is renewed: assume_role_with_web_identity with "
        "web_identity_token_file, or AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE.",
        found.source, STR_ARG(end), found.renewal ? "To prevent that, " : "",
        found.renewal ? found.renewal
                      : "Keys in a profile can be replaced in time; those of the environment and of the block cannot",
        assumes_a_role(configuration->block) ? advice_for_roles : advice_for_keys);
}
