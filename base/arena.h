/* SPDX-License-Identifier: MPL-2.0
 *
 * Memory. An arena holds everything that one call allocates and releases it in
 * one step; nothing in it is freed by itself and nothing from it may enter a
 * longer-lived object without a copy. It is wiped as it is released, since keys,
 * tokens and signed requests pass through. Long-lived objects use the checked heap
 * (mem_*). Inputs being bounded, running out of memory is not an error that
 * callers handle: it is said on stderr and ends the process.
 *
 * An arena belongs to one thread at a time.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/compiler.h"

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *arena); /* accepts NULL */

/* `size` bytes, zeroed, aligned for any type. Never NULL. */
void *arena_alloc(struct arena *arena, size_t size);
/* A zeroed array; ends the process if count * size overflows. */
void *arena_array(struct arena *arena, size_t count, size_t size);
void *arena_copy(struct arena *arena, const void *bytes, size_t size);

/* Bytes that it has taken from the system: in blocks, and so more than was asked for. */
size_t arena_held(const struct arena *arena);

/* Everything that `from` holds stays where it is and belongs to `into`; `from` is no
 * more. It accepts NULL. */
void arena_merge(struct arena *into, struct arena *from);

#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), sizeof(type)))

/* The checked heap: zeroed memory, never NULL; mem_free accepts NULL. */
void *mem_alloc(size_t size);
void *mem_array(size_t count, size_t size);
void *mem_copy(const void *bytes, size_t size);
void mem_free(void *memory);
/* Overwrites secrets in a way that the compiler keeps. */
void mem_wipe(void *memory, size_t size);

#endif
