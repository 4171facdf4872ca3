/* SPDX-License-Identifier: MPL-2.0
 *
 * The provider as the runtime sees it: what it is called, its block, and what
 * it offers.
 */
#include "aws/call/client.h"
#include "plugin/snapshot/account.h"
#include "plugin/snapshot/keys/door.h"
#include "plugin/snapshot/registry.h"
#include "plugin/snapshot/watch/cause.h"
#include "plugin/snapshot/watch/look.h"
#include "plugin/snapshot/watch/turn.h"

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

static bool configure(struct tf_call *call, const void *config, void **out_provider, struct err *err)
{
    struct aws_configuration *aws;
    if (!aws_configuration_new(call, config, "terraform-provider-snapshot/" PROJECT_VERSION, &aws, err))
        return false;
    struct account *account = mem_alloc(sizeof(*account));
    account->aws = aws;
    account->keys = key_cache_new();
    account->memory = memory_new();
    account->turns = turn_line_new();
    account->looks = look_cache_new();
    *out_provider = account;
    return true;
}

static void release(void *provider)
{
    struct account *account = provider;
    if (!account)
        return;
    aws_configuration_free(account->aws);
    key_cache_free(account->keys);
    memory_free(account->memory);
    turn_line_free(account->turns);
    look_cache_free(account->looks);
    mem_free(account);
}

const struct tf_provider snapshot_provider = {
    .address = "registry.terraform.io/rds-snapshot/snapshot",
    .name = "snapshot",
    .purpose = "moves encrypted Amazon RDS and Aurora snapshots to other keys, accounts and Regions",
    .description =
        "Copies, re-encrypts and shares encrypted Amazon Aurora and RDS snapshots, so that you can move a database to "
        "another AWS account with one `terraform apply`. You use it together with `hashicorp/aws`. The provider runs "
        "on Linux only. It is in no registry yet: `script/install` in its repository builds and installs it. It has "
        "been tested against an imitation of AWS, and never against AWS itself.\n\n"
        "[Installation](guides/installation.md) shows all ways to install it.\n\n"
        "The provider block takes the same arguments as `provider \"aws\"` of hashicorp/aws 5 and 6. The provider "
        "looks for credentials in this order: the block, a `profile` named in the block, environment variables, a web "
        "identity token file, the shared files. With `assume_role`, it then assumes that role.\n\n"
        "A migration needs one provider block per account. Set `allowed_account_ids` in each block: if you mix up the "
        "two accounts, you get an error before anything happens.",
    .model = &aws_provider_block_model,
    .validate = aws_provider_block_validate,
    .start = aws_init,
    .configure = configure,
    .release = release,
    .explain = cause_explain,
    .resources = resources,
    .data_sources = data_sources,
    .functions = functions,
};
