/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/aws_provider/provider_block.h"

#include "aws/endpoint.h"
#include "plugin/aws_provider/block.h"
#include "plugin/aws_provider/checks.h"
#include "plugin/aws_provider/configuration.h"

/* ---- Rows ----------------------------------------------------------------- */

static const struct tf_attribute assume_role_attributes[] = {
    TF_ATTR(struct assume_role, duration, .flags = TF_OPTIONAL, .validate = check_session_duration,
            .description = "How long the session lasts, from `15m` to `12h`. The provider renews it in time."),
    TF_ATTR(struct assume_role, external_id, .flags = TF_OPTIONAL, .validate = check_external_id,
            .description = "The external ID that the role's trust policy requires."),
    TF_ATTR(struct assume_role, policy, .flags = TF_OPTIONAL,
            .description = "An IAM policy, as JSON, that narrows the role's permissions in this session."),
    TF_ATTR(struct assume_role, policy_arns, .flags = TF_OPTIONAL, .validate = check_policy_arns,
            .description = "ARNs of managed policies that narrow the role's permissions in this session."),
    TF_ATTR(struct assume_role, role_arn, .flags = TF_OPTIONAL, .validate = check_role_arn,
            .description = "The role to assume."),
    TF_ATTR(struct assume_role, session_name, .flags = TF_OPTIONAL, .validate = check_session_name,
            .description = "Name of the session, seen in CloudTrail."),
    TF_ATTR(struct assume_role, source_identity, .flags = TF_OPTIONAL, .validate = check_session_name,
            .description = "The source identity of the session."),
    TF_ATTR(struct assume_role, tags, .flags = TF_OPTIONAL, .description = "Tags of the session."),
    TF_ATTR(struct assume_role, transitive_tag_keys, .flags = TF_OPTIONAL,
            .description = "Keys of the session tags that later sessions inherit."),
    TF_END,
};

static const struct tf_attribute assume_role_with_web_identity_attributes[] = {
    TF_ATTR(struct assume_role_with_web_identity, duration, .flags = TF_OPTIONAL, .validate = check_session_duration,
            .description = "How long the session lasts, from `15m` to `12h`. The provider renews it in time."),
    TF_ATTR(struct assume_role_with_web_identity, policy, .flags = TF_OPTIONAL,
            .description = "An IAM policy, as JSON, that narrows the role's permissions in this session."),
    TF_ATTR(struct assume_role_with_web_identity, policy_arns, .flags = TF_OPTIONAL, .validate = check_policy_arns,
            .description = "ARNs of managed policies that narrow the role's permissions in this session."),
    TF_ATTR(struct assume_role_with_web_identity, role_arn, .flags = TF_OPTIONAL, .validate = check_role_arn,
            .description = "The role to assume. Also `AWS_ROLE_ARN`."),
    TF_ATTR(struct assume_role_with_web_identity, session_name, .flags = TF_OPTIONAL, .validate = check_session_name,
            .description = "Name of the session, seen in CloudTrail. Also `AWS_ROLE_SESSION_NAME`."),
    TF_ATTR(struct assume_role_with_web_identity, web_identity_token, .flags = TF_OPTIONAL | TF_SENSITIVE,
            .description = "The OpenID Connect token. The provider cannot renew it: prefer `web_identity_token_file`. "
                           "Also `TF_AWS_WEB_IDENTITY_TOKEN`."),
    TF_ATTR(struct assume_role_with_web_identity, web_identity_token_file, .flags = TF_OPTIONAL,
            .description = "File with the token. The provider reads it again for each session. Also "
                           "`AWS_WEB_IDENTITY_TOKEN_FILE`."),
    TF_END,
};

static const struct tf_attribute default_tags_attributes[] = {
    TF_ATTR(struct default_tags, tags, .flags = TF_OPTIONAL, .validate = check_default_tags,
            .description = "Tags for every resource that this provider creates. A tag that is null is left out."),
    TF_END,
};

