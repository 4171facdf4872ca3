/* SPDX-License-Identifier: MPL-2.0
 *
 * The calls that led here, for the last words of a crash. Where a C library has
 * nothing of the kind, both do nothing.
 */
#ifndef BASE_LINUX_BACKTRACE_H
#define BASE_LINUX_BACKTRACE_H

/* Loads what the other one needs: a signal handler must not. */
void os_backtrace_prepare(void);
/* Safe in a signal handler. */
void os_backtrace_write(int descriptor);

#endif
