/* SPDX-License-Identifier: MPL-2.0
 *
 * What a profile of the shared files says: which profile, its keys, where they
 * stand. What is found borrows the files. The later file wins key by key, and the
 * credentials files come after the config files; access key, secret and token are
 * taken from one file together. What the keys mean is their users' business.
 */
#ifndef AWS_CREDENTIALS_CONFIG_PROFILE_H
#define AWS_CREDENTIALS_CONFIG_PROFILE_H

#include "aws/credentials/config/files.h"

/* `given`, else AWS_PROFILE, else AWS_DEFAULT_PROFILE, else "default"; without
 * the quotes that a file may have around it. */
struct str aws_profile_name(const struct env *env, struct str given);
/* What must exist. AWS_DEFAULT_PROFILE names a profile as "default" does: it may be missing, as in aws-sdk-go-v2
 * (config/config.go, resolveConfigLoaders). */
enum aws_profile_naming { AWS_PROFILE_BY_NOBODY, AWS_PROFILE_BY_ENVIRONMENT, AWS_PROFILE_BY_ARGUMENT };
enum aws_profile_naming aws_profile_naming(const struct env *env, struct str given);

bool aws_profile_exists(const struct aws_profile_files *files, struct str profile);
/* ERR_NOT_FOUND names the files and what is wrong in them. */
MUST_USE bool aws_profile_check(const struct aws_profile_files *files, struct arena *arena, struct str profile,
                                struct err *err);

/* False: no file has the key, or the last one that has it leaves its value empty. */
bool aws_profile_get(const struct aws_profile_files *files, struct str profile, const char *key, struct str *out);
/* Where that is written: "/home/x/.aws/config, line 3"; empty: nowhere. */
struct str aws_profile_where(const struct aws_profile_files *files, struct arena *arena, struct str profile,
                             const char *key);
/* For messages: `the profile "x"`, and `credential_process of the profile "x" (/f, line 3)`; in the arena. */
const char *aws_profile_label(struct arena *arena, struct str profile);
const char *aws_profile_key_label(const struct aws_profile_files *files, struct arena *arena, struct str profile,
                                  const char *key);

struct aws_profile_keys {
    struct str access_key_id, secret_access_key, session_token; /* empty: absent */
    struct str path;                                            /* of the file */
    size_t line;                                                /* of the first of them */
};

/* Of the last file that has either half; false when no file has. One half alone is its user's error: the other
 * file's pair may be another caller's. */
bool aws_profile_find_keys(const struct aws_profile_files *files, struct str profile, struct aws_profile_keys *out);

/* Where a profile was looked for, for messages: "/home/x/.aws/config (line 3: write [profile p], not [p]), ...". */
struct str aws_profile_files_describe(struct arena *arena, const struct aws_profile_files *files, struct str profile);

#endif
