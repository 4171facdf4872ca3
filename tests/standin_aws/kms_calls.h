/* SPDX-License-Identifier: MPL-2.0
 *
 * The KMS operations that aws/kms.h lacks, as tables for aws_client_call.
 */
#ifndef TESTS_STANDIN_AWS_KMS_CALLS_H
#define TESTS_STANDIN_AWS_KMS_CALLS_H

#include "aws/call/operation.h"

struct kms_key_request {
    struct str key_id;
    struct str description;
    struct str policy_name;
    struct str policy;
    struct wire_int64 pending_window_in_days;
    struct aws_tags tags;
    struct wire_strings tag_keys;
};

struct kms_metadata {
    struct str key_id;
    struct str arn;
    struct str description;
    struct str key_state;
};

struct kms_key_reply {
    struct kms_metadata metadata;
    struct wire_bool rotates;
    struct aws_tags tags;
};

struct kms_alias_request {
    struct str name;
    struct str target_key_id;
};

struct kms_alias_entry {
    struct str name;
    struct str arn;
    struct str target_key_id;
};

struct kms_aliases {
    struct kms_alias_entry *items;
    size_t count;
};

struct kms_aliases_page {
    struct str marker;
};

struct kms_aliases_reply {
    struct kms_aliases aliases;
    struct str marker; /* empty: the last page */
};

/* struct kms_key_request; struct kms_key_reply where something is answered. */
extern const struct aws_operation kms_create_key, kms_get_key, kms_get_key_rotation, kms_list_key_tags;
extern const struct aws_operation kms_update_description, kms_put_key_policy, kms_enable_rotation, kms_disable_rotation,
    kms_tag_key, kms_untag_key, kms_schedule_deletion;
/* struct kms_alias_request. */
extern const struct aws_operation kms_create_alias, kms_update_alias, kms_delete_alias;
/* struct kms_aliases_page; struct kms_aliases_reply. */
extern const struct aws_operation kms_list_aliases;

#endif
