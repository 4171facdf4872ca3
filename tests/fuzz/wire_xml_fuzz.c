/* SPDX-License-Identifier: MPL-2.0 */
#include <stdlib.h>

#include "aws/wire/xml.h"
#include "tests/fuzz/target.h"

struct item {
    struct str name;
    struct wire_strings zones;
};

struct sample {
    struct str text;
    struct wire_bool flag;
    struct wire_int64 number;
    struct wire_strings strings, bare;
    struct aws_tags tags;
    struct {
        struct item *items;
        size_t count;
    } items;
    struct item nested;
};

static const struct wire_row item_rows[] = {
    WIRE_BOTH(struct item, name, "n"),
    WIRE_LIST(struct item, zones, "z", "i"),
    WIRE_END,
};

static const struct wire_row rows[] = {
    WIRE_BOTH(struct sample, text, "t"),
    WIRE_BOTH(struct sample, flag, "f"),
    WIRE_BOTH(struct sample, number, "d"),
    WIRE_LIST(struct sample, strings, "l", "i"),
    WIRE_LIST(struct sample, bare, "b", NULL),
    WIRE_LIST(struct sample, tags, "T", "i"),
    WIRE_ITEMS(struct sample, items, item_rows, "L", "i", "L", "i"),
    WIRE_NESTED(struct sample, nested, item_rows, "N"),
    WIRE_END,
};

static void check(struct str text)
{
    if (!str_is_utf8(text))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const struct wire_xml shape = { .path = "R/S", .rows = rows, .out_size = sizeof(struct sample) };
    struct arena *arena = arena_new();
    struct sample sample;
    CLEANUP(err_clear) struct err err = { 0 };
    wire_xml_init();
    if (wire_xml_read(arena, (struct str){ (const char *)bytes, size }, &shape, &sample, &err)) {
        check(sample.text);
        for (size_t i = 0; i < sample.items.count; i++)
            check(sample.items.items[i].name);
        for (size_t i = 0; i < sample.tags.count; i++)
            check(sample.tags.items[i].value);
    } else if (err.kind != ERR_IO && err.kind != ERR_INVALID) {
        abort();
    }
    arena_free(arena);
    return 0;
}
