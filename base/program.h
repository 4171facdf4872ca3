/* SPDX-License-Identifier: MPL-2.0
 *
 * Runs a program to its end and gives what it printed, within limits. No shell, no
 * standard input, no descriptor of this process (base/linux/child.h); the wait is on
 * the caller's waiter. Its words and what it printed are the caller's secrets: nothing
 * of them is in an error of this module, which the caller begins with a name.
 */
#ifndef BASE_PROGRAM_H
#define BASE_PROGRAM_H

#include "base/env.h"
#include "base/waiter.h"

struct program_options {
    const char *const *words; /* the first is a path, or a name that PATH leads to; NULL ends them */
    struct env env;           /* the program's, with PATH */
    size_t output_max_bytes;
    size_t errors_max_bytes; /* of standard error, the end of it */
};

enum program_end {
    PROGRAM_EXITED,   /* with the status `code` */
    PROGRAM_KILLED,   /* by the signal `code` */
    PROGRAM_TOO_LONG, /* it had not ended at `until_ms`, and was killed for it */
    PROGRAM_TOO_MUCH  /* it printed more than `output_max_bytes`, and was killed for it */
};

struct program_outcome {
    enum program_end end;
    int code;
    bool is_left; /* it was to be killed and goes on: it is another user's (sudo), or the system holds it */
    struct str output, errors; /* in the arena; `errors` is without a line whose beginning is lost */
};

/* Returns when the program has ended, or was killed and some moments have passed; processes that it left behind may go on, and what they print later is lost.
 * Where it is killed, the processes below it are too; shortly before, all are interrupted as by Ctrl-C. Errors:
 * ERR_NOT_FOUND: there is no such program; ERR_DENIED: it may not be run; ERR_INVALID: it is none (no "#!" line), or
 * its words are too long; ERR_CANCELLED; ERR_IO: the system cannot start it. `until_ms` is monotonic. */
MUST_USE bool program_run(struct arena *arena, const struct program_options *options, struct waiter *waiter,
                          int64_t until_ms, struct program_outcome *out, struct err *err);

#endif
