/* SPDX-License-Identifier: MPL-2.0
 *
 * What a refusal of the Copy call means in the case at hand: the table of causes
 * (watch/cause.h) knows AWS's texts only, the job knows source, target and arguments.
 */
#ifndef PLUGIN_SNAPSHOT_COPY_APPLY_REFUSAL_H
#define PLUGIN_SNAPSHOT_COPY_APPLY_REFUSAL_H

#include "plugin/snapshot/copy/apply/job.h"

/* To an error with which the Copy call ended for good. May make one more call, a reading one. */
void copy_refusal_explain(const struct copy_job *job, struct err *err);

#endif
