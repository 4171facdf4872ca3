/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/standin_aws/rds_calls.h"

#include "tests/standin_aws/tags.h"

static const struct wire_row snapshot_request_rows[] = {
    /*                                       cluster                        instance */
    WIRE(struct rds_snapshot_request, database, "DBClusterIdentifier", "DBInstanceIdentifier"),
    WIRE(struct rds_snapshot_request, snapshot, "DBClusterSnapshotIdentifier", "DBSnapshotIdentifier"),
    WIRE_LIST(struct rds_snapshot_request, tags, "Tags", "Tag"),
    WIRE_END,
};

static const struct wire_row scaling_rows[] = {
    WIRE_BOTH(struct scaling, min_capacity, "MinCapacity"),
    WIRE_BOTH(struct scaling, max_capacity, "MaxCapacity"),
    WIRE_END,
};

static const struct wire_row cluster_request_rows[] = {
    WIRE_BOTH(struct db_cluster_request, identifier, "DBClusterIdentifier"),
    WIRE_BOTH(struct db_cluster_request, snapshot_identifier, "SnapshotIdentifier"),
    WIRE_BOTH(struct db_cluster_request, engine, "Engine"),
    WIRE_BOTH(struct db_cluster_request, engine_version, "EngineVersion"),
    WIRE_BOTH(struct db_cluster_request, kms_key_id, "KmsKeyId"),
    WIRE_BOTH(struct db_cluster_request, db_subnet_group_name, "DBSubnetGroupName"),
    WIRE_BOTH(struct db_cluster_request, db_cluster_parameter_group_name, "DBClusterParameterGroupName"),
    WIRE_BOTH(struct db_cluster_request, port, "Port"),
    WIRE_BOTH(struct db_cluster_request, backup_retention_period, "BackupRetentionPeriod"),
    WIRE_NESTED(struct db_cluster_request, scaling, scaling_rows, "ServerlessV2ScalingConfiguration"),
    WIRE_BOTH(struct db_cluster_request, apply_immediately, "ApplyImmediately"),
    WIRE_LIST(struct db_cluster_request, vpc_security_group_ids, "VpcSecurityGroupIds", "VpcSecurityGroupId"),
    WIRE_BOTH(struct db_cluster_request, deletion_protection, "DeletionProtection"),
    WIRE_BOTH(struct db_cluster_request, skip_final_snapshot, "SkipFinalSnapshot"),
    WIRE_BOTH(struct db_cluster_request, final_snapshot_identifier, "FinalDBSnapshotIdentifier"),
    WIRE_LIST(struct db_cluster_request, tags, "Tags", "Tag"),
    WIRE_END,
};

static const struct wire_row instance_request_rows[] = {
    WIRE_BOTH(struct db_instance_request, identifier, "DBInstanceIdentifier"),
    WIRE_BOTH(struct db_instance_request, cluster_identifier, "DBClusterIdentifier"),
    WIRE_BOTH(struct db_instance_request, instance_class, "DBInstanceClass"),
    WIRE_BOTH(struct db_instance_request, engine, "Engine"),
    WIRE_BOTH(struct db_instance_request, engine_version, "EngineVersion"),
    WIRE_BOTH(struct db_instance_request, db_parameter_group_name, "DBParameterGroupName"),
    WIRE_BOTH(struct db_instance_request, apply_immediately, "ApplyImmediately"),
    WIRE_BOTH(struct db_instance_request, skip_final_snapshot, "SkipFinalSnapshot"),
    WIRE_LIST(struct db_instance_request, tags, "Tags", "Tag"),
    WIRE_END,
};

static const struct wire_row security_group_rows[] = {
    WIRE_BOTH(struct security_group, id, "VpcSecurityGroupId"),
    WIRE_END,
};

