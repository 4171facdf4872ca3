/* SPDX-License-Identifier: MPL-2.0
 *
 * The ways in which a profile says where its credentials come from, one function
 * each, in the file of that source. It reads the profile's own keys; chain.c has
 * chosen the way by them, and puts the profile's role on top.
 */
#ifndef AWS_CREDENTIALS_PROFILE_WAY_H
#define AWS_CREDENTIALS_PROFILE_WAY_H

#include "aws/credentials/sources.h"

/* A profile that is turned into a source, at its first fetch. The files stay longer than the source. */
struct profile_opening {
    const struct aws_credentials_doors *doors;
    const struct aws_profile_files *files;
    struct str profile;
    struct str selected; /* the profile whose source_profile it is, or itself: that one says where services are */
    struct arena *arena; /* of the call: the source copies what it keeps */
};

/* Makes the source; no network, no process. Errors: ERR_INVALID, naming the key with file and line. */
typedef bool profile_way_fn(const struct profile_opening *opening, struct aws_credentials_source *out, struct err *err);

profile_way_fn profile_open_keys;         /* aws_access_key_id */
profile_way_fn profile_open_source;       /* credential_source */
profile_way_fn profile_open_web_identity; /* web_identity_token_file, with the profile's role */
profile_way_fn profile_open_sso;          /* sso_session, sso_start_url, sso_account_id, sso_role_name */
profile_way_fn profile_open_login;        /* login_session */
profile_way_fn profile_open_process;      /* credential_process */

/* A key of the profile with where it stands, for messages. */
const char *profile_key_label(const struct profile_opening *opening, const char *key);
/* `aws sso login --profile x`, as a shell takes it; in the arena. */
const char *profile_command(struct arena *arena, const char *command, struct str profile);

#endif
