/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/aws_provider/duration.h"

#include "base/clock.h"

static const int64_t max_ms = (int64_t)100 * 365 * 24 * HOUR_MS;

static const struct {
    const char *name;
    double ms;
} units[] = {
    { "ns",        1e-6      }, /* before the units that begin alike */
    { "us",        1e-3      },
    { "\xc2\xb5s", 1e-3      }, /* both code points that look like a mu */
    { "\xce\xbcs", 1e-3      },
    { "ms",        1         },
    { "s",         SECOND_MS },
    { "m",         MINUTE_MS },
    { "h",         HOUR_MS   },
};

/* Digits with at most one point among them. */
static bool take_number(struct str *text, double *out)
{
    double value = 0;
    double weight = 1; /* of the last digit; comes down to 0 in a very long fraction */
    bool has_point = false;
    size_t digits = 0;
    size_t i = 0;
    for (; i < text->len; i++) {
        char character = text->ptr[i];
        if (character == '.' && !has_point) {
            has_point = true;
            continue;
        }
        if (character < '0' || character > '9')
            break;
        digits++;
        weight /= has_point ? 10 : 1;
        value = has_point ? value + weight * (character - '0') : value * 10 + (character - '0');
    }
    *text = str_slice(*text, i, text->len);
    *out = value;
    return digits > 0;
}

static bool take_unit(struct str *text, double *out_ms)
{
    for (size_t i = 0; i < ARRAY_LENGTH(units); i++) {
        struct str name = str_from(units[i].name);
        if (str_starts_with(*text, name)) {
            *text = str_slice(*text, name.len, text->len);
            *out_ms = units[i].ms;
            return true;
        }
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
            return err_set(
                err, ERR_INVALID,
                "\"%.*s\" is not a duration: write numbers with units, such as \"90s\", \"45m\" or \"2h30m\"",
                STR_ARG(text));
        total_ms += number * unit_ms;
        if (!(total_ms <= (double)max_ms))
            return err_set(err, ERR_INVALID, "\"%.*s\" is longer than 100 years", STR_ARG(text));
    } while (rest.len);
    *out_ms = (int64_t)total_ms;
    return true;
}
