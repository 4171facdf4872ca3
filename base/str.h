/* SPDX-License-Identifier: MPL-2.0
 *
 * Strings: `struct str` is a borrowed view (pointer and length, by value, not
 * necessarily NUL-terminated); growing text is a builder whose maximum is given
 * when it is set up. Case rules are ASCII only: AWS names and Terraform
 * identifiers are ASCII, and nothing here depends on the locale.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

struct str {
    const char *ptr; /* may be NULL when len is 0 */
    size_t len;
};

#define STR(literal) ((struct str){ "" literal, sizeof(literal) - 1 })
/* For "%.*s". Longer than INT_MAX does not occur: every input has a limit. It is two
 * arguments and evaluates its own three times: a call in it is refused by a lint. */
#define STR_ARG(text) (int)(text).len, (text).ptr ? (text).ptr : ""

struct str str_from(const char *text); /* borrows; NULL gives the empty string */
bool str_is_empty(struct str text);
bool str_equal(struct str a, struct str b);
bool str_equal_ignore_case(struct str a, struct str b);
int str_compare(struct str a, struct str b); /* byte order, as memcmp */
bool str_starts_with(struct str text, struct str prefix);
bool str_ends_with(struct str text, struct str suffix);
/* Position of the first `needle`, or -1. */
ptrdiff_t str_find(struct str text, struct str needle);
ptrdiff_t str_find_char(struct str text, char wanted);
struct str str_slice(struct str text, size_t from, size_t to); /* clamped to the text */
struct str str_trim(struct str text);                          /* spaces, tabs, CR, LF at both ends */
/* Cuts the text before the first `separator` off `*rest`; the last piece is
 * what is left. Returns false when `rest->ptr` is NULL, after the last piece. */
bool str_next(struct str *rest, char separator, struct str *out);
/* Decimal, the whole text, no blanks. */
MUST_USE bool str_to_int64(struct str text, int64_t *out);

/* The results live in the arena and are NUL-terminated after their last byte. */
struct str str_copy(struct arena *arena, struct str text);
struct str str_lower(struct arena *arena, struct str text);
struct str str_format(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);
struct str str_format_list(struct arena *arena, const char *format, va_list arguments) PRINTF_LIKE(2, 0);
/* One item more at the end of a list; `separator` goes before every item but the first. */
void str_join(struct arena *arena, struct str *list, const char *separator, const char *format, ...) PRINTF_LIKE(4, 5);
const char *str_c(struct arena *arena, struct str text);
/* Text from outside: invalid UTF-8 and control characters other than newline
 * and tab become U+FFFD. Returns the text itself when it is clean. */
struct str str_printable(struct arena *arena, struct str text);
bool str_is_utf8(struct str text);

struct str_builder {
    struct arena *arena;
    char *ptr;
    size_t len;
    size_t capacity;
    size_t max_bytes;
};

void str_builder_init(struct str_builder *builder, struct arena *arena, size_t max_bytes);
/* Each fails with ERR_INVALID, and adds nothing, when the maximum would be passed. */
MUST_USE bool str_builder_add(struct str_builder *builder, struct str text, struct err *err);
MUST_USE bool str_builder_add_char(struct str_builder *builder, char character, struct err *err);
MUST_USE bool str_builder_format(struct str_builder *builder, struct err *err, const char *format, ...)
    PRINTF_LIKE(3, 4);
struct str str_builder_text(const struct str_builder *builder); /* borrowed until the next add */

#endif
