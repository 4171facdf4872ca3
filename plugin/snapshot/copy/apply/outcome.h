/* SPDX-License-Identifier: MPL-2.0
 *
 * How a copy ends: available, failed, stopped, too late, gone. A running copy is never thrown
 * away; a stop ends with success, a warning and the real status.
 */
#ifndef PLUGIN_SNAPSHOT_COPY_APPLY_OUTCOME_H
#define PLUGIN_SNAPSHOT_COPY_APPLY_OUTCOME_H

#include "plugin/snapshot/copy/apply/job.h"

enum copy_end {
    COPY_AVAILABLE,
    COPY_STOPPED,
    COPY_DEADLINE,
    COPY_FAILED, /* AWS says that the copy failed */
    COPY_GONE,   /* deleted meanwhile, or another holder's by now */
    COPY_DENIED, /* AWS refuses to answer */
};

/* Until our copy `name` is available. `last` is what was seen last, if anything
 * was; `err` is filled for every end but COPY_AVAILABLE. */
enum copy_end outcome_watch(const struct aws_call *call, const struct holding *held, struct str name,
                            struct rds_snapshot *last, struct err *err);

/* Waits for the end of the copy that the job's state holds. `is_create`: an error leaves no state (Terraform would
 * taint and then delete the copy), the next create adopts. */
MUST_USE bool outcome_wait(struct copy_job *job, struct tf_apply *apply, bool is_create, struct err *err);

#endif
