/* SPDX-License-Identifier: MPL-2.0
 *
 * FIPS and dual-stack hosts: argument -> environment -> profile.
 */
#include "aws/credentials/config/endpoint.h"
#include "plugin/aws_provider/configuration.h"

static bool check_flag(const struct aws_configuration *configuration, const char *variable, struct err *err)
{
    struct str text;
    if (!env_find(&configuration->env, variable, &text) || str_equal_ignore_case(text, STR("true")) ||
        str_equal_ignore_case(text, STR("false")))
        return true;
    const struct str shown = str_printable(configuration->arena, text);
    err_set(err, ERR_INVALID, "%s is \"%.*s\", neither \"true\" nor \"false\"", variable, STR_ARG(shown));
    err_set_remedy(err, "Correct or unset it.");
    return false;
}

/* Argument -> environment -> profile. An argument that is false leaves it to the others, and what a profile has
 * besides "true" is false, both as in hashicorp/aws. */
static bool find_flag(const struct aws_configuration *configuration, struct tf_bool argument, const char *variable,
                      const char *key)
{
    struct configuration_setting setting;
    return tf_is_true(argument) || (configuration_find_setting(configuration, variable, key, &setting) &&
                                    str_equal_ignore_case(setting.value, STR("true")));
}

/* STS's endpoint is always that of a Region, as in hashicorp/aws: tokens of the global one are refused by the Regions
 * that an account must opt in to. */
static void log_legacy_sts(const struct aws_configuration *configuration, struct tf_call *call)
{
    struct configuration_setting setting;
    if (configuration_find_setting(configuration, "AWS_STS_REGIONAL_ENDPOINTS", "sts_regional_endpoints", &setting) &&
        str_equal_ignore_case(setting.value, STR("legacy")))
        log_write(call->log, LOG_DEBUG, NULL, "%.*s is \"legacy\" and ignored: STS is called in a Region",
                  STR_ARG(setting.set_by));
}

bool configuration_read_variants(struct aws_configuration *configuration, struct tf_call *call, struct err *err)
{
    const struct aws_provider_block *block = configuration->block;
    log_legacy_sts(configuration, call);
    if (!check_flag(configuration, "AWS_USE_FIPS_ENDPOINT", err) ||
        !check_flag(configuration, "AWS_USE_DUALSTACK_ENDPOINT", err) ||
        !check_flag(configuration, AWS_IGNORE_ENDPOINTS_VARIABLE, err))
        return false;
    configuration->use_fips =
        find_flag(configuration, block->use_fips_endpoint, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint");
    configuration->use_dualstack =
        find_flag(configuration, block->use_dualstack_endpoint, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint");
    return true;
}
