/* SPDX-License-Identifier: MPL-2.0
 *
 * A snapshot stands where a copy is to be made: is it the very copy that is wanted
 * (its answer or its state was lost, or a replacement left it), or somebody else's?
 * Decided from its mark and from the fields that AWS returns; no calls.
 */
#ifndef PLUGIN_SNAPSHOT_COPY_APPLY_ADOPTION_H
#define PLUGIN_SNAPSHOT_COPY_APPLY_ADOPTION_H

#include "plugin/snapshot/copy/holding.h"

/* The copy that is wanted. */
struct adoption_wish {
    const struct mark *mark; /* that a new copy would carry */
    struct str source_arn;
    struct str source_time; /* empty: cannot be told */
    struct str key_arn;     /* empty: cannot be told */
    struct str key_text;    /* as configured */
};

/* `out_mark` is the found one's. Errors: ERR_CONFLICT with what disagrees, field by field. */
MUST_USE bool adoption_judge(struct arena *arena, const struct rds_snapshot *found, const struct adoption_wish *wish,
                             struct mark *out_mark, struct err *err);
/* Of one that was judged well: what is the same, and what could not be compared. Sentences. */
struct str adoption_tell(struct arena *arena, const struct rds_snapshot *found, const struct adoption_wish *wish,
                         const struct mark *mark);

#endif
