/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/aws_provider/report.h"

#include "aws/arn.h"
#include "aws/endpoint.h"
#include "aws/sts.h"
#include "plugin/aws_provider/configuration.h"

/* The services that the provider calls, and their names in AWS's hosts. */
static const char *const services[AWS_SERVICE_COUNT] = { [AWS_RDS] = "rds", [AWS_KMS] = "kms", [AWS_STS] = "sts" };

static bool find_endpoint(const struct aws_configuration *configuration, struct arena *arena, struct str region,
                          enum aws_service service, struct aws_setting *out, struct err *err)
{
    const bool is_elsewhere = service == AWS_STS && !str_is_empty(configuration->sts_region);
    const struct aws_endpoint_options options = { .service = str_from(services[service]),
                                                  .region = is_elsewhere ? configuration->sts_region : region,
                                                  .fips = configuration->use_fips,
                                                  .dualstack = configuration->use_dualstack };
    if (str_is_empty(configuration->endpoints[service]))
        return aws_endpoint_url(arena, &options, &out->value, err);
    *out = (struct aws_setting){ configuration->endpoints[service], configuration->endpoints_set_by[service] };
    return true;
}

bool aws_configuration_places(struct aws_configuration *configuration, struct tf_call *call, struct aws_places *out,
                              struct err *err)
{
    struct aws_places places = { 0 };
    struct tf_string region;
    if (!aws_configuration_find_region(configuration, call, &region, err))
        return false;
    if (region.state != TF_KNOWN)
        return configuration_refuse_region(configuration, call->arena, NULL, err);
    places.region.value = region.value;
    places.region.set_by = configuration->region.state == TF_KNOWN ? configuration_region_set_by(configuration)
                                                                   : STR("the EC2 instance, by its metadata");
    for (int service = 0; service < AWS_SERVICE_COUNT; service++)
        if (services[service] && !find_endpoint(configuration, call->arena, region.value, (enum aws_service)service,
                                                &places.endpoints[service], err))
            return false;
    *out = places;
    return true;
}

bool aws_configuration_credentials(struct aws_configuration *configuration, struct tf_call *call,
                                   struct aws_credentials_trail *trail, struct aws_credentials *out, struct err *err)
{
    const struct aws_credentials_call fetch = {
        .arena = call->arena, .waiter = call->waiter, .deadline_ms = CLOCK_NEVER, .log = call->log, .trail = trail
    };
    return configuration_connect(configuration, err) &&
           aws_credentials_cache_get(configuration->credentials, &fetch, out, err);
}

static bool ask(struct aws_configuration *configuration, struct tf_call *call, struct aws_identity *out,
                struct err *err)
{
    struct aws_call aws;
    struct sts_identity caller;
    struct aws_arn arn;
    if (!aws_configuration_call(configuration, call, configuration->sts_region, CLOCK_NEVER, &aws, err) ||
        !sts_get_caller_identity(&aws, &caller, err) || !aws_arn_parse(caller.arn, &arn, err))
        return false;
    *out = (struct aws_identity){ .account = caller.account, .arn = caller.arn, .partition = arn.partition };
    return true;
}

bool aws_configuration_caller(struct aws_configuration *configuration, struct tf_call *call, struct aws_identity *out,
                              struct err *err)
{
    struct aws_identity identity;
    if (!aws_configuration_identity(configuration, call, &identity, err))
        return false;
    if (str_is_empty(identity.account))
        return ask(configuration, call, out, err);
    *out = identity;
    return true;
}
