/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/kms.h"

#include "aws/call/paging.h"
#include "aws/limits.h"

struct key_input {
    struct str key;
};

static const struct wire_row key_input_rows[] = {
    WIRE_BOTH(struct key_input, key, "KeyId"),
    WIRE_END,
};

static const struct wire_row key_rows[] = {
    WIRE_BOTH(struct kms_key, arn, "Arn"),
    WIRE_BOTH(struct kms_key, account, "AWSAccountId"),
    WIRE_BOTH(struct kms_key, key_manager, "KeyManager"),
    WIRE_BOTH(struct kms_key, key_state, "KeyState"),
    WIRE_BOTH(struct kms_key, key_spec, "KeySpec"),
    WIRE_END,
};

struct key_reply {
    struct kms_key key;
};

void kms_keep_key(struct arena *arena, struct kms_key *key)
{
    wire_keep(arena, key_rows, key);
}

static const struct wire_row key_reply_rows[] = {
    WIRE_NESTED(struct key_reply, key, key_rows, "KeyMetadata"),
    WIRE_END,
};

bool kms_describe_key(const struct aws_call *call, struct str key, struct kms_key *out, struct err *err)
{
    static const struct aws_operation operation = {
        .service = AWS_KMS,
        .name = "DescribeKey",
        .input = key_input_rows,
        .output = key_reply_rows,
        .output_size = sizeof(struct key_reply),
    };
    const struct key_input input = { .key = key };
    struct key_reply reply;
    if (!aws_client_call(call, &operation, &input, &reply, err))
        return false;
    if (str_is_empty(reply.key.arn))
        return err_set(err, ERR_IO, "the answer to DescribeKey for %.*s names no key", STR_ARG(key));
    *out = reply.key;
    return true;
}

struct policy_input {
    struct str key;
    struct str name;
};

static const struct wire_row policy_input_rows[] = {
    WIRE_BOTH(struct policy_input, key, "KeyId"),
    WIRE_BOTH(struct policy_input, name, "PolicyName"),
    WIRE_END,
};

struct policy_reply {
    struct str policy;
};

static const struct wire_row policy_reply_rows[] = {
    WIRE_BOTH(struct policy_reply, policy, "Policy"),
    WIRE_END,
};

bool kms_get_key_policy(const struct aws_call *call, struct str key, struct str *out, struct err *err)
{
    static const struct aws_operation operation = {
        .service = AWS_KMS,
        .name = "GetKeyPolicy",
        .input = policy_input_rows,
        .output = policy_reply_rows,
        .output_size = sizeof(struct policy_reply),
    };
    const struct policy_input input = { .key = key, .name = STR("default") }; /* the only one there is */
    struct policy_reply reply;
    if (!aws_client_call(call, &operation, &input, &reply, err))
        return false;
    if (str_is_empty(reply.policy))
        return err_set(err, ERR_IO, "the answer to GetKeyPolicy for %.*s holds no policy", STR_ARG(key));
    *out = reply.policy;
    return true;
}

/* Grants come in pages; Truncated says whether there are more. */

struct grants_input {
    struct str key;
    struct wire_int64 limit;
    struct str marker;
};

static const struct wire_row grants_input_rows[] = {
    WIRE_BOTH(struct grants_input, key, "KeyId"),
    WIRE_BOTH(struct grants_input, limit, "Limit"),
    WIRE_BOTH(struct grants_input, marker, "Marker"),
    WIRE_END,
};

static const struct wire_row grant_rows[] = {
    WIRE_BOTH(struct kms_grant, grantee, "GranteePrincipal"),
    WIRE_BOTH(struct kms_grant, grantee_service, "GranteeServicePrincipal"),
    WIRE_LIST(struct kms_grant, operations, "Operations", NULL),
    WIRE_END,
};

void kms_keep_grants(struct arena *arena, struct kms_grants *grants)
{
    struct kms_grant *items = arena_array(arena, grants->count, sizeof(*items));
    for (size_t i = 0; i < grants->count; i++) {
        items[i] = grants->items[i];
        wire_keep(arena, grant_rows, &items[i]);
    }
    grants->items = items;
}

static const struct wire_row grants_reply_rows[] = {
    AWS_PAGE_ITEMS(grant_rows, struct kms_grant, "Grants", NULL, "Grants", NULL),
    WIRE_BOTH(struct aws_page, marker, "NextMarker"),
    WIRE_BOTH(struct aws_page, is_truncated, "Truncated"),
    WIRE_END,
};

bool kms_list_grants(const struct aws_call *call, struct str key, struct kms_grants *out, struct err *err)
{
    static const struct aws_operation operation = {
        .service = AWS_KMS,
        .name = "ListGrants",
        .input = grants_input_rows,
        .output = grants_reply_rows,
        .output_size = sizeof(struct aws_page),
    };
    struct grants_input input = {
        .key = key, .limit = { true, 100 }
    }; /* the most that one page may hold */
    const struct aws_paging paging = { .operation = &operation,
                                       .input = &input,
                                       .marker = &input.marker,
                                       .item_size = sizeof(struct kms_grant),
                                       .pages_max = KMS_GRANT_PAGES_MAX_COUNT };
    struct wire_structs list;
    if (!aws_paging_call(call, &paging, &list, err))
        return false;
    *out = (struct kms_grants){ .items = list.items, .count = list.count };
    return true;
}