#define IGNORED_ROW(name) TF_ATTR(struct endpoints, name, .flags = TF_OPTIONAL),
static const struct tf_attribute endpoints_attributes[] = {
    TF_ATTR(struct endpoints, iam, .flags = TF_OPTIONAL, .validate = check_url,
            .description = "URL to use for IAM. Also `AWS_ENDPOINT_URL_IAM`."),
    TF_ATTR(struct endpoints, kms, .flags = TF_OPTIONAL, .validate = check_url,
            .description = "URL to use for KMS. Also `AWS_ENDPOINT_URL_KMS`."),
    TF_ATTR(struct endpoints, rds, .flags = TF_OPTIONAL, .validate = check_url,
            .description = "URL to use for RDS. Also `AWS_ENDPOINT_URL_RDS`."),
    TF_ATTR(struct endpoints, sso, .flags = TF_OPTIONAL, .validate = check_url,
            .description = "URL to use for SSO, which gives the keys of a profile with SSO. Also "
                           "`AWS_ENDPOINT_URL_SSO`. The token is renewed at that of `AWS_ENDPOINT_URL_SSO_OIDC`."),
    TF_ATTR(struct endpoints, sts, .flags = TF_OPTIONAL, .validate = check_url,
            .description = "URL to use for STS. Also `AWS_ENDPOINT_URL_STS`."),
    IGNORED_ENDPOINTS(IGNORED_ROW) TF_END,
};
#undef IGNORED_ROW

static const struct tf_attribute ignore_tags_attributes[] = {
    TF_ATTR(struct ignore_tags, key_prefixes, .flags = TF_OPTIONAL,
            .description = "Tags whose keys begin with one of these are left alone."),
    TF_ATTR(struct ignore_tags, keys, .flags = TF_OPTIONAL, .description = "Tags with these keys are left alone."),
    TF_END,
};

static const struct tf_model assume_role_model = TF_MODEL(struct assume_role, assume_role_attributes);
static const struct tf_model assume_role_with_web_identity_model =
    TF_MODEL(struct assume_role_with_web_identity, assume_role_with_web_identity_attributes);
static const struct tf_model default_tags_model = TF_MODEL(struct default_tags, default_tags_attributes);
static const struct tf_model endpoints_model = TF_MODEL(struct endpoints, endpoints_attributes);
static const struct tf_model ignore_tags_model = TF_MODEL(struct ignore_tags, ignore_tags_attributes);

