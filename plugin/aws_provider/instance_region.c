/* SPDX-License-Identifier: MPL-2.0
 *
 * The Region of the EC2 instance whose role calls, remembered from the first answer on.
 */
#include <string.h>

#include "plugin/aws_provider/configuration.h"

struct str configuration_known_region(struct aws_configuration *configuration)
{
    pthread_mutex_lock(&configuration->lock);
    const struct str region = configuration->instance_region;
    pthread_mutex_unlock(&configuration->lock);
    return region;
}

static void remember(struct aws_configuration *configuration, struct str region)
{
    pthread_mutex_lock(&configuration->lock);
    if (str_is_empty(configuration->instance_region))
        configuration->instance_region = str_copy(configuration->arena, region);
    pthread_mutex_unlock(&configuration->lock);
}

bool configuration_region_of_instance(struct aws_configuration *configuration, const struct aws_credentials_call *call,
                                      const struct aws_credentials *with, struct str *out, struct err *err)
{
    const struct str profile = aws_profile_name(&configuration->env, tf_text(configuration->block->profile, STR("")));
    *out = configuration_known_region(configuration);
    if (!str_is_empty(*out))
        return true;
    if (strcmp(with->base_kind ? with->base_kind : with->kind, "instance") != 0)
        return err_set(err, ERR_NOT_FOUND, "EC2 metadata was not asked, since the credentials come from %s",
                       with->source);
    if (!aws_instance_region(&configuration->doors, configuration->files, profile, call, out, err))
        return err_wrap(err, "EC2 metadata gave none");
    remember(configuration, *out);
    log_write(call->log, LOG_INFO, NULL, "the Region is that of the EC2 instance, %.*s", STR_ARG(*out));
    return true;
}
