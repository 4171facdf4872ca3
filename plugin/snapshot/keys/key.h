/* SPDX-License-Identifier: MPL-2.0
 *
 * KMS keys as users write them (id, ARN, alias, alias ARN) and as AWS answers
 * (key ARN). What cannot be told without AWS is asked of DescribeKey; a denied
 * answer means "cannot tell": the usual key policies admit RDS but not a direct
 * call from another account.
 */
#ifndef PLUGIN_SNAPSHOT_KEYS_KEY_H
#define PLUGIN_SNAPSHOT_KEYS_KEY_H

#include "aws/kms.h"

enum key_answer { KEY_FOUND, KEY_ABSENT, KEY_UNTOLD };

/* Errors other than "no such key" and "denied" are errors. */
MUST_USE bool key_look_up(const struct aws_call *call, struct str text, enum key_answer *out_answer,
                          struct kms_key *out, struct err *err);
/* The same, and what AWS said of a key that was not found. */
MUST_USE bool key_look_up_or_why(const struct aws_call *call, struct str text, enum key_answer *out_answer,
                                 struct kms_key *out, struct err *refusal, struct err *err);

/* For looks of an apply: what is only good to know has two minutes of real time, and
 * not all that the operation has. */
struct aws_call key_brief_call(const struct aws_call *call);
/* Did a look by a brief call of `call` end in a way that another one may not? */
bool key_may_be_told_later(const struct aws_call *call, const struct err *failure);
/* What a look that failed leaves open, for the message of a later failure. */
struct str key_doubt_of(struct arena *arena, const struct err *failure);

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
