/* SPDX-License-Identifier: MPL-2.0
 *
 * The KMS operations (JSON 1.1, 2014-11-01) that tell what a key is and who may
 * use it. Nothing here changes a key. ERR_DENIED means "cannot tell", never "does not exist":
 * the usual key policies deny direct calls from another account although RDS
 * itself would succeed.
 */
#ifndef AWS_KMS_H
#define AWS_KMS_H

#include "aws/call/operation.h"

struct kms_key {
    struct str arn;
    struct str account;     /* AWSAccountId */
    struct str key_manager; /* AWS, CUSTOMER */
    struct str key_state;   /* Enabled, Disabled, PendingDeletion, ... */
    struct str key_spec;    /* SYMMETRIC_DEFAULT */
};

/* Takes its texts into `arena`. */
void kms_keep_key(struct arena *arena, struct kms_key *key);

/* `key` is an id, ARN, alias or alias ARN; another account's by ARN only. */
MUST_USE bool kms_describe_key(const struct aws_call *call, struct str key, struct kms_key *out, struct err *err);

/* The key's policy, a JSON document. `key` is an id or ARN of the caller's own
 * account: nobody else is told. */
MUST_USE bool kms_get_key_policy(const struct aws_call *call, struct str key, struct str *out, struct err *err);

struct kms_grant {
    struct str grantee;             /* GranteePrincipal: an ARN, or a service such as rds.REGION.amazonaws.com */
    struct str grantee_service;     /* GranteeServicePrincipal: then there may be no `grantee` */
    struct wire_strings operations; /* "CreateGrant" */
};

struct kms_grants {
    struct kms_grant *items;
    size_t count;
};

/* Takes its texts and lists into `arena`. */
void kms_keep_grants(struct arena *arena, struct kms_grants *grants);

/* All grants on the key. Errors: ERR_IO when there are too many to read
 * (KMS_GRANT_PAGES_MAX_COUNT pages), too. */
MUST_USE bool kms_list_grants(const struct aws_call *call, struct str key, struct kms_grants *out, struct err *err);

#endif
