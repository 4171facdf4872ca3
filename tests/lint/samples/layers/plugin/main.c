/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/provider.h"
#include "plugin/snapshot/registry.h"
#include "aws/call/client.h" /* refused */
