/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/standin_aws/kms_calls.h"

/* KMS names the members of a tag its own way. */
static const struct wire_row tag_rows[] = {
    WIRE_BOTH(struct aws_tag, key, "TagKey"),
    WIRE_BOTH(struct aws_tag, value, "TagValue"),
    WIRE_END,
};

static const struct wire_row key_request_rows[] = {
    WIRE_BOTH(struct kms_key_request, key_id, "KeyId"),
    WIRE_BOTH(struct kms_key_request, description, "Description"),
    WIRE_BOTH(struct kms_key_request, policy_name, "PolicyName"),
    WIRE_BOTH(struct kms_key_request, policy, "Policy"),
    WIRE_BOTH(struct kms_key_request, pending_window_in_days, "PendingWindowInDays"),
    WIRE_ITEMS(struct kms_key_request, tags, tag_rows, "Tags", NULL, NULL, NULL),
    WIRE_LIST(struct kms_key_request, tag_keys, "TagKeys", NULL),
    WIRE_END,
};

static const struct wire_row metadata_rows[] = {
    WIRE_BOTH(struct kms_metadata, key_id, "KeyId"),
    WIRE_BOTH(struct kms_metadata, arn, "Arn"),
    WIRE_BOTH(struct kms_metadata, description, "Description"),
    WIRE_BOTH(struct kms_metadata, key_state, "KeyState"),
    WIRE_END,
};

static const struct wire_row key_reply_rows[] = {
    WIRE_NESTED(struct kms_key_reply, metadata, metadata_rows, "KeyMetadata"),
    WIRE_BOTH(struct kms_key_reply, rotates, "KeyRotationEnabled"),
    WIRE_ITEMS(struct kms_key_reply, tags, tag_rows, "Tags", NULL, NULL, NULL),
    WIRE_END,
};

static const struct wire_row alias_rows[] = {
    WIRE_BOTH(struct kms_alias_request, name, "AliasName"),
    WIRE_BOTH(struct kms_alias_request, target_key_id, "TargetKeyId"),
    WIRE_END,
};

static const struct wire_row alias_entry_rows[] = {
    WIRE_BOTH(struct kms_alias_entry, name, "AliasName"),
    WIRE_BOTH(struct kms_alias_entry, arn, "AliasArn"),
    WIRE_BOTH(struct kms_alias_entry, target_key_id, "TargetKeyId"),
    WIRE_END,
};

static const struct wire_row aliases_page_rows[] = {
    WIRE_BOTH(struct kms_aliases_page, marker, "Marker"),
    WIRE_END,
};

static const struct wire_row aliases_reply_rows[] = {
    WIRE_ITEMS(struct kms_aliases_reply, aliases, alias_entry_rows, "Aliases", NULL, NULL, NULL),
    WIRE_BOTH(struct kms_aliases_reply, marker, "NextMarker"),
    WIRE_END,
};

#define KMS_ASK(operation)                                                                                             \
    { .service = AWS_KMS,                                                                                              \
      .name = (operation),                                                                                             \
      .input = key_request_rows,                                                                                       \
      .output = key_reply_rows,                                                                                        \
      .output_size = sizeof(struct kms_key_reply) }
#define KMS_CHANGE(operation, rows) { .service = AWS_KMS, .name = (operation), .flags = AWS_MUTATES, .input = (rows) }

const struct aws_operation kms_create_key = { .service = AWS_KMS,
                                              .name = "CreateKey",
                                              .flags = AWS_MUTATES,
                                              .input = key_request_rows,
                                              .output = key_reply_rows,
                                              .output_size = sizeof(struct kms_key_reply) };
const struct aws_operation kms_get_key = KMS_ASK("DescribeKey");
const struct aws_operation kms_get_key_rotation = KMS_ASK("GetKeyRotationStatus");
const struct aws_operation kms_list_key_tags = KMS_ASK("ListResourceTags");
const struct aws_operation kms_update_description = KMS_CHANGE("UpdateKeyDescription", key_request_rows);
const struct aws_operation kms_put_key_policy = KMS_CHANGE("PutKeyPolicy", key_request_rows);
const struct aws_operation kms_enable_rotation = KMS_CHANGE("EnableKeyRotation", key_request_rows);
const struct aws_operation kms_disable_rotation = KMS_CHANGE("DisableKeyRotation", key_request_rows);
const struct aws_operation kms_tag_key = KMS_CHANGE("TagResource", key_request_rows);
const struct aws_operation kms_untag_key = KMS_CHANGE("UntagResource", key_request_rows);
const struct aws_operation kms_schedule_deletion = KMS_CHANGE("ScheduleKeyDeletion", key_request_rows);
const struct aws_operation kms_create_alias = KMS_CHANGE("CreateAlias", alias_rows);
const struct aws_operation kms_update_alias = KMS_CHANGE("UpdateAlias", alias_rows);
const struct aws_operation kms_delete_alias = KMS_CHANGE("DeleteAlias", alias_rows);
const struct aws_operation kms_list_aliases = { .service = AWS_KMS,
                                                .name = "ListAliases",
                                                .input = aliases_page_rows,
                                                .output = aliases_reply_rows,
                                                .output_size = sizeof(struct kms_aliases_reply) };
