/* SPDX-License-Identifier: MPL-2.0
 *
 * What one connection of the host has planned, seen and done so far: facts about ARNs
 * and texts, forgotten with the connection. It lets the calls of a plan or an apply, which
 * core makes one by one and side by side, know of each other. Any thread.
 */
#ifndef PLUGIN_SNAPSHOT_MEMORY_H
#define PLUGIN_SNAPSHOT_MEMORY_H

#include "base/str.h"

enum memory_fact {
    MEMORY_SAID, /* a text that is said once */
    /* Copies, by ARN. */
    MEMORY_CLAIMED, /* taken before the first look: a delete, or a create that has not failed, has it */
    /* Core reads before it plans (unless told not to refresh) and applies through another
     * connection: what was never read is planned inside an apply. */
    MEMORY_READ,
    MEMORY_OTHER_DATA,   /* read, and there was a snapshot with other data under the name */
    MEMORY_OTHER_HOLDER, /* read, and another holder had it than the state says */
    MEMORY_LEFT,         /* "ARN HOLDER": the delete leg of a replacement left it for the create leg */
    MEMORY_HAS_ADDRESS,  /* some address has it in its state and keeps it, or replaces it under this ARN */
    MEMORY_KEPT,         /* the same, as "ARN HOLDER" */
    MEMORY_TO_CREATE,    /* planned, or about to be, at an address that does not have it */
    MEMORY_TO_TAKE,      /* planned, at an address that has another one now */
    MEMORY_TO_DESTROY,   /* planned; by ARN, and as "ARN HOLDER" */
    /* Shares, by "ARN ACCOUNT". */
    MEMORY_GRANTED,        /* by a create or update, or perhaps: no answer came */
    MEMORY_KEPT_LISTS,     /* a share that the plan keeps lists the account */
    MEMORY_DELETED_LISTED, /* one that the plan deletes does */
};

struct memory;

struct memory *memory_new(void);
void memory_free(struct memory *memory); /* accepts NULL */

/* "A B", for facts about two. */
struct str memory_pair(struct arena *arena, struct str a, struct str b);

/* False when it was known already. */
bool memory_learn(struct memory *memory, enum memory_fact fact, struct str about);
bool memory_knows(struct memory *memory, enum memory_fact fact, struct str about);
/* Whether it is to be said: once `about` each thing. */
bool memory_says_first(struct memory *memory, struct arena *arena, const char *summary, struct str about);
void memory_forget(struct memory *memory, enum memory_fact fact, struct str about);

#endif
