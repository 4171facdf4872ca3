/* SPDX-License-Identifier: MPL-2.0
 *
 * The way from a resource to AWS: the provider's configuration, the time limit
 * of the operation.
 */
#ifndef TESTS_STANDIN_AWS_STANDIN_H
#define TESTS_STANDIN_AWS_STANDIN_H

#include "plugin/aws_provider/provider_block.h"

/* tf_provider.configure and .release. */
bool standin_configure(struct tf_call *call, const void *config, void **out_provider, struct err *err);
void standin_release(void *provider);

struct aws_configuration *standin_configuration(const struct tf_call *call);

/* `timeout` is a member of a `timeouts` block; unless it is known, `default_ms` counts. */
MUST_USE bool standin_call(struct tf_call *call, struct tf_string timeout, int64_t default_ms, struct aws_call *out,
                           struct err *err);
/* For what waits for nothing but answers: reads, keys. */
MUST_USE bool standin_short_call(struct tf_call *call, struct aws_call *out, struct err *err);

#endif
