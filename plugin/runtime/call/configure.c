/* SPDX-License-Identifier: MPL-2.0
 *
 * What a host does before the first call, for a command, which has no host.
 */
#include "plugin/runtime/call/diagnostic.h"
#include "plugin/runtime/call/validate.h"

bool tf_validate(struct tf_call *call, const void *config)
{
    const struct tf_provider *provider = call->private->provider;
    call->private->model = provider->model;
    validate_rows(call, provider->model, config);
    if (provider->validate)
        provider->validate(call, config);
    return !tf_has_errors(call);
}

bool tf_configure(struct tf_call *call, const void *config, struct err *err)
{
    const struct tf_provider *provider = call->private->provider;
    return !provider->configure || provider->configure(call, config, &call->provider, err);
}
