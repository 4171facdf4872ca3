/* SPDX-License-Identifier: MPL-2.0
 *
 * The key policies of the two keys of a migration, as design and AWS's guide
 * have them (share-encrypted-snapshot, Overview.Encryption.Keys): what the old
 * account's key must allow the new account, and what the new account's key
 * must allow RDS. Pure text, the same bytes for the same input.
 */
#ifndef PLUGIN_SNAPSHOT_POLICIES_KEY_H
#define PLUGIN_SNAPSHOT_POLICIES_KEY_H

#include "plugin/runtime/provider.h"

/* `partition` null means "aws". Errors: ERR_INVALID, with the path of the
 * argument that is wrong. */
MUST_USE bool key_policy_of_source(struct arena *arena, struct str owner, const struct tf_string_set *readers,
                                   const struct tf_string_set *regions, struct tf_string partition, struct str *out,
                                   struct err *err);
MUST_USE bool key_policy_of_target(struct arena *arena, struct str owner, struct tf_string partition, struct str *out,
                                   struct err *err);

#endif
