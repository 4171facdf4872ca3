/* SPDX-License-Identifier: MPL-2.0
 *
 * The words of a command line, by the quoting rules of a POSIX shell and nothing else of
 * it: no variable, no ~, no pattern, no operator. As Python's shlex.split, by which
 * botocore reads credential_process:
 *
 *   blank, tab, CR, LF   separate words
 *   'x'                  is taken as it is
 *   "x"                  too, but \" and \\ are " and \
 *   \x                   outside of quotes: x, whatever it is
 */
#ifndef AWS_CREDENTIALS_PROFILE_COMMAND_LINE_H
#define AWS_CREDENTIALS_PROFILE_COMMAND_LINE_H

#include "base/str.h"

enum { COMMAND_LINE_MAX_BYTES = 64 * 1024 };

struct command_line {
    const char **words; /* in the arena; NULL ends them */
    size_t count;       /* may be 0 */
};

/* Errors: ERR_INVALID: a quote without its end, a backslash with nothing behind it, a NUL, more than
 * COMMAND_LINE_MAX_BYTES. No part of the text is in an error. */
MUST_USE bool command_line_split(struct arena *arena, struct str text, struct command_line *out, struct err *err);

#endif
