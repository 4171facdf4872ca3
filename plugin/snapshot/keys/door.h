/* SPDX-License-Identifier: MPL-2.0
 *
 * Saying early what access.h finds: in a plan as a warning, since somebody may
 * yet change it, or as an error for what cannot change; in an apply as an error,
 * before the first hour and before any effect. What cannot be told goes to the
 * log, and to the message of a failure that comes later.
 */
#ifndef PLUGIN_SNAPSHOT_KEYS_DOOR_H
#define PLUGIN_SNAPSHOT_KEYS_DOOR_H

#include "plugin/runtime/provider.h"
#include "plugin/snapshot/keys/access.h"

/* Who calls: account and ARN of `users`. Nothing is filled in where the identity
 * is not to be had. */
void key_users_fill_caller(struct tf_call *call, struct key_users *users);
/* The known ones of a set. */
void key_users_fill_readers(struct tf_call *call, const struct tf_string_set *accounts, struct key_users *users);

/* A plan does not wait long for what is only good to know. */
int64_t key_preflight_deadline_ms(const struct tf_call *call);

/* `path`: the argument that the key comes from. An equal warning is given once per
 * connection. False: `err` says what cannot change. A key named by an alias can. */
MUST_USE bool key_preflight_plan(struct tf_call *call, const struct aws_call *aws, struct str key, const char *path,
                                 const struct key_users *users, struct err *err);

/* A policy or grant of a moment ago is not told at once: a "no" has the minutes that
 * it may take AWS (KMS developer guide, eventual consistency) to become a "yes".
 * `out_doubt` (in the arena) is what could not be told. */
MUST_USE bool key_preflight_apply(const struct aws_call *call, const struct kms_key *key, const char *path,
                                  const struct key_users *users, struct str *out_doubt, struct err *err);

#endif
