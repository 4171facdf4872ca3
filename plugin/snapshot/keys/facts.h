/* SPDX-License-Identifier: MPL-2.0
 *
 * What AWS tells this caller of a key: what it is, its policy, its grants.
 * Whatever is not told (denied, another account's, no answer) is left out and
 * never an error: facts serve to say things early, and a call that needs the key
 * says the rest. Judges nothing (access.h does).
 */
#ifndef PLUGIN_SNAPSHOT_KEYS_FACTS_H
#define PLUGIN_SNAPSHOT_KEYS_FACTS_H

#include "plugin/snapshot/keys/key.h"

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

/* A plan does not wait longer for what is only good to know. Real time. */
enum { KEY_PLAN_LOOK_MS = 30 * SECOND_MS };

enum key_grants_answer { KEY_GRANTS_NOT_ASKED, KEY_GRANTS_TOLD, KEY_GRANTS_UNTOLD };

struct key_facts {
    enum key_answer answer;
    struct kms_key key;     /* KEY_FOUND; ARN and account alone where DescribeKey is denied but the policy matters */
    struct str policy;      /* empty: not told */
    struct str policy_lack; /* why it is not told */
    enum key_grants_answer grants_answer;
    struct str grants_lack; /* KEY_GRANTS_UNTOLD: why */
    struct kms_grants grants;
};

/* Asks now. `key` is an id, ARN, alias or alias ARN. The policy is asked for
 * where it can be had and matters: a customer's key of the caller's account. */
void key_facts_read(const struct aws_call *call, struct str key, struct key_facts *out);
/* The same of a key that was looked up already. */
void key_facts_read_known(const struct aws_call *call, const struct kms_key *key, struct key_facts *out);
/* Completes facts with the grants, unless they were asked for. */
void key_facts_read_grants(const struct aws_call *call, struct key_facts *facts);

/* Each key, as it is spelled, is asked once however many plans name it; an apply takes
 * what is young enough (key_cache_find). Any thread. */
struct key_cache;
struct key_cache *key_cache_new(void);
void key_cache_free(struct key_cache *cache); /* accepts NULL */
/* The facts live as long as the cache. False: the wait was stopped or too long. */
MUST_USE bool key_cache_get(struct key_cache *cache, const struct aws_call *call, struct str key, bool with_grants,
                            struct key_facts *out, struct err *err);
/* Without asking: facts that were asked for less than `max_age_ms` ago. */
bool key_cache_find(struct key_cache *cache, const struct aws_call *call, struct str key, int64_t max_age_ms,
                    struct key_facts *out);

#endif
