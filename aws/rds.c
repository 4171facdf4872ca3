/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/rds.h"

#include "aws/arn.h"
#include "aws/call/paging.h"
#include "aws/time.h"

static const char share_attribute[] = "restore";

/* Replies. Columns: cluster, instance (enum rds_kind). */

static const struct wire_row snapshot_rows[] = {
    WIRE(struct rds_snapshot, identifier, "DBClusterSnapshotIdentifier", "DBSnapshotIdentifier"),
    WIRE(struct rds_snapshot, arn, "DBClusterSnapshotArn", "DBSnapshotArn"),
    WIRE(struct rds_snapshot, database_identifier, "DBClusterIdentifier", "DBInstanceIdentifier"),
    WIRE_BOTH(struct rds_snapshot, status, "Status"),
    WIRE_BOTH(struct rds_snapshot, percent_progress, "PercentProgress"),
    WIRE_BOTH(struct rds_snapshot, create_time, "SnapshotCreateTime"),
    WIRE(struct rds_snapshot, original_create_time, NULL, "OriginalSnapshotCreateTime"),
    WIRE(struct rds_snapshot, source_arn, "SourceDBClusterSnapshotArn", "SourceDBSnapshotIdentifier"),
    WIRE(struct rds_snapshot, encrypted, "StorageEncrypted", "Encrypted"),
    WIRE_BOTH(struct rds_snapshot, storage_encryption_type, "StorageEncryptionType"),
    WIRE_BOTH(struct rds_snapshot, kms_key_id, "KmsKeyId"),
    WIRE_BOTH(struct rds_snapshot, engine, "Engine"),
    WIRE_BOTH(struct rds_snapshot, engine_version, "EngineVersion"),
    WIRE(struct rds_snapshot, engine_mode, "EngineMode", NULL),
    WIRE_BOTH(struct rds_snapshot, port, "Port"),
    WIRE_BOTH(struct rds_snapshot, allocated_storage, "AllocatedStorage"),
    WIRE_BOTH(struct rds_snapshot, vpc_id, "VpcId"),
    WIRE_BOTH(struct rds_snapshot, master_username, "MasterUsername"),
    WIRE_BOTH(struct rds_snapshot, license_model, "LicenseModel"),
    WIRE_BOTH(struct rds_snapshot, storage_type, "StorageType"),
    WIRE(struct rds_snapshot, option_group_name, NULL, "OptionGroupName"),
    WIRE(struct rds_snapshot, tde_credential_arn, NULL, "TdeCredentialArn"),
    /* An instance's one zone stands without a list. */
    WIRE_LISTS(struct rds_snapshot, availability_zones, "AvailabilityZones", "AvailabilityZone", "AvailabilityZone",
               NULL),
    WIRE_LIST(struct rds_snapshot, tags, "TagList", "Tag"),
    WIRE_END,
};

#define PAGE_ROWS(rows, item_type, list_0, item_0, list_1, item_1)                                                     \
    { AWS_PAGE_ITEMS(rows, item_type, list_0, item_0, list_1, item_1), WIRE_BOTH(struct aws_page, marker, "Marker"),   \
      WIRE_END }

/* Describe. */

struct describe_input {
    struct str id;
    struct wire_bool include_shared;
    struct str marker;
};

void rds_keep_snapshot(struct arena *arena, struct rds_snapshot *snapshot)
{
    wire_keep(arena, snapshot_rows, snapshot);
}

static const struct wire_row describe_rows[] = {
    WIRE(struct describe_input, id, "DBClusterSnapshotIdentifier", "DBSnapshotIdentifier"),
    WIRE_BOTH(struct describe_input, include_shared, "IncludeShared"),
    WIRE_BOTH(struct describe_input, marker, "Marker"),
    WIRE_END,
};

static const struct wire_row snapshot_page_rows[] = PAGE_ROWS(snapshot_rows, struct rds_snapshot, "DBClusterSnapshots",
                                                              "DBClusterSnapshot", "DBSnapshots", "DBSnapshot");

#define PAGED(operation_name, input_rows, page_rows, wire_column)                                                      \
    { .service = AWS_RDS,                                                                                              \
      .name = operation_name,                                                                                          \
      .input = (input_rows),                                                                                           \
      .output = (page_rows),                                                                                           \
      .output_size = sizeof(struct aws_page),                                                                          \
      .result = operation_name "Result",                                                                               \
      .column = (wire_column) }

