/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/connection.h"

#include <pthread.h>

#include "aws/endpoint.h"

/* One line of the memory: "claim ARN" or "grant ARN ACCOUNT". */
struct fact {
    struct fact *next;
    struct str text;
};

struct connection {
    struct aws_configuration *aws;
    pthread_mutex_t lock;
    struct arena *arena; /* of the facts */
    struct fact *facts;
};

bool connection_configure(struct tf_call *call, const void *config, void **out_provider, struct err *err)
{
    struct aws_configuration *aws;
    if (!aws_configuration_new(call, config, "terraform-provider-snapshot/" PROJECT_VERSION, &aws, err))
        return false;
    struct connection *connection = mem_alloc(sizeof(*connection));
    connection->aws = aws;
    connection->arena = arena_new();
    pthread_mutex_init(&connection->lock, NULL);
    *out_provider = connection;
    return true;
}

void connection_release(void *provider)
{
    struct connection *connection = provider;
    if (!connection)
        return;
    aws_configuration_free(connection->aws);
    arena_free(connection->arena);
    pthread_mutex_destroy(&connection->lock);
    mem_free(connection);
}

static struct connection *connection_of(const struct tf_call *call)
{
    return call->provider;
}

struct aws_configuration *connection_aws(const struct tf_call *call)
{
    return connection_of(call)->aws;
}

static struct fact **find_fact(struct connection *connection, struct str text)
{
    struct fact **link = &connection->facts;
    while (*link && !str_equal((*link)->text, text))
        link = &(*link)->next;
    return link;
}

/* False when it was known already. */
static bool learn(struct connection *connection, struct str text)
{
    pthread_mutex_lock(&connection->lock);
    struct fact **link = find_fact(connection, text);
    bool is_new = !*link;
    if (is_new) {
        *link = ARENA_NEW(connection->arena, struct fact);
        (*link)->text = str_copy(connection->arena, text);
    }
    pthread_mutex_unlock(&connection->lock);
    return is_new;
}

static struct str claim_fact(const struct tf_call *call, struct str arn)
{
    return str_format(call->arena, "claim %.*s", STR_ARG(arn));
}

static struct str grant_fact(const struct tf_call *call, struct str arn, struct str account)
{
    return str_format(call->arena, "grant %.*s %.*s", STR_ARG(arn), STR_ARG(account));
}

bool connection_claim(const struct tf_call *call, struct str arn)
{
    return learn(connection_of(call), claim_fact(call, arn));
}

void connection_unclaim(const struct tf_call *call, struct str arn)
{
    struct connection *connection = connection_of(call);
    pthread_mutex_lock(&connection->lock);
    struct fact **link = find_fact(connection, claim_fact(call, arn));
    if (*link)
        *link = (*link)->next;
    pthread_mutex_unlock(&connection->lock);
}

void connection_record_grant(const struct tf_call *call, struct str arn, struct str account)
{
    learn(connection_of(call), grant_fact(call, arn, account));
}

bool connection_has_granted(const struct tf_call *call, struct str arn, struct str account)
{
    struct connection *connection = connection_of(call);
    pthread_mutex_lock(&connection->lock);
    bool granted = *find_fact(connection, grant_fact(call, arn, account)) != NULL;
    pthread_mutex_unlock(&connection->lock);
    return granted;
}

static bool check_account(const struct snapshot_ref *ref, const struct aws_identity *identity, struct err *err)
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

bool connection_call(struct tf_call *call, struct snapshot_ref *ref, int64_t deadline_ms, struct aws_call *out,
                     struct err *err)
{
    struct aws_identity identity;
    if (!aws_configuration_identity(connection_aws(call), call, &identity, err) ||
        !check_account(ref, &identity, err) ||
        !aws_configuration_call(connection_aws(call), call, ref->region, deadline_ms, out, err))
        return false;
    if (str_is_empty(ref->account)) {
        ref->account = identity.account;
        ref->partition = str_from(aws_partition_of_region(ref->region)->name);
    }
    return true;
}
