/* SPDX-License-Identifier: MPL-2.0
 *
 * Paths that mean something of their own to the system.
 */
#ifndef BASE_LINUX_PATH_H
#define BASE_LINUX_PATH_H

#include <stdbool.h>
#include <sys/stat.h>

/* How paths begin that are other files in each process: its open descriptors. NULL ends them. */
extern const char *const os_descriptor_paths[];

/* Is it /dev/null, under whatever name? */
bool os_is_null_device(const struct stat *status);

#endif
