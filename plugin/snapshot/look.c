/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/look.h"

bool look_at_snapshot(const struct aws_call *call, enum rds_kind kind, struct str name, struct rds_snapshot *out,
                      struct err *err)
{
    struct rds_snapshot found;
    if (!rds_describe_snapshot(call, kind, name, &found, err))
        return false;
    bool sends_tags = !str_equal(found.engine, STR("neptune")) && !str_equal(found.engine, STR("docdb"));
    if (!sends_tags && !found.tags.count && !rds_list_tags(call, found.arn, &found.tags, err))
        return false;
    *out = found;
    return true;
}
