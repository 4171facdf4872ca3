/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/aws_provider/report.h"

#include "aws/arn.h"
#include "aws/endpoint.h"
#include "aws/sts.h"
#include "plugin/aws_provider/configuration.h"

/* The services that the provider calls, and their names in AWS's hosts. */
static const char *const services[AWS_SERVICE_COUNT] = { [AWS_RDS] = "rds", [AWS_KMS] = "kms", [AWS_STS] = "sts" };

static struct str region_of(const struct aws_configuration *configuration, enum aws_service service)
{
    const bool is_sts = service == AWS_STS && !str_is_empty(configuration->sts_region);
    return is_sts ? configuration->sts_region : configuration->region.value;
}

static bool find_endpoint(const struct aws_configuration *configuration, struct arena *arena, enum aws_service service,
                          struct aws_setting *out, struct err *err)
{
    const struct aws_endpoint_options options = { .service = str_from(services[service]),
                                                  .region = region_of(configuration, service),
                                                  .fips = configuration->use_fips,
                                                  .dualstack = configuration->use_dualstack };
    if (str_is_empty(configuration->endpoints[service]))
        return aws_endpoint_url(arena, &options, &out->value, err);
    *out = (struct aws_setting){ configuration->endpoints[service], configuration->endpoints_set_by[service] };
    return true;
}

bool aws_configuration_places(const struct aws_configuration *configuration, struct arena *arena,
                              struct aws_places *out, struct err *err)
{
    struct aws_places places = { 0 };
    if (configuration->region.state != TF_KNOWN)
        return aws_configuration_refuse_region(configuration, arena, err);
    places.region.value = configuration->region.value;
    places.region.set_by = configuration_region_set_by(configuration);
    for (int service = 0; service < AWS_SERVICE_COUNT; service++)
        if (services[service] &&
            !find_endpoint(configuration, arena, (enum aws_service)service, &places.endpoints[service], err))
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
