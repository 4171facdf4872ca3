/* SPDX-License-Identifier: MPL-2.0
 *
 * The delete leg of a destroy-then-create replacement carries a note of the create that
 * follows. What may become of the snapshot that stands there: the same copy is wanted
 * again under its ARN, and it is left for the create to adopt; anything else would lose it
 * before the new one is there, and is refused.
 */
#ifndef PLUGIN_SNAPSHOT_COPY_APPLY_SUCCESSOR_H
#define PLUGIN_SNAPSHOT_COPY_APPLY_SUCCESSOR_H

#include "plugin/snapshot/copy/model.h"

enum successor { SUCCESSOR_NONE, SUCCESSOR_ADOPTS };

/* To the other deletes of this apply, which core does not order: the copy that the create of this address makes, under
 * another ARN than `prior`, is not theirs to delete. Before the first call, so that they know in time. */
void successor_announce(struct tf_call *call, const struct reencrypt_copy *prior, struct str note);

/* `note` is of the delete's plan; `found`, in the Region of `aws`, is what `prior` holds. Gives a snapshot that is left
 * a mark if it has none. Errors: ERR_CONFLICT with the cure; those of the calls. */
MUST_USE bool successor_judge(struct tf_call *call, const struct aws_call *aws, const struct reencrypt_copy *prior,
                              const struct rds_snapshot *found, struct str note, enum successor *out, struct err *err);

#endif
