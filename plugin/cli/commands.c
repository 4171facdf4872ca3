/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/cli/commands.h"

const struct tf_command commands[] = {
    { .name = "docs",
     .arguments = "EXAMPLES DOCS",
     .argument_count = 2,
     .summary = "writes the reference pages into the folder DOCS, for developers of the provider",
     .run = cli_docs },
    { .name = NULL },
};
