/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/call/client.h" /* refused */
#include "aws/call/operation.h"
#include "aws/http/curl.h" /* refused */
#include "base/linux/memory.h" /* refused */
