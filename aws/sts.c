/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/sts.h"

static const struct wire_row identity_rows[] = {
    WIRE_BOTH(struct sts_identity, account, "Account"),
    WIRE_BOTH(struct sts_identity, arn, "Arn"),
    WIRE_END,
};

bool sts_get_caller_identity(const struct aws_call *call, struct sts_identity *out, struct err *err)
{
    static const struct aws_operation operation = {
        .service = AWS_STS,
        .name = "GetCallerIdentity",
        .output = identity_rows,
        .output_size = sizeof(struct sts_identity),
        .result = "GetCallerIdentityResult",
    };
    return aws_client_call(call, &operation, NULL, out, err);
}

/* PolicyArns.member.N.arn: a list of structs with one member, which struct str stands for. */
struct policy_arn {
    struct str arn;
};

static const struct wire_row policy_arn_rows[] = {
    WIRE_BOTH(struct policy_arn, arn, "arn"),
    WIRE_END,
};

/* Columns: AssumeRole, AssumeRoleWithWebIdentity. */
enum { PLAIN, WEB_IDENTITY };

static const struct wire_row assume_role_rows[] = {
    WIRE_BOTH(struct sts_assume_role_options, role_arn, "RoleArn"),
    WIRE_BOTH(struct sts_assume_role_options, session_name, "RoleSessionName"),
    WIRE(struct sts_assume_role_options, external_id, "ExternalId", NULL),
    WIRE_BOTH(struct sts_assume_role_options, policy, "Policy"),
    WIRE(struct sts_assume_role_options, source_identity, "SourceIdentity", NULL),
    WIRE_ITEMS(struct sts_assume_role_options, policy_arns, policy_arn_rows, "PolicyArns", "member", "PolicyArns",
               "member"),
    WIRE_BOTH(struct sts_assume_role_options, duration_seconds, "DurationSeconds"),
    WIRE_LISTS(struct sts_assume_role_options, tags, "Tags", "member", NULL, NULL),
    WIRE_LISTS(struct sts_assume_role_options, transitive_tag_keys, "TransitiveTagKeys", "member", NULL, NULL),
    WIRE(struct sts_assume_role_options, web_identity_token, NULL, "WebIdentityToken"),
    WIRE_END,
};

static const struct wire_row credentials_rows[] = {
    WIRE_BOTH(struct sts_credentials, access_key_id, "AccessKeyId"),
    WIRE_BOTH(struct sts_credentials, secret_access_key, "SecretAccessKey"),
    WIRE_BOTH(struct sts_credentials, session_token, "SessionToken"),
    WIRE_BOTH(struct sts_credentials, expiration, "Expiration"),
    WIRE_END,
};

#define ASSUME(operation_name, operation_flags, wire_column)                                                           \
    { .service = AWS_STS,                                                                                              \
      .name = operation_name,                                                                                          \
      .flags = AWS_SECRET_OUTPUT | (operation_flags),                                                                  \
      .input = assume_role_rows,                                                                                       \
      .output = credentials_rows,                                                                                      \
      .output_size = sizeof(struct sts_credentials),                                                                   \
      .secret_offset = offsetof(struct sts_assume_role_options, web_identity_token),                                   \
      .result = operation_name "Result/Credentials",                                                                   \
      .column = (wire_column) }

bool sts_assume_role(const struct aws_call *call, const struct sts_assume_role_options *options,
                     struct sts_credentials *out, struct err *err)
{
    static const struct aws_operation operations[] = {
        [PLAIN] = ASSUME("AssumeRole", 0, PLAIN),
        [WEB_IDENTITY] = ASSUME("AssumeRoleWithWebIdentity", AWS_UNSIGNED | AWS_SECRET_INPUT, WEB_IDENTITY),
    };
    const int way = str_is_empty(options->web_identity_token) ? PLAIN : WEB_IDENTITY;
    struct sts_credentials made;
    if (!aws_client_call(call, &operations[way], options, &made, err))
        return false;
    if (str_is_empty(made.access_key_id) || str_is_empty(made.secret_access_key) || str_is_empty(made.session_token))
        return err_set(err, ERR_IO, "the answer to %s for %.*s lacks credentials", operations[way].name,
                       STR_ARG(options->role_arn));
    *out = made;
    return true;
}
