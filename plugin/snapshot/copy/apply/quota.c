/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/copy/apply/quota.h"

#include "plugin/snapshot/watch/status.h"

/* AccountQuotaName (API reference, AccountQuota). */
static const char *const names[] = {
    [RDS_CLUSTER] = "ManualClusterSnapshots",
    [RDS_INSTANCE] = "ManualSnapshots",
};

bool quota_look(const struct aws_call *call, enum rds_kind kind, struct quota *out)
{
    struct rds_quotas found;
    CLEANUP(err_clear) struct err refusal = { 0 };
    if (!rds_describe_quotas(call, &found, &refusal)) {
        log_write(call->log, LOG_DEBUG, NULL, "cannot tell how many snapshots there may be: %s", err_text(&refusal));
        return false;
    }
    for (size_t i = 0; i < found.count; i++) {
        const struct rds_quota *quota = &found.items[i];
        if (str_equal(quota->name, str_from(names[kind])) && quota->used.present && quota->max.present) {
            *out = (struct quota){ .used = quota->used.value, .max = quota->max.value };
            return true;
        }
    }
    return false;
}

/* Copies into a Region at a time (Aurora user guide, aurora-copy-snapshot; RDS user guide, USER_CopySnapshot). */
static const int64_t slots[] = { [RDS_CLUSTER] = 5, [RDS_INSTANCE] = 20 };

/* What has a source is a copy. Of an instance copy within its account and Region the source may be missing
 * (API reference, DBSnapshot): it then cannot be told from a new snapshot, and is not counted. */
static bool takes_slot(const struct rds_snapshot *snapshot)
{
    return status_is_under_way(snapshot->status) && !str_is_empty(snapshot->source_arn);
}

int64_t quota_count_slots(const struct aws_call *call, enum rds_kind kind)
{
    struct rds_snapshots found;
    CLEANUP(err_clear) struct err refusal = { 0 };
    if (!rds_list_snapshots(call, kind, &found, &refusal)) {
        log_write(call->log, LOG_DEBUG, NULL, "cannot tell how many copies are under way: %s", err_text(&refusal));
        return -1;
    }
    int64_t count = 0;
    for (size_t i = 0; i < found.count; i++)
        count += takes_slot(&found.items[i]);
    return count;
}

bool quota_slots_are_taken(const struct aws_call *call, enum rds_kind kind)
{
    return quota_count_slots(call, kind) >= slots[kind];
}
