/* SPDX-License-Identifier: MPL-2.0 */
#include "base/log.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MESSAGE_MAX_BYTES = 8 * 1024, FIELD_MAX_BYTES = 2 * 1024, READER_PATIENCE_MS = 1000 };

struct sink {
    int descriptor;
    enum log_level level;
    struct clock clock;
    const char *module;
    pthread_mutex_t lock;
    unsigned long dropped; /* since the last line that passed; no more patience while there are any */
    /* The end of a line that was begun when the reader stopped reading: it goes
     * first, so that lines stay whole. */
    char rest[LOG_MAX_LINE_BYTES];
    size_t rest_length;
};

struct log {
    struct sink *sink;
    const struct log *parent;
    const struct log_field *fields;
};

static const char *const level_names[] = {
    [LOG_TRACE] = "trace", [LOG_DEBUG] = "debug", [LOG_INFO] = "info",
    [LOG_WARN] = "warn",   [LOG_ERROR] = "error", [LOG_OFF] = "off",
};

struct log *log_new(int descriptor, enum log_level level, const struct clock *clock, const char *module)
{
    struct sink *sink = mem_alloc(sizeof(*sink));
    sink->descriptor = descriptor;
    sink->level = level;
    sink->clock = *clock;
    sink->module = module;
    pthread_mutex_init(&sink->lock, NULL);
    struct log *log = mem_alloc(sizeof(*log));
    log->sink = sink;
    return log;
}

void log_free(struct log *log)
{
    if (!log)
        return;
    pthread_mutex_destroy(&log->sink->lock);
    mem_free(log->sink);
    mem_free(log);
}

struct log *log_with(struct arena *arena, struct log *parent, const struct log_field *fields)
{
    if (!parent)
        return NULL;
    size_t count = 1;
    while (fields[count - 1].key)
        count++;
    struct log *log = ARENA_NEW(arena, struct log);
    log->sink = parent->sink;
    log->parent = parent;
    log->fields = arena_copy(arena, fields, count * sizeof(*fields));
    return log;
}

bool log_is_on(const struct log *log, enum log_level level)
{
    return log && level >= log->sink->level && level < LOG_OFF;
}

/* A line being built; what does not fit is left out, the closing brace always fits. */
struct line {
    char bytes[LOG_MAX_LINE_BYTES];
    size_t length;
};

static void put(struct line *line, const char *bytes, size_t length)
{
    size_t room = sizeof(line->bytes) - 4 - line->length; /* closing quote, brace, newline, and a margin */
    if (length > room)
        length = room;
    memcpy(line->bytes + line->length, bytes, length);
    line->length += length;
}

static void put_escaped(struct line *line, struct str text, size_t max_bytes)
{
    size_t stop = line->length + max_bytes;
    for (size_t i = 0; i < text.len; i++) {
        char escape[8];
        int length;
        unsigned char byte = (unsigned char)text.ptr[i];
        if (byte == '"' || byte == '\\')
            length = snprintf(escape, sizeof(escape), "\\%c", byte);
        else if (byte < 0x20 || byte == 0x7f)
            length = snprintf(escape, sizeof(escape), "\\u%04x", byte);
        else
            length = snprintf(escape, sizeof(escape), "%c", byte);
        /* A multi-byte character is taken whole or not at all. */
        bool starts_character = (byte & 0xc0) != 0x80;
        if (starts_character && (line->length + 8 > stop || line->length + 16 > sizeof(line->bytes)))
            return;
        put(line, escape, (size_t)length);
    }
}

static void put_pair(struct line *line, const char *key, struct str value, size_t max_bytes)
{
    put(line, line->length ? "," : "{", 1);
    put(line, "\"", 1);
    put_escaped(line, str_from(key), FIELD_MAX_BYTES);
    put(line, "\":\"", 3);
    put_escaped(line, value, max_bytes);
    put(line, "\"", 1);
}

static void put_fields(struct line *line, struct arena *arena, const struct log_field *fields)
{
    for (; fields && fields->key; fields++)
        if (line->length + FIELD_MAX_BYTES + 512 < sizeof(line->bytes))
            put_pair(line, fields->key, str_printable(arena, fields->value), FIELD_MAX_BYTES);
}

