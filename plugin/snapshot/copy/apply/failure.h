/* SPDX-License-Identifier: MPL-2.0
 *
 * A copy that AWS reports as failed: RDS keeps no reason with the snapshot, so
 * what is left to be seen is asked for once, in two minutes at most (source, both
 * keys, events), and told together with the likeliest cause. Changes nothing; what
 * cannot be looked at is told as such and never hides the failure itself.
 */
#ifndef PLUGIN_SNAPSHOT_COPY_APPLY_FAILURE_H
#define PLUGIN_SNAPSHOT_COPY_APPLY_FAILURE_H

#include "plugin/snapshot/copy/apply/job.h"

/* Completes `err`, which says that the copy failed; `last` is how it was seen last. */
void copy_failure_explain(const struct copy_job *job, const struct rds_snapshot *last, struct err *err);

#endif
