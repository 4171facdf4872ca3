/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/account.h"

#include <pthread.h>

#include "aws/endpoint.h"
#include "plugin/snapshot/cause.h"

/* One line of the memory: what it is about and what is remembered, "claim ARN".
 * Looked for one by one: with 1000 copies all that a plan asks comes to a tenth of
 * a second, with 5000 to two. */
struct fact {
    struct fact *next;
    struct str text;
};

struct account {
    struct aws_configuration *aws;
    struct key_cache *keys;
    pthread_mutex_t lock;
    struct arena *arena; /* of the facts */
    struct fact *facts;
    struct turn_line *turns;
};

bool account_configure(struct tf_call *call, const void *config, void **out_provider, struct err *err)
{
    struct aws_configuration *aws;
    if (!aws_configuration_new(call, config, "terraform-provider-snapshot/" PROJECT_VERSION, &aws, err))
        return false;
    struct account *account = mem_alloc(sizeof(*account));
    account->aws = aws;
    account->keys = key_cache_new();
    account->arena = arena_new();
    account->turns = turn_line_new();
    pthread_mutex_init(&account->lock, NULL);
    *out_provider = account;
    return true;
}

void account_release(void *provider)
{
    struct account *account = provider;
    if (!account)
        return;
    aws_configuration_free(account->aws);
    key_cache_free(account->keys);
    arena_free(account->arena);
    turn_line_free(account->turns);
    pthread_mutex_destroy(&account->lock);
    mem_free(account);
}

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

static struct fact **find_fact(struct account *account, struct str text)
{
    struct fact **link = &account->facts;
    while (*link && !str_equal((*link)->text, text))
        link = &(*link)->next;
    return link;
}

/* False when it was known already. */
static bool learn(struct account *account, struct str text)
{
    pthread_mutex_lock(&account->lock);
    struct fact **link = find_fact(account, text);
    bool is_new = !*link;
    if (is_new) {
        *link = ARENA_NEW(account->arena, struct fact);
        (*link)->text = str_copy(account->arena, text);
    }
    pthread_mutex_unlock(&account->lock);
    return is_new;
}

static struct str fact_of(const struct tf_call *call, const char *about, struct str what)
{
    return str_format(call->arena, "%s %.*s", about, STR_ARG(what));
}

static struct str grant_fact(const struct tf_call *call, struct str arn, struct str account)
{
    return fact_of(call, "grant", str_format(call->arena, "%.*s %.*s", STR_ARG(arn), STR_ARG(account)));
}

bool account_claim(const struct tf_call *call, struct str arn)
{
    return learn(account_of(call), fact_of(call, "claim", arn));
}

void account_unclaim(const struct tf_call *call, struct str arn)
{
    struct account *self = account_of(call);
    pthread_mutex_lock(&self->lock);
    struct fact **link = find_fact(self, fact_of(call, "claim", arn));
    if (*link)
        *link = (*link)->next;
    pthread_mutex_unlock(&self->lock);
}

static bool knows(struct account *account, struct str text)
{
    pthread_mutex_lock(&account->lock);
    bool known = *find_fact(account, text) != NULL;
    pthread_mutex_unlock(&account->lock);
    return known;
}

bool account_has_claimed(const struct tf_call *call, struct str arn)
{
    return knows(account_of(call), fact_of(call, "claim", arn));
}

void account_record_read(const struct tf_call *call, struct str arn)
{
    learn(account_of(call), fact_of(call, "read", arn));
}

bool account_has_read(const struct tf_call *call, struct str arn)
{
    return knows(account_of(call), fact_of(call, "read", arn));
}

void account_record_other_data(const struct tf_call *call, struct str arn)
{
    learn(account_of(call), fact_of(call, "other data", arn));
}

bool account_has_other_data(const struct tf_call *call, struct str arn)
{
    return knows(account_of(call), fact_of(call, "other data", arn));
}

static struct str left_fact(const struct tf_call *call, struct str arn, struct str holder_id)
{
    return fact_of(call, "left", str_format(call->arena, "%.*s %.*s", STR_ARG(arn), STR_ARG(holder_id)));
}

void account_record_left(const struct tf_call *call, struct str arn, struct str holder_id)
{
    learn(account_of(call), left_fact(call, arn, holder_id));
}

bool account_has_left(const struct tf_call *call, struct str arn, struct str holder_id)
{
    return knows(account_of(call), left_fact(call, arn, holder_id));
}

void account_record_plan(const struct tf_call *call, const char *what, struct str arn)
{
    learn(account_of(call), fact_of(call, what, arn));
}

bool account_has_planned(const struct tf_call *call, const char *what, struct str arn)
{
    return knows(account_of(call), fact_of(call, what, arn));
}

void account_record_grant(const struct tf_call *call, struct str arn, struct str account)
{
    learn(account_of(call), grant_fact(call, arn, account));
}

bool account_has_granted(const struct tf_call *call, struct str arn, struct str account)
{
    return knows(account_of(call), grant_fact(call, arn, account));
}

static struct str listing_fact(const struct tf_call *call, enum account_listing listing, struct str arn,
                               struct str account)
{
    return fact_of(call, listing == LISTED_BY_KEPT ? "kept" : "deleted",
                   str_format(call->arena, "%.*s %.*s", STR_ARG(arn), STR_ARG(account)));
}

void account_record_listing(const struct tf_call *call, enum account_listing listing, struct str arn,
                            struct str account)
{
    learn(account_of(call), listing_fact(call, listing, arn, account));
}

bool account_has_listing(const struct tf_call *call, enum account_listing listing, struct str arn, struct str account)
{
    return knows(account_of(call), listing_fact(call, listing, arn, account));
}

bool account_says_first(const struct tf_call *call, struct str text)
{
    return learn(account_of(call), fact_of(call, "said", text));
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
    if (aws_configuration_identity(account_aws(call), call, out, err))
        return true;
    (void)cause_explain(err);
    return false;
}

bool account_call(struct tf_call *call, struct snapshot_ref *ref, int64_t deadline_ms, struct aws_call *out,
                  struct err *err)
{
    struct aws_identity identity;
    if (!account_identity(call, &identity, err) || !account_check(ref, &identity, err) ||
        !aws_configuration_call(account_aws(call), call, ref->region, deadline_ms, out, err))
        return false;
    if (str_is_empty(ref->account)) {
        ref->account = identity.account;
        ref->partition = str_from(aws_partition_of_region(ref->region)->name);
    }
    return true;
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
        return account_call(call, ref, deadline_ms, out, err);
    explain_other_account(ref, &identity, err);
    return false;
}
