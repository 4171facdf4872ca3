/* SPDX-License-Identifier: MPL-2.0 */
#include "base/str.h"
#include "tests/support/harness.h"
#include "aws/arn.h" /* refused */
