/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/model/object.h"

#include <string.h>

void *model_new(struct arena *arena, const struct tf_model *model)
{
    return arena_alloc(arena, model->size);
}

size_t model_rows(const struct tf_model *model)
{
    size_t count = 0;
    while (model->attributes[count].name)
        count++;
    return count;
}

const struct tf_attribute *model_find(const struct tf_model *model, struct str name)
{
    for (const struct tf_attribute *row = model->attributes; row->name; row++)
        if (str_equal(str_from(row->name), name))
            return row;
    return NULL;
}

size_t model_list_length(const void *list)
{
    const void *const *items = list;
    size_t count = 0;
    while (items && items[count])
        count++;
    return count;
}

void *member_of(const struct tf_attribute *attribute, void *object)
{
    return (char *)object + attribute->offset;
}

const void *member_in(const struct tf_attribute *attribute, const void *object)
{
    return (const char *)object + attribute->offset;
}

/* Every member begins with its state (value.h). */
enum tf_state member_state(const void *member)
{
    return *(const enum tf_state *)member;
}

void member_set_state(void *member, enum tf_state state)
{
    *(enum tf_state *)member = state;
}

void *blocks_item(const struct tf_attribute *attribute, const struct tf_blocks *blocks, size_t index)
{
    return (char *)blocks->items + index * attribute->element->size;
}

bool member_is_block(const struct tf_attribute *attribute)
{
    return attribute->kind >= TF_BLOCK_SINGLE;
}

/* ---- Copy ----------------------------------------------------------------- */

static void copy_string(struct arena *arena, struct tf_string *string)
{
    if (string->state == TF_KNOWN)
        string->value = str_copy(arena, string->value);
}

/* Lists and sets of strings have the same shape. */
static void copy_items(struct arena *arena, struct tf_string_list *list)
{
    list->items = arena_copy(arena, list->items, list->count * sizeof(*list->items));
    for (size_t i = 0; i < list->count; i++)
        copy_string(arena, &list->items[i]);
}

static void copy_pairs(struct arena *arena, struct tf_string_map *map)
{
    map->items = arena_copy(arena, map->items, map->count * sizeof(*map->items));
    for (size_t i = 0; i < map->count; i++) {
        map->items[i].key = str_copy(arena, map->items[i].key);
        copy_string(arena, &map->items[i].value);
    }
}

static void copy_members(struct arena *arena, const struct tf_model *model, const void *from, void *to)
{
    for (const struct tf_attribute *row = model->attributes; row->name; row++)
        member_copy(arena, row, member_in(row, from), member_of(row, to));
}

static void copy_blocks(struct arena *arena, const struct tf_attribute *attribute, struct tf_blocks *blocks)
{
    const struct tf_blocks from = *blocks;
    blocks->items = arena_array(arena, from.count, attribute->element->size);
    for (size_t i = 0; i < from.count; i++)
        copy_members(arena, attribute->element, blocks_item(attribute, &from, i), blocks_item(attribute, blocks, i));
}

void member_copy(struct arena *arena, const struct tf_attribute *attribute, const void *from, void *to)
{
    memmove(to, from, attribute->size);
    if (member_state(to) != TF_KNOWN)
        return;
    switch (attribute->kind) {
    case TF_STRING:
        copy_string(arena, to);
        break;
    case TF_BOOL:
    case TF_INT64:
        break;
    case TF_STRING_LIST:
    case TF_STRING_SET:
        copy_items(arena, to);
        break;
    case TF_STRING_MAP:
        copy_pairs(arena, to);
        break;
    case TF_BLOCK_SINGLE:
    case TF_BLOCK_LIST:
    case TF_BLOCK_SET:
        copy_blocks(arena, attribute, to);
        break;
    }
}

void *model_copy(struct arena *arena, const struct tf_model *model, const void *object)
{
    void *copy = model_new(arena, model);
    copy_members(arena, model, object, copy);
    return copy;
}

/* ---- Compare -------------------------------------------------------------- */

static bool lists_equal(const struct tf_string_list *a, const struct tf_string_list *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!tf_string_equal(a->items[i], b->items[i]))
            return false;
    return true;
}

static bool has_item(const struct tf_attribute *attribute, const struct tf_blocks *blocks, const void *wanted)
{
    for (size_t i = 0; i < blocks->count; i++)
        if (model_equal(attribute->element, blocks_item(attribute, blocks, i), wanted))
            return true;
    return false;
}

static bool items_equal(const struct tf_attribute *attribute, const struct tf_blocks *a, const struct tf_blocks *b)
{
    for (size_t i = 0; i < a->count; i++) {
        const void *item = blocks_item(attribute, a, i);
        bool found = attribute->kind == TF_BLOCK_SET
                         ? has_item(attribute, b, item)
                         : model_equal(attribute->element, item, blocks_item(attribute, b, i));
        if (!found)
            return false;
    }
    return true;
}

