/* SPDX-License-Identifier: MPL-2.0 */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"

enum { TEXT_MAX_BYTES = 2047, REMEDY_MAX_BYTES = 4095, LONGEST_BYTES = 4096 };
_Static_assert(LONGEST_BYTES > REMEDY_MAX_BYTES && LONGEST_BYTES >= 2 * TEXT_MAX_BYTES + 2,
               "a text is cut after it was formatted: put() cuts between characters");

static const size_t limits[ERR_PARTS] = {
    [ERR_TEXT] = TEXT_MAX_BYTES, [ERR_REMEDY] = REMEDY_MAX_BYTES, [ERR_PATH] = 127,   [ERR_CODE] = 95,
    [ERR_OPERATION] = 63,        [ERR_REQUEST_ID] = 79,           [ERR_ACCOUNT] = 15, [ERR_REGION] = 31,
};

size_t err_part_limit(enum err_part part)
{
    return limits[part];
}

/* A text that was cut may have been cut inside a character, and half a character
 * is not UTF-8: what comes out of here ends up in protocol messages. */
static size_t without_half_character(const char *text, size_t length)
{
    size_t start = length;
    while (start > 0 && length - start < 3 && ((unsigned char)text[start - 1] & 0xc0) == 0x80)
        start--;
    if (start == 0)
        return length;
    unsigned char first = (unsigned char)text[start - 1];
    size_t wanted = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
    return length - (start - 1) < wanted ? start - 1 : length;
}

/* `text` may be a part of `err`. */
static void put(struct err *err, enum err_part part, const char *text)
{
    size_t length = strnlen(text, limits[part] + 1);
    if (length > limits[part])
        length = without_half_character(text, limits[part]);
    char *own = length ? mem_alloc(length + 1) : NULL;
    if (own)
        memcpy(own, text, length);
    mem_free(err->parts[part]);
    err->parts[part] = own;
}

static void put_format(struct err *err, enum err_part part, const char *format, va_list arguments)
{
    char text[LONGEST_BYTES + 1];
    if (vsnprintf(text, sizeof(text), format, arguments) < 0)
        text[0] = '\0';
    put(err, part, text);
}

void err_clear(struct err *err)
{
    for (size_t i = 0; i < ERR_PARTS; i++)
        mem_free(err->parts[i]);
    *err = (struct err){ 0 };
}

void err_move(struct err *to, struct err *from)
{
    if (to == from)
        return;
    err_clear(to);
    *to = *from;
    *from = (struct err){ 0 };
}

void err_copy(struct err *to, const struct err *from)
{
    for (size_t i = 0; i < ERR_PARTS; i++)
        put(to, (enum err_part)i, err_part(from, (enum err_part)i));
    to->kind = from->kind;
    to->unanswered = from->unanswered;
}

void err_fill(struct err *err, enum err_kind kind, const char *format, ...)
{
    struct err fresh = { .kind = kind };
    va_list arguments;
    va_start(arguments, format);
    put_format(&fresh, ERR_TEXT, format, arguments);
    va_end(arguments);
    err_move(err, &fresh);
}

void err_add_context(struct err *err, const char *format, ...)
{
    char text[LONGEST_BYTES + 1];
    va_list arguments;
    va_start(arguments, format);
    int used = vsnprintf(text, limits[ERR_TEXT] + 1, format, arguments);
    va_end(arguments);
    size_t length = used < 0 ? 0 : strnlen(text, limits[ERR_TEXT]);
    snprintf(text + length, sizeof(text) - length, ": %s", err_text(err));
    put(err, ERR_TEXT, text);
}

void err_set_part(struct err *err, enum err_part part, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    put_format(err, part, format, arguments);
    va_end(arguments);
}

void err_add_remedy(struct err *err, const char *format, ...)
{
    char text[LONGEST_BYTES + 1];
    const char *known = err_remedy(err);
    int used = snprintf(text, sizeof(text), "%s%s", known, known[0] ? "\n\n" : "");
    size_t length = used < 0 ? 0 : strnlen(text, sizeof(text) - 1);
    va_list arguments;
    va_start(arguments, format);
    if (vsnprintf(text + length, sizeof(text) - length, format, arguments) >= 0)
        put(err, ERR_REMEDY, text);
    va_end(arguments);
}

const char *err_kind_name(enum err_kind kind)
{
    static const char *const names[] = {
        [ERR_NONE] = "none",           [ERR_INVALID] = "invalid",     [ERR_DENIED] = "denied",
        [ERR_NOT_FOUND] = "not found", [ERR_CONFLICT] = "conflict",   [ERR_THROTTLED] = "throttled",
        [ERR_TIMEOUT] = "timeout",     [ERR_CANCELLED] = "cancelled", [ERR_IO] = "input/output",
        [ERR_INTERNAL] = "internal",
    };
    return names[kind];
}
