/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/call/skew.h"

#include <time.h>

enum { ROUND_TRIP_MAX_MS = 15 * MINUTE_MS };

static bool take_number(struct str text, size_t from, size_t digits, int *out)
{
    int64_t value;
    struct str part = str_slice(text, from, from + digits);
    if (!str_to_int64(part, &value) || value < 0)
        return false;
    *out = (int)value;
    return true;
}

static bool take_month(struct str text, size_t from, int *out)
{
    ptrdiff_t at = str_find(STR("JanFebMarAprMayJunJulAugSepOctNovDec"), str_slice(text, from, from + 3));
    *out = (int)(at / 3);
    return at >= 0 && at % 3 == 0;
}

bool skew_parse_date(struct str text, int64_t *out_wall_ms)
{
    struct tm utc = { 0 };
    text = str_trim(text);
    if (text.len != STR("Sun, 06 Nov 1994 08:49:37 GMT").len || !str_ends_with(text, STR(" GMT")) ||
        text.ptr[19] != ':' || text.ptr[22] != ':')
        return false;
    if (!take_number(text, 5, 2, &utc.tm_mday) || !take_month(text, 8, &utc.tm_mon) ||
        !take_number(text, 12, 4, &utc.tm_year) || !take_number(text, 17, 2, &utc.tm_hour) ||
        !take_number(text, 20, 2, &utc.tm_min) || !take_number(text, 23, 2, &utc.tm_sec))
        return false;
    if (utc.tm_year < 1970 || utc.tm_mday < 1 || utc.tm_mday > 31 || utc.tm_hour > 23 || utc.tm_min > 59 ||
        utc.tm_sec > 60)
        return false;
    utc.tm_year -= 1900;
    *out_wall_ms = (int64_t)timegm(&utc) * SECOND_MS;
    return true;
}

bool skew_measure(const struct http_response *response, int64_t sent_wall_ms, int64_t *out_skew_ms)
{
    int64_t server_ms;
    if (!str_is_empty(http_header_find(response->headers, response->header_count, STR("age"))) ||
        !skew_parse_date(http_header_find(response->headers, response->header_count, STR("date")), &server_ms))
        return false;
    int64_t round_trip_ms = response->received_wall_ms - sent_wall_ms;
    if (round_trip_ms < 0 || round_trip_ms > ROUND_TRIP_MAX_MS)
        return false;
    *out_skew_ms = server_ms - response->received_wall_ms;
    return true;
}
