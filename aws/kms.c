/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/kms.h"

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
