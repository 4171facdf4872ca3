/* SPDX-License-Identifier: MPL-2.0
 *
 * The provider block as C structs: every top-level argument and block of
 * hashicorp/aws 5.46, and what 6.x adds, with its names, types and nesting. The
 * rows are in provider_block.c.
 */
#ifndef PLUGIN_AWS_PROVIDER_BLOCK_H
#define PLUGIN_AWS_PROVIDER_BLOCK_H

#include "plugin/aws_provider/endpoint_names.h"
#include "plugin/runtime/value.h"

struct assume_role {
    struct tf_string duration;
    struct tf_string external_id;
    struct tf_string policy;
    struct tf_string_set policy_arns;
    struct tf_string role_arn;
    struct tf_string session_name;
    struct tf_string source_identity;
    struct tf_string_map tags;
    struct tf_string_set transitive_tag_keys;
};

struct assume_role_with_web_identity {
    struct tf_string duration;
    struct tf_string policy;
    struct tf_string_set policy_arns;
    struct tf_string role_arn;
    struct tf_string session_name;
    struct tf_string web_identity_token;
    struct tf_string web_identity_token_file;
};

struct default_tags {
    struct tf_string_map tags;
};

#define IGNORED_MEMBER(name) struct tf_string name;
struct endpoints {
    struct tf_string iam;
    struct tf_string kms;
    struct tf_string rds;
    struct tf_string sso;
    struct tf_string sts;
    IGNORED_ENDPOINTS(IGNORED_MEMBER)
};
#undef IGNORED_MEMBER

struct ignore_tags {
    struct tf_string_set key_prefixes;
    struct tf_string_set keys;
};

TF_BLOCKS(assume_role);
TF_BLOCKS(assume_role_with_web_identity);
TF_BLOCKS(default_tags);
TF_BLOCKS(endpoints);
TF_BLOCKS(ignore_tags);

struct aws_provider_block {
    struct tf_string access_key;
    struct tf_string_set allowed_account_ids;
    struct tf_blocks_assume_role assume_role;
    struct tf_blocks_assume_role_with_web_identity assume_role_with_web_identity;
    struct tf_string custom_ca_bundle;
    struct tf_blocks_default_tags default_tags;
    struct tf_string ec2_metadata_service_endpoint;
    struct tf_string ec2_metadata_service_endpoint_mode;
    struct tf_blocks_endpoints endpoints;
    struct tf_string_set forbidden_account_ids;
    struct tf_string http_proxy;
    struct tf_string https_proxy;
    struct tf_blocks_ignore_tags ignore_tags;
    struct tf_bool insecure;
    struct tf_int64 max_retries;
    struct tf_string no_proxy;
    struct tf_string profile;
    struct tf_string region;
    struct tf_string retry_mode;
    struct tf_string s3_us_east_1_regional_endpoint;
    struct tf_bool s3_use_path_style;
    struct tf_string secret_key;
    struct tf_string_list shared_config_files;
    struct tf_string_list shared_credentials_files;
    struct tf_bool skip_credentials_validation;
    struct tf_string skip_metadata_api_check;
    struct tf_bool skip_region_validation;
    struct tf_bool skip_requesting_account_id;
    struct tf_string sts_region;
    struct tf_string tag_policy_compliance; /* from 6.22 */
    struct tf_string token;
    struct tf_int64 token_bucket_rate_limiter_capacity;
    struct tf_bool use_dualstack_endpoint;
    struct tf_bool use_fips_endpoint;
    struct tf_string_list user_agent; /* from 6.27 */
};

#endif
