/* SPDX-License-Identifier: MPL-2.0
 *
 * Taking over a copy that exists: what adoption.c finds to be the wanted one gets this state's holder.
 * Nothing is copied or deleted.
 */
#ifndef PLUGIN_SNAPSHOT_COPY_APPLY_TAKEOVER_H
#define PLUGIN_SNAPSHOT_COPY_APPLY_TAKEOVER_H

#include "plugin/snapshot/copy/apply/job.h"

/* A snapshot has the name, and it holds data: it is adopted, or an error says why not, under a summary of the job. */
MUST_USE bool takeover_run(struct copy_job *job, const struct rds_snapshot *found, struct err *err);

/* The name in the tags was refused while copying; now it is tried until it is
 * taken, unless another adopter was faster. */
MUST_USE bool takeover_settle(struct copy_job *job, const struct holding *held, struct err *err);

/* Of a copy that somebody took meanwhile. Always false. */
bool takeover_refuse(const struct copy_job *job, struct err *err);

#endif
