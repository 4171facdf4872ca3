/* SPDX-License-Identifier: MPL-2.0
 *
 * Errors. A function that can fail returns bool and takes `struct err *err`
 * last; raising is one line, `return err_set(err, ERR_NOT_FOUND, "...")`, and
 * callers add context by wrapping. Code branches on the kind, never on a text.
 * An error owns its texts (fixed sizes, longer ones are cut): it can be copied
 * by value and outlives every arena. It never contains a secret.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

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

struct err {
    enum err_kind kind;
    /* A request that changes something was sent and no answer came: it may have taken effect. */
    bool unanswered;
    char text[2048];
    char remedy[4096]; /* what the user can do about it; empty when unknown */
    char path[128];    /* Terraform argument, "timeouts.create"; empty when none */
    /* Where it came from, for calls to a remote service; empty otherwise. */
    char code[96];
    char operation[64];
    char request_id[80];
    char account[16];
    char region[32];
};

/* Both are false, and the compiler can see it. err_set forgets what was there
 * before; err_wrap puts "<context>: " before the text and keeps everything else. */
#define err_set(err, kind, ...) (err_fill((err), (kind), __VA_ARGS__), err_is_raised())
#define err_wrap(err, ...) (err_add_context((err), __VA_ARGS__), err_is_raised())

void err_fill(struct err *err, enum err_kind kind, const char *format, ...) PRINTF_LIKE(3, 4);
void err_add_context(struct err *err, const char *format, ...) PRINTF_LIKE(2, 3);
static inline bool err_is_raised(void)
{
    return false;
}

/* Fill one member, cut to its size. */
void err_set_path(struct err *err, const char *path);
void err_set_remedy(struct err *err, const char *format, ...) PRINTF_LIKE(2, 3);

const char *err_kind_name(enum err_kind kind);

#endif
