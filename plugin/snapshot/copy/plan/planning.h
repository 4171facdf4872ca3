/* SPDX-License-Identifier: MPL-2.0
 *
 * What the parts of a plan of snapshot_reencrypt_copy share: place, source and
 * the rest are in hook.c, the key is in key.c.
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
/* Another key is an error; another spelling keeps the prior text in the plan. */
MUST_USE bool reencrypt_copy_plan_key(struct planning *planning, struct err *err);

#endif
