/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/call/retry.h"

enum { BASE_MS = 50, THROTTLED_BASE_MS = 1000, PAUSE_MAX_MS = 20 * 1000, HINT_MAX_EXCESS_MS = 5 * 1000 };

int64_t retry_pause_ms(int attempt, bool throttled, int64_t hint_ms, uint32_t random)
{
    int64_t limit_ms = throttled ? THROTTLED_BASE_MS : BASE_MS;
    for (int i = 1; i < attempt && limit_ms < PAUSE_MAX_MS; i++)
        limit_ms *= 2;
    if (limit_ms > PAUSE_MAX_MS)
        limit_ms = PAUSE_MAX_MS;
    int64_t pause_ms = limit_ms * (int64_t)random / UINT32_MAX;
    int64_t hinted_ms = hint_ms < pause_ms + HINT_MAX_EXCESS_MS ? hint_ms : pause_ms + HINT_MAX_EXCESS_MS;
    return hinted_ms > pause_ms ? hinted_ms : pause_ms;
}

int64_t retry_hint_ms(struct str header)
{
    int64_t hint_ms;
    return str_to_int64(str_trim(header), &hint_ms) && hint_ms >= 0 ? hint_ms : RETRY_NO_HINT;
}
