/* SPDX-License-Identifier: MPL-2.0
 *
 * Is the snapshot with the name of our copy still that copy? Judged the same way
 * before a delete, at the end of every wait and at a read. The mark decides; a copy
 * that lost its mark (a tag cleaner, an import) is ours if the fields agree that AWS
 * itself returns. No calls.
 */
#ifndef PLUGIN_SNAPSHOT_COPY_HOLDING_H
#define PLUGIN_SNAPSHOT_COPY_HOLDING_H

#include "plugin/snapshot/copy/mark.h"
#include "plugin/snapshot/kind.h"

/* What the state says of the copy; an empty text agrees with anything. */
struct holding {
    enum rds_kind kind;
    struct str holder_id;
    struct str source_arn;
    struct str key_arn;
    struct str create_time; /* of a finished copy: while copying it may still move */
};

bool holding_is_ours(const struct holding *holding, const struct rds_snapshot *found);
/* Of a snapshot that is not ours: what it is instead, to follow its ARN in a message. */
const char *holding_tell_other(const struct rds_snapshot *found);
/* How a state takes it back; empty where there is no way. */
const char *holding_tell_cure(const struct rds_snapshot *found);

#endif
