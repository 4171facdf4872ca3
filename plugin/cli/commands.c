/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/cli/commands.h"

#include "plugin/cli/whoami.h"

const struct tf_command cli_commands[] = {
    { .name = "whoami",
     .summary = "shows whose AWS credentials the provider uses, and from where",
     .description = "Shows which AWS credentials the provider would use here, whose they are, and\n"
                     "where its calls go. It asks STS who the caller is, and changes nothing in AWS.\n"
                     "\n"
                     "Credentials come from the environment and AWS's shared files, as in a plan, or\n"
                     "from the provider block of a configuration in Terraform's JSON syntax.\n"
                     "--profile stands for `profile` of the block: other than AWS_PROFILE, it goes\n"
                     "before keys of the environment.\n"
                     "\n"
                     "    terraform-provider-snapshot whoami --profile work\n"
                     "    terraform-provider-snapshot whoami --config provider.tf.json --explain\n"
                     "\n"
                     "The exit status is 0 if STS answered, 1 if there are no credentials or a call\n"
                     "failed, and 2 if the command line or the file is wrong.", .options = whoami_rows,
     .options_size = sizeof(struct whoami_options),
     .run = whoami_run },
    { .name = NULL },
};
