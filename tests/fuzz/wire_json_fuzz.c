/* SPDX-License-Identifier: MPL-2.0 */
#include <stdlib.h>

#include "aws/wire/json.h"
#include "tests/fuzz/target.h"

struct item {
    struct str name;
};

struct sample {
    struct str text;
    struct wire_bool flag;
    struct wire_int64 number;
    struct wire_strings strings;
    struct aws_tags tags;
    struct {
        struct item *items;
        size_t count;
    } items;
    struct item nested;
};

static const struct wire_row item_rows[] = {
    WIRE_BOTH(struct item, name, "n"),
    WIRE_END,
};

static const struct wire_row rows[] = {
    WIRE_BOTH(struct sample, text, "t"),
    WIRE_BOTH(struct sample, flag, "f"),
    WIRE_BOTH(struct sample, number, "d"),
    WIRE_LIST(struct sample, strings, "l", NULL),
    WIRE_LIST(struct sample, tags, "T", NULL),
    WIRE_ITEMS(struct sample, items, item_rows, "L", NULL, "L", NULL),
    WIRE_NESTED(struct sample, nested, item_rows, "N"),
    WIRE_END,
};

/* What was read is written, and reads the same again. */
static void check_round_trip(struct arena *arena, const struct wire_json *shape, const struct sample *sample)
{
    struct str once, twice;
    struct sample again;
    CLEANUP(err_clear) struct err err = { 0 };
    if (!wire_json_write(arena, shape, sample, &once, &err)) {
        if (err.kind != ERR_INVALID) /* too long */
            abort();
        return;
    }
    if (!wire_json_read(arena, once, shape, &again, &err) || !wire_json_write(arena, shape, &again, &twice, &err) ||
        !str_equal(once, twice))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const struct wire_json shape = { .rows = rows, .out_size = sizeof(struct sample) };
    struct arena *arena = arena_new();
    struct sample sample;
    CLEANUP(err_clear) struct err err = { 0 };
    if (wire_json_read(arena, (struct str){ (const char *)bytes, size }, &shape, &sample, &err))
        check_round_trip(arena, &shape, &sample);
    else if (err.kind != ERR_IO && err.kind != ERR_INVALID)
        abort();
    arena_free(arena);
    return 0;
}
