/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/copy/holding.h"

static bool agree(struct str a, struct str b)
{
    return str_is_empty(a) || str_is_empty(b) || str_equal_ignore_case(a, b);
}

/* RDS always tells what a cluster snapshot was copied from: one that tells
 * nothing is no copy. Instance snapshots often do not tell. */
static bool source_agrees(const struct holding *holding, const struct rds_snapshot *found)
{
    if (str_is_empty(found->source_arn) && holding->kind == RDS_CLUSTER)
        return str_is_empty(holding->source_arn);
    return agree(holding->source_arn, found->source_arn);
}

bool holding_is_ours(const struct holding *holding, const struct rds_snapshot *found)
{
    struct mark mark;
    switch (mark_find(&found->tags, &mark)) {
    case MARK_FOUND:
        return str_equal(mark.holder_id, holding->holder_id);
    case MARK_UNREADABLE:
        return false;
    case MARK_MISSING:
        break;
    }
    return source_agrees(holding, found) && agree(holding->key_arn, found->kms_key_id) &&
           agree(holding->create_time, found->create_time);
}

const char *holding_tell_other(const struct rds_snapshot *found)
{
    struct mark mark;
    switch (mark_find(&found->tags, &mark)) {
    case MARK_FOUND:
        return "is held by another configuration, another state of this one, or the object that replaced it here";
    case MARK_UNREADABLE:
        return "has a mark that this version of the provider does not know";
    case MARK_MISSING:
        break;
    }
    return "has no mark of this provider, and its source, key or creation time is not that of this copy: it is another "
           "snapshot under the same name";
}

const char *holding_tell_cure(const struct rds_snapshot *found)
{
    struct mark mark;
    return mark_find(&found->tags, &mark) == MARK_FOUND
               ? "Where an object of this state has replaced it, nothing is to be done. Where an apply was killed, "
                 "terraform apply -replace=ADDRESS takes it back; nothing is copied for that."
               : "";
}
