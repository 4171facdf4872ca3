/* SPDX-License-Identifier: MPL-2.0
 *
 * Terraform's values as C members. Each is null, unknown or known, collections
 * and blocks too; the all-zero struct is all null. `value`, `items` and `count`
 * mean something only in a known value. Texts and items live in the arena of
 * the call, or, in a provider configuration, in the configuration's.
 *
 *   list   items in the order written
 *   set    items sorted and without duplicates; an element may be unknown
 *   map    pairs sorted by key
 *   block  a list or set of structs; a single block is a list of at most one
 */
#ifndef PLUGIN_RUNTIME_VALUE_H
#define PLUGIN_RUNTIME_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum tf_state { TF_NULL, TF_UNKNOWN, TF_KNOWN };

struct tf_string {
    enum tf_state state;
    struct str value;
};

struct tf_bool {
    enum tf_state state;
    bool value;
};

struct tf_int64 {
    enum tf_state state;
    int64_t value;
};

/* The runtime sees sets as lists, and every TF_BLOCKS as struct tf_blocks: these
 * two may alias structs of the same shape. */
struct __attribute__((may_alias)) tf_string_list {
    enum tf_state state;
    struct tf_string *items;
    size_t count;
};

struct tf_string_set {
    enum tf_state state;
    struct tf_string *items;
    size_t count;
};

struct tf_string_pair {
    struct str key;
    struct tf_string value;
};

struct tf_string_map {
    enum tf_state state;
    struct tf_string_pair *items;
    size_t count;
};

/* Blocks: TF_BLOCKS(timeouts) declares struct tf_blocks_timeouts, a list of
 * struct timeouts. The interpreter sees every such list as struct tf_blocks. */
struct __attribute__((may_alias)) tf_blocks {
    enum tf_state state;
    void *items;
    size_t count;
};

#define TF_BLOCKS(element)                                                                                             \
    struct tf_blocks_##element {                                                                                       \
        enum tf_state state;                                                                                           \
        struct element *items;                                                                                         \
        size_t count;                                                                                                  \
    }

struct tf_string tf_known_string(struct str text);
struct tf_bool tf_known_bool(bool value);
struct tf_int64 tf_known_int64(int64_t value);
/* Known unless the text is empty: what a reply leaves out is null. */
struct tf_string tf_string_or_null(struct str text);

/* The text of a known string, `otherwise` of a null or unknown one. */
struct str tf_text(struct tf_string string, struct str otherwise);
/* The texts of a list or a set that are known and not empty. */
struct str *tf_given_texts(struct arena *arena, const struct tf_string *items, size_t count, size_t *out_count);
bool tf_is_true(struct tf_bool flag); /* known and true */

bool tf_string_equal(struct tf_string a, struct tf_string b);
bool tf_string_set_has(const struct tf_string_set *set, struct str text);
/* Sorts and drops duplicates, as promised above. */
void tf_string_set_normalise(struct tf_string_set *set);
void tf_string_map_normalise(struct tf_string_map *map); /* of equal keys one stays */
/* Normalises and copies into the arena. */
struct tf_string_set tf_string_set_from(struct arena *arena, const struct str *texts, size_t count);

/* Known, and every value known. */
bool tf_string_map_is_known(const struct tf_string_map *map);
bool tf_string_map_equal(const struct tf_string_map *a, const struct tf_string_map *b);
const struct tf_string *tf_string_map_find(const struct tf_string_map *map, struct str key); /* NULL = absent */
/* Adds or replaces; keeps the order. The items may move: they live in `arena`. */
void tf_string_map_put(struct arena *arena, struct tf_string_map *map, struct str key, struct tf_string value);
/* Puts all of `from` but what is null: a null member of a collection is none. */
void tf_string_map_add(struct arena *arena, struct tf_string_map *map, const struct tf_string_map *from);

#endif