static const struct tf_attribute block_attributes[] = {
    TF_ATTR(struct aws_provider_block, access_key, .flags = TF_OPTIONAL,
            .description = "Access key ID. Also `AWS_ACCESS_KEY_ID`."),
    TF_ATTR(struct aws_provider_block, allowed_account_ids, .flags = TF_OPTIONAL, .validate = check_account_ids,
            .description =
                "The only accounts that this provider may work in. In any other account it reports an error and "
                "does nothing. Members that are null or empty are left out."),
    TF_BLOCK(struct aws_provider_block, assume_role, TF_BLOCK_LIST, struct assume_role, &assume_role_model,
             .description =
                 "A role to assume. With several blocks, each role assumes the next one. A single block whose "
                 "`role_arn` is null or empty assumes none, with a warning."),
    TF_BLOCK(struct aws_provider_block, assume_role_with_web_identity, TF_BLOCK_LIST,
             struct assume_role_with_web_identity, &assume_role_with_web_identity_model, .max_items = 1,
             .description =
                 "A role to assume with an OpenID Connect token, instead of other credentials. It is not used if "
                 "`access_key` is set."),
    TF_ATTR(struct aws_provider_block, custom_ca_bundle, .flags = TF_OPTIONAL,
            .description = "PEM file with the certificate authorities to trust. Also `AWS_CA_BUNDLE` and the profile's "
                           "`ca_bundle`."),
    TF_BLOCK(struct aws_provider_block, default_tags, TF_BLOCK_LIST, struct default_tags, &default_tags_model,
             .max_items = 1, .description = "Tags for every resource that this provider creates."),
    TF_ATTR(struct aws_provider_block, ec2_metadata_service_endpoint, .flags = TF_OPTIONAL, .validate = check_url,
            .description = "Address of the EC2 metadata service, instead of the one that the mode stands for. Also "
                           "`AWS_EC2_METADATA_SERVICE_ENDPOINT` and the profile's `ec2_metadata_service_endpoint`."),
    TF_ATTR(struct aws_provider_block, ec2_metadata_service_endpoint_mode, .flags = TF_OPTIONAL,
            .validate = check_ip_mode,
            .description = "How to reach the EC2 metadata service: by `IPv4` (default) or `IPv6`. Also "
                           "`AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE` and the profile's "
                           "`ec2_metadata_service_endpoint_mode`."),
    TF_BLOCK(struct aws_provider_block, endpoints, TF_BLOCK_SET, struct endpoints, &endpoints_model,
             .description =
                 "URLs to use instead of AWS's own, FIPS or not. Names of other AWS services are accepted and "
                 "ignored."),
    TF_ATTR(struct aws_provider_block, forbidden_account_ids, .flags = TF_OPTIONAL, .validate = check_account_ids,
            .description = "Accounts this provider must not work in. Members that are null or empty are left out."),
    TF_ATTR(struct aws_provider_block, http_proxy, .flags = TF_OPTIONAL, .validate = check_proxy,
            .description = "Proxy for `http` endpoints, `http://user:password@host:port`. Default port 80, for an "
                           "`https` proxy 443. Also `HTTP_PROXY`. The provider never shows user and password."),
    TF_ATTR(struct aws_provider_block, https_proxy, .flags = TF_OPTIONAL, .validate = check_proxy,
            .description = "Proxy for `https` endpoints, `http://user:password@host:port`. Default port 80, for an "
                           "`https` proxy 443. Also `HTTPS_PROXY`. The provider never shows user and password."),
    TF_BLOCK(struct aws_provider_block, ignore_tags, TF_BLOCK_LIST, struct ignore_tags, &ignore_tags_model,
             .max_items = 1, .description = "Tags that others manage. The provider neither shows nor removes them."),
    TF_ATTR(struct aws_provider_block, insecure, .flags = TF_OPTIONAL,
            .description =
                "Accept any TLS certificate. Others on the network can then read and change requests and answers."),
    TF_ATTR(struct aws_provider_block, max_retries, .flags = TF_OPTIONAL, .validate = check_max_retries,
            .description = "How many times a request is sent at most, including the first time. Default, also of "
                           "0: 25. Also `AWS_MAX_ATTEMPTS` and the profile's `max_attempts`."),
    TF_ATTR(struct aws_provider_block, no_proxy, .flags = TF_OPTIONAL,
            .description = "Hosts to call without a proxy, separated by commas: domains with all below them, IP "
                           "addresses, both with or without a port, CIDR blocks. Also `NO_PROXY`. This machine "
                           "itself (`localhost`, `127.0.0.0/8`, `::1`) is never called through a proxy."),
    TF_ATTR(struct aws_provider_block, profile, .flags = TF_OPTIONAL,
            .description = "Profile of the shared files. If set here, it takes precedence over keys in the "
                           "environment. Also `AWS_PROFILE`."),
    TF_ATTR(struct aws_provider_block, region, .flags = TF_OPTIONAL,
            .description = "The Region to work in. Also `AWS_REGION`, `AWS_DEFAULT_REGION` and the profile's. With the "
                           "credentials of an EC2 instance's role also the Region of the instance."),
    TF_ATTR(struct aws_provider_block, retry_mode, .flags = TF_OPTIONAL, .validate = check_retry_mode,
            .description = "`standard`, `adaptive` or `legacy`. All three work like `standard`, without its retry "
                           "quota. Also `AWS_RETRY_MODE` and the profile's `retry_mode`."),
    TF_ATTR(struct aws_provider_block, s3_us_east_1_regional_endpoint, .flags = TF_OPTIONAL,
            .description = "Accepted and ignored."),
    TF_ATTR(struct aws_provider_block, s3_use_path_style, .flags = TF_OPTIONAL, .description = "Accepted and ignored."),
    TF_ATTR(struct aws_provider_block, secret_key, .flags = TF_OPTIONAL | TF_SENSITIVE,
            .description = "Secret access key. Also `AWS_SECRET_ACCESS_KEY`."),
    TF_ATTR(struct aws_provider_block, shared_config_files, .flags = TF_OPTIONAL,
            .description = "Shared config files. Default `~/.aws/config`. Also `AWS_CONFIG_FILE`."),
    TF_ATTR(struct aws_provider_block, shared_credentials_files, .flags = TF_OPTIONAL,
            .description = "Shared credentials files. Default `~/.aws/credentials`. Also "
                           "`AWS_SHARED_CREDENTIALS_FILE`."),
    TF_ATTR(struct aws_provider_block, skip_credentials_validation, .flags = TF_OPTIONAL,
            .description = "Accepted and ignored: the provider uses credentials only when a call needs them."),
    TF_ATTR(struct aws_provider_block, skip_metadata_api_check, .flags = TF_OPTIONAL, .validate = check_bool_text,
            .description = "`true`: never ask the EC2 metadata service, for credentials or for the Region. `false`: "
                           "ask it even if `AWS_EC2_METADATA_DISABLED` is true."),
    TF_ATTR(struct aws_provider_block, skip_region_validation, .flags = TF_OPTIONAL,
            .description = "Accept a Region name of an unknown form."),
    TF_ATTR(struct aws_provider_block, skip_requesting_account_id, .flags = TF_OPTIONAL,
            .description = "Do not ask STS for the account ID. Values that contain it are then unknown at plan. "
                           "`allowed_account_ids` and `forbidden_account_ids` make the provider ask all the same."),
    TF_ATTR(struct aws_provider_block, sts_region, .flags = TF_OPTIONAL,
            .description = "The Region whose STS is called. Default: `region`. `aws-global` is the global "
                           "endpoint. `AWS_STS_REGIONAL_ENDPOINTS` is ignored."),
    TF_ATTR(struct aws_provider_block, tag_policy_compliance, .flags = TF_OPTIONAL,
            .description = "Accepted and ignored: AWS enforces tag policies itself."),
    TF_ATTR(struct aws_provider_block, token, .flags = TF_OPTIONAL | TF_SENSITIVE,
            .description = "Session token of temporary keys. Also `AWS_SESSION_TOKEN`."),
    TF_ATTR(struct aws_provider_block, token_bucket_rate_limiter_capacity, .flags = TF_OPTIONAL,
            .description = "Accepted and ignored."),
    TF_ATTR(struct aws_provider_block, use_dualstack_endpoint, .flags = TF_OPTIONAL,
            .description = "Use endpoints that support IPv6, too, for all services but those in `endpoints`. Also "
                           "`AWS_USE_DUALSTACK_ENDPOINT` and the profile's `use_dualstack_endpoint`, even if `false` "
                           "here."),
    TF_ATTR(struct aws_provider_block, use_fips_endpoint, .flags = TF_OPTIONAL,
            .description = "Use FIPS 140 endpoints, for all services but those in `endpoints`. Also "
                           "`AWS_USE_FIPS_ENDPOINT` and the profile's `use_fips_endpoint`, even if `false` here."),
    TF_ATTR(struct aws_provider_block, user_agent, .flags = TF_OPTIONAL, .validate = check_user_agent,
            .description =
                "Products to add to the User-Agent of every call, as `name/version (comment)`. After them comes "
                "`TF_APPEND_USER_AGENT`, from the environment."),
    TF_END,
};

