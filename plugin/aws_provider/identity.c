/* SPDX-License-Identifier: MPL-2.0
 *
 * Who the caller is, and whether that account is wanted: asked once, before any
 * other call (assumed roles excepted, which make the caller).
 */
#include "aws/arn.h"
#include "aws/sts.h"
#include "plugin/aws_provider/configuration.h"

struct inquiry {
    struct aws_configuration *configuration;
    struct tf_call *call;
    struct str region; /* where to ask */
};

static bool is_identified(struct aws_configuration *configuration, struct aws_identity *out)
{
    pthread_mutex_lock(&configuration->lock);
    const bool identified = configuration->is_identified;
    *out = configuration->identity;
    pthread_mutex_unlock(&configuration->lock);
    return identified;
}

static bool ask(const struct inquiry *inquiry, struct waiter *waiter, int64_t deadline_ms, struct err *err)
{
    struct aws_configuration *configuration = inquiry->configuration;
    const struct aws_call aws = { .client = configuration->client,
                                  .region = inquiry->region,
                                  .arena = inquiry->call->arena,
                                  .waiter = waiter,
                                  .deadline_ms = deadline_ms,
                                  .log = inquiry->call->log };
    struct sts_identity caller;
    struct aws_arn arn;
    if (!sts_get_caller_identity(&aws, &caller, err) || !aws_arn_parse(caller.arn, &arn, err))
        return err_wrap(err, "finding out which account the provider's credentials belong to");
    pthread_mutex_lock(&configuration->lock);
    configuration->identity = (struct aws_identity){ .account = str_copy(configuration->arena, caller.account),
                                                     .arn = str_copy(configuration->arena, caller.arn),
                                                     .partition = str_copy(configuration->arena, arn.partition) };
    pthread_mutex_unlock(&configuration->lock);
    log_write(aws.log, LOG_INFO, NULL, "the caller is %.*s", STR_ARG(caller.arn));
    return true;
}

/* The account ids that a guard names, without what is null or empty. */
static struct str names_of(struct arena *arena, const struct tf_string_set *guard)
{
    struct str names = STR("");
    for (size_t i = 0; i < guard->count; i++)
        if (!str_is_empty(tf_text(guard->items[i], STR(""))))
            str_join(arena, &names, ", ", "%.*s", STR_ARG(guard->items[i].value));
    return names;
}

/* A guard goes before skip_requesting_account_id. */
static bool is_wanted(const struct aws_provider_block *block, struct arena *arena)
{
    return !tf_is_true(block->skip_requesting_account_id) || names_of(arena, &block->allowed_account_ids).len ||
           names_of(arena, &block->forbidden_account_ids).len;
}

/* In the flight: connects, and asks unless that is not wanted. */
static bool identify(void *argument, struct waiter *waiter, int64_t deadline_ms, struct err *err)
{
    const struct inquiry *inquiry = argument;
    struct aws_configuration *configuration = inquiry->configuration;
    struct aws_identity ignored;
    if (is_identified(configuration, &ignored)) /* by the flight before this one */
        return true;
    if (!configuration_connect(configuration, err))
        return false;
    if (is_wanted(configuration->block, inquiry->call->arena) && !ask(inquiry, waiter, deadline_ms, err))
        return false;
    pthread_mutex_lock(&configuration->lock);
    configuration->is_identified = true;
    pthread_mutex_unlock(&configuration->lock);
    return true;
}

static bool check_account(const struct aws_configuration *configuration, struct tf_call *call,
                          const struct aws_identity *identity, struct err *err)
{
    if (str_is_empty(identity->account)) /* not asked for: nothing is guarded */
        return true;
    const struct tf_string_set *allowed = &configuration->block->allowed_account_ids;
    const struct str names = names_of(call->arena, allowed);
    if (names.len && !tf_string_set_has(allowed, identity->account)) {
        err_set(err, ERR_DENIED,
                "the provider's credentials belong to account %.*s (%.*s), which is not among its "
                "allowed_account_ids: %.*s",
                STR_ARG(identity->account), STR_ARG(identity->arn), STR_ARG(names));
        err_set_remedy(err,
                       "Give the provider credentials or an `assume_role` of an allowed account, or correct "
                       "`allowed_account_ids`. Nothing was done in account %.*s.",
                       STR_ARG(identity->account));
        return false;
    }
    if (tf_string_set_has(&configuration->block->forbidden_account_ids, identity->account)) {
        err_set(err, ERR_DENIED,
                "the provider's credentials belong to account %.*s (%.*s), which is among its forbidden_account_ids",
                STR_ARG(identity->account), STR_ARG(identity->arn));
        err_set_remedy(
            err,
            "Give the provider credentials or an `assume_role` of another account. Nothing was done in account %.*s.",
            STR_ARG(identity->account));
        return false;
    }
    return true;
}

static struct str first_text(struct str a, struct str b, struct str c)
{
    return !str_is_empty(a) ? a : !str_is_empty(b) ? b : c;
}

static bool find_known_region(struct aws_configuration *configuration, struct tf_call *call, struct str *out,
                              struct err *err)
{
    struct tf_string found;
    if (!aws_configuration_find_region(configuration, call, &found, err))
        return false;
    *out = tf_text(found, STR(""));
    return true;
}

static bool settle_identity(struct aws_configuration *configuration, struct tf_call *call, struct str region,
                            struct aws_identity *out, struct err *err)
{
    if (configuration->unknown_argument)
        return err_set(err, ERR_INVALID, "the provider's argument `%s` is not known yet",
                       configuration->unknown_argument);
    struct inquiry inquiry = {
        .configuration = configuration,
        .call = call,
        .region = first_text(configuration->sts_region, tf_text(configuration->region, STR("")), region),
    };
    if (str_is_empty(inquiry.region) && !find_known_region(configuration, call, &inquiry.region, err))
        return false;
    struct aws_identity found;
    if (!is_identified(configuration, &found)) {
        if (!flight_join(configuration->flight, call->waiter, CLOCK_NEVER, identify, &inquiry, err))
            return false;
        is_identified(configuration, &found);
    }
    if (!check_account(configuration, call, &found, err))
        return false;
    *out = (struct aws_identity){ .account = str_copy(call->arena, found.account),
                                  .arn = str_copy(call->arena, found.arn),
                                  .partition = str_copy(call->arena, found.partition) };
    return true;
}

bool aws_configuration_identity(struct aws_configuration *configuration, struct tf_call *call, struct aws_identity *out,
                                struct err *err)
{
    return settle_identity(configuration, call, STR(""), out, err);
}

bool aws_configuration_call(struct aws_configuration *configuration, struct tf_call *call, struct str region,
                            int64_t deadline_ms, struct aws_call *out, struct err *err)
{
    struct aws_identity identity;
    if (!settle_identity(configuration, call, region, &identity, err))
        return false;
    if (str_is_empty(region) && !find_known_region(configuration, call, &region, err))
        return false;
    *out = (struct aws_call){ .client = configuration->client,
                              .region = region,
                              .arena = call->arena,
                              .waiter = call->waiter,
                              .deadline_ms = deadline_ms,
                              .log = call->log,
                              .account = identity.account };
    return true;
}
