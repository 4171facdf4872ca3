/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/time.h"

#include <time.h>

/* Digits at a fixed place of "YYYY-MM-DDTHH:MM:SS", taken into a struct tm. */
static bool take_number(struct str text, size_t from, size_t to, int64_t *out)
{
    struct str digits = str_slice(text, from, to);
    return digits.len == to - from && digits.ptr[0] != '-' && str_to_int64(digits, out);
}

static bool has_separators(struct str text)
{
    return text.len >= 19 && text.ptr[4] == '-' && text.ptr[7] == '-' && (text.ptr[10] == 'T' || text.ptr[10] == 't') &&
           text.ptr[13] == ':' && text.ptr[16] == ':';
}

/* ".123456" gives 123. */
static bool take_fraction(struct str *rest, int64_t *out_ms)
{
    *out_ms = 0;
    if (!rest->len || rest->ptr[0] != '.')
        return true;
    size_t i = 1;
    int64_t weight = 100;
    for (; i < rest->len && rest->ptr[i] >= '0' && rest->ptr[i] <= '9'; i++, weight /= 10)
        *out_ms += weight * (rest->ptr[i] - '0');
    *rest = str_slice(*rest, i, rest->len);
    return i > 1;
}

/* `out_zone`: what follows the fraction. */
static bool parse(struct str text, int64_t *out_wall_ms, struct str *out_zone)
{
    int64_t year;
    int64_t month;
    int64_t day;
    int64_t hour;
    int64_t minute;
    int64_t second;
    if (!has_separators(text) || !take_number(text, 0, 4, &year) || !take_number(text, 5, 7, &month) ||
        !take_number(text, 8, 10, &day) || !take_number(text, 11, 13, &hour) || !take_number(text, 14, 16, &minute) ||
        !take_number(text, 17, 19, &second))
        return false;
    struct str rest = str_slice(text, 19, text.len);
    int64_t fraction_ms;
    if (!take_fraction(&rest, &fraction_ms))
        return false;
    struct tm parts = { .tm_year = (int)year - 1900,
                        .tm_mon = (int)month - 1,
                        .tm_mday = (int)day,
                        .tm_hour = (int)hour,
                        .tm_min = (int)minute,
                        .tm_sec = (int)second };
    time_t seconds = timegm(&parts);
    /* timegm carries 31 April over into May: what it changed did not exist. */
    if (parts.tm_mon != month - 1 || parts.tm_mday != day || parts.tm_hour != hour || parts.tm_min != minute ||
        parts.tm_sec != second)
        return false;
    *out_wall_ms = (int64_t)seconds * 1000 + fraction_ms;
    *out_zone = rest;
    return true;
}

static bool is_utc(struct str zone)
{
    return str_equal_ignore_case(zone, STR("Z")) || str_equal(zone, STR("+00:00"));
}

bool aws_time_parse(struct str text, int64_t *out_wall_ms)
{
    struct str zone;
    int64_t wall_ms;
    if (!parse(text, &wall_ms, &zone) || !is_utc(zone))
        return false;
    *out_wall_ms = wall_ms;
    return true;
}

/* "+02:00": what to take off for UTC. */
static bool take_offset(struct str zone, int64_t *out_ms)
{
    enum { LENGTH = sizeof("+02:00") - 1, HOURS_MAX = 23, MINUTES_MAX = 59 };
    int64_t hours;
    int64_t minutes;
    if (zone.len != LENGTH || (zone.ptr[0] != '+' && zone.ptr[0] != '-') || zone.ptr[3] != ':' ||
        !take_number(zone, 1, 3, &hours) || !take_number(zone, 4, 6, &minutes) || hours > HOURS_MAX ||
        minutes > MINUTES_MAX)
        return false;
    *out_ms = (hours * 60 + minutes) * 60 * 1000 * (zone.ptr[0] == '-' ? -1 : 1);
    return true;
}

bool aws_time_parse_zoned(struct str text, int64_t *out_wall_ms)
{
    struct str zone;
    int64_t wall_ms;
    int64_t offset_ms = 0;
    if (!parse(text, &wall_ms, &zone))
        return false;
    if (!is_utc(zone) && !str_equal(zone, STR("UTC")) && !take_offset(zone, &offset_ms))
        return false;
    *out_wall_ms = wall_ms - offset_ms;
    return true;
}

struct str aws_time_with_z(struct arena *arena, struct str text)
{
    const struct str offset = STR("+00:00");
    if (!str_ends_with(text, offset))
        return text;
    const struct str time = str_slice(text, 0, text.len - offset.len);
    return str_format(arena, "%.*sZ", STR_ARG(time));
}

struct str aws_time_text(struct arena *arena, int64_t wall_ms)
{
    const int64_t last_s = 253402300799; /* 9999-12-31T23:59:59Z: years have four digits */
    const int64_t wall_s = wall_ms / 1000;
    const time_t seconds = (time_t)(wall_s < 0 ? 0 : wall_s > last_s ? last_s : wall_s);
    struct tm parts;
    char text[sizeof("2026-01-31T23:59:59Z")];
    gmtime_r(&seconds, &parts);
    const size_t length = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return str_copy(arena, (struct str){ text, length });
}