static void put_timestamp(struct line *line, const struct clock *clock)
{
    int64_t now_ms = clock_wall_ms(clock);
    time_t seconds = (time_t)(now_ms / 1000);
    struct tm parts;
    char text[64];
    gmtime_r(&seconds, &parts);
    size_t length = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(text + length, sizeof(text) - length, ".%06dZ", (int)(now_ms % 1000) * 1000);
    put_pair(line, "@timestamp", str_from(text), FIELD_MAX_BYTES);
}

/* In pieces of at most PIPE_BUF bytes, which a writable pipe takes without
 * blocking. Returns how many bytes passed. */
static size_t write_patiently(const struct sink *sink, const char *bytes, size_t length)
{
    size_t used = 0;
    while (used < length) {
        struct pollfd ready = { .fd = sink->descriptor, .events = POLLOUT };
        if (poll(&ready, 1, sink->dropped ? 0 : READER_PATIENCE_MS) <= 0 || ready.revents != POLLOUT)
            break;
        size_t left = length - used;
        ssize_t written = write(sink->descriptor, bytes + used, left < PIPE_BUF ? left : PIPE_BUF);
        if (written < 0 && errno != EINTR && errno != EAGAIN)
            break;
        if (written > 0)
            used += (size_t)written;
    }
    return used;
}

/* False: nothing of the line was written. What was begun is finished later. */
static bool write_whole(struct sink *sink, const struct line *line)
{
    if (sink->rest_length) {
        size_t passed = write_patiently(sink, sink->rest, sink->rest_length);
        sink->rest_length -= passed;
        memmove(sink->rest, sink->rest + passed, sink->rest_length);
        if (sink->rest_length)
            return false;
    }
    size_t passed = write_patiently(sink, line->bytes, line->length);
    if (passed && passed < line->length) {
        sink->rest_length = line->length - passed;
        memcpy(sink->rest, line->bytes + passed, sink->rest_length);
    }
    return passed > 0;
}

static void put_head(struct line *line, const struct sink *sink, enum log_level level, struct str message)
{
    put_timestamp(line, &sink->clock);
    put_pair(line, "@level", str_from(level_names[level]), FIELD_MAX_BYTES);
    put_pair(line, "@module", str_from(sink->module), FIELD_MAX_BYTES);
    put_pair(line, "@message", message, MESSAGE_MAX_BYTES);
}

static void put_end(struct line *line)
{
    memcpy(line->bytes + line->length, "}\n", 2);
    line->length += 2;
}

static bool write_dropped_note(struct sink *sink, struct arena *arena)
{
    struct line *note = ARENA_NEW(arena, struct line);
    put_head(note, sink, LOG_WARN,
             str_format(arena, "%lu log lines were dropped: the host did not read them", sink->dropped));
    put_end(note);
    return write_whole(sink, note);
}

static void emit(struct sink *sink, struct arena *arena, const struct line *line)
{
    pthread_mutex_lock(&sink->lock);
    if (sink->dropped && write_dropped_note(sink, arena))
        sink->dropped = 0;
    if (sink->dropped || !write_whole(sink, line))
        sink->dropped++;
    pthread_mutex_unlock(&sink->lock);
}

void log_write(struct log *log, enum log_level level, const struct log_field *fields, const char *format, ...)
{
    if (!log_is_on(log, level))
        return;
    char message[MESSAGE_MAX_BYTES];
    va_list arguments;
    va_start(arguments, format);
    if (vsnprintf(message, sizeof(message), format, arguments) < 0)
        message[0] = '\0';
    va_end(arguments);

    struct arena *arena = arena_new();
    struct line *line = ARENA_NEW(arena, struct line);
    put_head(line, log->sink, level, str_printable(arena, str_from(message)));
    put_fields(line, arena, fields);
    for (const struct log *outer = log; outer; outer = outer->parent)
        put_fields(line, arena, outer->fields);
    put_end(line);
    emit(log->sink, arena, line);
    arena_free(arena);
}

enum log_level log_level_from(struct str name, enum log_level otherwise)
{
    for (size_t level = 0; level < ARRAY_LENGTH(level_names); level++)
        if (str_equal_ignore_case(name, str_from(level_names[level])))
            return (enum log_level)level;
    return str_equal_ignore_case(name, STR("json")) ? LOG_TRACE : otherwise;
}
