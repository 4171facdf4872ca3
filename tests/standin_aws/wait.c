/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/standin_aws/wait.h"

enum { INTERVAL_MS = 5 * SECOND_MS, NOT_FOUND_MAX = 20 };

static bool is_dead_end(struct str status)
{
    return str_equal(status, STR("failed")) || str_equal(status, STR("deleting")) ||
           str_starts_with(status, STR("incompatible-"));
}

static bool pause(const struct aws_call *call, struct err *err)
{
    int64_t until_ms = clock_after_ms(waiter_clock(call->waiter), INTERVAL_MS);
    if (until_ms > call->deadline_ms)
        return err_set(err, ERR_TIMEOUT, "the time limit has passed");
    return waiter_pause(call->waiter, until_ms, err);
}

static bool wait_for(const struct aws_call *call, status_fn *status, struct str id, bool wants_gone, struct err *err)
{
    for (int not_found = 0;;) {
        struct str found;
        CLEANUP(err_clear) struct err refusal = { 0 };
        if (status(call, id, &found, &refusal)) {
            if (!wants_gone && str_equal(found, STR("available")))
                return true;
            if (!wants_gone && is_dead_end(found))
                return err_set(err, ERR_CONFLICT, "\"%.*s\" is \"%.*s\"", STR_ARG(id), STR_ARG(found));
            log_write(call->log, LOG_DEBUG, NULL, "waiting for %.*s: %.*s", STR_ARG(id), STR_ARG(found));
        } else if (refusal.kind != ERR_NOT_FOUND || (!wants_gone && ++not_found == NOT_FOUND_MAX)) {
            err_move(err, &refusal);
            return false;
        } else if (wants_gone) {
            return true;
        }
        if (!pause(call, err))
            return false;
    }
}

bool standin_wait_available(const struct aws_call *call, status_fn *status, struct str id, struct err *err)
{
    return wait_for(call, status, id, false, err) || err_wrap(err, "waiting for %.*s to become available", STR_ARG(id));
}

bool standin_wait_gone(const struct aws_call *call, status_fn *status, struct str id, struct err *err)
{
    return wait_for(call, status, id, true, err) || err_wrap(err, "waiting for %.*s to be deleted", STR_ARG(id));
}
