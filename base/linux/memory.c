/* SPDX-License-Identifier: MPL-2.0 */
#include "base/linux/memory.h"

#include <malloc.h>
#include <string.h>
#include <sys/prctl.h>

/* Of glibc, mallopt(3). Both begin at this size and are raised, to 32 and 64 MiB,
 * by the first large blocks that are freed, unless they are set. */
enum { LARGE_BYTES = 128 * 1024, POOLS_MAX = 2 };

void os_memory_keep_little(void)
{
    mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
    mallopt(M_TRIM_THRESHOLD, LARGE_BYTES);
    mallopt(M_ARENA_MAX, POOLS_MAX);
}

void os_memory_give_back(void)
{
    malloc_trim(0);
}

void os_memory_wipe(void *memory, size_t size)
{
    explicit_bzero(memory, size);
}

void os_memory_hide(void)
{
    prctl(PR_SET_DUMPABLE, 0); /* counts where cores are piped to a program, which have no limit */
}