const struct tf_model aws_provider_block_model = TF_MODEL(struct aws_provider_block, block_attributes);

/* ---- What concerns several arguments -------------------------------------- */

/* An empty text counts as unset, as in hashicorp/aws. What is unknown is
 * neither set nor unset: nothing is said about it yet. */
static bool is_set(struct tf_string text)
{
    return text.state == TF_KNOWN && !str_is_empty(text.value);
}

static bool is_unset(struct tf_string text)
{
    return text.state != TF_UNKNOWN && !is_set(text);
}

static void check_keys(struct tf_call *call, const struct aws_provider_block *block)
{
    static const char remedy[] = "Set both `access_key` and `secret_key` or, better, neither: keys in a configuration "
                                 "are easily published; use a profile or the environment.";
    const bool no_id = is_unset(block->access_key);
    const bool no_secret = is_unset(block->secret_key);
    /* At the whole block: Terraform prints the line that an error points at. */
    if (no_id && no_secret && is_set(block->token))
        tf_error(call, NULL, "A session token without keys", "`token` is set but no keys are.\n\n%s", remedy);
    else if (no_id && is_set(block->secret_key))
        tf_error(call, NULL, "Half a pair of keys", "`secret_key` is set but `access_key` is not.\n\n%s", remedy);
    else if (no_secret && is_set(block->access_key))
        tf_error(call, "access_key", "Half a pair of keys", "`access_key` is set but `secret_key` is not.\n\n%s",
                 remedy);
}

