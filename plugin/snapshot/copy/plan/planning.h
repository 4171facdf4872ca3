/* SPDX-License-Identifier: MPL-2.0
 *
 * The parts of a plan of snapshot_reencrypt_copy and what they share: each is a file
 * of its name; hook.c calls them in order.
 */
#ifndef PLUGIN_SNAPSHOT_COPY_PLAN_PLANNING_H
#define PLUGIN_SNAPSHOT_COPY_PLAN_PLANNING_H

#include "plugin/snapshot/copy/model.h"

struct planning {
    struct tf_call *call;
    const struct reencrypt_copy *config;
    const struct reencrypt_copy *prior; /* NULL: a copy is to be made, in place of another one too */
    struct reencrypt_copy *planned;
    /* Where the copy is or will be. Empty texts: not known yet. */
    struct snapshot_ref home;
    bool has_home;
    bool is_place_late; /* of an update: name, kind or Region are known only in the apply */
};

/* What is known only in the apply: nothing is decided here, core plans again then. */
void planning_warn_of_unknown(struct planning *planning, const char *path);
/* Other data under the name of the copy is an error. True, with a warning: its place is not known
 * yet, so it may be another copy's, and the apply decides. */
bool planning_leaves_to_apply(struct planning *planning, const char *path);
/* Kind, Region, account and ARN; says whether the copy is replaced. Errors: ERR_INVALID, ERR_DENIED; ERR_CONFLICT
 * for a replacement that came to light too late. */
MUST_USE bool planning_place(struct planning *planning, const struct tf_plan *plan, struct err *err);
/* The note of an update; empty where its place is known. */
struct str planning_place_note(const struct planning *planning);
/* Another source is an error. */
MUST_USE bool planning_source(struct planning *planning, struct err *err);
/* Another key is an error; another spelling keeps the prior text in the plan. */
MUST_USE bool planning_key(struct planning *planning, struct err *err);
/* So is another argument of an instance copy. */
MUST_USE bool planning_options(struct planning *planning, struct err *err);
/* One copy that the plan deletes at one address and makes or keeps at another is an error. */
MUST_USE bool planning_addresses(struct tf_call *call, const struct tf_plan *plan, struct err *err);

#endif
