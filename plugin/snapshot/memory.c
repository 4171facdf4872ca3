/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/memory.h"

#include <pthread.h>

enum { BUCKETS = 256 };

struct fact {
    struct fact *next;
    enum memory_fact fact;
    struct str about;
};

struct memory {
    pthread_mutex_t lock;
    struct arena *arena;
    struct fact *buckets[BUCKETS];
};

struct memory *memory_new(void)
{
    struct memory *memory = mem_alloc(sizeof(*memory));
    *memory = (struct memory){ .arena = arena_new() };
    pthread_mutex_init(&memory->lock, NULL);
    return memory;
}

void memory_free(struct memory *memory)
{
    if (!memory)
        return;
    arena_free(memory->arena);
    pthread_mutex_destroy(&memory->lock);
    mem_free(memory);
}

/* FNV-1a. */
static size_t bucket_of(enum memory_fact fact, struct str about)
{
    uint32_t hash = 2166136261u ^ (uint32_t)fact;
    for (size_t i = 0; i < about.len; i++)
        hash = (hash ^ (unsigned char)about.ptr[i]) * 16777619u;
    return hash % BUCKETS;
}

/* Where it hangs, or would hang. The lock is held. */
static struct fact **find(struct memory *memory, enum memory_fact fact, struct str about)
{
    struct fact **link = &memory->buckets[bucket_of(fact, about)];
    while (*link && !((*link)->fact == fact && str_equal((*link)->about, about)))
        link = &(*link)->next;
    return link;
}

struct str memory_pair(struct arena *arena, struct str a, struct str b)
{
    return str_format(arena, "%.*s %.*s", STR_ARG(a), STR_ARG(b));
}

bool memory_learn(struct memory *memory, enum memory_fact fact, struct str about)
{
    pthread_mutex_lock(&memory->lock);
    struct fact **link = find(memory, fact, about);
    const bool is_new = !*link;
    if (is_new) {
        *link = ARENA_NEW(memory->arena, struct fact);
        **link = (struct fact){ .fact = fact, .about = str_copy(memory->arena, about) };
    }
    pthread_mutex_unlock(&memory->lock);
    return is_new;
}

bool memory_says_first(struct memory *memory, struct arena *arena, const char *summary, struct str about)
{
    return memory_learn(memory, MEMORY_SAID, memory_pair(arena, str_from(summary), about));
}

bool memory_knows(struct memory *memory, enum memory_fact fact, struct str about)
{
    pthread_mutex_lock(&memory->lock);
    const bool is_known = *find(memory, fact, about) != NULL;
    pthread_mutex_unlock(&memory->lock);
    return is_known;
}

void memory_forget(struct memory *memory, enum memory_fact fact, struct str about)
{
    pthread_mutex_lock(&memory->lock);
    struct fact **link = find(memory, fact, about);
    if (*link)
        *link = (*link)->next;
    pthread_mutex_unlock(&memory->lock);
}
