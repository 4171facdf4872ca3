/* SPDX-License-Identifier: MPL-2.0 */
#include "base/linux/group.h"

#include <grp.h>
#include <stdio.h>
#include <string.h>

enum { ROW_MAX_BYTES = 64 * 1024 }; /* with all members of the group */

static bool read_group(FILE *rows, const char *name, gid_t *out)
{
    char texts[ROW_MAX_BYTES];
    struct group row;
    struct group *found;
    while (fgetgrent_r(rows, &row, texts, sizeof(texts), &found) == 0)
        if (strcmp(name, row.gr_name) == 0) {
            *out = row.gr_gid;
            return true;
        }
    return false;
}

bool os_group_find(const char *name, gid_t *out)
{
    FILE *rows = fopen("/etc/group", "re");
    if (!rows)
        return false;
    const bool is_known = read_group(rows, name, out);
    (void)fclose(rows);
    return is_known;
}
