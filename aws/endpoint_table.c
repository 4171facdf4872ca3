/* SPDX-License-Identifier: MPL-2.0
 *
 * Made by endpoint_table.py of botocore 1.44.5: change that.
 */
#include "aws/endpoint_table.h"

/* clang-format off */
static const struct aws_endpoint_partition partitions[] = {
    { .partition = { "aws", "amazonaws.com", "api.aws" },
      .has_fips = true, .has_dualstack = true,
      .prefixes = "us eu ap sa ca me af il mx",
      .regions = "af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 "
                 "ap-south-2 ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 "
                 "ap-southeast-6 ap-southeast-7 aws-global ca-central-1 ca-west-1 eu-central-1 eu-central-2 "
                 "eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 il-central-1 me-central-1 "
                 "me-south-1 me-west-1 mx-central-1 sa-east-1 sa-west-1 us-east-1 us-east-2 us-west-1 "
                 "us-west-2" },
    { .partition = { "aws-cn", "amazonaws.com.cn", "api.amazonwebservices.com.cn" },
      .has_fips = true, .has_dualstack = true,
      .prefixes = "cn",
      .regions = "aws-cn-global cn-north-1 cn-northwest-1" },
    { .partition = { "aws-eusc", "amazonaws.eu", "api.amazonwebservices.eu" },
      .has_fips = true, .has_dualstack = true,
      .prefixes = "eusc-de",
      .regions = "eusc-de-east-1" },
    { .partition = { "aws-iso", "c2s.ic.gov", "api.aws.ic.gov" },
      .has_fips = true, .has_dualstack = true,
      .prefixes = "us-iso",
      .regions = "aws-iso-global us-iso-east-1 us-iso-west-1" },
    { .partition = { "aws-iso-b", "sc2s.sgov.gov", "api.aws.scloud" },
      .has_fips = true, .has_dualstack = true,
      .prefixes = "us-isob",
      .regions = "aws-iso-b-global us-isob-east-1 us-isob-west-1" },
    { .partition = { "aws-iso-e", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk" },
      .has_fips = true, .has_dualstack = true,
      .prefixes = "eu-isoe",
      .regions = "aws-iso-e-global eu-isoe-west-1" },
    { .partition = { "aws-iso-f", "csp.hci.ic.gov", "api.aws.hci.ic.gov" },
      .has_fips = true, .has_dualstack = true,
      .prefixes = "us-isof",
      .regions = "aws-iso-f-global us-isof-east-1 us-isof-south-1" },
    { .partition = { "aws-us-gov", "amazonaws.com", "api.aws" },
      .has_fips = true, .has_dualstack = true,
      .prefixes = "us-gov",
      .regions = "aws-us-gov-global us-gov-east-1 us-gov-west-1" },
    { .partition = { .name = NULL } },
};

static const struct aws_endpoint_rule rules[] = {
    { .service = "kms", .fips = true, .dualstack = true, .host = "kms-fips.{region}.{dualstack}" },
    { .service = "kms", .fips = true, .host = "kms-fips.{region}.{dns}" },
    { .service = "kms", .dualstack = true, .host = "kms.{region}.{dualstack}" },
    { .service = "kms", .host = "kms.{region}.{dns}" },
    { .service = "oidc", .fips = true, .dualstack = true, .host = "oidc-fips.{region}.{dualstack}" },
    { .service = "oidc", .fips = true, .partition = "aws-us-gov", .host = "oidc.{region}.amazonaws.com" },
    { .service = "oidc", .fips = true, .host = "oidc-fips.{region}.{dns}" },
    { .service = "oidc", .dualstack = true, .host = "oidc.{region}.{dualstack}" },
    { .service = "oidc", .host = "oidc.{region}.{dns}" },
    { .service = "portal.sso", .fips = true, .dualstack = true, .host = "portal.sso-fips.{region}.{dualstack}" },
    { .service = "portal.sso", .fips = true, .partition = "aws-us-gov", .host = "portal.sso.{region}.amazonaws.com" },
    { .service = "portal.sso", .fips = true, .host = "portal.sso-fips.{region}.{dns}" },
    { .service = "portal.sso", .dualstack = true, .host = "portal.sso.{region}.{dualstack}" },
    { .service = "portal.sso", .host = "portal.sso.{region}.{dns}" },
    { .service = "rds", .fips = true, .dualstack = true, .host = "rds-fips.{region}.{dualstack}" },
    { .service = "rds", .fips = true, .partition = "aws-us-gov", .host = "rds.{region}.amazonaws.com" },
    { .service = "rds", .fips = true, .host = "rds-fips.{region}.{dns}" },
    { .service = "rds", .dualstack = true, .host = "rds.{region}.{dualstack}" },
    { .service = "rds", .host = "rds.{region}.{dns}" },
    { .service = "sts", .fips = true, .dualstack = true, .host = "sts-fips.{region}.{dualstack}" },
    { .service = "sts", .fips = true, .partition = "aws-us-gov", .host = "sts.{region}.amazonaws.com" },
    { .service = "sts", .fips = true, .host = "sts-fips.{region}.{dns}" },
    { .service = "sts", .dualstack = true, .host = "sts.{region}.{dualstack}" },
    { .service = "sts", .region = "aws-global", .host = "sts.amazonaws.com", .signing_region = "us-east-1" },
    { .service = "sts", .host = "sts.{region}.{dns}" },
    { .service = NULL },
};
/* clang-format on */

const struct aws_endpoint_table aws_endpoint_table = { partitions, rules };
