/* SPDX-License-Identifier: MPL-2.0
 *
 * The life of the process, led by its first thread: it waits for the end and
 * for whom it should do things that pollers must not (write log lines, release
 * what closed connections left). Reasons to end come from any thread.
 */
#ifndef PLUGIN_RUNTIME_PROCESS_LIFE_H
#define PLUGIN_RUNTIME_PROCESS_LIFE_H

#include <stdbool.h>

#include "base/log.h"

enum life_end {
    LIFE_GOES_ON,
    LIFE_SHUTDOWN,   /* the host asked for it, and will kill in 2 s */
    LIFE_HOST_GONE,  /* killed or crashed: nobody waits for our calls */
    LIFE_INTERRUPTED /* by a signal, while no host is connected */
};

struct life;

MUST_USE bool life_new(struct life **out, struct err *err);
void life_free(struct life *life); /* accepts NULL */

/* Any thread, never blocks. The first reason to end stands. */
void life_end(struct life *life, enum life_end why);
void life_nudge(struct life *life); /* the first thread has something to do */
void life_say(struct life *life, enum log_level level,
              const char *text); /* a late log line, cut; dropped when there are too many */

/* To watch: SIGTERM, and SIGHUP under a host, SIGINT without, all of which it blocks; before the first thread. */
int life_interrupt_descriptor(bool has_host);
void life_allow_interrupts(void); /* without a host: they end the process again */

struct life_watch {
    int parent;    /* readable: LIFE_HOST_GONE; or -1 */
    int interrupt; /* readable: LIFE_INTERRUPTED, as soon as it is not in use; or -1 */
    int listener;  /* readable: a turn; or -1 */
    struct log *log;
    void (*on_turn)(void *self);   /* after each nudge; may be NULL */
    bool (*is_in_use)(void *self); /* asked at each nudge once a signal has come; NULL: never */
    void *self;
};

/* The first thread stays here until the end. */
enum life_end life_wait(struct life *life, const struct life_watch *watch);

#endif
