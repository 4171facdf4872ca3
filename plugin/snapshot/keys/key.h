/* SPDX-License-Identifier: MPL-2.0
 *
 * KMS keys as users write them (id, ARN, alias, alias ARN) and as AWS answers
 * (key ARN), and what their states mean. No calls: the door asks DescribeKey. A denied
 * answer means "cannot tell": the usual key policies admit RDS but not a direct
 * call from another account.
 */
#ifndef PLUGIN_SNAPSHOT_KEYS_KEY_H
#define PLUGIN_SNAPSHOT_KEYS_KEY_H

#include "aws/kms.h"
#include "plugin/snapshot/policies/needs.h"

enum key_answer { KEY_FOUND, KEY_ABSENT, KEY_UNTOLD };

/* What AWS says of a key. */
struct key_lookup {
    struct str text; /* id, ARN, alias or alias ARN, as it was asked for */
    enum key_answer answer;
    /* KEY_FOUND: all of it. KEY_UNTOLD: ARN and account, as far as the text says them; an alias, or an id of an
     * unknown account, does not. With an ARN there is a policy that may be asked for. */
    struct kms_key key;
    int64_t asked_ms; /* monotonic */
};

/* Who will use the key through RDS. */
struct key_users {
    enum key_part part; /* of the caller */
    struct str account, arn;
    struct str region;         /* where the caller calls RDS */
    const struct str *readers; /* accounts; the key's own is left out of account */
    size_t reader_count;
};

enum key_match { KEY_SAME, KEY_OTHER, KEY_CANNOT_TELL };

/* Does `text` name the key with this ARN (or, where that is an id, the same id)?
 * Pure: what an alias means stays open. */
enum key_match key_compare(struct str arn, struct str text);
bool key_is_alias(struct str text);

/* A key that will not become usable by itself is refused: disabled, to be
 * deleted, not symmetric. Errors: ERR_DENIED or ERR_INVALID, with remedy. */
MUST_USE bool key_check_usable(const struct kms_key *key, struct err *err);
/* Of a key that is refused: is it useless for good, or at least on its way there? */
bool key_is_lost(const struct kms_key *key);

#endif
