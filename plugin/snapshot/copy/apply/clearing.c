/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/copy/apply/clearing.h"

#include "plugin/snapshot/copy/apply/removal.h"
#include "plugin/snapshot/copy/apply/takeover.h"
#include "plugin/snapshot/watch/status.h"

/* A failed snapshot holds nothing; it would block the name. `held` NULL:
 * whoever made it, as long as its mark can be read. */
static bool remove_failed(struct copy_job *job, const struct holding *held, bool *out_left, struct err *err)
{
    const struct removal removal = {
        .call = job->call, .aws = &job->aws, .ref = &job->target, .arn = job->target_arn, .held = held
    };
    return removal_run(&removal, out_left, err);
}

bool clearing_of_name(struct copy_job *job, const struct rds_snapshot *found, struct err *err)
{
    bool is_left = false;
    if (status_is_leaving(found->status))
        return removal_wait_gone(&job->aws, job->target.kind, job->target.name, found, err);
    return remove_failed(job, NULL, &is_left, err) && (!is_left || takeover_refuse(job, err));
}

bool clearing_is_possible(const struct rds_snapshot *found)
{
    return status_is_leaving(found->status) || removal_may_clear(NULL, found);
}

void clearing_of_own(struct copy_job *job, const struct holding *held)
{
    bool is_left;
    CLEANUP(err_clear) struct err err = { 0 };
    if (!remove_failed(job, held, &is_left, &err))
        tf_warn(job->call, NULL, "The failed copy could not be deleted", "%.*s: %s. The next apply tries again.",
                STR_ARG(job->target_arn), err_text(&err));
}
