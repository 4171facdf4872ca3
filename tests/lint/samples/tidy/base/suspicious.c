/* SPDX-License-Identifier: MPL-2.0 */
#include <string.h>

int suspicious(const char *text, int *out)
{
    if (strcmp(text, "same")) /* refused */
        return 0;
    if (text[0] == 'a')
        out = 0;
    return *out; /* refused */
}
