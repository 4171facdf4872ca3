/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/account.h"

#include "aws/endpoint.h"

static struct account *account_of(const struct tf_call *call)
{
    return call->provider;
}

struct aws_configuration *account_aws(const struct tf_call *call)
{
    return account_of(call)->aws;
}

struct turn_line *account_turns(const struct tf_call *call)
{
    return account_of(call)->turns;
}

struct key_cache *account_keys(const struct tf_call *call)
{
    return account_of(call)->keys;
}

struct look_cache *account_looks(const struct tf_call *call)
{
    return account_of(call)->looks;
}

struct memory *account_memory(const struct tf_call *call)
{
    return account_of(call)->memory;
}

bool account_check(const struct snapshot_ref *ref, const struct aws_identity *identity, struct err *err)
{
    if (str_is_empty(identity->account) || str_is_empty(ref->account))
        return true;
    if (str_equal(identity->account, ref->account) && str_equal(identity->partition, ref->partition))
        return true;
    err_set(err, ERR_DENIED,
            "the %s \"%.*s\" belongs to account %.*s (partition %.*s), but the provider's credentials are of account "
            "%.*s (partition %.*s), caller %.*s",
            snapshot_kind_of(ref->kind)->noun, STR_ARG(ref->name), STR_ARG(ref->account), STR_ARG(ref->partition),
            STR_ARG(identity->account), STR_ARG(identity->partition), STR_ARG(identity->arn));
    err_set_remedy(err,
                   "Give this resource the provider (alias) of account %.*s with its `provider` argument, or correct "
                   "that provider's credentials.",
                   STR_ARG(ref->account));
    return false;
}

bool account_identity(struct tf_call *call, struct aws_identity *out, struct err *err)
{
    return aws_configuration_identity(account_aws(call), call, out, err);
}

/* After the check. */
static bool begin_call(struct tf_call *call, struct snapshot_ref *ref, const struct aws_identity *identity,
                       int64_t deadline_ms, struct aws_call *out, struct err *err)
{
    if (!aws_configuration_call(account_aws(call), call, ref->region, deadline_ms, out, err))
        return false;
    if (str_is_empty(ref->account)) {
        ref->account = identity->account;
        ref->partition = str_from(aws_partition_of_region(ref->region)->name);
    }
    return true;
}

bool account_call(struct tf_call *call, struct snapshot_ref *ref, int64_t deadline_ms, struct aws_call *out,
                  struct err *err)
{
    struct aws_identity identity;
    return account_identity(call, &identity, err) && account_check(ref, &identity, err) &&
           begin_call(call, ref, &identity, deadline_ms, out, err);
}

/* A provider that was pointed at another account, on purpose or not. */
static void explain_other_account(const struct snapshot_ref *ref, const struct aws_identity *identity, struct err *err)
{
    err_set_remedy(err,
                   "Point this resource's provider back to account %.*s: correct its credentials, or give the resource "
                   "the provider (alias) of that account with its `provider` argument. If the provider stays with "
                   "account %.*s, remove the resource from this state (terraform state rm ADDRESS, or a "
                   "`removed` block applied with -refresh=false) and give account %.*s one of its own; the snapshot in "
                   "account %.*s stays as it is.",
                   STR_ARG(ref->account), STR_ARG(identity->account), STR_ARG(identity->account),
                   STR_ARG(ref->account));
}

bool account_held_call(struct tf_call *call, struct snapshot_ref *ref, int64_t deadline_ms, struct aws_call *out,
                       struct err *err)
{
    struct aws_identity identity;
    if (!account_identity(call, &identity, err))
        return false;
    if (account_check(ref, &identity, err))
        return begin_call(call, ref, &identity, deadline_ms, out, err);
    explain_other_account(ref, &identity, err);
    return false;
}
