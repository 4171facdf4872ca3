/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/provider.h"
#include "plugin/snapshot/registry.h"

int main(int argc, char **argv)
{
    return tf_main(&snapshot_provider, NULL, argc, argv);
}
