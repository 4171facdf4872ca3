/* SPDX-License-Identifier: MPL-2.0 */
#include "base/linux/error_text.h"

#include <string.h>

const char *os_error_text(int number)
{
    const char *text = strerrordesc_np(number); /* glibc 2.32 */
    return text ? text : "unknown error";
}
