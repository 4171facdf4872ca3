/* SPDX-License-Identifier: MPL-2.0 */
#include <stdlib.h>
#include <string.h>

#include "aws/credentials/profile/command_line.h"
#include "tests/fuzz/target.h"

/* Each word in single quotes, as a shell would be given it: each byte grows to four at most. */
static struct str quote(struct arena *arena, const struct command_line *line, struct err *err)
{
    struct str_builder quoted;
    str_builder_init(&quoted, arena, COMMAND_LINE_MAX_BYTES);
    for (size_t i = 0; i < line->count; i++) {
        bool is_done = str_builder_add(&quoted, STR(" '"), err);
        for (const char *at = line->words[i]; is_done && *at; at++)
            is_done =
                *at == '\'' ? str_builder_add(&quoted, STR("'\\''"), err) : str_builder_add_char(&quoted, *at, err);
        if (!is_done || !str_builder_add(&quoted, STR("'"), err))
            abort();
    }
    return str_builder_text(&quoted);
}

/* What was split, quoted and split again gives the same words. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct arena *arena = arena_new();
    struct command_line line, again;
    CLEANUP(err_clear) struct err err = { 0 };
    if (size < COMMAND_LINE_MAX_BYTES / 8 &&
        command_line_split(arena, (struct str){ (const char *)bytes, size }, &line, &err)) {
        if (line.words[line.count] || !command_line_split(arena, quote(arena, &line, &err), &again, &err) ||
            again.count != line.count)
            abort();
        for (size_t i = 0; i < line.count; i++)
            if (strcmp(line.words[i], again.words[i]) != 0)
                abort();
    }
    arena_free(arena);
    return 0;
}
