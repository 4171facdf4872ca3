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

/* Members are arguments of data "snapshot_key_policy", and may be null where they are optional there. */
struct key_policy_source {
    struct str owner_account_id;
    struct tf_string_set reader_account_ids; /* each account as a whole: its IAM decides */
    struct tf_string_set reader_principals;  /* of other accounts these roles and users alone */
    struct tf_string principal_org_id;       /* and all of them only while they belong to it */
    struct tf_string_set regions;
    struct tf_string partition; /* null: "aws" */
};

/* Errors: ERR_INVALID, with the path of the argument that is wrong. */
MUST_USE bool key_policy_of_source(struct arena *arena, const struct key_policy_source *source, struct str *out,
                                   struct err *err);
/* `partition` null means "aws". Errors as above. */
MUST_USE bool key_policy_of_target(struct arena *arena, struct str owner, struct tf_string partition, struct str *out,
                                   struct err *err);

#endif
