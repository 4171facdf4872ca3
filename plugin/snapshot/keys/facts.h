/* SPDX-License-Identifier: MPL-2.0
 *
 * What AWS tells this caller of a key: what it is, its policy, its grants. The only
 * file that calls KMS; the room's own, others ask the door. What AWS does not say
 * (denied, another account's, no answer) is left out: facts serve to say things early,
 * and a call that needs the key says the rest. Judges nothing (access.h does).
 */
#ifndef PLUGIN_SNAPSHOT_KEYS_FACTS_H
#define PLUGIN_SNAPSHOT_KEYS_FACTS_H

#include "plugin/snapshot/keys/key.h"

/* Each costs a call more. */
enum key_depth { KEY_ITSELF, KEY_POLICY, KEY_GRANTS };

enum key_grants_answer { KEY_GRANTS_NOT_ASKED, KEY_GRANTS_TOLD, KEY_GRANTS_UNTOLD };

struct key_facts {
    struct key_lookup lookup;
    bool is_policy_asked;
    struct str policy;      /* empty: unknown */
    struct str policy_lack; /* why it is unknown */
    enum key_grants_answer grants_answer;
    struct str grants_lack; /* KEY_GRANTS_UNTOLD: why */
    struct kms_grants grants;
};

/* Asks DescribeKey. `err` is what AWS said, unless the key is found. False: anything but "no such
 * key" and "denied". */
MUST_USE bool key_facts_begin(const struct aws_call *call, struct str text, struct key_facts *out, struct err *err);
/* Asks for what is missing. The policy is asked for where it is available and matters: a
 * customer's key of the caller's account. */
void key_facts_complete(const struct aws_call *call, enum key_depth depth, struct key_facts *facts);
bool key_facts_reach(const struct key_facts *facts, enum key_depth depth);
/* Takes what they point to into `arena`. */
void key_facts_keep(struct arena *arena, struct key_facts *facts);

#endif
