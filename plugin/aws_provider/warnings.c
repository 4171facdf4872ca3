/* SPDX-License-Identifier: MPL-2.0
 *
 * What is settled otherwise than many expect.
 */
#include "plugin/aws_provider/configuration.h"

/* hashicorp/aws warns likewise: many expect the environment to win. */
static void warn_of_conflict(const struct aws_configuration *configuration, struct tf_call *call)
{
    struct str key;
    const struct aws_provider_block *block = configuration->block;
    if (str_is_empty(tf_text(block->profile, STR(""))) || !str_is_empty(tf_text(block->access_key, STR(""))) ||
        configuration_web_identity(block) || !env_find(&configuration->env, "AWS_ACCESS_KEY_ID", &key))
        return;
    tf_warn(call, "profile", "The profile is used, not the keys of the environment",
            "Both `profile` (for whoami: --profile) and AWS_ACCESS_KEY_ID are set; a profile that is named there goes "
            "first, other than one that AWS_PROFILE names.");
}

/* hashicorp/aws goes on without a word, often as somebody else. */
static void warn_of_half_a_pair(const struct aws_configuration *configuration, struct tf_call *call)
{
    const char *set, *missing;
    const struct aws_provider_block *block = configuration->block;
    if (!str_is_empty(tf_text(block->profile, STR(""))) || !str_is_empty(tf_text(block->access_key, STR(""))) ||
        configuration_web_identity(block) || !aws_environment_has_half(&configuration->env, &set, &missing))
        return;
    tf_warn(call, NULL, "Half a pair of keys in the environment",
            "%s is set and %s is not, and one without the other is not used. The credentials come from the next source "
            "that has some instead: a web identity, a profile, the container or the EC2 instance.\n\nSet both or "
            "neither. `terraform-provider-snapshot whoami` shows whose credentials are used.",
            set, missing);
}

/* The former name of a variable, which hashicorp/aws still reads with this warning. */
static void warn_of_former_name(const struct aws_configuration *configuration, struct tf_call *call)
{
    static const char name[] = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
    struct str ignored;
    if (!str_is_empty(tf_text(configuration->block->ec2_metadata_service_endpoint, STR(""))) ||
        !env_find(&configuration->env, "AWS_METADATA_URL", &ignored))
        return;
    const bool is_used = !env_find(&configuration->env, name, &ignored);
    tf_warn(call, NULL, "A former name of a variable",
            is_used ? "AWS_METADATA_URL is set, the former name of %s.\n\nSet %s instead."
                    : "AWS_METADATA_URL is not used, since %s is set. %s is its name today.",
            name, name);
}

void configuration_warn(const struct aws_configuration *configuration, struct tf_call *call)
{
    warn_of_conflict(configuration, call);
    warn_of_half_a_pair(configuration, call);
    warn_of_former_name(configuration, call);
}
