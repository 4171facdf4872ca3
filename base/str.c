/* SPDX-License-Identifier: MPL-2.0 */
#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char replacement_character[] = "\xef\xbf\xbd"; /* U+FFFD */

static char lower_char(char character)
{
    return character >= 'A' && character <= 'Z' ? (char)(character - 'A' + 'a') : character;
}

struct str str_from(const char *text)
{
    return (struct str){ text, text ? strlen(text) : 0 };
}

bool str_is_empty(struct str text)
{
    return text.len == 0;
}

bool str_equal(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool str_equal_ignore_case(struct str a, struct str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower_char(a.ptr[i]) != lower_char(b.ptr[i]))
            return false;
    return true;
}

int str_compare(struct str a, struct str b)
{
    size_t shared = a.len < b.len ? a.len : b.len;
    int order = shared ? memcmp(a.ptr, b.ptr, shared) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

bool str_starts_with(struct str text, struct str prefix)
{
    return text.len >= prefix.len && str_equal(str_slice(text, 0, prefix.len), prefix);
}

bool str_ends_with(struct str text, struct str suffix)
{
    return text.len >= suffix.len && str_equal(str_slice(text, text.len - suffix.len, text.len), suffix);
}

ptrdiff_t str_find(struct str text, struct str needle)
{
    if (needle.len == 0)
        return 0;
    const void *found = text.len ? memmem(text.ptr, text.len, needle.ptr, needle.len) : NULL;
    return found ? (const char *)found - text.ptr : -1;
}

ptrdiff_t str_find_char(struct str text, char wanted)
{
    const char *found = text.len ? memchr(text.ptr, wanted, text.len) : NULL;
    return found ? found - text.ptr : -1;
}

struct str str_slice(struct str text, size_t from, size_t to)
{
    if (to > text.len)
        to = text.len;
    if (from >= to)
        return (struct str){ text.ptr, 0 };
    return (struct str){ text.ptr + from, to - from };
}

static bool is_blank(char character)
{
    return character == ' ' || character == '\t' || character == '\r' || character == '\n';
}

struct str str_trim(struct str text)
{
    while (text.len && is_blank(text.ptr[text.len - 1]))
        text.len--;
    while (text.len && is_blank(text.ptr[0])) {
        text.ptr++;
        text.len--;
    }
    return text;
}

bool str_next(struct str *rest, char separator, struct str *out)
{
    if (!rest->ptr)
        return false;
    ptrdiff_t at = str_find_char(*rest, separator);
    if (at < 0) {
        *out = *rest;
        *rest = (struct str){ 0 };
        return true;
    }
    *out = str_slice(*rest, 0, (size_t)at);
    rest->ptr += at + 1;
    rest->len -= (size_t)at + 1;
    return true;
}

bool str_to_int64(struct str text, int64_t *out)
{
    bool negative = text.len && text.ptr[0] == '-';
    size_t i = negative ? 1 : 0;
    if (i == text.len)
        return false;
    int64_t value = 0; /* kept negative: INT64_MIN has no positive counterpart */
    for (; i < text.len; i++) {
        int digit = text.ptr[i] - '0';
        if (digit < 0 || digit > 9 || value < (INT64_MIN + digit) / 10)
            return false;
        value = value * 10 - digit;
    }
    if (!negative && value == INT64_MIN)
        return false;
    *out = negative ? value : -value;
    return true;
}

struct str str_copy(struct arena *arena, struct str text)
{
    char *bytes = arena_alloc(arena, text.len + 1);
    if (text.len)
        memcpy(bytes, text.ptr, text.len);
    return (struct str){ bytes, text.len };
}

struct str str_lower(struct arena *arena, struct str text)
{
    char *bytes = arena_alloc(arena, text.len + 1);
    for (size_t i = 0; i < text.len; i++)
        bytes[i] = lower_char(text.ptr[i]);
    return (struct str){ bytes, text.len };
}

struct str str_format_list(struct arena *arena, const char *format, va_list arguments)
{
    va_list measure;
    va_copy(measure, arguments);
    int length = vsnprintf(NULL, 0, format, measure);
    va_end(measure);
    if (length <= 0)
        return (struct str){ "", 0 };
    char *bytes = arena_alloc(arena, (size_t)length + 1);
    vsnprintf(bytes, (size_t)length + 1, format, arguments);
    return (struct str){ bytes, (size_t)length };
}

struct str str_format(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct str text = str_format_list(arena, format, arguments);
    va_end(arguments);
    return text;
}

void str_join(struct arena *arena, struct str *list, const char *separator, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const struct str item = str_format_list(arena, format, arguments);
    va_end(arguments);
    *list = str_is_empty(*list) ? item : str_format(arena, "%.*s%s%.*s", STR_ARG(*list), separator, STR_ARG(item));
}

const char *str_c(struct arena *arena, struct str text)
{
    return str_copy(arena, text).ptr;
}

/* Length of the valid UTF-8 sequence at `bytes`, or 0 (RFC 3629, section 4). */
static size_t utf8_length(const unsigned char *bytes, size_t left)
{
    static const struct {
        unsigned char first, last, second_min, second_max;
        size_t length;
    } rows[] = {
        { 0x00, 0x7f, 0,    0,    1 },
        { 0xc2, 0xdf, 0x80, 0xbf, 2 },
        { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
        { 0xe1, 0xec, 0x80, 0xbf, 3 },
        { 0xed, 0xed, 0x80, 0x9f, 3 },
        { 0xee, 0xef, 0x80, 0xbf, 3 },
        { 0xf0, 0xf0, 0x90, 0xbf, 4 },
        { 0xf1, 0xf3, 0x80, 0xbf, 4 },
        { 0xf4, 0xf4, 0x80, 0x8f, 4 },
    };
    for (size_t row = 0; row < ARRAY_LENGTH(rows); row++) {
        if (bytes[0] < rows[row].first || bytes[0] > rows[row].last)
            continue;
        if (rows[row].length > left)
            return 0;
        for (size_t i = 1; i < rows[row].length; i++) {
            unsigned char low = i == 1 ? rows[row].second_min : 0x80;
            unsigned char high = i == 1 ? rows[row].second_max : 0xbf;
            if (bytes[i] < low || bytes[i] > high)
                return 0;
        }
        return rows[row].length;
    }
    return 0;
}

bool str_is_utf8(struct str text)
{
    for (size_t i = 0; i < text.len;) {
        size_t length = utf8_length((const unsigned char *)text.ptr + i, text.len - i);
        if (!length)
            return false;
        i += length;
    }
    return true;
}

/* Length of a sequence that may be shown as it is, or 0. */
static size_t printable_length(const char *bytes, size_t left)
{
    unsigned char first = (unsigned char)bytes[0];
    if ((first < 0x20 && first != '\n' && first != '\t') || first == 0x7f)
        return 0;
    return utf8_length((const unsigned char *)bytes, left);
}

struct str str_printable(struct arena *arena, struct str text)
{
    size_t bad = 0;
    for (size_t i = 0; i < text.len;) {
        size_t length = printable_length(text.ptr + i, text.len - i);
        bad += length == 0;
        i += length ? length : 1;
    }
    if (!bad)
        return text;
    const size_t mark_bytes = sizeof(replacement_character) - 1;
    char *out = arena_alloc(arena, text.len + bad * (mark_bytes - 1) + 1);
    size_t used = 0;
    for (size_t i = 0; i < text.len;) {
        size_t length = printable_length(text.ptr + i, text.len - i);
        memcpy(out + used, length ? text.ptr + i : replacement_character, length ? length : mark_bytes);
        used += length ? length : mark_bytes;
        i += length ? length : 1;
    }
    return (struct str){ out, used };
}

void str_builder_init(struct str_builder *builder, struct arena *arena, size_t max_bytes)
{
    *builder = (struct str_builder){ .arena = arena, .max_bytes = max_bytes };
}

bool str_builder_add(struct str_builder *builder, struct str text, struct err *err)
{
    if (text.len > builder->max_bytes - builder->len)
        return err_set(err, ERR_INVALID, "a text of more than %zu bytes", builder->max_bytes);
    size_t needed = builder->len + text.len;
    if (needed >= builder->capacity) {
        size_t capacity = builder->capacity ? builder->capacity * 2 : 128;
        if (capacity <= needed)
            capacity = needed + 1;
        char *bytes = arena_alloc(builder->arena, capacity);
        if (builder->len)
            memcpy(bytes, builder->ptr, builder->len);
        builder->ptr = bytes;
        builder->capacity = capacity;
    }
    if (text.len)
        memcpy(builder->ptr + builder->len, text.ptr, text.len);
    builder->len = needed;
    builder->ptr[needed] = '\0';
    return true;
}

bool str_builder_add_char(struct str_builder *builder, char character, struct err *err)
{
    return str_builder_add(builder, (struct str){ &character, 1 }, err);
}

bool str_builder_format(struct str_builder *builder, struct err *err, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct str text = str_format_list(builder->arena, format, arguments);
    va_end(arguments);
    return str_builder_add(builder, text, err);
}

struct str str_builder_text(const struct str_builder *builder)
{
    return (struct str){ builder->ptr ? builder->ptr : "", builder->len };
}
