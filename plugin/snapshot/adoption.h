/* SPDX-License-Identifier: MPL-2.0
 *
 * A snapshot stands where a copy is to be made: is it ours to replace, the very
 * copy that is wanted (its answer or its state was lost), or somebody else's?
 * Decided from its mark and from the fields that AWS returns; no calls.
 */
#ifndef PLUGIN_SNAPSHOT_ADOPTION_H
#define PLUGIN_SNAPSHOT_ADOPTION_H

#include "plugin/snapshot/holding.h"

/* The copy that is wanted. */
struct adoption_wish {
    const struct mark *mark; /* that a new copy would carry */
    struct str source_arn;
    struct str source_time;     /* empty: cannot be told */
    struct str key_arn;         /* empty: cannot be told */
    struct str key_text;        /* as configured */
    const struct holding *held; /* the copy in state; NULL on create */
};

enum adoption {
    ADOPTION_OWN_OLD, /* what the state holds, or a failed one of ours: may be deleted for a new one */
    ADOPTION_ADOPT,   /* agrees in everything: take it over */
    ADOPTION_REFUSE,
};

/* `out_mark` is the found one's, empty when it has none. ADOPTION_REFUSE fills
 * `err` (ERR_CONFLICT) with what disagrees, field by field. */
enum adoption adoption_judge(struct arena *arena, const struct rds_snapshot *found, const struct adoption_wish *wish,
                             struct mark *out_mark, struct err *err);

#endif
