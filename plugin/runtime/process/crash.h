/* SPDX-License-Identifier: MPL-2.0
 *
 * What a crash leaves behind: lines on stderr that begin with "panic: ", which
 * the host shows to the user as this plugin's crash (hashicorp/go-plugin,
 * client.go), then the signal's usual end; no memory image. Only what is safe
 * inside a signal handler.
 */
#ifndef PLUGIN_RUNTIME_PROCESS_CRASH_H
#define PLUGIN_RUNTIME_PROCESS_CRASH_H

/* For the whole process; `name` is kept. Leaves sanitizers their own handlers. */
void crash_install(const char *name);

/* No core dump, no debugger, and of /proc/PID nothing that only the owner may
 * read (memory, environment, descriptors) but for root: the process holds keys.
 * The process itself still reads its own. Children inherit the limit on core
 * files and may raise it; the rest ends with their exec. Does nothing under
 * sanitizers, which look at their own process as debuggers do. */
void crash_forbid_dumps(void);

/* A stack for the handler, at the far end of a thread's own: an overflow can be
 * told too. Lives as long as the thread. */
struct crash_stack {
    char bytes[16 * 1024];
};

void crash_use_stack(struct crash_stack *stack);
void crash_leave_stack(void);

#endif
