/* SPDX-License-Identifier: MPL-2.0*/
#include "plugin/aws_provider/configuration.h"

bool aws_configuration_is_known(const struct aws_configuration *configuration, const char **out_argument)
{
    if (out_argument)
        *out_argument = configuration->unknown_argument;
    return !configuration->unknown_argument;
}

struct tf_string aws_configuration_region(const struct aws_configuration *configuration)
{
    return configuration->region;
}

struct aws_client_options configuration_client_options(const struct aws_configuration *configuration,
                                                       struct aws_credentials_cache *credentials)
{
    struct aws_client_options options = {
        .transport = configuration->transport,
        .clock = &configuration->clock,
        .credentials = credentials,
        .use_fips = configuration->use_fips,
        .use_dualstack = configuration->use_dualstack,
        .max_attempts = configuration->max_attempts,
        .user_agent = configuration->user_agent,
    };
    for (int service = 0; service < AWS_SERVICE_COUNT; service++)
        options.endpoints[service] = configuration->endpoints[service];
    return options;
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
