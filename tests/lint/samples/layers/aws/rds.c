/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/client.h"
#include "aws/http_curl.h" /* refused */
#include "aws/kms.h" /* refused */
