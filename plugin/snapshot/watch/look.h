/* SPDX-License-Identifier: MPL-2.0
 *
 * Looking at one of our own snapshots: Describe, always with its tags. RDS sends
 * them along; Neptune and DocumentDB, behind the same operations, do not and are
 * asked separately.
 */
#ifndef PLUGIN_SNAPSHOT_WATCH_LOOK_H
#define PLUGIN_SNAPSHOT_WATCH_LOOK_H

#include "plugin/snapshot/kind.h"

/* Errors: those of rds_describe_snapshot and rds_list_tags. */
MUST_USE bool look_at_snapshot(const struct aws_call *call, enum rds_kind kind, struct str name,
                               struct rds_snapshot *out, struct err *err);

/* Adds to ERR_NOT_FOUND of `id`, a name or an ARN: where it was looked for, and what to do
 * about that in this very case. One more call: AWS may have a snapshot of the other kind. */
void look_explain_absent(const struct aws_call *call, enum rds_kind kind, struct str id, struct err *err);

#endif
