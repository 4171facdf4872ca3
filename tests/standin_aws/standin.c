/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/standin_aws/standin.h"

#include "plugin/aws_provider/timeouts.h"

enum { SHORT_CALL_LIMIT_MS = 10 * MINUTE_MS };

bool standin_configure(struct tf_call *call, const void *config, void **out_provider, struct err *err)
{
    struct aws_configuration *configuration;
    if (!aws_configuration_new(call, config, "terraform-provider-aws/" PROJECT_VERSION " (stand-in)", &configuration,
                               err))
        return false;
    *out_provider = configuration;
    return true;
}

void standin_release(void *provider)
{
    aws_configuration_free(provider);
}

struct aws_configuration *standin_configuration(const struct tf_call *call)
{
    return call->provider;
}

bool standin_call(struct tf_call *call, struct tf_string timeout, int64_t default_ms, struct aws_call *out,
                  struct err *err)
{
    return aws_configuration_call(standin_configuration(call), call, STR(""),
                                  timeouts_deadline_ms(call, &timeout, default_ms), out, err);
}

bool standin_short_call(struct tf_call *call, struct aws_call *out, struct err *err)
{
    return aws_configuration_call(standin_configuration(call), call, STR(""),
                                  clock_after_real_ms(waiter_clock(call->waiter), SHORT_CALL_LIMIT_MS), out, err);
}
