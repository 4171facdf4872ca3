/* SPDX-License-Identifier: MPL-2.0
 *
 * Waiting for what AWS will give later: bounded by the call's deadline, ended by
 * a stop, logged. The interval between two looks is a tenth of the wait's age,
 * from 2 to 30 seconds, with jitter. Percent is shown, never used for timing: it
 * stays at 0 while queued and at 100 while still copying. A status that nobody
 * knows means "still working".
 */
#ifndef PLUGIN_SNAPSHOT_WATCH_WAIT_H
#define PLUGIN_SNAPSHOT_WATCH_WAIT_H

#include "plugin/snapshot/copy/holding.h"

/* New keys, policies and shares are usually known everywhere in minutes. */
enum { WAIT_PROPAGATION_MS = 5 * MINUTE_MS };

/* `random` from the whole range of uint32_t. */
int64_t wait_interval_ms(int64_t age_ms, uint32_t random);

/* Pauses for one interval of a wait that began at `began_ms` (monotonic).
 * Errors: ERR_CANCELLED; ERR_TIMEOUT when the deadline has come. `refusal`, where
 * it is not NULL and holds an error, is what AWS said last: then the error keeps
 * its text, code and place. It may be `err` itself. */
MUST_USE bool wait_pause(const struct aws_call *call, int64_t began_ms, const struct err *refusal, struct err *err);
/* The same with the longest interval from the start: where several wait for the
 * same, in other processes too, none is to ask more often than the others. */
MUST_USE bool wait_pause_evenly(const struct aws_call *call, const struct err *refusal, struct err *err);
/* The end of a wait for a look that the deadline or a stop cut off: `err`, the
 * look's, tells `told` as well, what AWS said before it. Every other end is left as
 * it is. Always false, like err_wrap. */
bool wait_recall(const struct err *told, struct err *err);
/* A failure that another try may not meet: network, throttling. */
bool wait_is_passing(const struct err *err);

bool wait_status_is_available(struct str status);
bool wait_status_is_failed(struct str status);     /* "failed": it holds nothing */
bool wait_status_is_lost(struct str status);       /* will never become available: failed, incompatible-* */
bool wait_status_is_leaving(struct str status);    /* deleting, deleted */
bool wait_status_holds_nothing(struct str status); /* failed or leaving: another one may take its name */
bool wait_status_is_under_way(struct str status);  /* none of these: pending, copying, creating, or unknown to us */

/* Until the source `id` (a name, or an ARN) is available. A source that is not
 * to be seen is waited for as long as a share needs to become visible. Errors:
 * ERR_NOT_FOUND, ERR_CONFLICT (failed), ERR_DENIED, ERR_TIMEOUT, ERR_CANCELLED. */
MUST_USE bool wait_source_available(const struct aws_call *call, enum rds_kind kind, struct str id,
                                    struct rds_snapshot *out, struct err *err);

enum wait_end {
    WAIT_AVAILABLE,
    WAIT_STOPPED,
    WAIT_DEADLINE,
    WAIT_FAILED, /* AWS says that the copy failed */
    WAIT_GONE,   /* deleted meanwhile, or another holder's by now */
    WAIT_DENIED, /* AWS refuses to answer */
};

/* Until our copy `name` is available. `last` is what was seen last, if anything
 * was; `err` is filled for every end but WAIT_AVAILABLE. */
enum wait_end wait_copy_available(const struct aws_call *call, const struct holding *held, struct str name,
                                  struct rds_snapshot *last, struct err *err);

/* After a Delete that AWS refused with `err`: pauses, and is true, when it is
 * worth another try (busy, or a failure that may pass). Whose the snapshot is must
 * be looked at anew before that: by then it may be another one of that name. */
MUST_USE bool wait_before_next_delete(const struct aws_call *call, int64_t began_ms, struct err *err);
/* Until `old`, whose deletion was ordered, is gone; what somebody else made of its
 * name since then is none of it. */
MUST_USE bool wait_gone(const struct aws_call *call, enum rds_kind kind, struct str name,
                        const struct rds_snapshot *old, struct err *err);

#endif
