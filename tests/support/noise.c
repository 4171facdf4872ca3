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
