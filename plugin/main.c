/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/build.h"
#include "plugin/cli/commands.h"
#include "plugin/runtime/provider.h"
#include "plugin/snapshot/registry.h"

int main(int argc, char **argv)
{
    struct tf_provider provider = snapshot_provider;
    provider.build = &build;
    return tf_main(&provider, cli_commands, argc, argv);
}
