/* SPDX-License-Identifier: MPL-2.0
 *
 * The [services NAME] sections, which a profile names in its key `services`.
 * What is found borrows the files.
 */
#ifndef AWS_CREDENTIALS_CONFIG_SERVICES_H
#define AWS_CREDENTIALS_CONFIG_SERVICES_H

#include "aws/credentials/config/files.h"

/* A property of the block below `service`. An empty value is none. */
bool aws_profile_services_get(const struct aws_profile_files *files, struct str services, const char *service,
                              const char *key, struct str *out);
/* Where that is written: "/home/x/.aws/config, line 3"; empty: nowhere. */
struct str aws_profile_services_where(const struct aws_profile_files *files, struct arena *arena, struct str services,
                                      const char *service, const char *key);

#endif
