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
    struct arena *arena = configuration->arena;
    const struct str profile = aws_profile_name(&configuration->env, tf_text(configuration->block->profile, STR("")));
    const struct str where = aws_profile_where(configuration->files, arena, profile, key);
    const struct str shown = str_printable(arena, profile);
    return str_format(arena, "%s of the profile \"%.*s\" (%.*s)", key, STR_ARG(shown), STR_ARG(where));
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
