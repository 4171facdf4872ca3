/* SPDX-License-Identifier: MPL-2.0
 *
 * web_identity_token_file: the role of the profile is assumed with the token in that file.
 */
#include "aws/credentials/profile/way.h"
#include "aws/credentials/role.h"

bool profile_open_web_identity(const struct profile_opening *opening, struct aws_credentials_source *out,
                               struct err *err)
{
    struct sts_assume_role_options role = { 0 };
    struct str file;
    (void)aws_profile_get(opening->files, opening->profile, "role_arn", &role.role_arn);
    (void)aws_profile_get(opening->files, opening->profile, "role_session_name", &role.session_name);
    if (!aws_profile_get(opening->files, opening->profile, "web_identity_token_file", &file))
        return err_set(err, ERR_INTERNAL, "web_identity_token_file is not there");
    if (!role_check_session_name(opening->arena, role.session_name, profile_key_label(opening, "role_session_name"),
                                 err))
        return false;
    const struct aws_web_identity_options options = {
        .doors = opening->doors,
        .token_file = file,
        .token_file_name = profile_key_label(opening, "web_identity_token_file"),
        .role = &role,
        .role_arn_name = profile_key_label(opening, "role_arn"),
    };
    *out = aws_credentials_web_identity(&options);
    return true;
}
