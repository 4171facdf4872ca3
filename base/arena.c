/* SPDX-License-Identifier: MPL-2.0 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/linux/memory.h"

enum { ARENA_FIRST_BLOCK_BYTES = 8 * 1024, ARENA_LARGE_BYTES = 64 * 1024, ARENA_MAX_BLOCK_BYTES = 256 * 1024 };
enum { ARENA_GRAIN_BYTES = 16 }; /* sizes are rounded up to a multiple of it */
_Static_assert(ARENA_GRAIN_BYTES % alignof(max_align_t) == 0, "any type can lie at a multiple of the grain");

struct arena_block {
    struct arena_block *next;
    size_t size;
    size_t used;
    alignas(max_align_t) unsigned char bytes[];
};

struct arena {
    struct arena_block *blocks; /* newest first */
    size_t held;                /* bytes of all of them */
};

static void *or_die(void *memory)
{
    static const char message[] = "out of memory\n";
    if (memory)
        return memory;
    if (write(STDERR_FILENO, message, sizeof(message) - 1) < 0)
        abort();
    abort();
}

static size_t product(size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size)
        or_die(NULL);
    return count * size;
}

struct arena *arena_new(void)
{
    return or_die(calloc(1, sizeof(struct arena)));
}

void arena_free(struct arena *arena)
{
    if (!arena)
        return;
    for (struct arena_block *block = arena->blocks; block;) {
        struct arena_block *next = block->next;
        mem_wipe(block->bytes, block->used);
        free(block);
        block = next;
    }
    free(arena);
}

/* What is large gets a block of its own, behind the one that is being filled. */
static struct arena_block *add_block(struct arena *arena, size_t at_least)
{
    const bool is_large = at_least >= ARENA_LARGE_BYTES;
    size_t size = arena->blocks ? arena->blocks->size * 2 : ARENA_FIRST_BLOCK_BYTES;
    if (size > ARENA_MAX_BLOCK_BYTES)
        size = ARENA_MAX_BLOCK_BYTES;
    if (is_large || size < at_least)
        size = at_least;
    struct arena_block **place = is_large && arena->blocks ? &arena->blocks->next : &arena->blocks;
    struct arena_block *block = or_die(calloc(1, sizeof(*block) + size));
    block->size = size;
    block->next = *place;
    *place = block;
    arena->held += sizeof(*block) + size;
    return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    const size_t alignment = ARENA_GRAIN_BYTES;
    if (size > SIZE_MAX / 2)
        or_die(NULL);
    size_t rounded = (size + alignment - 1) / alignment * alignment;
    if (!rounded)
        rounded = alignment;
    struct arena_block *block = arena->blocks;
    if (!block || block->size - block->used < rounded)
        block = add_block(arena, rounded);
    void *memory = block->bytes + block->used;
    block->used += rounded;
    return memory;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    return arena_alloc(arena, product(count, size));
}

void *arena_copy(struct arena *arena, const void *bytes, size_t size)
{
    void *memory = arena_alloc(arena, size);
    if (size)
        memcpy(memory, bytes, size);
    return memory;
}

size_t arena_held(const struct arena *arena)
{
    return arena->held;
}

/* Behind the block that is being filled. */
void arena_merge(struct arena *into, struct arena *from)
{
    struct arena_block **end = into->blocks ? &into->blocks->next : &into->blocks;
    if (!from)
        return;
    struct arena_block *rest = *end;
    *end = from->blocks;
    while (*end)
        end = &(*end)->next;
    *end = rest;
    into->held += from->held;
    free(from);
}

void *mem_alloc(size_t size)
{
    return or_die(calloc(1, size ? size : 1));
}

void *mem_array(size_t count, size_t size)
{
    return mem_alloc(product(count, size));
}

void *mem_copy(const void *bytes, size_t size)
{
    void *memory = mem_alloc(size);
    if (size)
        memcpy(memory, bytes, size);
    return memory;
}

void mem_free(void *memory)
{
    free(memory);
}

void mem_wipe(void *memory, size_t size)
{
    if (size)
        os_memory_wipe(memory, size);
}
