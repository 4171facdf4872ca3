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

/* AWS does not show `id`, a name or an ARN: not found, or another account's, which right after a share may be
 * AccessDenied without a reason. */
bool look_is_absent(const struct aws_call *call, struct str id, const struct err *refusal);

/* Adds to such a refusal where the snapshot was looked for, and what to do about that in
 * this very case. One more call: AWS may have a snapshot of the other kind. */
void look_explain_absent(const struct aws_call *call, enum rds_kind kind, struct str id, struct err *err);

/* What this connection saw of snapshots that several of its copies are made from. */
struct look_cache;
struct look_cache *look_cache_new(void);
void look_cache_free(struct look_cache *cache); /* accepts NULL */

/* A source: the plan inside an apply and the create that follows look once, and so do the copies of one source. An
 * answer is kept for half a minute, if the source was available; nothing else is. `ref` is complete, and `id` how RDS
 * finds it. Errors: those of rds_describe_snapshot. */
MUST_USE bool look_at_source(struct look_cache *cache, const struct aws_call *call, const struct snapshot_ref *ref,
                             struct str id, struct rds_snapshot *out, struct err *err);

#endif
