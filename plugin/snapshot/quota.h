/* SPDX-License-Identifier: MPL-2.0
 *
 * What RDS allows of manual snapshots of one kind in an account and Region, as
 * DescribeAccountAttributes tells it: how many there may be; and how many copies
 * from other Regions are under way, which are limited too. It is advice: what
 * cannot be told (the permission is optional) hinders nothing.
 */
#ifndef PLUGIN_SNAPSHOT_QUOTA_H
#define PLUGIN_SNAPSHOT_QUOTA_H

#include "aws/rds.h"

struct quota {
    bool is_told;
    int64_t used, max;
};

/* Errors: ERR_CANCELLED and ERR_TIMEOUT only. */
MUST_USE bool quota_look(const struct aws_call *call, enum rds_kind kind, struct quota *out, struct err *err);

/* Refuses when one more snapshot cannot be made, even after `freed` of those
 * there have been deleted. Errors: ERR_CONFLICT with remedy; those of quota_look. */
MUST_USE bool quota_check_room(const struct aws_call *call, enum rds_kind kind, int64_t freed, struct err *err);

/* Copies from other Regions into call->region that are under way; -1: cannot be told. */
int64_t quota_count_slots(const struct aws_call *call, enum rds_kind kind);

#endif
