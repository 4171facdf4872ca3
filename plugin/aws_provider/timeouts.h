/* SPDX-License-Identifier: MPL-2.0
 *
 * The `timeouts` block: how long an operation may take, as Go durations
 * ("90s", "2h45m", "1.5h"), the syntax that Terraform users know. Its rows are the
 * resource's, which knows the defaults.
 */
#ifndef PLUGIN_AWS_PROVIDER_TIMEOUTS_H
#define PLUGIN_AWS_PROVIDER_TIMEOUTS_H

#include "plugin/runtime/provider.h"

struct timeouts {
    struct tf_string create;
    struct tf_string update;
    struct tf_string delete;
};

TF_BLOCKS(timeouts);

/* The check of a member, for its row. */
void timeouts_check(struct tf_call *call, const char *path, const void *member);
/* The monotonic deadline of an operation that begins now; `member` is one of
 * the block's, or NULL or not known: then `default_ms` counts. */
int64_t timeouts_deadline_ms(const struct tf_call *call, const struct tf_string *member, int64_t default_ms);
/* The block's item, or an all-null one. */
struct timeouts timeouts_of(const struct tf_blocks_timeouts *blocks);

#endif
