/* SPDX-License-Identifier: MPL-2.0 */
#include <stdlib.h>

#include "aws/wire/query.h"
#include "tests/fuzz/target.h"

struct sample {
    struct str text;
    struct wire_strings strings;
    struct aws_tags tags;
};

static const struct wire_row rows[] = {
    WIRE_BOTH(struct sample, text, "t"),
    WIRE_LIST(struct sample, strings, "l", "m"),
    WIRE_LIST(struct sample, tags, "T", "Tag"),
    WIRE_END,
};

static bool is_safe(char character)
{
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
           (character >= '0' && character <= '9') || character == '-' || character == '_' || character == '.' ||
           character == '~' || character == '%' || character == '&' || character == '=';
}

/* The input's lines are the values. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct arena *arena = arena_new();
    struct sample sample = {
        .text = { (const char *)bytes, size },
        .strings = { .items = arena_array(arena, size + 1, sizeof(struct str)) },
        .tags = { .items = arena_array(arena, size + 1, sizeof(struct aws_tag)) }
    };
    struct str rest = sample.text, line;
    while (rest.ptr && str_next(&rest, '\n', &line)) {
        sample.strings.items[sample.strings.count++] = line;
        sample.tags.items[sample.tags.count++] = (struct aws_tag){ line, line };
    }
    const struct wire_query query = { .action = "A", .version = "1", .rows = rows, .input = &sample };
    struct str body;
    CLEANUP(err_clear) struct err err = { 0 };
    if (wire_query_write(arena, &query, &body, &err)) {
        for (size_t i = 0; i < body.len; i++)
            if (!is_safe(body.ptr[i]))
                abort();
    } else if (err.kind != ERR_INVALID) {
        abort();
    }
    arena_free(arena);
    return 0;
}
