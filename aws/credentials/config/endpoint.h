/* SPDX-License-Identifier: MPL-2.0
 *
 * The endpoints that the environment and a profile set. Whether they can be used
 * is their reader's business.
 */
#ifndef AWS_CREDENTIALS_CONFIG_ENDPOINT_H
#define AWS_CREDENTIALS_CONFIG_ENDPOINT_H

#include "aws/credentials/config/files.h"

#define AWS_IGNORE_ENDPOINTS_VARIABLE "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"

struct aws_set_endpoint {
    struct str url;
    struct str set_by; /* for messages: "AWS_ENDPOINT_URL_RDS"; in the arena */
};

/* The endpoint that environment and profile set for a service ("rds"), in the
 * order of the SDKs: AWS_ENDPOINT_URL_RDS, AWS_ENDPOINT_URL, the profile's
 * services section, the profile's endpoint_url. A services section that does not
 * exist sets none, as in aws-sdk-go-v2. False: none, or they are to be ignored:
 * AWS_IGNORE_CONFIGURED_ENDPOINT_URLS, else the profile's key of that name, is "true". */
bool aws_profile_find_endpoint(struct arena *arena, const struct aws_profile_files *files, const struct env *env,
                               struct str profile, const char *service, struct aws_set_endpoint *out);

#endif
