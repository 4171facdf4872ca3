/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/call/client.h"
#include "plugin/snapshot/watch/wait.h" /* refused */
