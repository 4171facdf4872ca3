/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/support/noise.h"

/* splitmix64 (public domain, Vigna). */
static uint64_t next(uint64_t *state)
{
    *state += 0x9e3779b97f4a7c15U;
    uint64_t z = *state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

struct str noise(struct arena *arena, uint64_t seed, size_t count, struct str alphabet)
{
    char *bytes = arena_alloc(arena, count + 1);
    for (size_t i = 0; i < count; i++) {
        uint64_t drawn = next(&seed);
        bytes[i] = alphabet.len ? alphabet.ptr[drawn % alphabet.len] : (char)(drawn & 0xff);
    }
    return (struct str){ bytes, count };
}

enum { FEED_BYTES = 1000 * 1000, PIECE_MAX_BYTES = 64 };

static void feed_copy(struct str bytes, noise_fn *decode, void *self)
{
    char *own = mem_copy(bytes.ptr, bytes.len);
    decode(self, (struct str){ own, bytes.len });
    mem_free(own);
}

void noise_feed(uint64_t seed, struct str alphabet, noise_fn *decode, void *self)
{
    struct arena *arena = arena_new();
    struct str all = noise(arena, seed, FEED_BYTES, alphabet);
    feed_copy(all, decode, self);
    for (size_t at = 0; at < all.len;) {
        size_t length = 1 + next(&seed) % PIECE_MAX_BYTES;
        feed_copy(str_slice(all, at, at + length), decode, self);
        at += length;
    }
    arena_free(arena);
}
