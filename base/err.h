/* SPDX-License-Identifier: MPL-2.0
 *
 * Errors. A function that can fail returns bool and takes `struct err *err`
 * last; raising is one line, `return err_set(err, ERR_NOT_FOUND, "...")`, and
 * callers add context by wrapping. Code branches on the kind, never on a text.
 * After a success it says nothing. An error owns its texts (longer ones are cut):
 * it depends on no arena and crosses threads. It begins as { 0 }, its owner clears
 * it, and it is moved or copied by the functions below: `a = b` would free a text
 * twice (tests/lint/errors finds that). It never contains a secret.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

enum err_kind {
    ERR_NONE,
    ERR_INVALID, /* what was given is wrong: argument, file, reply */
    ERR_DENIED,  /* not allowed, or credentials missing or refused */
    ERR_NOT_FOUND,
    ERR_CONFLICT, /* exists already, or in a state that does not fit */
    ERR_THROTTLED,
    ERR_TIMEOUT,   /* a deadline passed */
    ERR_CANCELLED, /* stop was asked for */
    ERR_IO,        /* network, files, replies that cannot be read */
    ERR_INTERNAL   /* our own mistake */
};

enum err_part {
    ERR_TEXT,
    ERR_REMEDY, /* what the user can do about it; empty when unknown */
    ERR_PATH,   /* Terraform argument, "timeouts.create"; empty when none */
    /* Where it came from, for calls to a remote service; empty otherwise. */
    ERR_CODE,
    ERR_OPERATION,
    ERR_REQUEST_ID,
    ERR_ACCOUNT,
    ERR_REGION,
    ERR_PARTS
};

struct err {
    enum err_kind kind;
    /* A request that changes something was sent and no answer came: it may have taken effect. */
    bool unanswered;
    char *parts[ERR_PARTS]; /* its own; NULL: empty. Read by the functions below */
};

/* For a local error: CLEANUP(err_clear) struct err refusal = { 0 }; */
void err_clear(struct err *err);
/* Takes what `from` holds, which is { 0 } then. */
void err_move(struct err *to, struct err *from);
void err_copy(struct err *to, const struct err *from);

/* Both are false, and the compiler can see it. err_set forgets what was there
 * before; err_wrap puts "<context>: " before the text and keeps everything else.
 * What is formatted may be texts of `err`. */
#define err_set(err, kind, ...) (err_fill((err), (kind), __VA_ARGS__), err_is_raised())
#define err_wrap(err, ...) (err_add_context((err), __VA_ARGS__), err_is_raised())

void err_fill(struct err *err, enum err_kind kind, const char *format, ...) PRINTF_LIKE(3, 4);
void err_add_context(struct err *err, const char *format, ...) PRINTF_LIKE(2, 3);
static inline bool err_is_raised(void)
{
    return false;
}

/* The bytes that a part has at most. */
size_t err_part_limit(enum err_part part);
void err_set_part(struct err *err, enum err_part part, const char *format, ...) PRINTF_LIKE(3, 4);
/* A paragraph behind the remedy, or the first. */
void err_add_remedy(struct err *err, const char *format, ...) PRINTF_LIKE(2, 3);
#define err_set_path(err, path) err_set_part((err), ERR_PATH, "%s", (path))
#define err_set_remedy(err, ...) err_set_part((err), ERR_REMEDY, __VA_ARGS__)

/* Never NULL; valid until the error is changed, moved or cleared: a local one's until it leaves scope. */
static inline const char *err_part(const struct err *err, enum err_part part)
{
    return err->parts[part] ? err->parts[part] : "";
}

static inline const char *err_text(const struct err *err)
{
    return err_part(err, ERR_TEXT);
}

static inline const char *err_remedy(const struct err *err)
{
    return err_part(err, ERR_REMEDY);
}

static inline const char *err_path(const struct err *err)
{
    return err_part(err, ERR_PATH);
}

static inline const char *err_code(const struct err *err)
{
    return err_part(err, ERR_CODE);
}

const char *err_kind_name(enum err_kind kind);

#endif
