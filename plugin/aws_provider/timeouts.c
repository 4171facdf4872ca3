/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/aws_provider/timeouts.h"

#include "plugin/aws_provider/duration.h"

void timeouts_check(struct tf_call *call, const char *path, const void *member)
{
    const struct tf_string *text = member;
    int64_t ms;
    CLEANUP(err_clear) struct err err = { 0 };
    if (!duration_parse(text->value, &ms, &err))
        tf_error(call, path, "Invalid duration", "%s.", err_text(&err));
    else if (ms == 0)
        tf_error(call, path, "Invalid duration", "\"%.*s\" leaves no time at all.", STR_ARG(text->value));
}

int64_t timeouts_deadline_ms(const struct tf_call *call, const struct tf_string *member, int64_t default_ms)
{
    int64_t ms = default_ms;
    CLEANUP(err_clear) struct err ignored = { 0 }; /* validated with the configuration */
    if (member && member->state == TF_KNOWN && !duration_parse(member->value, &ms, &ignored))
        ms = default_ms;
    return clock_after_ms(waiter_clock(call->waiter), ms);
}

struct timeouts timeouts_of(const struct tf_blocks_timeouts *blocks)
{
    return blocks->state == TF_KNOWN && blocks->count ? blocks->items[0] : (struct timeouts){ 0 };
}
