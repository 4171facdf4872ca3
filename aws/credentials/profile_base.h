/* SPDX-License-Identifier: MPL-2.0
 *
 * Profiles that get their credentials by another way than static keys of their
 * own: none of these ways is built yet. Their `source_profile`s are followed to
 * the base, which decides what a user can do instead. The order of the ways is
 * that of aws-sdk-go-v2 (config/resolve_credentials.go).
 */
#ifndef AWS_CREDENTIALS_PROFILE_BASE_H
#define AWS_CREDENTIALS_PROFILE_BASE_H

#include "aws/credentials/config_file.h"

/* Errors: ERR_INVALID for a profile that asks for another way: it would be
 * somebody else who calls. */
MUST_USE bool profile_check_way(const struct aws_profile_files *files, struct arena *arena, struct str profile,
                                enum aws_profile_naming naming, struct err *err);

#endif
