/* SPDX-License-Identifier: MPL-2.0
 *
 * The RDS operations on snapshots (API version 2014-10-31). Cluster and
 * instance snapshots share every function: `kind` picks the operation and the
 * element names. `id` is a name or an ARN; a snapshot of another account must
 * be named by ARN. Replies live in call->arena. No function waits for a state.
 *
 * Error kinds: ERR_NOT_FOUND, ERR_CONFLICT (exists already; not in a state that
 * allows it), ERR_DENIED, ERR_THROTTLED (attempts used up), ERR_INVALID, and
 * those of aws_client_call.
 */
#ifndef AWS_RDS_H
#define AWS_RDS_H

#include "aws/call/operation.h"

enum rds_kind { RDS_CLUSTER, RDS_INSTANCE }; /* also the wire column */

struct rds_snapshot {
    struct str identifier; /* the full ARN when another account shared it */
    struct str arn;
    struct str database_identifier; /* of the cluster or instance */
    struct str status;
    struct wire_int64 percent_progress;
    struct str create_time;          /* SnapshotCreateTime, ISO 8601 UTC with "Z"; absent while creating */
    struct str original_create_time; /* of the data, which a copy keeps; instances only */
    struct str source_arn;           /* empty unless a copy; instances: often empty even then */
    struct wire_bool encrypted;
    struct str storage_encryption_type; /* none, sse-kms, sse-rds */
    struct str kms_key_id;              /* key ARN */
    struct str engine, engine_version, engine_mode;
    struct wire_int64 port, allocated_storage;
    struct str vpc_id, master_username, license_model, storage_type, option_group_name;
    struct str tde_credential_arn;          /* instances with Transparent Data Encryption */
    struct wire_strings availability_zones; /* instances: at most one */
    struct aws_tags tags;
};

struct rds_snapshots {
    struct rds_snapshot *items;
    size_t count;
};

struct rds_copy_options {
    struct str source; /* name or ARN */
    struct str target;
    struct str kms_key_id; /* empty: the source's key */
    struct aws_tags tags;
    /* The source's Region, where the copy comes from another one and RDS wants a presigned URL; else empty. */
    struct str presign_region;
    /* Instances only; empty or false when not wanted. */
    struct str option_group_name;
    struct wire_bool copy_option_group;
    struct str target_custom_availability_zone;
};

/* ERR_NOT_FOUND also when AWS answers with an empty list. Asks with
 * IncludeShared when `id` is an ARN. */
MUST_USE bool rds_describe_snapshot(const struct aws_call *call, enum rds_kind kind, struct str id,
                                    struct rds_snapshot *out, struct err *err);
/* Takes its texts and lists into `arena`. */
void rds_keep_snapshot(struct arena *arena, struct rds_snapshot *snapshot);
/* Every manual and automated snapshot of this account and Region, all pages. */
MUST_USE bool rds_list_snapshots(const struct aws_call *call, enum rds_kind kind, struct rds_snapshots *out,
                                 struct err *err);
/* Called in the destination's Region and account. */
MUST_USE bool rds_copy_snapshot(const struct aws_call *call, enum rds_kind kind, const struct rds_copy_options *options,
                                struct rds_snapshot *out, struct err *err);
/* A copying snapshot is cancelled by it. */
MUST_USE bool rds_delete_snapshot(const struct aws_call *call, enum rds_kind kind, struct str name, struct err *err);

/* The accounts in the `restore` attribute; "all" stands for everybody. */
MUST_USE bool rds_describe_shares(const struct aws_call *call, enum rds_kind kind, struct str name,
                                  struct wire_strings *out, struct err *err);
/* Adds and removes; what is in neither list stays. */
MUST_USE bool rds_modify_shares(const struct aws_call *call, enum rds_kind kind, struct str name,
                                struct wire_strings add, struct wire_strings remove, struct err *err);

MUST_USE bool rds_list_tags(const struct aws_call *call, struct str arn, struct aws_tags *out, struct err *err);
MUST_USE bool rds_add_tags(const struct aws_call *call, struct str arn, struct aws_tags tags, struct err *err);
MUST_USE bool rds_remove_tags(const struct aws_call *call, struct str arn, struct wire_strings keys, struct err *err);

struct rds_event {
    struct str date, message;
};

struct rds_events {
    struct rds_event *items;
    size_t count;
};

/* Events of one snapshot in the last 14 days, best effort of AWS. */
MUST_USE bool rds_describe_events(const struct aws_call *call, enum rds_kind kind, struct str name,
                                  struct rds_events *out, struct err *err);

struct rds_quota {
    struct str name; /* "ManualClusterSnapshots" */
    struct wire_int64 used, max;
};

struct rds_quotas {
    struct rds_quota *items;
    size_t count;
};

MUST_USE bool rds_describe_quotas(const struct aws_call *call, struct rds_quotas *out, struct err *err);

#endif