static const struct wire_row cluster_rows[] = {
    WIRE_BOTH(struct db_cluster, identifier, "DBClusterIdentifier"),
    WIRE_BOTH(struct db_cluster, arn, "DBClusterArn"),
    WIRE_BOTH(struct db_cluster, status, "Status"),
    WIRE_BOTH(struct db_cluster, engine, "Engine"),
    WIRE_BOTH(struct db_cluster, engine_version, "EngineVersion"),
    WIRE_BOTH(struct db_cluster, endpoint, "Endpoint"),
    WIRE_BOTH(struct db_cluster, reader_endpoint, "ReaderEndpoint"),
    WIRE_BOTH(struct db_cluster, kms_key_id, "KmsKeyId"),
    WIRE_BOTH(struct db_cluster, db_subnet_group_name, "DBSubnetGroup"),
    WIRE_BOTH(struct db_cluster, db_cluster_parameter_group_name, "DBClusterParameterGroup"),
    WIRE_BOTH(struct db_cluster, port, "Port"),
    WIRE_BOTH(struct db_cluster, backup_retention_period, "BackupRetentionPeriod"),
    WIRE_BOTH(struct db_cluster, storage_encrypted, "StorageEncrypted"),
    WIRE_BOTH(struct db_cluster, deletion_protection, "DeletionProtection"),
    WIRE_ITEMS(struct db_cluster, security_groups, security_group_rows, "VpcSecurityGroups",
               "VpcSecurityGroupMembership", NULL, NULL),
    WIRE_LIST(struct db_cluster, tags, "TagList", "Tag"),
    WIRE_END,
};

static const struct wire_row parameter_group_rows[] = {
    WIRE_BOTH(struct parameter_group, name, "DBParameterGroupName"),
    WIRE_END,
};

static const struct wire_row instance_rows[] = {
    WIRE_ITEMS(struct db_instance, parameter_groups, parameter_group_rows, "DBParameterGroups", "DBParameterGroup",
               NULL, NULL),
    WIRE_BOTH(struct db_instance, identifier, "DBInstanceIdentifier"),
    WIRE_BOTH(struct db_instance, arn, "DBInstanceArn"),
    WIRE_BOTH(struct db_instance, status, "DBInstanceStatus"),
    WIRE_BOTH(struct db_instance, cluster_identifier, "DBClusterIdentifier"),
    WIRE_BOTH(struct db_instance, instance_class, "DBInstanceClass"),
    WIRE_BOTH(struct db_instance, engine, "Engine"),
    WIRE_BOTH(struct db_instance, engine_version, "EngineVersion"),
    WIRE_LIST(struct db_instance, tags, "TagList", "Tag"),
    WIRE_END,
};

struct clusters_reply {
    struct db_clusters {
        struct db_cluster *items;
        size_t count;
    } found;
};

struct instances_reply {
    struct db_instances {
        struct db_instance *items;
        size_t count;
    } found;
};

static const struct wire_row clusters_rows[] = {
    WIRE_ITEMS(struct clusters_reply, found, cluster_rows, "DBClusters", "DBCluster", NULL, NULL),
    WIRE_END,
};

static const struct wire_row instances_rows[] = {
    WIRE_ITEMS(struct instances_reply, found, instance_rows, "DBInstances", "DBInstance", NULL, NULL),
    WIRE_END,
};

#define RDS_CHANGE(operation, rows, which)                                                                             \
    { .service = AWS_RDS, .name = (operation), .flags = AWS_MUTATES, .input = (rows), .column = (which) }

const struct aws_operation rds_create_snapshot[2] = {
    [RDS_CLUSTER] = RDS_CHANGE("CreateDBClusterSnapshot", snapshot_request_rows, RDS_CLUSTER),
    [RDS_INSTANCE] = RDS_CHANGE("CreateDBSnapshot", snapshot_request_rows, RDS_INSTANCE),
};
const struct aws_operation rds_restore_cluster = RDS_CHANGE("RestoreDBClusterFromSnapshot", cluster_request_rows, 0);
const struct aws_operation rds_modify_cluster = RDS_CHANGE("ModifyDBCluster", cluster_request_rows, 0);
const struct aws_operation rds_delete_cluster = RDS_CHANGE("DeleteDBCluster", cluster_request_rows, 0);
const struct aws_operation rds_create_instance = RDS_CHANGE("CreateDBInstance", instance_request_rows, 0);
const struct aws_operation rds_modify_instance = RDS_CHANGE("ModifyDBInstance", instance_request_rows, 0);
const struct aws_operation rds_delete_instance = RDS_CHANGE("DeleteDBInstance", instance_request_rows, 0);

