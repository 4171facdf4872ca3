/* SPDX-License-Identifier: MPL-2.0
 *
 * What holds no data and would block a name: deleted by the create that wants the name (removal.c).
 */
#ifndef PLUGIN_SNAPSHOT_COPY_APPLY_CLEARING_H
#define PLUGIN_SNAPSHOT_COPY_APPLY_CLEARING_H

#include "plugin/snapshot/copy/apply/job.h"

/* Being deleted already, or failed with a mark that can be read. */
bool clearing_is_possible(const struct rds_snapshot *found);

/* Until it is gone. Errors: those of the removal; ERR_CONFLICT where somebody took the name meanwhile. */
MUST_USE bool clearing_of_name(struct copy_job *job, const struct rds_snapshot *found, struct err *err);

/* Of the job's own copy that has failed; where that does not succeed, a warning says so. */
void clearing_of_own(struct copy_job *job, const struct holding *held);

#endif
