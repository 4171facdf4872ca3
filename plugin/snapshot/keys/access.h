/* SPDX-License-Identifier: MPL-2.0
 *
 * May a key be used for what is about to be done with it? One table says which
 * actions each part in a migration needs; the key's state, manager, policy and
 * grants say whether they are allowed. "No" is said only when everything that
 * decides was read and understood. What the callers' own IAM policies, service
 * control policies and endpoints say is not known here: they can only take away.
 * No calls; the room's own, others ask the door.
 */
#ifndef PLUGIN_SNAPSHOT_KEYS_ACCESS_H
#define PLUGIN_SNAPSHOT_KEYS_ACCESS_H

#include "aws/policy/document.h"
#include "plugin/snapshot/keys/facts.h"

enum key_access {
    KEY_OPEN,     /* the policy or a grant allows all that is needed */
    KEY_CLOSED,   /* the policy says a definite no to what AWS demands, and no grant helps */
    KEY_NARROW,   /* the same, only to what AWS's pages disagree about */
    KEY_UNUSABLE, /* in a state that somebody can change, such as disabled */
    KEY_HOPELESS, /* a no that stays: not symmetric, to be deleted, AWS's own and to be read by others */
    KEY_MAYBE,    /* cannot tell */
};

/* `out_refusal` is filled for CLOSED, NARROW, UNUSABLE and HOPELESS, with the statements to
 * add in its remedy; `out_doubt` (in the arena) for MAYBE, perhaps for CLOSED and NARROW. These two
 * are final only once the facts hold the grants. */
enum key_access key_access_judge(struct arena *arena, const struct key_facts *facts, const struct key_users *users,
                                 struct err *out_refusal, struct str *out_doubt);

#endif
