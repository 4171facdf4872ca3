/* SPDX-License-Identifier: MPL-2.0 */
#include "base/linux/backtrace.h"

#if defined(__has_include) && __has_include(<execinfo.h>)
#include <execinfo.h>
#define HAS_BACKTRACE 1
#else
#define HAS_BACKTRACE 0
#endif

enum { FRAMES_MAX = 48 };

void os_backtrace_prepare(void)
{
#if HAS_BACKTRACE
    void *frame;
    backtrace(&frame, 1);
#endif
}

void os_backtrace_write(int descriptor)
{
#if HAS_BACKTRACE
    void *frames[FRAMES_MAX];
    int count = backtrace(frames, FRAMES_MAX);
    backtrace_symbols_fd(frames, count, descriptor);
#else
    (void)descriptor;
#endif
}
