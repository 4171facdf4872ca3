/* SPDX-License-Identifier: MPL-2.0
 *
 * The Region where none is set: with the credentials of an EC2 instance's role that of the instance, as in
 * hashicorp/aws. It is asked for at the first need, like the credentials themselves.
 */
#include "plugin/aws_provider/configuration.h"

struct region_inquiry {
    struct aws_configuration *configuration;
    struct tf_call *call;
};

/* In the flight. Roles on top may have found it out: they need it for STS. */
static bool ask_for_region(void *argument, struct waiter *waiter, int64_t deadline_ms, struct err *err)
{
    const struct region_inquiry *inquiry = argument;
    struct aws_configuration *configuration = inquiry->configuration;
    const struct aws_credentials_call call = {
        .arena = inquiry->call->arena, .waiter = waiter, .deadline_ms = deadline_ms, .log = inquiry->call->log
    };
    struct aws_credentials credentials;
    struct str ignored;
    if (!configuration_connect(configuration, err))
        return false;
    if (!aws_credentials_cache_get(configuration->credentials, &call, &credentials, err))
        return err_wrap(err, "EC2 metadata was not asked, since there are no credentials");
    return configuration_region_of_instance(configuration, &call, &credentials, &ignored, err);
}

static bool is_of_the_caller(const struct err *err)
{
    return err->kind == ERR_CANCELLED || err->kind == ERR_TIMEOUT;
}

bool aws_configuration_find_region(struct aws_configuration *configuration, struct tf_call *call, struct tf_string *out,
                                   struct err *err)
{
    struct region_inquiry inquiry = { configuration, call };
    CLEANUP(err_clear) struct err reason = { 0 };
    *out = configuration->region;
    if (out->state == TF_NULL && configuration->unknown_argument)
        out->state = TF_UNKNOWN; /* who calls is not known: it may be the role of an instance */
    if (out->state != TF_NULL)
        return true;
    if (str_is_empty(configuration_known_region(configuration)) &&
        !flight_join(configuration->region_flight, call->waiter, CLOCK_NEVER, ask_for_region, &inquiry, &reason)) {
        if (!is_of_the_caller(&reason))
            return configuration_refuse_region(configuration, call->arena, err_text(&reason), err);
        err_move(err, &reason);
        return false;
    }
    *out = tf_known_string(configuration_known_region(configuration));
    return true;
}