static const struct aws_operation describe_clusters = { .service = AWS_RDS,
                                                        .name = "DescribeDBClusters",
                                                        .input = cluster_request_rows,
                                                        .output = clusters_rows,
                                                        .output_size = sizeof(struct clusters_reply),
                                                        .result = "DescribeDBClustersResult" };
static const struct aws_operation describe_instances = { .service = AWS_RDS,
                                                         .name = "DescribeDBInstances",
                                                         .input = instance_request_rows,
                                                         .output = instances_rows,
                                                         .output_size = sizeof(struct instances_reply),
                                                         .result = "DescribeDBInstancesResult" };

bool rds_describe_cluster(const struct aws_call *call, struct str id, struct db_cluster *out, struct err *err)
{
    const struct db_cluster_request request = { .identifier = id };
    struct clusters_reply reply;
    if (!aws_client_call(call, &describe_clusters, &request, &reply, err))
        return false;
    if (reply.found.count == 0)
        return err_set(err, ERR_NOT_FOUND, "no cluster %.*s", STR_ARG(id));
    *out = reply.found.items[0];
    return true;
}

bool rds_describe_instance(const struct aws_call *call, struct str id, struct db_instance *out, struct err *err)
{
    const struct db_instance_request request = { .identifier = id };
    struct instances_reply reply;
    if (!aws_client_call(call, &describe_instances, &request, &reply, err))
        return false;
    if (reply.found.count == 0)
        return err_set(err, ERR_NOT_FOUND, "no instance %.*s", STR_ARG(id));
    *out = reply.found.items[0];
    return true;
}

bool rds_look_at_global_clusters(const struct aws_call *call, struct err *err)
{
    static const struct aws_operation look = { .service = AWS_RDS, .name = "DescribeGlobalClusters" };
    return aws_client_call(call, &look, NULL, NULL, err);
}

bool rds_cluster_status(const struct aws_call *call, struct str id, struct str *out, struct err *err)
{
    struct db_cluster found;
    if (!rds_describe_cluster(call, id, &found, err))
        return false;
    *out = found.status;
    return true;
}

bool rds_instance_status(const struct aws_call *call, struct str id, struct str *out, struct err *err)
{
    struct db_instance found;
    if (!rds_describe_instance(call, id, &found, err))
        return false;
    *out = found.status;
    return true;
}

static bool snapshot_status(const struct aws_call *call, enum rds_kind kind, struct str id, struct str *out,
                            struct err *err)
{
    struct rds_snapshot found;
    if (!rds_describe_snapshot(call, kind, id, &found, err))
        return false;
    *out = found.status;
    return true;
}

bool rds_cluster_snapshot_status(const struct aws_call *call, struct str id, struct str *out, struct err *err)
{
    return snapshot_status(call, RDS_CLUSTER, id, out, err);
}

bool rds_instance_snapshot_status(const struct aws_call *call, struct str id, struct str *out, struct err *err)
{
    return snapshot_status(call, RDS_INSTANCE, id, out, err);
}

bool rds_change_tags(const struct aws_call *call, struct str arn, const struct tf_string_map *prior,
                     const struct tf_string_map *planned, struct err *err)
{
    const struct tags_change change = standin_tags_difference(call->arena, prior, planned);
    return (!change.add.count || rds_add_tags(call, arn, change.add, err)) &&
           (!change.remove.count || rds_remove_tags(call, arn, change.remove, err));
}
