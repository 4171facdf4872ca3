/* SPDX-License-Identifier: MPL-2.0
 *
 * The [sso-session NAME] sections of the config files, which a profile names in
 * its key `sso_session`. What is found borrows the files.
 */
#ifndef AWS_CREDENTIALS_CONFIG_SSO_SESSION_H
#define AWS_CREDENTIALS_CONFIG_SSO_SESSION_H

#include "aws/credentials/config/files.h"

/* False: no file has the key, or the last one that has it leaves its value empty. */
bool aws_profile_sso_get(const struct aws_profile_files *files, struct str session, const char *key, struct str *out);
struct str aws_profile_sso_where(const struct aws_profile_files *files, struct arena *arena, struct str session,
                                 const char *key);
/* The section itself, as "/home/x/.aws/config, line 3". ERR_NOT_FOUND says where it was looked for, and what stands
 * there in its place. */
MUST_USE bool aws_profile_sso_find(const struct aws_profile_files *files, struct arena *arena, struct str session,
                                   struct str *out_where, struct err *err);

#endif
