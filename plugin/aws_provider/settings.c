/* SPDX-License-Identifier: MPL-2.0
 *
 * What the environment, else the profile says: for all that has no argument, or none that is set.
 */
#include "plugin/aws_provider/configuration.h"

bool configuration_find_in_profile(const struct aws_configuration *configuration, const char *key, struct str *out)
{
    const struct str profile = aws_profile_name(&configuration->env, tf_text(configuration->block->profile, STR("")));
    return configuration->files && aws_profile_get(configuration->files, profile, key, out);
}

struct str configuration_name_in_profile(const struct aws_configuration *configuration, const char *key)
{
    const struct str profile = aws_profile_name(&configuration->env, tf_text(configuration->block->profile, STR("")));
    return str_from(aws_profile_key_label(configuration->files, configuration->arena, profile, key));
}

bool configuration_find_setting(const struct aws_configuration *configuration, const char *variable, const char *key,
                                struct configuration_setting *out)
{
    const bool is_set = env_find(&configuration->env, variable, &out->value);
    if (!is_set && !configuration_find_in_profile(configuration, key, &out->value))
        return false;
    out->set_by = is_set ? str_from(variable) : configuration_name_in_profile(configuration, key);
    return true;
}
