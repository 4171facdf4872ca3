/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/sources.h"
#include "aws/sts.h" /* refused */
#include "aws/call/client.h" /* refused */
