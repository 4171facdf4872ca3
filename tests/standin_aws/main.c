/* SPDX-License-Identifier: MPL-2.0
 *
 * A stand-in for hashicorp/aws (README.md).
 */
#include "tests/standin_aws/registry.h"

int main(int argc, char **argv)
{
    return tf_main(&standin_provider, NULL, argc, argv);
}
