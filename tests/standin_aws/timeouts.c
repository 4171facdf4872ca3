/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/standin_aws/timeouts.h"

#include "plugin/aws_provider/duration.h"

static void check_duration(struct tf_call *call, const char *path, const void *member)
{
    int64_t ms;
    CLEANUP(err_clear) struct err err = { 0 };
    if (!go_duration_parse(((const struct tf_string *)member)->value, &ms, &err))
        tf_error(call, path, "Invalid duration", "%s.", err_text(&err));
}

static const struct tf_attribute create_timeout_attributes[] = {
    TF_ATTR(struct create_timeout, create, .flags = TF_OPTIONAL, .validate = check_duration,
            .description = "Limit for creating."),
    TF_END,
};

static const struct tf_attribute timeouts_attributes[] = {
    TF_ATTR(struct timeouts, create, .flags = TF_OPTIONAL, .validate = check_duration,
            .description = "Limit for creating."),
    TF_ATTR(struct timeouts, update, .flags = TF_OPTIONAL, .validate = check_duration,
            .description = "Limit for updating."),
    TF_ATTR(struct timeouts, delete, .flags = TF_OPTIONAL, .validate = check_duration,
            .description = "Limit for deleting."),
    TF_END,
};

const struct tf_model standin_create_timeout_model = TF_MODEL(struct create_timeout, create_timeout_attributes);
const struct tf_model standin_timeouts_model = TF_MODEL(struct timeouts, timeouts_attributes);

struct create_timeout standin_create_timeout_of(const struct tf_blocks_create_timeout *blocks)
{
    return blocks->state == TF_KNOWN && blocks->count ? blocks->items[0] : (struct create_timeout){ 0 };
}

struct timeouts standin_timeouts_of(const struct tf_blocks_timeouts *blocks)
{
    return blocks->state == TF_KNOWN && blocks->count ? blocks->items[0] : (struct timeouts){ 0 };
}
