/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/kms.h"

#include <string.h>

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
    WIRE_BOTH(struct kms_key, key_id, "KeyId"),
    WIRE_BOTH(struct kms_key, account, "AWSAccountId"),
    WIRE_BOTH(struct kms_key, key_manager, "KeyManager"),
    WIRE_BOTH(struct kms_key, key_state, "KeyState"),
    WIRE_BOTH(struct kms_key, key_usage, "KeyUsage"),
    WIRE_BOTH(struct kms_key, key_spec, "KeySpec"),
    WIRE_BOTH(struct kms_key, multi_region, "MultiRegion"),
    WIRE_END,
};

struct key_reply {
    struct kms_key key;
};

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
    WIRE_LIST(struct kms_grant, operations, "Operations", NULL),
    WIRE_END,
};

struct grants_reply {
    struct kms_grants grants;
    struct str marker;
    struct wire_bool truncated;
};

static const struct wire_row grants_reply_rows[] = {
    WIRE_ITEMS(struct grants_reply, grants, grant_rows, "Grants", NULL, "Grants", NULL),
    WIRE_BOTH(struct grants_reply, marker, "NextMarker"),
    WIRE_BOTH(struct grants_reply, truncated, "Truncated"),
    WIRE_END,
};

static void append_grants(struct arena *arena, struct kms_grants *grants, const struct kms_grants *more)
{
    struct kms_grant *items = arena_array(arena, grants->count + more->count, sizeof(*items));
    if (grants->count)
        memcpy(items, grants->items, grants->count * sizeof(*items));
    if (more->count)
        memcpy(items + grants->count, more->items, more->count * sizeof(*items));
    *grants = (struct kms_grants){ .items = items, .count = grants->count + more->count };
}

bool kms_list_grants(const struct aws_call *call, struct str key, struct kms_grants *out, struct err *err)
{
    static const struct aws_operation operation = {
        .service = AWS_KMS,
        .name = "ListGrants",
        .input = grants_input_rows,
        .output = grants_reply_rows,
        .output_size = sizeof(struct grants_reply),
    };
    struct grants_input input = {
        .key = key, .limit = { true, 100 }
    }; /* the most that one page may hold */
    struct kms_grants grants = { 0 };
    for (int pages = 0; pages < KMS_GRANT_PAGES_MAX_COUNT; pages++) {
        struct grants_reply reply;
        if (!aws_client_call(call, &operation, &input, &reply, err))
            return false;
        append_grants(call->arena, &grants, &reply.grants);
        if (!reply.truncated.value) {
            *out = grants;
            return true;
        }
        if (str_is_empty(reply.marker))
            return err_set(err, ERR_IO, "the grants of %.*s end with a page that says there are more", STR_ARG(key));
        input.marker = reply.marker;
    }
    return err_set(err, ERR_INVALID, "the key %.*s has more grants than are read, %zu", STR_ARG(key), grants.count);
}