static bool has_items(const struct tf_string_set *set)
{
    for (size_t i = 0; i < set->count; i++)
        if (is_set(set->items[i]))
            return true;
    return false;
}

static void check_guards(struct tf_call *call, const struct aws_provider_block *block)
{
    const bool allows = has_items(&block->allowed_account_ids);
    const bool forbids = has_items(&block->forbidden_account_ids);
    if (allows && forbids)
        tf_error(call, "forbidden_account_ids", "Conflicting arguments",
                 "`allowed_account_ids` and `forbidden_account_ids` exclude each other; keep one of them.");
    /* Alone it skips nothing where an account is guarded, as in hashicorp/aws. */
    if ((allows || forbids) && tf_is_true(block->skip_requesting_account_id) &&
        tf_is_true(block->skip_credentials_validation))
        tf_error(
            call, "skip_requesting_account_id", "Conflicting arguments",
            "With `skip_requesting_account_id` and `skip_credentials_validation` nobody asks for the account id, so "
            "`%s` cannot be checked. Remove one of the three.",
            allows ? "allowed_account_ids" : "forbidden_account_ids");
}

static void check_roles(struct tf_call *call, const struct aws_provider_block *block)
{
    static const char remedy[] = "To assume a role only in some cases, leave the whole block out with a `dynamic "
                                 "\"assume_role\"` block.";
    const size_t count = block->assume_role.count;
    for (size_t i = 0; i < count; i++) {
        const char *path = str_c(call->arena, str_format(call->arena, "assume_role[%zu]", i));
        if (is_unset(block->assume_role.items[i].role_arn) && count == 1)
            tf_warn(call, path, "No role is assumed",
                    "`role_arn` is null or empty, so the provider calls with its own credentials, as hashicorp/aws "
                    "does.\n\n%s",
                    remedy);
        else if (is_unset(block->assume_role.items[i].role_arn))
            tf_error(call, path, "No role to assume", "`role_arn` is missing in one of %zu blocks. %s", count, remedy);
    }
}

static void check_web_identity(struct tf_call *call, const struct aws_provider_block *block)
{
    const struct assume_role_with_web_identity *role = configuration_web_identity(block);
    if (!role)
        return;
    if (is_set(role->web_identity_token) && is_set(role->web_identity_token_file))
        tf_error(call, NULL, "Conflicting arguments",
                 "`web_identity_token` and `web_identity_token_file` of `assume_role_with_web_identity` exclude each "
                 "other; keep one of them.");
    if (is_set(block->access_key))
        tf_warn(call, "assume_role_with_web_identity", "Not used beside keys",
                "`access_key` is set: its keys are used and this block is not, as in hashicorp/aws.");
}

static void check_region(struct tf_call *call, const char *path, struct tf_string region,
                         const struct aws_provider_block *block)
{
    if (is_unset(region) || region.state == TF_UNKNOWN || block->skip_region_validation.state == TF_UNKNOWN ||
        tf_is_true(block->skip_region_validation) || aws_is_region(region.value))
        return;
    tf_error(call, path, "Invalid Region",
             "`%s` is \"%.*s\", which does not look like a Region's name, such as \"eu-central-1\". If it is one, set "
             "`skip_region_validation`.",
             path, STR_ARG(region.value));
}

void aws_provider_block_validate(struct tf_call *call, const void *config)
{
    const struct aws_provider_block *block = config;
    check_keys(call, block);
    check_guards(call, block);
    check_roles(call, block);
    check_web_identity(call, block);
    check_region(call, "region", block->region, block);
    if (!aws_is_known_region(tf_text(block->sts_region, STR("")))) /* "aws-global" has another form */
        check_region(call, "sts_region", block->sts_region, block);
}
