/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/support/heap.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/harness.h"

static const char minus_one[] = "rdbqds,snjdm,sg`s,hr,knmf,dmntfg,0124356789"; /* "secret-token-that-is-..." */
/* The allocator writes over the beginning of what was freed. */
enum { SECRET_BYTES = sizeof(minus_one) - 1, OVERWRITTEN_BYTES = 16 };

struct range {
    const char *from, *to;
};

static bool find_heap(struct range *out)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    char line[512];
    bool is_found = false;
    while (!SANITIZED && maps && fgets(line, sizeof(line), maps)) {
        char *end;
        if (!strstr(line, "[heap]"))
            continue;
        out->from = (const char *)(uintptr_t)strtoull(line, &end, 16);
        out->to = (const char *)(uintptr_t)strtoull(end + 1, NULL, 16);
        is_found = true;
    }
    if (maps)
        fclose(maps);
    return is_found;
}

bool heap_is_known(void)
{
    struct range heap;
    return find_heap(&heap);
}

struct str heap_secret(struct arena *arena)
{
    char *secret = arena_alloc(arena, SECRET_BYTES);
    for (size_t i = 0; i < SECRET_BYTES; i++)
        secret[i] = (char)(minus_one[i] + 1);
    return (struct str){ secret, SECRET_BYTES };
}

bool heap_has_secret(void)
{
    struct range heap = { 0 };
    if (!find_heap(&heap)) /* again: it grows */
        return false;
    for (const char *at = heap.from; at + SECRET_BYTES <= heap.to; at++) {
        size_t i = OVERWRITTEN_BYTES;
        while (i < SECRET_BYTES && at[i] == minus_one[i] + 1)
            i++;
        if (i == SECRET_BYTES)
            return true;
    }
    return false;
}
