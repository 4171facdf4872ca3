/* SPDX-License-Identifier: MPL-2.0 */
#include <stddef.h>
#include <curl/curl.h> /* refused */
#include <surprise.h> /* refused */

#include "base/str.h"
#include "aws/arn.h" /* refused */
#include "str.h" /* refused */
