/* SPDX-License-Identifier: MPL-2.0 */
#include <libxml/tree.h>
#include <jansson.h> /* refused */

#include "aws/wire/rows.h"
#include "aws/call/sigv4.h" /* refused */
#include "aws/rds.h" /* refused */
#include "plugin/runtime/provider.h" /* refused */
