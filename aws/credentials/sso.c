/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/profile_way.h"

bool profile_open_sso(const struct profile_opening *opening, struct aws_credentials_source *out, struct err *err)
{
    (void)out;
    return err_set(err, ERR_INVALID,
                   "%s gets its credentials by SSO (sso_session or sso_start_url); that is not supported yet",
                   profile_label(opening->arena, opening->profile));
}