static const struct aws_operation describe_operations[] = {
    [RDS_CLUSTER] = PAGED("DescribeDBClusterSnapshots", describe_rows, snapshot_page_rows, RDS_CLUSTER),
    [RDS_INSTANCE] = PAGED("DescribeDBSnapshots", describe_rows, snapshot_page_rows, RDS_INSTANCE),
};

static bool describe(const struct aws_call *call, enum rds_kind kind, struct describe_input *input,
                     struct rds_snapshots *out, struct err *err)
{
    const struct aws_paging paging = { .operation = &describe_operations[kind],
                                       .input = input,
                                       .marker = &input->marker,
                                       .item_size = sizeof(struct rds_snapshot) };
    struct wire_structs list;
    if (!aws_paging_call(call, &paging, &list, err))
        return false;
    *out = (struct rds_snapshots){ .items = list.items, .count = list.count };
    for (size_t i = 0; i < out->count; i++)
        out->items[i].create_time = aws_time_with_z(call->arena, out->items[i].create_time);
    return true;
}

bool rds_describe_snapshot(const struct aws_call *call, enum rds_kind kind, struct str id, struct rds_snapshot *out,
                           struct err *err)
{
    struct describe_input input = {
        .id = id, .include_shared = { .present = aws_is_arn(id), .value = true }
    };
    struct rds_snapshots found;
    if (!describe(call, kind, &input, &found, err))
        return false;
    if (!found.count)
        return err_set(err, ERR_NOT_FOUND, "AWS knows no snapshot %.*s", STR_ARG(id));
    *out = found.items[0];
    return true;
}

bool rds_list_snapshots(const struct aws_call *call, enum rds_kind kind, struct rds_snapshots *out, struct err *err)
{
    struct describe_input input = { 0 };
    return describe(call, kind, &input, out, err);
}

/* Copy and delete. */

static const struct wire_row copy_rows[] = {
    WIRE(struct rds_copy_options, source, "SourceDBClusterSnapshotIdentifier", "SourceDBSnapshotIdentifier"),
    WIRE(struct rds_copy_options, target, "TargetDBClusterSnapshotIdentifier", "TargetDBSnapshotIdentifier"),
    WIRE_BOTH(struct rds_copy_options, kms_key_id, "KmsKeyId"),
    WIRE_LIST(struct rds_copy_options, tags, "Tags", "Tag"),
    WIRE(struct rds_copy_options, option_group_name, NULL, "OptionGroupName"),
    WIRE(struct rds_copy_options, copy_option_group, NULL, "CopyOptionGroup"),
    WIRE(struct rds_copy_options, target_custom_availability_zone, NULL, "TargetCustomAvailabilityZone"),
    WIRE_END,
};

#define COPY(operation_name, element, wire_column)                                                                     \
    { .service = AWS_RDS,                                                                                              \
      .name = operation_name,                                                                                          \
      .flags = AWS_MUTATES | AWS_PRESIGNS,                                                                             \
      .presign_offset = offsetof(struct rds_copy_options, presign_region),                                             \
      .input = copy_rows,                                                                                              \
      .output = snapshot_rows,                                                                                         \
      .output_size = sizeof(struct rds_snapshot),                                                                      \
      .result = operation_name "Result/" element,                                                                      \
      .column = (wire_column) }

bool rds_copy_snapshot(const struct aws_call *call, enum rds_kind kind, const struct rds_copy_options *options,
                       struct rds_snapshot *out, struct err *err)
{
    static const struct aws_operation operations[] = {
        [RDS_CLUSTER] = COPY("CopyDBClusterSnapshot", "DBClusterSnapshot", RDS_CLUSTER),
        [RDS_INSTANCE] = COPY("CopyDBSnapshot", "DBSnapshot", RDS_INSTANCE),
    };
    if (!aws_client_call(call, &operations[kind], options, out, err))
        return false;
    out->create_time = aws_time_with_z(call->arena, out->create_time);
    return true;
}

struct name_input {
    struct str name;
};

static const struct wire_row name_rows[] = {
    WIRE(struct name_input, name, "DBClusterSnapshotIdentifier", "DBSnapshotIdentifier"),
    WIRE_END,
};

bool rds_delete_snapshot(const struct aws_call *call, enum rds_kind kind, struct str name, struct err *err)
{
    static const struct aws_operation operations[] = {
        [RDS_CLUSTER] = { .service = AWS_RDS,
                         .name = "DeleteDBClusterSnapshot",
                         .flags = AWS_MUTATES,
                         .input = name_rows,
                         .column = RDS_CLUSTER  },
        [RDS_INSTANCE] = { .service = AWS_RDS,
                         .name = "DeleteDBSnapshot",
                         .flags = AWS_MUTATES,
                         .input = name_rows,
                         .column = RDS_INSTANCE },
    };
    const struct name_input input = { .name = name };
    return aws_client_call(call, &operations[kind], &input, NULL, err);
}

