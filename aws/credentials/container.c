/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/sources.h"

static bool container_fetch(void *self, const struct aws_credentials_call *call, struct aws_credentials *out,
                            struct err *err)
{
    const struct aws_credentials_doors *doors = self;
    struct str ignored;
    (void)call, (void)out;
    if (env_find(doors->env, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", &ignored) ||
        env_find(doors->env, "AWS_CONTAINER_CREDENTIALS_FULL_URI", &ignored))
        return err_set(err, ERR_INVALID, "container credentials are offered but not supported yet");
    return err_set(err, ERR_NOT_FOUND,
                   "container: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and AWS_CONTAINER_CREDENTIALS_FULL_URI are not "
                   "set");
}

struct aws_credentials_source aws_credentials_container(const struct aws_credentials_doors *doors)
{
    return (struct aws_credentials_source){ .fetch = container_fetch, .self = (void *)doors };
}
