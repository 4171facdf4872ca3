/* SPDX-License-Identifier: MPL-2.0
 *
 * Granting and revoking: the one place that changes a snapshot's `restore` attribute. A definite
 * "no" of the key is said before anything is shared.
 */
#ifndef PLUGIN_SNAPSHOT_SHARE_CHANGE_H
#define PLUGIN_SNAPSHOT_SHARE_CHANGE_H

#include "plugin/snapshot/account.h"
#include "plugin/snapshot/keys/door.h"
#include "plugin/snapshot/share/model.h"

/* One operation on a share. */
struct share_job {
    struct aws_call aws;
    struct snapshot_ref ref;
    struct str arn;
    struct key_doubt key_doubt;
    const char *doubt; /* why RDS may never share it, what follows its ARN; NULL: nothing is known */
};

/* What to do with a snapshot whose key no other account can use. */
extern const char share_copy_first[];

/* `share` names the snapshot by ARN where it is known, else by name and place. `is_held`: the state has it. */
MUST_USE bool share_change_begin(struct share_job *job, struct tf_call *call, const struct share *share, bool is_held,
                                 int64_t deadline_ms, struct err *err);

/* A definite "no" is said before anything is shared. `added`: accounts that it is to be shared with. */
MUST_USE bool share_change_check(struct tf_call *call, struct share_job *job, struct wire_strings added,
                                 struct err *err);

/* Shares of one snapshot change it one after the other: an account that one leaves
 * to another has been granted by then, and one that the other was refused is revoked.
 * What was left is taken out of `remove`. */
MUST_USE bool share_change_run(struct tf_call *call, const struct share_job *job, struct wire_strings add,
                               struct wire_strings *remove, struct err *err);

/* What is being deleted takes its shares with it. */
bool share_change_is_moot(const struct share_job *job);

#endif
