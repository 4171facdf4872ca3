/* SPDX-License-Identifier: MPL-2.0
 *
 * Waiting for a snapshot that somebody else makes or shares.
 */
#ifndef PLUGIN_SNAPSHOT_WATCH_AVAILABLE_H
#define PLUGIN_SNAPSHOT_WATCH_AVAILABLE_H

#include "aws/rds.h"

/* Until the source `id` (a name, or an ARN) is available. A source that is not
 * to be seen is waited for as long as a share needs to become visible. Errors:
 * ERR_NOT_FOUND, ERR_CONFLICT (failed), ERR_DENIED, ERR_TIMEOUT, ERR_CANCELLED. */
MUST_USE bool wait_source_available(const struct aws_call *call, enum rds_kind kind, struct str id,
                                    struct rds_snapshot *out, struct err *err);

#endif
