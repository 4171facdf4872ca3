/* SPDX-License-Identifier: MPL-2.0 */
#include "base/linux/path.h"

#include <stddef.h>
#include <sys/sysmacros.h>

enum { NULL_DEVICE_MAJOR = 1, NULL_DEVICE_MINOR = 3 }; /* Linux, Documentation/admin-guide/devices.txt */

const char *const os_descriptor_paths[] = { "/dev/fd/", "/dev/stdin", "/proc/self/fd/", NULL };

bool os_is_null_device(const struct stat *status)
{
    return S_ISCHR(status->st_mode) && status->st_rdev == makedev(NULL_DEVICE_MAJOR, NULL_DEVICE_MINOR);
}
