/* SPDX-License-Identifier: MPL-2.0 */
#include <stdio.h>

int out_of_bounds(void)
{
    int items[3] = { 1, 2, 3 };
    return items[3]; /* refused */
}

void wrong_format(const char *text)
{
    fprintf(stderr, "%d %s", text); /* refused */
}
