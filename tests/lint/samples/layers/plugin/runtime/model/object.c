/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/provider.h"
#include "plugin/runtime/call/plan.h" /* refused */
