/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/copy/note.h"

static const char version[] = "1";

struct str note_write(struct arena *arena, const struct replacement_note *note)
{
    return str_format(arena, "%s\n%.*s\n%.*s\n%.*s", version, STR_ARG(note->arn), STR_ARG(note->source_arn),
                      STR_ARG(note->kms_key_id));
}

bool note_parse(struct str text, struct replacement_note *out)
{
    struct replacement_note note;
    struct str number;
    struct str *const lines[] = { &number, &note.arn, &note.source_arn, &note.kms_key_id };
    for (size_t i = 0; i < ARRAY_LENGTH(lines); i++)
        if (!str_next(&text, '\n', lines[i]))
            return false;
    if (text.ptr || !str_equal(number, str_from(version)))
        return false;
    *out = note;
    return true;
}
