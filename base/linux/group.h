/* SPDX-License-Identifier: MPL-2.0
 *
 * Groups of users by their name. A port asks the system's own list.
 */
#ifndef BASE_LINUX_GROUP_H
#define BASE_LINUX_GROUP_H

#include <stdbool.h>
#include <sys/types.h>

/* Of /etc/group alone, as hosts read it: getgrnam would load what nsswitch.conf names. */
bool os_group_find(const char *name, gid_t *out);

#endif
