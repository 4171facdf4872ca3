/* SPDX-License-Identifier: MPL-2.0 */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A text that fills its member may have been cut inside a character, and half a
 * character is not UTF-8: what comes out of here ends up in protocol messages. */
static void drop_half_character(char *text, size_t size)
{
    size_t length = strnlen(text, size);
    if (length + 1 < size)
        return;
    size_t start = length;
    while (start > 0 && length - start < 3 && ((unsigned char)text[start - 1] & 0xc0) == 0x80)
        start--;
    if (start == 0)
        return;
    unsigned char first = (unsigned char)text[start - 1];
    size_t wanted = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
    if (length - (start - 1) < wanted)
        text[start - 1] = '\0';
}

static void format_text(char *out, size_t size, const char *format, va_list arguments)
{
    if (vsnprintf(out, size, format, arguments) < 0)
        out[0] = '\0';
    drop_half_character(out, size);
}

void err_fill(struct err *err, enum err_kind kind, const char *format, ...)
{
    struct err fresh = { .kind = kind };
    va_list arguments;
    va_start(arguments, format);
    format_text(fresh.text, sizeof(fresh.text), format, arguments);
    va_end(arguments);
    *err = fresh;
}

void err_add_context(struct err *err, const char *format, ...)
{
    char context[sizeof(err->text)];
    char inner[sizeof(err->text)];
    va_list arguments;
    va_start(arguments, format);
    format_text(context, sizeof(context), format, arguments);
    va_end(arguments);
    memcpy(inner, err->text, sizeof(inner));
    size_t used = strnlen(context, sizeof(context) - 1);
    memcpy(err->text, context, used);
    int written = snprintf(err->text + used, sizeof(err->text) - used, ": %s", inner);
    if (written < 0)
        err->text[used] = '\0';
    drop_half_character(err->text, sizeof(err->text));
}

void err_set_path(struct err *err, const char *path)
{
    size_t length = strnlen(path, sizeof(err->path) - 1);
    memcpy(err->path, path, length);
    err->path[length] = '\0';
    drop_half_character(err->path, sizeof(err->path));
}

void err_set_remedy(struct err *err, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    format_text(err->remedy, sizeof(err->remedy), format, arguments);
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
