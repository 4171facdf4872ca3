/* SPDX-License-Identifier: MPL-2.0
 *
 * credential_source: the role of a profile is assumed with what the environment, the container or the EC2 instance
 * has.
 */
#include "aws/credentials/profile/way.h"

bool profile_open_source(const struct profile_opening *opening, struct aws_credentials_source *out, struct err *err)
{
    struct str name;
    if (!aws_profile_get(opening->files, opening->profile, "credential_source", &name))
        return err_set(err, ERR_INTERNAL, "credential_source is not there");
    if (str_equal(name, STR("Environment")))
        *out = aws_credentials_environment(opening->doors->env);
    else if (str_equal(name, STR("EcsContainer")))
        *out = aws_credentials_container(opening->doors);
    else if (str_equal(name, STR("Ec2InstanceMetadata")))
        *out = aws_credentials_instance_expected(opening->doors, opening->files, opening->selected);
    else {
        const struct str shown = str_printable(opening->arena, name);
        err_set(err, ERR_INVALID, "%s is \"%.*s\"", profile_key_label(opening, "credential_source"), STR_ARG(shown));
        err_set_remedy(err, "It is Environment, EcsContainer or Ec2InstanceMetadata, in this spelling.");
        return false;
    }
    return true;
}
