/* SPDX-License-Identifier: MPL-2.0
 *
 * What RDS allows of manual snapshots of one kind in an account and Region, as
 * DescribeAccountAttributes tells it: how many there may be; and how many copies
 * into the Region are under way, which are limited too, wherever their sources are.
 * It is advice: what cannot be told (the permission is optional) hinders nothing.
 */
#ifndef PLUGIN_SNAPSHOT_COPY_APPLY_QUOTA_H
#define PLUGIN_SNAPSHOT_COPY_APPLY_QUOTA_H

#include "aws/rds.h"

struct quota {
    int64_t used, max;
};

/* False: AWS does not say. */
MUST_USE bool quota_look(const struct aws_call *call, enum rds_kind kind, struct quota *out);

/* Copies into call->region that are under way, as far as they show their sources; -1: cannot be told. */
int64_t quota_count_slots(const struct aws_call *call, enum rds_kind kind);
/* As many as RDS allows. False where that cannot be told. */
bool quota_slots_are_taken(const struct aws_call *call, enum rds_kind kind);

#endif