/* Sharing. */

struct attribute {
    struct str name;
    struct wire_strings values;
};

static const struct wire_row attribute_rows[] = {
    WIRE_BOTH(struct attribute, name, "AttributeName"),
    WIRE_LIST(struct attribute, values, "AttributeValues", "AttributeValue"),
    WIRE_END,
};

struct attributes_reply {
    struct {
        struct attribute *items;
        size_t count;
    } attributes;
};

static const struct wire_row attributes_rows[] = {
    WIRE_ITEMS(struct attributes_reply, attributes, attribute_rows, "DBClusterSnapshotAttributes",
               "DBClusterSnapshotAttribute", "DBSnapshotAttributes", "DBSnapshotAttribute"),
    WIRE_END,
};

#define DESCRIBE_ATTRIBUTES(operation_name, element, wire_column)                                                      \
    { .service = AWS_RDS,                                                                                              \
      .name = operation_name,                                                                                          \
      .input = name_rows,                                                                                              \
      .output = attributes_rows,                                                                                       \
      .output_size = sizeof(struct attributes_reply),                                                                  \
      .result = operation_name "Result/" element,                                                                      \
      .column = (wire_column) }

bool rds_describe_shares(const struct aws_call *call, enum rds_kind kind, struct str name, struct wire_strings *out,
                         struct err *err)
{
    static const struct aws_operation operations[] = {
        [RDS_CLUSTER] = DESCRIBE_ATTRIBUTES("DescribeDBClusterSnapshotAttributes", "DBClusterSnapshotAttributesResult",
                                            RDS_CLUSTER),
        [RDS_INSTANCE] =
            DESCRIBE_ATTRIBUTES("DescribeDBSnapshotAttributes", "DBSnapshotAttributesResult", RDS_INSTANCE),
    };
    const struct name_input input = { .name = name };
    struct attributes_reply reply;
    if (!aws_client_call(call, &operations[kind], &input, &reply, err))
        return false;
    struct wire_strings accounts = { 0 };
    for (size_t i = 0; i < reply.attributes.count; i++)
        if (str_equal(reply.attributes.items[i].name, str_from(share_attribute)))
            accounts = reply.attributes.items[i].values;
    *out = accounts;
    return true;
}

struct modify_input {
    struct str name, attribute;
    struct wire_strings add, remove;
};

static const struct wire_row modify_rows[] = {
    WIRE(struct modify_input, name, "DBClusterSnapshotIdentifier", "DBSnapshotIdentifier"),
    WIRE_BOTH(struct modify_input, attribute, "AttributeName"),
    WIRE_LIST(struct modify_input, add, "ValuesToAdd", "AttributeValue"),
    WIRE_LIST(struct modify_input, remove, "ValuesToRemove", "AttributeValue"),
    WIRE_END,
};

bool rds_modify_shares(const struct aws_call *call, enum rds_kind kind, struct str name, struct wire_strings add,
                       struct wire_strings remove, struct err *err)
{
    static const struct aws_operation operations[] = {
        [RDS_CLUSTER] = { .service = AWS_RDS,
                         .name = "ModifyDBClusterSnapshotAttribute",
                         .flags = AWS_MUTATES,
                         .input = modify_rows,
                         .column = RDS_CLUSTER  },
        [RDS_INSTANCE] = { .service = AWS_RDS,
                         .name = "ModifyDBSnapshotAttribute",
                         .flags = AWS_MUTATES,
                         .input = modify_rows,
                         .column = RDS_INSTANCE },
    };
    const struct modify_input input = {
        .name = name, .attribute = str_from(share_attribute), .add = add, .remove = remove
    };
    return aws_client_call(call, &operations[kind], &input, NULL, err);
}

/* Tags: any resource, by ARN. */

struct tagging {
    struct str arn;
    struct aws_tags tags;     /* to add, or found */
    struct wire_strings keys; /* to remove */
};

static const struct wire_row tagging_rows[] = {
    WIRE_BOTH(struct tagging, arn, "ResourceName"),
    WIRE_LIST(struct tagging, tags, "Tags", "Tag"),
    WIRE_LIST(struct tagging, keys, "TagKeys", "member"),
    WIRE_END,
};

