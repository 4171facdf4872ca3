/* SPDX-License-Identifier: MPL-2.0
 *
 * The keys of a copy that is to be made: may they be used, by whom? A definite no is said before the
 * Copy call.
 */
#ifndef PLUGIN_SNAPSHOT_COPY_APPLY_KEY_H
#define PLUGIN_SNAPSHOT_COPY_APPLY_KEY_H

#include "plugin/snapshot/copy/apply/job.h"

/* A key made moments ago may not be known everywhere. Where KMS is not to be
 * reached, the copy goes on: RDS, which reaches it by itself, refuses a key that is
 * no good at once. */
MUST_USE bool copy_key_wait(struct copy_job *job, struct err *err);

/* The key of a source of the caller's own account; another account's does not tell. */
MUST_USE bool copy_key_check_source(struct copy_job *job, struct err *err);

#endif
