/* SPDX-License-Identifier: MPL-2.0
 *
 * The way from a resource to AWS: the provider's configuration, the Region of
 * the resource, the time limit of the operation.
 */
#ifndef TESTS_STANDIN_AWS_STANDIN_H
#define TESTS_STANDIN_AWS_STANDIN_H

#include "plugin/aws_provider/provider_block.h"

/* tf_provider.configure and .release. */
bool standin_configure(struct tf_call *call, const void *config, void **out_provider, struct err *err);
void standin_release(void *provider);

struct aws_configuration *standin_configuration(const struct tf_call *call);

/* `timeout` is a member of a `timeouts` block; unless it is known, `default_ms` counts. */
MUST_USE bool standin_call(struct tf_call *call, struct tf_string region, struct tf_string timeout, int64_t default_ms,
                           struct aws_call *out, struct err *err);
/* For what waits for nothing but answers: reads, keys. */
MUST_USE bool standin_short_call(struct tf_call *call, struct tf_string region, struct aws_call *out, struct err *err);

/* The plan hook of every resource: a new object is in the provider's Region
 * where none is configured, and `tags_all` follows from `tags`. Both tags are
 * NULL for what has none. */
void standin_plan(struct tf_call *call, const struct tf_plan *plan, struct tf_string *region,
                  const struct tf_string_map *tags, struct tf_string_map *tags_all);
/* The import hook: by id, in the provider's Region. */
void standin_import(struct tf_call *call, struct str id, struct tf_string *out_id, struct tf_string *out_region);

#endif
