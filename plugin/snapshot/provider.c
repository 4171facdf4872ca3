/* SPDX-License-Identifier: MPL-2.0
 *
 * The provider as the runtime sees it: what it is called, its block, and what
 * it offers.
 */
#include "plugin/snapshot/account.h"
#include "plugin/snapshot/registry.h"

static const struct tf_resource *const resources[] = { &reencrypt_copy_resource, &share_resource, NULL };

static const struct tf_data_source *const data_sources[] = { &key_policy_data_source, NULL };

static const struct tf_function *const functions[] = {
    &source_key_policy_function,
    &target_key_policy_function,
    &snapshot_arn_function,
    &parse_snapshot_arn_function,
    NULL,
};

const struct tf_provider snapshot_provider = {
    .address = "registry.terraform.io/rds-snapshot/snapshot",
    .name = "snapshot",
    .purpose = "moves encrypted Amazon RDS and Aurora snapshots to other keys, accounts and Regions",
    .description = "Re-encrypts, copies and shares Amazon RDS and Aurora snapshots, so that an encrypted database can "
                   "move to another AWS account in one `terraform apply`, beside `hashicorp/aws`.",
    .model = &aws_provider_block_model,
    .validate = aws_provider_block_validate,
    .start = aws_init,
    .configure = account_configure,
    .release = account_release,
    .resources = resources,
    .data_sources = data_sources,
    .functions = functions,
};
