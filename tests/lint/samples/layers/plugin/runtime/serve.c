/* SPDX-License-Identifier: MPL-2.0 */
#include "base/str.h"
#include "proto/tfplugin6.pb-c.h" /* refused */
#include "aws/arn.h" /* refused */
#include "plugin/snapshot/kind.h" /* refused */
