/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/wire/rows.h"

#include <string.h>

#include "aws/limits.h"

struct wire_budget wire_budget_full(void)
{
    return (struct wire_budget){ .items = AWS_ITEMS_MAX_COUNT, .bytes = WIRE_MAX_BYTES };
}

void *wire_take(struct wire_budget *budget, struct arena *arena, size_t size, struct err *err)
{
    if (size > budget->bytes) {
        err_set(err, ERR_INVALID, "its values take more than %d MiB", WIRE_MAX_BYTES / (1024 * 1024));
        return NULL;
    }
    const size_t held = arena_held(arena);
    void *memory = arena_alloc(arena, size);
    const size_t grown = arena_held(arena) - held;
    budget->bytes -= grown < budget->bytes ? grown : budget->bytes;
    return memory;
}

void *wire_take_items(struct wire_budget *budget, struct arena *arena, const struct wire_row *row, size_t count,
                      struct err *err)
{
    const bool is_counted = row->kind == WIRE_STRUCTS;
    if (!is_counted && count > WIRE_MAX_VALUES) {
        err_set(err, ERR_INVALID, "a list in it has more than %d tags or texts", WIRE_MAX_VALUES);
        return NULL;
    }
    if (is_counted && count > budget->items) {
        err_set(err, ERR_INVALID, "it lists more than %d items", AWS_ITEMS_MAX_COUNT);
        return NULL;
    }
    if (is_counted)
        budget->items -= count;
    return wire_take(budget, arena, count * row->element_size, err);
}

/* What is absent stays so. */
static struct str kept(struct arena *arena, struct str text)
{
    return text.ptr ? str_copy(arena, text) : text;
}

static void keep_strings(struct arena *arena, struct wire_strings *strings)
{
    struct str *items = arena_array(arena, strings->count, sizeof(*items));
    for (size_t i = 0; i < strings->count; i++)
        items[i] = kept(arena, strings->items[i]);
    strings->items = items;
}

static void keep_tags(struct arena *arena, struct aws_tags *tags)
{
    struct aws_tag *items = arena_array(arena, tags->count, sizeof(*items));
    for (size_t i = 0; i < tags->count; i++)
        items[i] = (struct aws_tag){ kept(arena, tags->items[i].key), kept(arena, tags->items[i].value) };
    tags->items = items;
}

static void keep_structs(struct arena *arena, const struct wire_row *row, struct wire_structs *list)
{
    char *items = arena_array(arena, list->count, row->element_size);
    if (list->count)
        memcpy(items, list->items, list->count * row->element_size);
    for (size_t i = 0; i < list->count; i++)
        wire_keep(arena, row->element, items + i * row->element_size);
    list->items = items;
}

static void keep_member(struct arena *arena, const struct wire_row *row, void *member)
{
    switch (row->kind) {
    case WIRE_STRING:
        *(struct str *)member = kept(arena, *(struct str *)member);
        break;
    case WIRE_BOOL:
    case WIRE_INT64:
        break;
    case WIRE_STRINGS:
        keep_strings(arena, member);
        break;
    case WIRE_TAGS:
        keep_tags(arena, member);
        break;
    case WIRE_STRUCT:
        wire_keep(arena, row->element, member);
        break;
    case WIRE_STRUCTS:
        keep_structs(arena, row, member);
        break;
    }
}

void wire_keep(struct arena *arena, const struct wire_row *rows, void *object)
{
    for (const struct wire_row *row = rows; !row->is_end; row++)
        keep_member(arena, row, (char *)object + row->offset);
}