static const struct wire_row tag_list_rows[] = {
    WIRE_LIST(struct tagging, tags, "TagList", "Tag"),
    WIRE_END,
};

bool rds_list_tags(const struct aws_call *call, struct str arn, struct aws_tags *out, struct err *err)
{
    static const struct aws_operation operation = {
        .service = AWS_RDS,
        .name = "ListTagsForResource",
        .input = tagging_rows,
        .output = tag_list_rows,
        .output_size = sizeof(struct tagging),
        .result = "ListTagsForResourceResult",
    };
    const struct tagging input = { .arn = arn };
    struct tagging found;
    if (!aws_client_call(call, &operation, &input, &found, err))
        return false;
    *out = found.tags;
    return true;
}

bool rds_add_tags(const struct aws_call *call, struct str arn, struct aws_tags tags, struct err *err)
{
    static const struct aws_operation operation = {
        .service = AWS_RDS, .name = "AddTagsToResource", .flags = AWS_MUTATES, .input = tagging_rows
    };
    const struct tagging input = { .arn = arn, .tags = tags };
    return aws_client_call(call, &operation, &input, NULL, err);
}

bool rds_remove_tags(const struct aws_call *call, struct str arn, struct wire_strings keys, struct err *err)
{
    static const struct aws_operation operation = {
        .service = AWS_RDS, .name = "RemoveTagsFromResource", .flags = AWS_MUTATES, .input = tagging_rows
    };
    const struct tagging input = { .arn = arn, .keys = keys };
    return aws_client_call(call, &operation, &input, NULL, err);
}

/* Hints for messages: events and quotas. */

struct events_input {
    struct str name, type;
    struct wire_int64 duration_minutes;
    struct str marker;
};

static const struct wire_row events_rows[] = {
    WIRE_BOTH(struct events_input, name, "SourceIdentifier"),
    WIRE_BOTH(struct events_input, type, "SourceType"),
    WIRE_BOTH(struct events_input, duration_minutes, "Duration"),
    WIRE_BOTH(struct events_input, marker, "Marker"),
    WIRE_END,
};

static const struct wire_row event_rows[] = {
    WIRE_BOTH(struct rds_event, date, "Date"),
    WIRE_BOTH(struct rds_event, message, "Message"),
    WIRE_END,
};

static const struct wire_row event_page_rows[] =
    PAGE_ROWS(event_rows, struct rds_event, "Events", "Event", "Events", "Event");

bool rds_describe_events(const struct aws_call *call, enum rds_kind kind, struct str name, struct rds_events *out,
                         struct err *err)
{
    enum { KEPT_MINUTES = 14 * 24 * 60 };
    static const struct aws_operation operation = PAGED("DescribeEvents", events_rows, event_page_rows, RDS_CLUSTER);
    static const char *const types[] = { [RDS_CLUSTER] = "db-cluster-snapshot", [RDS_INSTANCE] = "db-snapshot" };
    struct events_input input = {
        .name = name, .type = str_from(types[kind]), .duration_minutes = { .present = true, .value = KEPT_MINUTES }
    };
    const struct aws_paging paging = {
        .operation = &operation, .input = &input, .marker = &input.marker, .item_size = sizeof(struct rds_event)
    };
    struct wire_structs list;
    if (!aws_paging_call(call, &paging, &list, err))
        return false;
    *out = (struct rds_events){ .items = list.items, .count = list.count };
    return true;
}

static const struct wire_row quota_rows[] = {
    WIRE_BOTH(struct rds_quota, name, "AccountQuotaName"),
    WIRE_BOTH(struct rds_quota, used, "Used"),
    WIRE_BOTH(struct rds_quota, max, "Max"),
    WIRE_END,
};

struct quotas_reply {
    struct rds_quotas quotas;
};

static const struct wire_row quotas_rows[] = {
    WIRE_ITEMS(struct quotas_reply, quotas, quota_rows, "AccountQuotas", "AccountQuota", "AccountQuotas",
               "AccountQuota"),
    WIRE_END,
};

bool rds_describe_quotas(const struct aws_call *call, struct rds_quotas *out, struct err *err)
{
    static const struct aws_operation operation = {
        .service = AWS_RDS,
        .name = "DescribeAccountAttributes",
        .output = quotas_rows,
        .output_size = sizeof(struct quotas_reply),
        .result = "DescribeAccountAttributesResult",
    };
    struct quotas_reply reply;
    if (!aws_client_call(call, &operation, NULL, &reply, err))
        return false;
    *out = reply.quotas;
    return true;
}
