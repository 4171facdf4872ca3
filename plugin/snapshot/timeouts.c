/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/timeouts.h"

static const int64_t max_duration_ms = (int64_t)10 * 365 * 24 * HOUR_MS;

static const struct {
    struct str name;
    double ms;
} units[] = {
    { { "ns", 2 },        1e-6      }, /* before the units that end alike */
    { { "us", 2 },        1e-3      },
    { { "\xc2\xb5s", 3 }, 1e-3      },
    { { "ms", 2 },        1         },
    { { "s", 1 },         SECOND_MS },
    { { "m", 1 },         MINUTE_MS },
    { { "h", 1 },         HOUR_MS   },
};

/* Digits with at most one point, at least one digit. */
static bool take_number(struct str *text, double *out)
{
    double value = 0;
    double scale = 0; /* 0 before the point, then the weight of the next digit */
    size_t digits = 0;
    size_t i = 0;
    for (; i < text->len; i++) {
        char character = text->ptr[i];
        if (character == '.' && scale == 0) {
            scale = 0.1;
            continue;
        }
        if (character < '0' || character > '9')
            break;
        digits++;
        value = scale == 0 ? value * 10 + (character - '0') : value + scale * (character - '0');
        scale *= 0.1;
    }
    *text = str_slice(*text, i, text->len);
    *out = value;
    return digits > 0;
}

static bool take_unit(struct str *text, double *out_ms)
{
    for (size_t i = 0; i < ARRAY_LENGTH(units); i++)
        if (str_starts_with(*text, units[i].name)) {
            *text = str_slice(*text, units[i].name.len, text->len);
            *out_ms = units[i].ms;
            return true;
        }
    return false;
}

bool duration_parse(struct str text, int64_t *out_ms, struct err *err)
{
    struct str rest = text;
    double total_ms = 0;
    do {
        double number;
        double unit_ms;
        if (!take_number(&rest, &number) || !take_unit(&rest, &unit_ms))
            return err_set(err, ERR_INVALID,
                           "\"%.*s\" is not a duration; write numbers with units, such as \"90s\", \"45m\" or "
                           "\"2h30m\"",
                           STR_ARG(text));
        total_ms += number * unit_ms;
    } while (rest.len);
    if (total_ms < 1 || total_ms > (double)max_duration_ms)
        return err_set(err, ERR_INVALID, "\"%.*s\" is not between one millisecond and ten years", STR_ARG(text));
    *out_ms = (int64_t)total_ms;
    return true;
}

static void check_duration(struct tf_call *call, const char *path, const void *member)
{
    const struct tf_string *text = member;
    int64_t ms;
    struct err err = { 0 };
    if (!duration_parse(text->value, &ms, &err))
        tf_error(call, path, "Invalid duration", "%s.", err.text);
}

static const struct tf_attribute timeouts_attributes[] = {
    TF_ATTR(struct timeouts, create, .flags = TF_OPTIONAL, .validate = check_duration,
            .description = "How long creating may take. Default `24h`."),
    TF_ATTR(struct timeouts, update, .flags = TF_OPTIONAL, .validate = check_duration,
            .description = "How long an update may take, which may make the copy anew. Default `24h`."),
    TF_ATTR(struct timeouts, delete, .flags = TF_OPTIONAL, .validate = check_duration,
            .description = "How long deleting may take. Default `1h`."),
    TF_END,
};

const struct tf_model timeouts_model = TF_MODEL(struct timeouts, timeouts_attributes);

int64_t timeouts_deadline_ms(const struct tf_call *call, const struct tf_string *member, int64_t default_ms)
{
    int64_t ms = default_ms;
    struct err ignored = { 0 }; /* validated with the configuration */
    if (member && member->state == TF_KNOWN && !duration_parse(member->value, &ms, &ignored))
        ms = default_ms;
    return clock_after_ms(waiter_clock(call->waiter), ms);
}

struct timeouts timeouts_of(const struct tf_blocks_timeouts *blocks)
{
    return blocks->state == TF_KNOWN && blocks->count ? blocks->items[0] : (struct timeouts){ 0 };
}
