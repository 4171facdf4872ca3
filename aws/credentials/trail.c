/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/trail.h"

#include <stdarg.h>

/* After ExpiredToken the same source is asked again. */
static bool is_repeated(const struct aws_credentials_trail *trail, const struct aws_credentials_step *new_step)
{
    for (const struct aws_credentials_step *step = trail->first; step; step = step->next)
        if (step->verdict == AWS_USED && new_step->verdict == AWS_USED && str_equal(step->text, new_step->text))
            return true;
    return false;
}

void aws_credentials_note(struct aws_credentials_trail *trail, enum aws_verdict verdict, const char *format, ...)
{
    if (!trail || trail->is_closed)
        return;
    struct aws_credentials_step *step = ARENA_NEW(trail->arena, struct aws_credentials_step);
    va_list arguments;
    va_start(arguments, format);
    step->text = str_format_list(trail->arena, format, arguments);
    va_end(arguments);
    step->verdict = verdict;
    if (is_repeated(trail, step))
        return;
    if (trail->last)
        trail->last->next = step;
    else
        trail->first = step;
    trail->last = step;
}

void aws_credentials_close(struct aws_credentials_trail *trail)
{
    if (trail)
        trail->is_closed = true;
}
