/* SPDX-License-Identifier: MPL-2.0
 *
 * A stand-in for hashicorp/aws (README.md).
 */
#include <stdio.h>
#include <unistd.h>

#include "aws/client.h"
#include "tests/standin_aws/registry.h"

int main(int argc, char **argv)
{
    struct err err = { 0 };
    if (!aws_init(&err)) {
        dprintf(STDERR_FILENO, "terraform-provider-aws: %s\n", err.text);
        return 1;
    }
    return tf_main(&standin_provider, argc, argv);
}
