/* SPDX-License-Identifier: MPL-2.0
 *
 * The `timeouts` blocks: snapshots and keys have a limit for creating, clusters and
 * instances for each operation.
 */
#ifndef TESTS_STANDIN_AWS_TIMEOUTS_H
#define TESTS_STANDIN_AWS_TIMEOUTS_H

#include "plugin/aws_provider/timeouts.h"

struct create_timeout {
    struct tf_string create;
};

TF_BLOCKS(create_timeout);

extern const struct tf_model standin_create_timeout_model;
extern const struct tf_model standin_timeouts_model;

/* The block's item, or an all-null one. */
struct create_timeout standin_create_timeout_of(const struct tf_blocks_create_timeout *blocks);

#endif
