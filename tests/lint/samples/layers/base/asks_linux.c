/* SPDX-License-Identifier: MPL-2.0 */
#include <sys/eventfd.h> /* refused */
#include <sys/socket.h>
#include <linux/limits.h> /* refused */
#include <malloc.h> /* refused */

#include "base/linux/pollable.h"
