/* SPDX-License-Identifier: MPL-2.0
 *
 * The one door to keys: what key is this text, may it be used, who lacks what. It keeps
 * what AWS said for the time of one connection, and decides when to say it: in a plan as
 * a warning, since somebody may yet change it, or as an error for what cannot change; in
 * an apply as an error, before the first hour and before any effect. What AWS's pages disagree
 * about is a warning in both. What remains unknown goes to the log, and to the message of a
 * failure that comes later.
 */
#ifndef PLUGIN_SNAPSHOT_KEYS_DOOR_H
#define PLUGIN_SNAPSHOT_KEYS_DOOR_H

#include "plugin/runtime/provider.h"
#include "plugin/snapshot/keys/key.h"

/* By Region and spelling. Any thread. */
struct key_cache;
struct key_cache *key_cache_new(void);
void key_cache_free(struct key_cache *cache); /* accepts NULL */

enum key_age {
    /* A usable key is not asked for again for a minute. A "no" always is, and an alias, which may mean another key. */
    KEY_FRESH,
    KEY_NOW, /* asks */
};

/* What key is this? Two minutes of real time at most. "No such key" and "denied" are answers:
 * `out_refusal` (may be NULL) is what AWS said then. False: anything else; ERR_IO if the two
 * minutes are over before the operation's deadline. */
MUST_USE bool key_ask(struct tf_call *call, const struct aws_call *aws, struct str text, enum key_age age,
                      struct key_lookup *out, struct err *out_refusal, struct err *err);

/* What is open about a key that is used all the same, for the message of a later failure. */
struct key_doubt {
    struct str untold;  /* what could not be told of it; empty: nothing */
    struct str lacking; /* what its policy lacks, as was warned; empty: nothing */
};

/* Of a look that failed. */
struct str key_doubt_of(struct arena *arena, const struct err *failure);
/* To an error that ended all: a key that is refused after all may be refused for that, and a look that told nothing
 * may have taken all the time. `when`: "Before the copy". */
void key_doubt_tell(const struct key_doubt *doubt, const char *when, struct err *err);

/* The known ones of `readers` (NULL: nobody) and, unless `part` is none, the caller: empty
 * if the identity is unavailable. */
struct key_users key_users_of(struct tf_call *call, enum key_part part, struct str region,
                              const struct tf_string_set *readers);

/* A plan does not wait long for what is only good to know. */
int64_t key_preflight_deadline_ms(const struct tf_call *call);

/* May they use it? Each key is asked for once however many plans name it. `path`: the argument
 * that the key comes from. An equal warning is given once per connection. False: `err` says what
 * cannot change. A key named by an alias can. */
MUST_USE bool key_preflight_plan(struct tf_call *call, const struct aws_call *aws, struct str key, const char *path,
                                 const struct key_users *users, struct err *err);

/* The same of a key with an ARN. A "yes" of the last minute is taken. A "no" is not reported at once:
 * it has the minutes that it may take AWS (KMS developer guide, eventual consistency) to become a
 * "yes". `out_doubt` is in the arena. */
MUST_USE bool key_preflight_apply(struct tf_call *call, const struct aws_call *aws, const struct key_lookup *key,
                                  const char *path, const struct key_users *users, struct key_doubt *out_doubt,
                                  struct err *err);

#endif
