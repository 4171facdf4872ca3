/* SPDX-License-Identifier: MPL-2.0
 *
 * The same copy under two addresses of one plan: what is deleted at one and made or
 * kept at the other. It remembers what the calls of this connection have planned.
 */
#include "plugin/snapshot/account.h"
#include "plugin/snapshot/copy/plan/planning.h"
#include "plugin/snapshot/watch/status.h"

static bool refuse_two_addresses(struct str arn, struct err *err)
{
    err_set(err, ERR_CONFLICT, "this plan deletes %.*s at one address and makes or keeps it at another", STR_ARG(arn));
    err_set_remedy(err, "If the resource got another address, say so with a block, and nothing is deleted: moved { "
                        "from = OLD_ADDRESS, to = NEW_ADDRESS }. If an apply with create_before_destroy was "
                        "interrupted, apply once with the names of that apply, and change them after it; if it did "
                        "not change the names (-replace, taint): terraform state rm ADDRESS; the next apply adopts "
                        "the copy. To delete the copy and to make it again, use two applies.\nTo destroy all the "
                        "same: terraform destroy -refresh=false");
    return false;
}

/* Neither does a failed copy hold anything, nor does a delete touch what another state or the create of an
 * interrupted apply has adopted. */
static bool holds_nothing_to_lose(struct tf_call *call, const struct reencrypt_copy *prior)
{
    return status_holds_nothing(tf_text(prior->status, STR(""))) ||
           memory_knows(account_memory(call), MEMORY_OTHER_HOLDER, prior->arn.value);
}

/* "ARN HOLDER": two states of one holder, an import beside the block that it came from. */
static struct str copy_of(struct tf_call *call, const struct reencrypt_copy *prior)
{
    return memory_pair(call->arena, prior->arn.value, tf_text(prior->holder_id, STR("-")));
}

/* The name of a copy that is deleted goes to another address that has a copy, as when a list with `count` gets shorter.
 * Or the names of an interrupted apply are put back, and the deleted one is what this very address has deposed: core
 * does not tell the two apart, so it is a warning, and the delete leaves what this apply has planned to make. */
static void warn_of_taken_name(struct tf_call *call, struct str arn)
{
    struct memory *memory = account_memory(call);
    if (memory_knows(memory, MEMORY_TO_DESTROY, arn) && memory_knows(memory, MEMORY_TO_TAKE, arn))
        tf_warn(call, NULL, "A copy that is deleted gives its name to another resource",
                "This plan deletes %.*s, and another resource takes its name. If you take back an interrupted apply, "
                "nothing is to be done. Otherwise the resource has got another address: say so with a block, and "
                "nothing is deleted: moved { from = OLD_ADDRESS, to = NEW_ADDRESS }. Without it Terraform may delete "
                "the copy before the other resource can take it, and then copies once more.",
                STR_ARG(arn));
}

static bool check_destroy(struct tf_call *call, const struct reencrypt_copy *prior, struct err *err)
{
    struct memory *memory = account_memory(call);
    const struct str arn = prior->arn.value;
    const struct str copy = copy_of(call, prior);
    if (holds_nothing_to_lose(call, prior))
        return true;
    memory_learn(memory, MEMORY_TO_DESTROY, arn);
    memory_learn(memory, MEMORY_TO_DESTROY, copy);
    warn_of_taken_name(call, arn);
    return memory_knows(memory, MEMORY_CLAIMED, arn) ||
           !(memory_knows(memory, MEMORY_TO_CREATE, arn) || memory_knows(memory, MEMORY_KEPT, copy)) ||
           refuse_two_addresses(arn, err);
}

static bool check_create(struct tf_call *call, struct str arn, struct err *err)
{
    struct memory *memory = account_memory(call);
    if (memory_knows(memory, MEMORY_HAS_ADDRESS, arn))
        return true;
    memory_learn(memory, MEMORY_TO_CREATE, arn);
    return memory_knows(memory, MEMORY_CLAIMED, arn) || !memory_knows(memory, MEMORY_TO_DESTROY, arn) ||
           refuse_two_addresses(arn, err);
}

/* Terraform does not order a delete at one address and a create at another: the copy would be gone before it
 * can be made again. An object that a replacement has deposed is not meant: core deletes it after the create of
 * its address. */
bool planning_addresses(struct tf_call *call, const struct tf_plan *plan, struct err *err)
{
    const struct reencrypt_copy *prior = plan->prior, *planned = plan->planned;
    struct memory *memory = account_memory(call);
    if (plan->destroy)
        return check_destroy(call, prior, err);
    const struct str arn = tf_text(planned->arn, STR(""));
    if (str_is_empty(arn))
        return true;
    if (!prior)
        return check_create(call, arn, err);
    memory_learn(memory, MEMORY_HAS_ADDRESS, arn);
    if (str_equal(prior->arn.value, arn)) {
        memory_learn(memory, MEMORY_KEPT, copy_of(call, prior));
        return !memory_knows(memory, MEMORY_TO_DESTROY, copy_of(call, prior)) || refuse_two_addresses(arn, err);
    }
    memory_learn(memory, MEMORY_TO_TAKE, arn);
    warn_of_taken_name(call, arn);
    return true;
}
