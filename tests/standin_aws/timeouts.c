/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/standin_aws/timeouts.h"

static const struct tf_attribute create_timeout_attributes[] = {
    TF_ATTR(struct create_timeout, create, .flags = TF_OPTIONAL, .validate = timeouts_check,
            .description = "Limit for creating."),
    TF_END,
};

static const struct tf_attribute timeouts_attributes[] = {
    TF_ATTR(struct timeouts, create, .flags = TF_OPTIONAL, .validate = timeouts_check,
            .description = "Limit for creating."),
    TF_ATTR(struct timeouts, update, .flags = TF_OPTIONAL, .validate = timeouts_check,
            .description = "Limit for updating."),
    TF_ATTR(struct timeouts, delete, .flags = TF_OPTIONAL, .validate = timeouts_check,
            .description = "Limit for deleting."),
    TF_END,
};

const struct tf_model standin_create_timeout_model = TF_MODEL(struct create_timeout, create_timeout_attributes);
const struct tf_model standin_timeouts_model = TF_MODEL(struct timeouts, timeouts_attributes);

struct create_timeout standin_create_timeout_of(const struct tf_blocks_create_timeout *blocks)
{
    return blocks->state == TF_KNOWN && blocks->count ? blocks->items[0] : (struct create_timeout){ 0 };
}
