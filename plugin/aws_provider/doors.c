/* SPDX-License-Identifier: MPL-2.0
 *
 * How the sources of credentials reach the world, STS for their roles included.
 */
#include "aws/sts.h"
#include "plugin/aws_provider/checks.h"
#include "plugin/aws_provider/configuration.h"

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
        .user_agent = configuration->user_agent,
        .use_fips = configuration->use_fips,
        .use_dualstack = configuration->use_dualstack,
        .sso_endpoint = configuration->sso_endpoint,
        .metadata_endpoint = tf_text(block->ec2_metadata_service_endpoint, STR("")),
        .metadata_mode = tf_text(block->ec2_metadata_service_endpoint_mode, STR("")),
        .metadata_switch = metadata_switch(block),
    };
}
