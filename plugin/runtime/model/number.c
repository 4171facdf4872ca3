/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/model/number.h"

#include <math.h>
#include <string.h>

enum { DIGITS_MAX = 19 }; /* of a 64-bit number */

static bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

/* A decimal taken apart: 0.<digits> * 10^point, without zeros at either end. */
struct decimal {
    bool negative;
    bool too_long; /* more significant digits than fit; they are not kept */
    char digits[DIGITS_MAX];
    size_t count;
    int64_t zeros; /* pending: written only when another digit follows */
    int64_t point;
};

static void add_digit(struct decimal *decimal, char digit, bool before_point)
{
    bool leading = decimal->count == 0 && !decimal->too_long;
    if (digit == '0' && leading) {
        decimal->point -= !before_point;
        return;
    }
    decimal->point += before_point;
    if (digit == '0') {
        decimal->zeros++;
        return;
    }
    if (decimal->zeros + 1 > (int64_t)(DIGITS_MAX - decimal->count)) {
        decimal->too_long = true;
        return;
    }
    memset(decimal->digits + decimal->count, '0', (size_t)decimal->zeros);
    decimal->count += (size_t)decimal->zeros;
    decimal->zeros = 0;
    decimal->digits[decimal->count++] = digit;
}

/* Digits, at most one point among them; at least one digit. */
static bool take_digits(struct str *rest, struct decimal *decimal)
{
    bool before_point = true;
    bool any = false;
    for (; rest->len; *rest = str_slice(*rest, 1, rest->len)) {
        char character = rest->ptr[0];
        if (character == '.' && before_point && any)
            before_point = false;
        else if (is_digit(character))
            add_digit(decimal, character, before_point);
        else
            break;
        any = any || is_digit(character);
    }
    return any;
}

static bool take_exponent(struct str rest, struct decimal *decimal)
{
    int64_t exponent;
    if (str_is_empty(rest))
        return true;
    if (rest.ptr[0] != 'e' && rest.ptr[0] != 'E')
        return false;
    rest = str_slice(rest, 1, rest.len);
    if (rest.len > 1 && rest.ptr[0] == '+')
        rest = str_slice(rest, 1, rest.len);
    if (rest.len > 8 || !str_to_int64(rest, &exponent))
        return false;
    decimal->point += exponent;
    return true;
}

static bool take_decimal(struct str text, struct decimal *decimal)
{
    struct str rest = text;
    decimal->negative = str_starts_with(rest, STR("-"));
    if (decimal->negative || str_starts_with(rest, STR("+")))
        rest = str_slice(rest, 1, rest.len);
    return take_digits(&rest, decimal) && take_exponent(rest, decimal);
}

static bool refuse(struct err *err, const char *problem, struct str text)
{
    const struct str start = str_slice(text, 0, 40);
    return err_set(err, ERR_INVALID, "%.*s %s", STR_ARG(start), problem);
}

static bool decimal_to_int64(const struct decimal *decimal, struct str text, int64_t *out, struct err *err)
{
    char plain[DIGITS_MAX + 2] = "-";
    size_t used = decimal->negative ? 1 : 0;
    if (decimal->point > DIGITS_MAX)
        return refuse(err, "does not fit a 64-bit number", text);
    if (decimal->too_long || decimal->point < (int64_t)decimal->count)
        return refuse(err, "is not a whole number", text);
    memcpy(plain + used, decimal->digits, decimal->count);
    memset(plain + used + decimal->count, '0', (size_t)decimal->point - decimal->count);
    used += (size_t)decimal->point;
    return str_to_int64((struct str){ plain, used }, out) || refuse(err, "does not fit a 64-bit number", text);
}

bool number_from_text(struct str text, int64_t *out, struct err *err)
{
    struct decimal decimal = { 0 };
    if (str_to_int64(text, out))
        return true;
    if (!take_decimal(text, &decimal))
        return err_set(err, ERR_INVALID, "a text that is not a number where a number is expected");
    if (decimal.count)
        return decimal_to_int64(&decimal, text, out, err);
    *out = 0;
    return true;
}

bool number_from_double(double value, int64_t *out, struct err *err)
{
    if (isnan(value) || isinf(value))
        return err_set(err, ERR_INVALID, "a number that is not finite");
    if (value < -0x1p63 || value >= 0x1p63)
        return err_set(err, ERR_INVALID, "%g does not fit a 64-bit number", value);
    int64_t whole = (int64_t)value;
    if ((double)whole != value)
        return err_set(err, ERR_INVALID, "%.15g is not a whole number", value);
    *out = whole;
    return true;
}

bool number_from_uint64(uint64_t value, int64_t *out, struct err *err)
{
    if (value > INT64_MAX)
        return err_set(err, ERR_INVALID, "%llu does not fit a 64-bit number", (unsigned long long)value);
    *out = (int64_t)value;
    return true;
}
