/* SPDX-License-Identifier: MPL-2.0
 *
 * The KMS operations (JSON 1.1, 2014-11-01) that tell what a key is. Nothing
 * here changes a key. ERR_DENIED means "cannot tell", never "does not exist":
 * the usual key policies deny direct calls from another account although RDS
 * itself would succeed.
 */
#ifndef AWS_KMS_H
#define AWS_KMS_H

#include "aws/client.h"

struct kms_key {
    struct str arn;
    struct str key_id;
    struct str account;     /* AWSAccountId */
    struct str key_manager; /* AWS, CUSTOMER */
    struct str key_state;   /* Enabled, Disabled, PendingDeletion, ... */
    struct str key_usage;   /* ENCRYPT_DECRYPT */
    struct str key_spec;    /* SYMMETRIC_DEFAULT */
    struct wire_bool multi_region;
};

/* `key` is an id, ARN, alias or alias ARN; another account's by ARN only. */
MUST_USE bool kms_describe_key(const struct aws_call *call, struct str key, struct kms_key *out, struct err *err);

#endif
