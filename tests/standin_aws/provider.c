/* SPDX-License-Identifier: MPL-2.0
 *
 * The stand-in as the runtime sees it.
 */
#include "aws/call/client.h"
#include "tests/standin_aws/registry.h"
#include "tests/standin_aws/standin.h"

static const struct tf_resource *const resources[] = {
    &db_cluster_snapshot_resource,
    &db_snapshot_resource,
    &kms_alias_resource,
    &kms_key_resource,
    &rds_cluster_instance_resource,
    &rds_cluster_resource,
    NULL,
};

static const struct tf_data_source *const data_sources[] = { &caller_identity_data_source, &region_data_source, NULL };

static const struct tf_function *const functions[] = { NULL };

const struct tf_provider standin_provider = {
    .address = "registry.terraform.io/hashicorp/aws",
    .name = "aws",
    .purpose = "stands in for hashicorp/aws in the tests and the demo of terraform-provider-snapshot",
    .description = "A few types of hashicorp/aws, for tests. Not for production.",
    .model = &aws_provider_block_model,
    .validate = aws_provider_block_validate,
    .start = aws_init,
    .configure = standin_configure,
    .release = standin_release,
    .resources = resources,
    .data_sources = data_sources,
    .functions = functions,
};
