/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/unit/plugin/runtime/toy_provider.h"

int main(int argc, char **argv)
{
    return tf_main(&toy_provider, NULL, argc, argv);
}
