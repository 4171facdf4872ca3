/* SPDX-License-Identifier: MPL-2.0
 *
 * The RDS operations that aws/rds.h lacks: making snapshots, and everything on
 * clusters and instances.
 */
#ifndef TESTS_STANDIN_AWS_RDS_CALLS_H
#define TESTS_STANDIN_AWS_RDS_CALLS_H

#include "aws/rds.h"
#include "plugin/runtime/provider.h"

struct rds_snapshot_request {
    struct str database;
    struct str snapshot;
    struct aws_tags tags;
};

/* Of db.serverless instances, in ACUs. */
struct scaling {
    struct wire_int64 min_capacity, max_capacity;
};

/* What is empty or not present is not sent. */
struct db_cluster_request {
    struct str identifier;
    struct str snapshot_identifier; /* restore only */
    struct str engine, engine_version;
    struct str kms_key_id, db_subnet_group_name, db_cluster_parameter_group_name;
    struct wire_int64 port, backup_retention_period;
    struct scaling scaling;
    struct wire_bool apply_immediately;
    struct wire_strings vpc_security_group_ids;
    struct wire_bool deletion_protection, skip_final_snapshot;
    struct str final_snapshot_identifier;
    struct aws_tags tags;
};

struct security_group {
    struct str id;
};

struct security_groups {
    struct security_group *items;
    size_t count;
};

struct db_cluster {
    struct str identifier, arn, status, engine, engine_version, endpoint, reader_endpoint;
    struct str kms_key_id, db_subnet_group_name, db_cluster_parameter_group_name;
    struct wire_int64 port, backup_retention_period;
    struct wire_bool storage_encrypted, deletion_protection;
    struct security_groups security_groups;
    struct aws_tags tags;
};

struct db_instance_request {
    struct str identifier, cluster_identifier, instance_class, engine, engine_version, db_parameter_group_name;
    struct wire_bool apply_immediately, skip_final_snapshot;
    struct aws_tags tags;
};

struct parameter_group {
    struct str name;
};

struct parameter_groups {
    struct parameter_group *items;
    size_t count;
};

struct db_instance {
    struct parameter_groups parameter_groups;
    struct str identifier, arn, status, cluster_identifier, instance_class, engine, engine_version;
    struct aws_tags tags;
};

/* Requests: struct rds_snapshot_request (by kind), struct db_cluster_request,
 * struct db_instance_request. Nothing is read from the replies. */
extern const struct aws_operation rds_create_snapshot[2];
extern const struct aws_operation rds_restore_cluster, rds_modify_cluster, rds_delete_cluster;
extern const struct aws_operation rds_create_instance, rds_modify_instance, rds_delete_instance;

/* ERR_NOT_FOUND also when the list is empty. */
MUST_USE bool rds_describe_cluster(const struct aws_call *call, struct str id, struct db_cluster *out, struct err *err);
MUST_USE bool rds_describe_instance(const struct aws_call *call, struct str id, struct db_instance *out,
                                    struct err *err);
/* Its answer is of no use here; asked because hashicorp/aws does, and a role must be allowed to. */
MUST_USE bool rds_look_at_global_clusters(const struct aws_call *call, struct err *err);
/* status_fn of each. */
bool rds_cluster_status(const struct aws_call *call, struct str id, struct str *out, struct err *err);
bool rds_instance_status(const struct aws_call *call, struct str id, struct str *out, struct err *err);
bool rds_cluster_snapshot_status(const struct aws_call *call, struct str id, struct str *out, struct err *err);
bool rds_instance_snapshot_status(const struct aws_call *call, struct str id, struct str *out, struct err *err);

/* Makes the tags of `arn` what is planned. */
MUST_USE bool rds_change_tags(const struct aws_call *call, struct str arn, const struct tf_string_map *prior,
                              const struct tf_string_map *planned, struct err *err);

#endif
