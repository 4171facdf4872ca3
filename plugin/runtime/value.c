/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/value.h"

#include <stdlib.h>
#include <string.h>

struct tf_string tf_known_string(struct str text)
{
    return (struct tf_string){ .state = TF_KNOWN, .value = text };
}

struct tf_bool tf_known_bool(bool value)
{
    return (struct tf_bool){ .state = TF_KNOWN, .value = value };
}

struct tf_int64 tf_known_int64(int64_t value)
{
    return (struct tf_int64){ .state = TF_KNOWN, .value = value };
}

struct tf_string tf_string_or_null(struct str text)
{
    return str_is_empty(text) ? (struct tf_string){ .state = TF_NULL } : tf_known_string(text);
}

struct str tf_text(struct tf_string string, struct str otherwise)
{
    return string.state == TF_KNOWN ? string.value : otherwise;
}

struct str *tf_given_texts(struct arena *arena, const struct tf_string *items, size_t count, size_t *out_count)
{
    struct str *texts = arena_array(arena, count + 1, sizeof(*texts));
    *out_count = 0;
    for (size_t i = 0; i < count; i++)
        if (!str_is_empty(tf_text(items[i], STR(""))))
            texts[(*out_count)++] = items[i].value;
    return texts;
}

bool tf_is_true(struct tf_bool flag)
{
    return flag.state == TF_KNOWN && flag.value;
}

bool tf_string_equal(struct tf_string a, struct tf_string b)
{
    return a.state == b.state && (a.state != TF_KNOWN || str_equal(a.value, b.value));
}

bool tf_string_set_has(const struct tf_string_set *set, struct str text)
{
    for (size_t i = 0; set->state == TF_KNOWN && i < set->count; i++)
        if (set->items[i].state == TF_KNOWN && str_equal(set->items[i].value, text))
            return true;
    return false;
}

/* Known texts in byte order first, then nulls, then unknowns. */
static int compare_strings(const void *left, const void *right)
{
    static const int rank[] = { [TF_KNOWN] = 0, [TF_NULL] = 1, [TF_UNKNOWN] = 2 };
    const struct tf_string *a = left;
    const struct tf_string *b = right;
    if (a->state != b->state)
        return rank[a->state] - rank[b->state];
    return a->state == TF_KNOWN ? str_compare(a->value, b->value) : 0;
}

void tf_string_set_normalise(struct tf_string_set *set)
{
    if (set->state != TF_KNOWN || set->count < 2)
        return;
    qsort(set->items, set->count, sizeof(*set->items), compare_strings);
    size_t kept = 1;
    for (size_t i = 1; i < set->count; i++) {
        /* Two unknown elements may turn out different: both stay. */
        if (set->items[i].state == TF_UNKNOWN || !tf_string_equal(set->items[i], set->items[kept - 1]))
            set->items[kept++] = set->items[i];
    }
    set->count = kept;
}

struct tf_string_set tf_string_set_from(struct arena *arena, const struct str *texts, size_t count)
{
    struct tf_string_set set = { .state = TF_KNOWN, .count = count };
    set.items = arena_array(arena, count, sizeof(*set.items));
    for (size_t i = 0; i < count; i++)
        set.items[i] = tf_known_string(str_copy(arena, texts[i]));
    tf_string_set_normalise(&set);
    return set;
}

bool tf_string_map_is_known(const struct tf_string_map *map)
{
    for (size_t i = 0; map->state == TF_KNOWN && i < map->count; i++)
        if (map->items[i].value.state == TF_UNKNOWN)
            return false;
    return map->state == TF_KNOWN;
}

bool tf_string_map_equal(const struct tf_string_map *a, const struct tf_string_map *b)
{
    if (a->state != b->state)
        return false;
    if (a->state != TF_KNOWN)
        return true;
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!str_equal(a->items[i].key, b->items[i].key) || !tf_string_equal(a->items[i].value, b->items[i].value))
            return false;
    return true;
}

/* Position of the first key that is not before `key`. */
static size_t lower_bound(const struct tf_string_map *map, struct str key)
{
    size_t low = 0;
    size_t high = map->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (str_compare(map->items[middle].key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct tf_string *tf_string_map_find(const struct tf_string_map *map, struct str key)
{
    if (map->state != TF_KNOWN)
        return NULL;
    size_t at = lower_bound(map, key);
    return at < map->count && str_equal(map->items[at].key, key) ? &map->items[at].value : NULL;
}

void tf_string_map_put(struct arena *arena, struct tf_string_map *map, struct str key, struct tf_string value)
{
    if (map->state != TF_KNOWN)
        *map = (struct tf_string_map){ .state = TF_KNOWN };
    size_t at = lower_bound(map, key);
    if (at < map->count && str_equal(map->items[at].key, key)) {
        map->items[at].value = value;
        return;
    }
    struct tf_string_pair *items = arena_array(arena, map->count + 1, sizeof(*items));
    if (at)
        memcpy(items, map->items, at * sizeof(*items));
    items[at] = (struct tf_string_pair){ .key = key, .value = value };
    if (at < map->count)
        memcpy(items + at + 1, map->items + at, (map->count - at) * sizeof(*items));
    map->items = items;
    map->count++;
}

static int compare_pairs(const void *left, const void *right)
{
    const struct tf_string_pair *a = left;
    const struct tf_string_pair *b = right;
    return str_compare(a->key, b->key);
}

void tf_string_map_normalise(struct tf_string_map *map)
{
    if (map->state != TF_KNOWN || map->count < 2)
        return;
    qsort(map->items, map->count, sizeof(*map->items), compare_pairs);
    size_t kept = 1;
    for (size_t i = 1; i < map->count; i++)
        if (!str_equal(map->items[i].key, map->items[kept - 1].key))
            map->items[kept++] = map->items[i];
    map->count = kept;
}

void tf_string_map_add(struct arena *arena, struct tf_string_map *map, const struct tf_string_map *from)
{
    for (size_t i = 0; i < from->count; i++)
        if (from->items[i].value.state != TF_NULL)
            tf_string_map_put(arena, map, from->items[i].key, from->items[i].value);
}
