/* SPDX-License-Identifier: MPL-2.0
 *
 * How a copy ends: available, failed, stopped, too late, gone. A running copy is never thrown
 * away; a stop ends with success, a warning and the real status.
 */
#ifndef PLUGIN_SNAPSHOT_COPY_APPLY_OUTCOME_H
#define PLUGIN_SNAPSHOT_COPY_APPLY_OUTCOME_H

#include "plugin/snapshot/copy/apply/job.h"

/* Waits for the end of the copy that the job's state holds. `is_create`: an error leaves no state (Terraform would
 * taint and then delete the copy), the next create adopts. */
MUST_USE bool outcome_wait(struct copy_job *job, struct tf_apply *apply, bool is_create, struct err *err);

#endif
