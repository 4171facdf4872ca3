/* SPDX-License-Identifier: MPL-2.0
 *
 * When to try again, and after how long: the standard mode of the AWS SDKs as
 * of November 2026 ("Retry behavior" in the AWS SDKs and Tools Reference
 * Guide), without its quota bucket, which hashicorp/aws turns off too.
 * Arithmetic only: no clock, no waiting.
 */
#ifndef AWS_CALL_RETRY_H
#define AWS_CALL_RETRY_H

#include "base/str.h"

enum {
    RETRY_ATTEMPTS = 25, /* in total; hashicorp/aws's default */
    /* Failures that are more often permanent (no such host, connection refused,
     * an answer that cannot be read) end at this attempt; hashicorp/aws's figure. */
    RETRY_ATTEMPTS_IF_HOPELESS = 9,
    RETRY_NO_HINT = -1,
};

/* The pause after the attempt of that number (from 1): full jitter between 0 and
 * min(base * 2^(attempt-1), 20 s). `random` is uniform over all its values. A
 * hint of the server lengthens it, by 5 s at most. */
int64_t retry_pause_ms(int attempt, bool throttled, int64_t hint_ms, uint32_t random);

/* x-amz-retry-after, in milliseconds; RETRY_NO_HINT when it is absent or invalid. */
int64_t retry_hint_ms(struct str header);

#endif
