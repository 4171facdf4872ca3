/* SPDX-License-Identifier: MPL-2.0
 *
 * The one place that deletes a snapshot. Nothing is deleted that another one holds, that
 * its state retains, or that a create which follows would have to make again. What has
 * failed holds nothing: it goes whoever made it, if its mark can be read.
 */
#ifndef PLUGIN_SNAPSHOT_COPY_APPLY_REMOVAL_H
#define PLUGIN_SNAPSHOT_COPY_APPLY_REMOVAL_H

#include "plugin/snapshot/copy/model.h"

struct removal {
    struct tf_call *call;
    const struct aws_call *aws;
    const struct snapshot_ref *ref;
    struct str arn;
    /* A delete that the user ordered, plain or as the leg of a replacement: what the state
     * holds, and the note of its plan. NULL: only what holds nothing may go. */
    const struct reencrypt_copy *prior;
    struct str note;
    const struct holding *held; /* without `prior`: whose failed copy; NULL: whoever made it */
};

/* Returns when the snapshot is gone, or was left (`out_left`); a delete that was ordered
 * says why in a warning. Errors: what stands against it, before any effect; those of the
 * calls; ERR_TIMEOUT, ERR_CANCELLED. */
MUST_USE bool removal_run(const struct removal *removal, bool *out_left, struct err *err);

/* What a create may delete to have the name; `held` as above. */
bool removal_may_clear(const struct holding *held, const struct rds_snapshot *found);

/* Until `old`, whose deletion was ordered, is gone; what somebody else made of its
 * name since then is none of it. */
MUST_USE bool removal_wait_gone(const struct aws_call *call, enum rds_kind kind, struct str name,
                                const struct rds_snapshot *old, struct err *err);

#endif
