/* SPDX-License-Identifier: MPL-2.0
 *
 * The Copy call of a job whose source and key are as they should be, and what AWS
 * says to it. What soon passes is outlived, and logged: slots (in line, watch/turn.h),
 * throttling, a failing network and a source that is not ready any more until the
 * deadline; what is busy though it is ready, an hour; a key, a share or a deletion
 * that is not known everywhere yet, and a source that RDS may never copy, minutes.
 */
#ifndef PLUGIN_SNAPSHOT_COPY_APPLY_SEND_H
#define PLUGIN_SNAPSHOT_COPY_APPLY_SEND_H

#include "plugin/snapshot/copy/apply/job.h"

/* Until AWS accepts the copy. Errors: ERR_CONFLICT with code ...AlreadyExists when
 * somebody else took the name meanwhile; `err->unanswered` says that the copy may
 * exist; else what AWS said last. */
MUST_USE bool copy_send(struct copy_job *job, struct rds_snapshot *out, struct err *err);

#endif
