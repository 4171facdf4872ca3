/* SPDX-License-Identifier: MPL-2.0
 *
 * The memory of this process: how much of it the allocator keeps, and who may
 * see what was in it. A port gives os_memory_wipe and os_memory_hide with care,
 * since memory holds keys; the other two may do nothing.
 */
#ifndef BASE_LINUX_MEMORY_H
#define BASE_LINUX_MEMORY_H

#include <stddef.h>

/* Once, before the first thread: freed memory is to go back to the system, not
 * to wait in an allocator's pool of each thread for its like. */
void os_memory_keep_little(void);
/* Gives the system every free page, which takes a moment: for when much was freed. */
void os_memory_give_back(void);

/* Overwrites in a way that the compiler keeps. */
void os_memory_wipe(void *memory, size_t size);
/* No debugger, no core dump, and of /proc/PID nothing that only the owner may
 * read (memory, environment, descriptors) but for root. The process itself still
 * reads its own. Ends with an exec. */
void os_memory_hide(void);

#endif
