/* SPDX-License-Identifier: MPL-2.0
 *
 * The Region that is set: the provider's argument -> AWS_REGION -> AWS_DEFAULT_REGION -> the profile's.
 */
#include "aws/endpoint.h"
#include "plugin/aws_provider/configuration.h"

static struct tf_string find_region(const struct aws_configuration *configuration)
{
    const struct tf_string argument = configuration->block->region;
    struct str found = { 0 };
    if (argument.state == TF_UNKNOWN || (argument.state == TF_KNOWN && !str_is_empty(argument.value)))
        return argument;
    if (env_find(&configuration->env, "AWS_REGION", &found) ||
        env_find(&configuration->env, "AWS_DEFAULT_REGION", &found) ||
        configuration_find_in_profile(configuration, "region", &found))
        return tf_known_string(found);
    /* The profile that would say it is not known yet. */
    return (struct tf_string){ .state = configuration->files ? TF_NULL : TF_UNKNOWN };
}

/* In the order of find_region. */
struct str configuration_region_set_by(const struct aws_configuration *configuration)
{
    static const char *const variables[] = { "AWS_REGION", "AWS_DEFAULT_REGION" };
    struct str ignored;
    if (!str_is_empty(tf_text(configuration->block->region, STR(""))))
        return STR("`region`");
    for (size_t i = 0; i < ARRAY_LENGTH(variables); i++)
        if (env_find(&configuration->env, variables[i], &ignored))
            return str_from(variables[i]);
    return configuration_name_in_profile(configuration, "region");
}

static bool check_found_region(const struct aws_configuration *configuration, struct err *err)
{
    const struct tf_bool skip = configuration->block->skip_region_validation;
    if (configuration->region.state != TF_KNOWN || skip.state == TF_UNKNOWN || tf_is_true(skip) ||
        aws_is_region(configuration->region.value))
        return true;
    const struct str set_by = configuration_region_set_by(configuration);
    err_set(err, ERR_INVALID, "%.*s is \"%.*s\", which does not look like the name of a Region", STR_ARG(set_by),
            STR_ARG(configuration->region.value));
    err_set_remedy(err, "Correct AWS_REGION, AWS_DEFAULT_REGION or the profile's `region`, or set the provider's "
                        "`region` or `skip_region_validation`.");
    return false;
}

bool configuration_read_region(struct aws_configuration *configuration, struct err *err)
{
    configuration->region = find_region(configuration);
    return check_found_region(configuration, err);
}

/* A profile that cannot be found is the cause, not the Region that it would have set. */
bool configuration_refuse_region(const struct aws_configuration *configuration, struct arena *arena,
                                 const char *why_not_ec2, struct err *err)
{
    const struct str argument = tf_text(configuration->block->profile, STR(""));
    const struct str profile = aws_profile_name(&configuration->env, argument);
    if (aws_profile_naming(&configuration->env, argument) != AWS_PROFILE_BY_NOBODY &&
        !aws_profile_check(configuration->files, arena, profile, err)) {
        err->kind = ERR_INVALID;
        return false;
    }
    const struct str shown = str_printable(arena, profile);
    const struct str looked_at = aws_profile_files_describe(arena, configuration->files, profile);
    err_set(err, ERR_INVALID,
            "no Region is set, neither here nor in the provider; the profile \"%.*s\" has none in %.*s%s%s",
            STR_ARG(shown), STR_ARG(looked_at), why_not_ec2 ? "; " : "", why_not_ec2 ? why_not_ec2 : "");
    err_set_remedy(err, "Set `region` here or in the provider block, or AWS_REGION, or `region` in the profile.");
    return false;
}
