/* SPDX-License-Identifier: MPL-2.0
 *
 * What a copy is made from: its source and its key, waited for until they are ready.
 */
#ifndef PLUGIN_SNAPSHOT_COPY_APPLY_INPUTS_H
#define PLUGIN_SNAPSHOT_COPY_APPLY_INPUTS_H

#include "plugin/snapshot/copy/apply/job.h"

/* One look at source and key, for comparing: what is not there or not allowed to
 * be seen is left out of the mark. Errors: any other failure of the looks. */
MUST_USE bool copy_job_peek(struct copy_job *job, struct err *err);
/* Until the source is available and the key usable, for its readers too; then mark
 * and Copy call are complete, and nothing of the configuration can fail any more.
 * What the key refuses is said before the source is waited for. */
MUST_USE bool copy_job_wait(struct copy_job *job, struct err *err);

#endif
