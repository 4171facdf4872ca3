/* SPDX-License-Identifier: MPL-2.0
 *
 * The provider as the runtime sees it: what it is called, its block, and what
 * it offers.
 */
#include "plugin/snapshot/account.h"
#include "plugin/snapshot/registry.h"

static const struct tf_resource *const resources[] = { &reencrypt_copy_resource, &share_resource, NULL };

static const struct tf_data_source *const data_sources[] = { &key_policy_data_source, &caller_policy_data_source,
                                                             NULL };

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
    .description =
        "Re-encrypts, copies and shares Amazon RDS and Aurora snapshots, so that an encrypted database can move to "
        "another AWS account in one `terraform apply`, beside `hashicorp/aws`.\n\n"
        "Its block is shaped like `provider \"aws\"` of hashicorp/aws 5 and 6: paste what you have. Credentials are "
        "looked for in the block, a `profile` named there, environment variables, a web identity token file and the "
        "shared files, in this order; `assume_role` goes on from there. A migration takes one provider block per "
        "account; with `allowed_account_ids` a mix-up of the two is an error before anything happens.",
    .model = &aws_provider_block_model,
    .validate = aws_provider_block_validate,
    .start = aws_init,
    .configure = account_configure,
    .release = account_release,
    .resources = resources,
    .data_sources = data_sources,
    .functions = functions,
};
