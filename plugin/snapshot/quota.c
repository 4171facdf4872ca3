/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/quota.h"

#include "plugin/snapshot/kind.h"
#include "plugin/snapshot/wait.h"

/* AccountQuotaName (API reference, AccountQuota). */
static const char *const names[] = {
    [RDS_CLUSTER] = "ManualClusterSnapshots",
    [RDS_INSTANCE] = "ManualSnapshots",
};

bool quota_look(const struct aws_call *call, enum rds_kind kind, struct quota *out, struct err *err)
{
    struct rds_quotas found;
    struct err refusal = { 0 };
    *out = (struct quota){ 0 };
    if (!rds_describe_quotas(call, &found, &refusal)) {
        log_write(call->log, LOG_DEBUG, NULL, "cannot tell how many snapshots there may be: %s", refusal.text);
        if (refusal.kind != ERR_CANCELLED && refusal.kind != ERR_TIMEOUT)
            return true;
        *err = refusal;
        return err_wrap(err, "looking at the quota of manual snapshots");
    }
    for (size_t i = 0; i < found.count; i++) {
        const struct rds_quota *quota = &found.items[i];
        if (str_equal(quota->name, str_from(names[kind])) && quota->used.present && quota->max.present)
            *out = (struct quota){ .is_told = true, .used = quota->used.value, .max = quota->max.value };
    }
    return true;
}

bool quota_check_room(const struct aws_call *call, enum rds_kind kind, int64_t freed, struct err *err)
{
    struct quota quota;
    if (!quota_look(call, kind, &quota, err))
        return false;
    if (!quota.is_told || quota.used - freed < quota.max)
        return true;
    err_set(err, ERR_CONFLICT, "the quota of manual %ss in account %.*s, Region %.*s is full: %lld of %lld are used",
            snapshot_kind_of(kind)->noun, STR_ARG(call->account), STR_ARG(call->region), (long long)quota.used,
            (long long)quota.max);
    err_set_remedy(err, "Delete snapshots that are no longer needed, or have the quota raised (Service Quotas, RDS), "
                        "and apply again.");
    return false;
}

/* AWS tells the source of every copy that crossed Regions, of both kinds. */
static bool takes_slot(const struct aws_call *call, const struct rds_snapshot *snapshot)
{
    struct snapshot_ref source;
    struct err ignored = { 0 };
    return !wait_status_is_available(snapshot->status) && !wait_status_is_failed(snapshot->status) &&
           !wait_status_is_leaving(snapshot->status) && !str_is_empty(snapshot->source_arn) &&
           snapshot_ref_parse(call->arena, snapshot->source_arn, &source, &ignored) &&
           !str_equal(source.region, call->region);
}

int64_t quota_count_slots(const struct aws_call *call, enum rds_kind kind)
{
    struct rds_snapshots found;
    struct err refusal = { 0 };
    if (!rds_list_snapshots(call, kind, &found, &refusal)) {
        log_write(call->log, LOG_DEBUG, NULL, "cannot tell how many copies are under way: %s", refusal.text);
        return -1;
    }
    int64_t count = 0;
    for (size_t i = 0; i < found.count; i++)
        count += takes_slot(call, &found.items[i]);
    return count;
}
