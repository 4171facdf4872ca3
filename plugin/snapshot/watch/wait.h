/* SPDX-License-Identifier: MPL-2.0
 *
 * The one loop that waits for what AWS will give later: bounded by the call's deadline,
 * ended by a stop. The interval between two tries is a tenth of the wait's age, from 2
 * to 30 seconds, with jitter. Percent is shown, never used for timing: it stays at 0
 * while queued and at 100 while still copying.
 */
#ifndef PLUGIN_SNAPSHOT_WATCH_WAIT_H
#define PLUGIN_SNAPSHOT_WATCH_WAIT_H

#include "aws/rds.h"

/* New keys, policies and shares are usually known everywhere in minutes. */
enum { WAIT_PROPAGATION_MS = 5 * MINUTE_MS };

enum wait_verdict {
    WAIT_DONE,
    WAIT_ENDS,        /* with the error of a call: the call's */
    WAIT_GIVES_UP,    /* with an error that says all */
    WAIT_AGAIN,       /* after a pause; the error of the try, if it has one, is what was said last */
    WAIT_AGAIN_BLIND, /* the same; no call of the try was answered: what an earlier one found is kept */
};

struct wait {
    const struct aws_call *call; /* waiter, deadline, log, arena */
    /* One try. What it finds is in the arena of its `call`, which is the wait's but for that: it lives
     * until the next WAIT_AGAIN, or, of the last tries, as long as the wait's. */
    enum wait_verdict (*try)(struct wait *wait, const struct aws_call *call, struct err *err);
    void *self;
    /* The longest interval from the start: where several wait for the same, in other processes too, none is to
     * ask more often than the others. A try may change it. */
    bool is_even;
    int64_t began_ms;       /* monotonic; set by wait_run */
    enum wait_verdict last; /* of the last try: how a wait ended, or that a pause ended it (WAIT_AGAIN) */
};

/* Tries until one is WAIT_DONE. Errors: that of the try; ERR_CANCELLED; ERR_TIMEOUT when the
 * deadline has come. The last two, also when they cut a call off (WAIT_ENDS), keep the text,
 * code and place of what was said last. */
MUST_USE bool wait_run(struct wait *wait, struct err *err);

int64_t wait_age_ms(const struct wait *wait);
/* `random` from the whole range of uint32_t. */
int64_t wait_interval_ms(int64_t age_ms, uint32_t random);
/* A failure that another try may not meet: network, throttling. */
bool wait_is_passing(const struct err *err);
/* What a try says whose snapshot was seen as `seen` last: its status, and the try's own error, if it has one. */
void wait_tell_seen(const struct rds_snapshot *seen, struct err *err);

#endif
