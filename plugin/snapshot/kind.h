/* SPDX-License-Identifier: MPL-2.0
 *
 * The two kinds of snapshots, their names and their ARNs:
 * arn:PARTITION:rds:REGION:ACCOUNT:cluster-snapshot|snapshot:NAME. RDS keeps
 * names in lower case, so everything here that denotes a snapshot is lower case
 * too. No calls.
 */
#ifndef PLUGIN_SNAPSHOT_KIND_H
#define PLUGIN_SNAPSHOT_KIND_H

#include "aws/rds.h"

struct snapshot_kind {
    const char *name;         /* "cluster", as users write it */
    const char *arn_resource; /* "cluster-snapshot" */
    const char *noun;         /* "cluster snapshot", for messages */
    size_t max_name_bytes;    /* CopyDBClusterSnapshot, CopyDBSnapshot: API reference */
};

const struct snapshot_kind *snapshot_kind_of(enum rds_kind kind);
bool snapshot_kind_find(struct str name, enum rds_kind *out);

/* What an ARN of a snapshot says. */
struct snapshot_ref {
    struct str partition, region, account;
    enum rds_kind kind;
    struct str name; /* lower case; automatic ones contain a colon */
};

/* Errors: ERR_INVALID saying which part is not a snapshot's. */
MUST_USE bool snapshot_ref_parse(struct arena *arena, struct str arn, struct snapshot_ref *out, struct err *err);
struct str snapshot_ref_arn(struct arena *arena, const struct snapshot_ref *ref);
/* What `text`, a name or an ARN, denotes for a caller at `home` (whose kind and
 * place a bare name takes). An ARN of the other kind is ERR_INVALID. */
MUST_USE bool snapshot_ref_resolve(struct arena *arena, struct str text, const struct snapshot_ref *home,
                                   struct snapshot_ref *out, struct err *err);
/* May this name be given to a new manual snapshot? */
MUST_USE bool snapshot_name_check(enum rds_kind kind, struct str name, struct err *err);
/* "To cancel it, delete the snapshot ..." of a copy that is under way; empty where RDS does not
 * allow that: an instance snapshot that is "creating" (DeleteDBSnapshot). */
struct str snapshot_how_to_cancel(struct arena *arena, const struct snapshot_ref *ref, struct str status);
/* A name to propose in place of `name`: "orders-2" after "orders" and "orders-1". It fits the
 * kind's limit; whether it is free is not known. */
struct str snapshot_name_next(struct arena *arena, enum rds_kind kind, struct str name);
/* "rds:" and "awsbackup:": made by AWS, cannot be shared or deleted by hand. */
bool snapshot_name_is_automated(struct str name);

#endif
