/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/wire/rows.h"

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
