/* SPDX-License-Identifier: MPL-2.0
 *
 * Credentials and where they come from. A source fetches; the cache in front of
 * it refreshes before expiry, in one flight for all threads, and wipes what it
 * replaces. One file per source in aws/credentials/. Secrets never enter a log
 * or an error.
 */
#ifndef AWS_CREDENTIALS_CACHE_H
#define AWS_CREDENTIALS_CACHE_H

#include "aws/credentials/trail.h"
#include "base/env.h"
#include "base/log.h"
#include "base/waiter.h"

enum {
    AWS_ENDS_NEVER = 0,
    AWS_ENDS_UNKNOWN = -1 /* with a session, and nobody says when that is */
};

struct aws_credentials {
    struct str access_key_id;
    struct str secret_access_key;
    struct str session_token; /* empty: none */
    int64_t expires_wall_ms;  /* 0: never, or not known */
    /* From then on only a person can bring fresh ones, by what `renewal` says: the end of a login, of a session
     * whose keys were handed over. AWS_ENDS_NEVER: the source gives fresh ones for as long as they are needed. */
    int64_t ends_wall_ms;
    const char *renewal; /* "run aws sso login --profile work": what keeps a wait from ending; NULL: nothing does */
    const char *kind;    /* for programs; static: "arguments", "environment", "profile", "web-identity", "assume-role",
                            "process", "sso", "login", "container", "instance" */
    const char *base_kind; /* of a role: of what the first one was assumed with; NULL: the same as `kind` */
    const char *source;    /* for messages: "the profile "x" (/home/x/.aws/credentials, line 3)" */
};

/* Who asks, for fetches that go over the network. */
struct aws_credentials_call {
    struct arena *arena; /* the result's memory */
    struct waiter *waiter;
    int64_t deadline_ms;
    struct log *log;
    struct aws_credentials_trail *trail; /* NULL: nobody wants to know what was tried */
};

struct aws_credentials_source {
    /* Errors: ERR_NOT_FOUND: this source has none (a chain goes on to the
     * next); anything else is final. */
    bool (*fetch)(void *self, const struct aws_credentials_call *call, struct aws_credentials *out, struct err *err);
    void (*free)(void *self); /* NULL: nothing to free */
    void *self;
    const char *name; /* for the trail, where it is not asked: "container"; NULL: not worth a word */
};

void aws_credentials_source_clear(struct aws_credentials_source *source);

/* The cache. Takes the source over. */
struct aws_credentials_cache;
struct aws_credentials_cache *aws_credentials_cache_new(struct aws_credentials_source source,
                                                        const struct clock *clock);
void aws_credentials_cache_free(struct aws_credentials_cache *cache);
/* Copies into call->arena. Refreshes when less than 10 minutes (or a quarter of
 * their life, if shorter) are left; a failed early refresh is logged and the
 * old ones are used while they last. */
MUST_USE bool aws_credentials_cache_get(struct aws_credentials_cache *cache, const struct aws_credentials_call *call,
                                        struct aws_credentials *out, struct err *err);
/* AWS said they have expired: the next get fetches anew, unless somebody has
 * already replaced the ones with this key id. */
void aws_credentials_cache_drop(struct aws_credentials_cache *cache, struct str access_key_id);

#endif
