/* SPDX-License-Identifier: MPL-2.0 */
#include <sys/eventfd.h>

#include "base/compiler.h"
#include "base/str.h" /* refused */