static bool blocks_equal(const struct tf_attribute *attribute, const struct tf_blocks *a, const struct tf_blocks *b)
{
    if (a->state == TF_UNKNOWN || b->state == TF_UNKNOWN)
        return a->state == b->state;
    const size_t a_count = a->state == TF_KNOWN ? a->count : 0;
    const size_t b_count = b->state == TF_KNOWN ? b->count : 0;
    return a_count == b_count && (a_count == 0 || items_equal(attribute, a, b));
}

static bool scalars_equal(const struct tf_attribute *attribute, const void *a, const void *b)
{
    switch (attribute->kind) {
    case TF_STRING:
        return tf_string_equal(*(const struct tf_string *)a, *(const struct tf_string *)b);
    case TF_BOOL:
        return ((const struct tf_bool *)a)->value == ((const struct tf_bool *)b)->value;
    default:
        return ((const struct tf_int64 *)a)->value == ((const struct tf_int64 *)b)->value;
    }
}

bool member_equal(const struct tf_attribute *attribute, const void *a, const void *b)
{
    if (member_is_block(attribute))
        return blocks_equal(attribute, a, b);
    if (member_state(a) != member_state(b))
        return false;
    if (member_state(a) != TF_KNOWN)
        return true;
    switch (attribute->kind) {
    case TF_STRING_LIST:
    case TF_STRING_SET:
        return lists_equal(a, b);
    case TF_STRING_MAP:
        return tf_string_map_equal(a, b);
    default:
        return scalars_equal(attribute, a, b);
    }
}

bool model_equal(const struct tf_model *model, const void *a, const void *b)
{
    for (const struct tf_attribute *row = model->attributes; row->name; row++)
        if (!member_equal(row, member_in(row, a), member_in(row, b)))
            return false;
    return true;
}

/* ---- Known and unknown ---------------------------------------------------- */

static bool list_is_known(const struct tf_string_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].state == TF_UNKNOWN)
            return false;
    return true;
}

static bool blocks_are_known(const struct tf_attribute *attribute, const struct tf_blocks *blocks)
{
    for (size_t i = 0; i < blocks->count; i++)
        if (!model_is_known(attribute->element, blocks_item(attribute, blocks, i)))
            return false;
    return true;
}

bool member_is_known(const struct tf_attribute *attribute, const void *member)
{
    if (member_state(member) != TF_KNOWN)
        return member_state(member) == TF_NULL;
    switch (attribute->kind) {
    case TF_STRING_LIST:
    case TF_STRING_SET:
        return list_is_known(member);
    case TF_STRING_MAP:
        return tf_string_map_is_known(member);
    case TF_BLOCK_SINGLE:
    case TF_BLOCK_LIST:
    case TF_BLOCK_SET:
        return blocks_are_known(attribute, member);
    default:
        return true;
    }
}

bool model_is_known(const struct tf_model *model, const void *object)
{
    for (const struct tf_attribute *row = model->attributes; row->name; row++)
        if (!member_is_known(row, member_in(row, object)))
            return false;
    return true;
}

static void string_to_null(struct tf_string *string)
{
    if (string->state == TF_UNKNOWN)
        string->state = TF_NULL;
}

static void inside_to_null(const struct tf_attribute *attribute, void *member)
{
    const struct tf_string_list *list = member; /* or a set */
    const struct tf_string_map *map = member;
    const struct tf_blocks *blocks = member;
    switch (attribute->kind) {
    case TF_STRING_LIST:
    case TF_STRING_SET:
        for (size_t i = 0; i < list->count; i++)
            string_to_null(&list->items[i]);
        if (attribute->kind == TF_STRING_SET)
            tf_string_set_normalise(member);
        break;
    case TF_STRING_MAP:
        for (size_t i = 0; i < map->count; i++)
            string_to_null(&map->items[i].value);
        break;
    case TF_BLOCK_SINGLE:
    case TF_BLOCK_LIST:
    case TF_BLOCK_SET:
        for (size_t i = 0; i < blocks->count; i++)
            model_unknown_to_null(attribute->element, blocks_item(attribute, blocks, i));
        break;
    default:
        break;
    }
}

void model_unknown_to_null(const struct tf_model *model, void *object)
{
    for (const struct tf_attribute *row = model->attributes; row->name; row++) {
        void *member = member_of(row, object);
        if (member_state(member) == TF_KNOWN)
            inside_to_null(row, member);
        else
            member_set_state(member, TF_NULL);
    }
}

void model_set_unknown(const struct tf_model *model, void *object)
{
    for (const struct tf_attribute *row = model->attributes; row->name; row++) {
        const struct tf_blocks *blocks = member_of(row, object);
        if (!member_is_block(row))
            member_set_state(member_of(row, object), TF_UNKNOWN);
        else if (blocks->state == TF_KNOWN)
            for (size_t i = 0; i < blocks->count; i++)
                model_set_unknown(row->element, blocks_item(row, blocks, i));
    }
}
