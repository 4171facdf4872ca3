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
        "The provider block takes the same arguments as `provider \"aws\"` of hashicorp/aws 5 and 6.\n\n"
        "A migration needs one provider block per account. Set `allowed_account_ids` in each block: if you mix up the "
        "two accounts, you get an error before anything happens.",
    .notes =
        "## Authentication\n\n"
        "The provider looks for credentials as hashicorp/aws does, and uses the first of these that has any:\n\n"
        "1. `access_key`, `secret_key` and `token` of the block;\n"
        "2. `assume_role_with_web_identity` of the block;\n"
        "3. `profile` of the block;\n"
        "4. `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`;\n"
        "5. `AWS_WEB_IDENTITY_TOKEN_FILE` with `AWS_ROLE_ARN`, as GitHub Actions, GitLab and EKS have it;\n"
        "6. the profile of `AWS_PROFILE`, or `default`: keys, a role with `source_profile` or `credential_source`, a "
        "web "
        "identity, SSO, `aws login`, or `credential_process`;\n"
        "7. a container of ECS or EKS;\n"
        "8. the role of an EC2 instance.\n\n"
        "Then it assumes the role of each `assume_role` block. It renews all credentials that can be renewed, for as "
        "long as a copy takes, and the plan warns of those that cannot.\n\n"
        "`terraform-provider-snapshot whoami` shows which credentials it finds, and `whoami --explain` why. "
        "[Authentication](guides/authentication.md) has the details, and an example for each place: a laptop with "
        "SSO, GitHub Actions, GitLab, EC2, ECS, EKS, HCP Terraform, Atlantis.",
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
