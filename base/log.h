/* SPDX-License-Identifier: MPL-2.0
 *
 * Log lines: one JSON object per line with @timestamp, @level, @module and
 * @message, every other key a string (the form that HashiCorp's hosts read from
 * a plugin's stderr; a member of another type makes them panic). Lines are made
 * valid UTF-8, cut at LOG_MAX_LINE_BYTES and written whole. A reader that no
 * longer reads cannot stop the program: after a second a line is dropped, those
 * that follow without another second, and the next one that passes says how many
 * were.
 *
 * Never pass a secret: nothing is redacted here.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/clock.h"
#include "base/str.h"

enum { LOG_MAX_LINE_BYTES = 16 * 1024 };

enum log_level { LOG_TRACE, LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG_OFF };

struct log_field {
    const char *key;
    struct str value;
};

struct log;

/* Writes lines of `level` and above to `descriptor`, which stays the caller's.
 * `module` is kept. */
struct log *log_new(int descriptor, enum log_level level, const struct clock *clock, const char *module);
void log_free(struct log *log); /* accepts NULL */

/* A log that adds these fields to each line; lives in the arena, borrows the
 * parent and the values. `fields` ends with a row whose key is NULL. */
struct log *log_with(struct arena *arena, struct log *parent, const struct log_field *fields);

bool log_is_on(const struct log *log, enum log_level level);
/* `fields` may be NULL. Does not fail. A NULL log is silent. */
void log_write(struct log *log, enum log_level level, const struct log_field *fields, const char *format, ...)
    PRINTF_LIKE(4, 5);

/* "trace" to "error", "off", "json" (= trace), any case; anything else, or
 * nothing, is `otherwise`. */
enum log_level log_level_from(struct str name, enum log_level otherwise);

#endif
