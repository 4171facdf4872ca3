/* SPDX-License-Identifier: MPL-2.0
 *
 * May a key be used for what is about to be done with it? One table says which
 * actions each part in a migration needs; the key's state, manager, policy and
 * grants say whether they are to be had. "No" is said only when everything that
 * decides was read and understood. What the callers' own IAM policies, service
 * control policies and endpoints say is not known here: they can only take away.
 * Calls are made by key_access_find and key_access_look only.
 */
#ifndef PLUGIN_SNAPSHOT_KEYS_ACCESS_H
#define PLUGIN_SNAPSHOT_KEYS_ACCESS_H

#include "aws/policy/document.h"
#include "plugin/snapshot/keys/facts.h"
#include "plugin/snapshot/policies/needs.h"

/* Who will use the key through RDS. */
struct key_users {
    enum key_part part; /* of the caller */
    struct str account, arn;
    struct str region;         /* where the caller calls RDS */
    const struct str *readers; /* accounts; the key's own is left out of account */
    size_t reader_count;
};

enum key_access {
    KEY_OPEN,     /* the policy or a grant allows all that is needed */
    KEY_CLOSED,   /* the policy says a definite no, and no grant helps */
    KEY_UNUSABLE, /* in a state that somebody can change, such as disabled */
    KEY_HOPELESS, /* a no that stays: not symmetric, to be deleted, AWS's own and to be read by others */
    KEY_MAYBE,    /* cannot tell */
};

/* `out_refusal` is filled for CLOSED, UNUSABLE and HOPELESS, with the statements to
 * add in its remedy; `out_doubt` (in the arena) for MAYBE. CLOSED is final only
 * once the facts hold the grants. */
enum key_access key_access_judge(struct arena *arena, const struct key_facts *facts, const struct key_users *users,
                                 struct err *out_refusal, struct str *out_doubt);

struct key_access_found {
    enum key_access access;
    struct err refusal;
    struct str doubt;
};

static inline void key_access_drop(struct key_access_found *found)
{
    err_clear(&found->refusal);
}

/* `out` begins as { 0 }, and key_access_drop frees it. Asks AWS, through the cache, and judges; the grants are asked for only where
 * the policy alone says no. False: stopped. */
MUST_USE bool key_access_find(const struct aws_call *call, struct key_cache *cache, struct str key,
                              const struct key_users *users, struct key_access_found *out, struct err *err);
/* Was it found open for `users` by what this connection asked less than a minute ago? No call; a "no" has to be
 * asked for. */
bool key_access_was_open(const struct aws_call *call, struct key_cache *cache, struct str key,
                         const struct key_users *users, struct kms_key *out_key);
/* The same of a key that was looked up a moment ago, without the cache. */
void key_access_look(const struct aws_call *call, const struct kms_key *key, const struct key_users *users,
                     struct key_access_found *out);

#endif
