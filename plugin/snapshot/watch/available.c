/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/watch/available.h"

#include "aws/arn.h"
#include "plugin/snapshot/watch/look.h"
#include "plugin/snapshot/watch/status.h"
#include "plugin/snapshot/watch/wait.h"

enum { OWN_NAME_MS = 30 * SECOND_MS }; /* what this account made itself is known sooner than a share */

struct source {
    enum rds_kind kind;
    struct str id;
    struct rds_snapshot seen;
};

static enum wait_verdict look(struct wait *wait, const struct aws_call *call, struct err *err)
{
    struct source *source = wait->self;
    enum wait_verdict again = WAIT_AGAIN;
    struct rds_snapshot found;
    if (rds_describe_snapshot(call, source->kind, source->id, &found, err)) {
        const struct str status = found.status;
        source->seen = found;
        if (status_is_available(status))
            return WAIT_DONE;
        if (status_is_lost(status) || status_is_leaving(status)) {
            err_set(err, ERR_CONFLICT, "the snapshot \"%.*s\" cannot be used: its status is \"%.*s\"",
                    STR_ARG(source->id), STR_ARG(status));
            return WAIT_GIVES_UP;
        }
    } else {
        const int64_t window_ms = aws_is_arn(source->id) ? WAIT_PROPAGATION_MS : OWN_NAME_MS;
        const bool may_appear = look_is_absent(call, source->id, err) && wait_age_ms(wait) < window_ms;
        if (!may_appear && !wait_is_passing(err))
            return WAIT_ENDS;
        again = WAIT_AGAIN_BLIND;
    }
    wait_tell_seen(&source->seen, err);
    log_write(call->log, LOG_INFO, NULL, "waiting for the snapshot \"%.*s\": %s", STR_ARG(source->id), err_text(err));
    return again;
}

bool wait_source_available(const struct aws_call *call, enum rds_kind kind, struct str id, struct rds_snapshot *out,
                           struct err *err)
{
    struct source source = { .kind = kind, .id = id };
    struct wait wait = { .call = call, .try = look, .self = &source };
    if (wait_run(&wait, err)) {
        *out = source.seen;
        return true;
    }
    if (wait.last == WAIT_GIVES_UP)
        return false;
    return wait.last == WAIT_ENDS ? err_wrap(err, "reading the snapshot \"%.*s\"", STR_ARG(id))
                                  : err_wrap(err, "waiting for the snapshot \"%.*s\" to become available", STR_ARG(id));
}
