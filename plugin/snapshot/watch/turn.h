/* SPDX-License-Identifier: MPL-2.0
 *
 * What the resources of one connection do one after the other. RDS lets few
 * copies at a time into a Region, from it or from others: all stand in line for
 * such a slot, and only the first asks AWS, so that whoever waits longest gets the
 * next slot, and a newcomer, who would ask more often, overtakes nobody. Shares of
 * one snapshot change it in turn as well. Any thread; never locked across a wait
 * or a call.
 */
#ifndef PLUGIN_SNAPSHOT_WATCH_TURN_H
#define PLUGIN_SNAPSHOT_WATCH_TURN_H

#include "base/log.h"
#include "base/str.h"
#include "base/waiter.h"

struct turn_line;

/* One who waits; stays where it is, and leaves before it goes. */
struct turn_ticket {
    struct str goal;       /* in words; those with the same one wait for each other */
    struct waiter *waiter; /* woken when its turn has come */
    struct turn_ticket *next;
};

struct turn_line *turn_line_new(void);
void turn_line_free(struct turn_line *line); /* accepts NULL; nobody is in it */

/* To the end, unless it is in line already. */
void turn_line_join(struct turn_line *line, struct turn_ticket *ticket);
/* Wakes those behind it; may be repeated. */
void turn_line_leave(struct turn_line *line, struct turn_ticket *ticket);
/* How many of its goal stand before it; 0: its turn. */
size_t turn_line_ahead(struct turn_line *line, const struct turn_ticket *ticket);
/* Joins, and stays in line whatever the end. Errors: ERR_CANCELLED, ERR_TIMEOUT
 * (`until_ms`, monotonic). */
MUST_USE bool turn_line_wait(struct turn_line *line, struct turn_ticket *ticket, int64_t until_ms, struct log *log,
                             struct err *err);

#endif
