/* SPDX-License-Identifier: MPL-2.0
 *
 * RDS lets few copies at a time into a Region from others. The copies of one
 * connection that need such a slot stand in line, one line per place, and only
 * the first asks AWS: whoever waits longest gets the next slot, and a newcomer,
 * who would ask more often, overtakes nobody. Shares of one snapshot take turns
 * in the same way. Any thread; never locked across a wait or a call.
 */
#ifndef PLUGIN_SNAPSHOT_SLOT_LINE_H
#define PLUGIN_SNAPSHOT_SLOT_LINE_H

#include "base/str.h"
#include "base/waiter.h"

struct slot_line;

/* One who waits; stays where it is, and leaves before it goes. */
struct slot_ticket {
    struct str place;      /* "cluster eu-west-1", "share ARN" */
    struct waiter *waiter; /* woken when its turn has come */
    struct slot_ticket *next;
};

struct slot_line *slot_line_new(void);
void slot_line_free(struct slot_line *line); /* accepts NULL; nobody is in it */

/* To the end, unless it is in line already. */
void slot_line_join(struct slot_line *line, struct slot_ticket *ticket);
/* Wakes those behind it; may be repeated. */
void slot_line_leave(struct slot_line *line, struct slot_ticket *ticket);
/* How many of its place stand before it; 0: its turn. */
size_t slot_line_ahead(struct slot_line *line, const struct slot_ticket *ticket);

#endif
