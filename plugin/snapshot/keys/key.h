/* SPDX-License-Identifier: MPL-2.0
 *
 * KMS keys as users write them (id, ARN, alias, alias ARN) and as AWS answers
 * (key ARN), and what their states mean. No calls: facts.h asks DescribeKey. A denied
 * answer means "cannot tell": the usual key policies admit RDS but not a direct
 * call from another account.
 */
#ifndef PLUGIN_SNAPSHOT_KEYS_KEY_H
#define PLUGIN_SNAPSHOT_KEYS_KEY_H

#include "aws/kms.h"

enum key_answer { KEY_FOUND, KEY_ABSENT, KEY_UNTOLD };

enum key_match { KEY_SAME, KEY_OTHER, KEY_CANNOT_TELL };

/* Does `text` name the key with this ARN (or, where that is an id, the same id)?
 * Pure: an alias cannot be told. */
enum key_match key_compare(struct str arn, struct str text);
bool key_is_alias(struct str text);
/* Is there a key whose policy may be asked for: one that was found, or one that only
 * DescribeKey does not tell, perhaps because that policy lacks it? Of the latter ARN and
 * account alone are filled in; an alias, or an id of an unknown account, says neither. */
bool key_is_at_hand(const struct aws_call *call, struct str text, enum key_answer answer, struct kms_key *inout);

/* A key that will not become usable by itself is refused: disabled, to be
 * deleted, not symmetric. Errors: ERR_DENIED or ERR_INVALID, with remedy. */
MUST_USE bool key_check_usable(const struct kms_key *key, struct err *err);
/* Of a key that is refused: is it useless for good, or at least on its way there? */
bool key_is_lost(const struct kms_key *key);

#endif
