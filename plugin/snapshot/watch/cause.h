/* SPDX-License-Identifier: MPL-2.0
 *
 * From an AWS error to its likeliest cause, its cure, and what is worth waiting
 * for: one table. The only place that reads AWS's texts. And, as RDS gives no
 * reason for a copy that failed, from what is to be seen of it to the same.
 */
#ifndef PLUGIN_SNAPSHOT_WATCH_CAUSE_H
#define PLUGIN_SNAPSHOT_WATCH_CAUSE_H

#include <stddef.h>

#include "base/err.h"

enum cause_wait {
    CAUSE_FINAL,       /* nothing: it will not go away by itself */
    CAUSE_SLOT,        /* until another copy has ended */
    CAUSE_QUOTA,       /* nothing; how full the quota is can be asked */
    CAUSE_SOME_LIMIT,  /* the quota is used up, or else it is a matter of slots: to be asked */
    CAUSE_PROPAGATION, /* minutes: a new key, policy, grant or share is not known everywhere yet */
    CAUSE_SHARE,       /* minutes, of a look at another account's snapshot: a new share is not known everywhere yet */
    CAUSE_SOURCE,      /* until the source can be copied */
    CAUSE_EXISTS,      /* nothing, but a snapshot of that name is there by now: look at it */
};

/* What a refusal is about, where more than its text can be said of the case at hand. */
enum cause_about {
    CAUSE_ABOUT_OTHER, /* also what the table does not know */
    CAUSE_ABOUT_SOURCE,
    CAUSE_ABOUT_SOURCE_KEY,
    CAUSE_ABOUT_OPTION_GROUP,
    CAUSE_ABOUT_CALLER, /* who asks, and what its policies allow */
    CAUSE_ABOUT_LIMIT,  /* of numbers, or a name that is taken */
};

struct cause_row {
    const char *code;     /* without a trailing "Fault" */
    const char *fragment; /* of the text; empty: any */
    enum cause_wait wait;
    enum cause_about about;
    const char *remedy;
};

enum cause_about cause_about(const struct err *err);
/* A refusal behind which may be what the source is, or the way that the copy takes, whatever AWS's text says: there is
 * no known text for that. */
bool cause_may_be_source(const struct err *err);

/* In the order of the table, for the guide that lists them; NULL past the last. */
const struct cause_row *cause_row(size_t index);

/* What an error is worth waiting for, by the first fitting row. */
enum cause_wait cause_of(const struct err *err);
/* Puts the remedy of that row into `err`, unless it has one. The runtime does so with all that it reports; whoever
 * adds to a remedy, or to AWS's text, before that does it himself. */
void cause_explain(struct err *err);

/* What is seen of a copy that failed, and of what it was made from. */
enum cause_sign {
    CAUSE_SIGN_SOURCE_KEY_UNUSABLE = 1 << 0,
    CAUSE_SIGN_COPY_KEY_UNUSABLE = 1 << 1,
    CAUSE_SIGN_SOURCE_GONE = 1 << 2, /* or no longer shared, or not available */
    CAUSE_SIGN_SOURCE_KEY_UNTOLD = 1 << 3,
    CAUSE_SIGN_COPY_KEY_UNTOLD = 1 << 4,
    CAUSE_SIGN_SOURCE_WITHOUT_KEY = 1 << 5, /* in KMS */
};

struct cause_of_failure {
    unsigned sign; /* 0: none is needed */
    const char *cause;
    const char *remedy;
};

/* The likeliest of what these signs allow; never NULL. */
const struct cause_of_failure *cause_of_failed_copy(unsigned signs);

#endif
