/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/sources.h"

static bool instance_fetch(void *self, const struct aws_credentials_call *call, struct aws_credentials *out,
                           struct err *err)
{
    (void)self, (void)call, (void)out;
    return err_set(err, ERR_NOT_FOUND, "EC2 metadata: not supported yet");
}

struct aws_credentials_source aws_credentials_instance(const struct aws_credentials_doors *doors,
                                                       const struct aws_profile_files *files, struct str profile)
{
    (void)files, (void)profile;
    return (struct aws_credentials_source){ .fetch = instance_fetch, .self = (void *)doors };
}
