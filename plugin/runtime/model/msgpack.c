/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/model/msgpack.h"

#include <string.h>

#include <msgpack.h>

#include "plugin/runtime/limits.h"
#include "plugin/runtime/model/msgpack_check.h"
#include "plugin/runtime/model/number.h"
#include "plugin/runtime/model/object.h"
#include "plugin/runtime/model/path.h"

/* ---- Decoding ------------------------------------------------------------- */

static bool expected(struct err *err, const char *what)
{
    return err_set(err, ERR_INVALID, "%s is expected here", what);
}

/* Null and unknown look the same for every kind. True when `*out` says it all. */
static bool take_state(const msgpack_object *value, enum tf_state *out)
{
    *out = value->type == MSGPACK_OBJECT_NIL ? TF_NULL : value->type == MSGPACK_OBJECT_EXT ? TF_UNKNOWN : TF_KNOWN;
    return *out != TF_KNOWN;
}

static bool take_text(const msgpack_object *value, struct str *out, struct err *err)
{
    if (value->type != MSGPACK_OBJECT_STR)
        return expected(err, "a string");
    *out = (struct str){ value->via.str.ptr, value->via.str.size };
    return str_is_utf8(*out) || err_set(err, ERR_INVALID, "a string that is not UTF-8");
}

static bool take_string(const msgpack_object *value, struct tf_string *out, struct err *err)
{
    return take_state(value, &out->state) || take_text(value, &out->value, err);
}

static bool take_bool(const msgpack_object *value, struct tf_bool *out, struct err *err)
{
    if (take_state(value, &out->state))
        return true;
    if (value->type != MSGPACK_OBJECT_BOOLEAN)
        return expected(err, "true or false");
    out->value = value->via.boolean;
    return true;
}

static bool take_int64(const msgpack_object *value, struct tf_int64 *out, struct err *err)
{
    if (take_state(value, &out->state))
        return true;
    switch (value->type) {
    case MSGPACK_OBJECT_POSITIVE_INTEGER:
        return number_from_uint64(value->via.u64, &out->value, err);
    case MSGPACK_OBJECT_NEGATIVE_INTEGER:
        out->value = value->via.i64;
        return true;
    case MSGPACK_OBJECT_FLOAT32:
    case MSGPACK_OBJECT_FLOAT64:
        return number_from_double(value->via.f64, &out->value, err);
    case MSGPACK_OBJECT_STR:
        return number_from_text((struct str){ value->via.str.ptr, value->via.str.size }, &out->value, err);
    default:
        return expected(err, "a number");
    }
}

/* Lists and sets of strings have the same shape. */
static bool take_items(struct arena *arena, const msgpack_object *value, struct tf_string_list *out, struct err *err)
{
    if (take_state(value, &out->state))
        return true;
    if (value->type != MSGPACK_OBJECT_ARRAY)
        return expected(err, "a list");
    out->count = value->via.array.size;
    out->items = arena_array(arena, out->count, sizeof(*out->items));
    for (size_t i = 0; i < out->count; i++)
        if (!take_string(&value->via.array.ptr[i], &out->items[i], err))
            return path_before_index(err, i);
    return true;
}

static bool take_set(struct arena *arena, const msgpack_object *value, struct tf_string_set *out, struct err *err)
{
    struct tf_string_list list = { 0 };
    if (!take_items(arena, value, &list, err))
        return false;
    *out = (struct tf_string_set){ .state = list.state, .items = list.items, .count = list.count };
    tf_string_set_normalise(out);
    return true;
}

static bool take_map(struct arena *arena, const msgpack_object *value, struct tf_string_map *out, struct err *err)
{
    if (take_state(value, &out->state))
        return true;
    if (value->type != MSGPACK_OBJECT_MAP)
        return expected(err, "a map");
    out->count = value->via.map.size;
    out->items = arena_array(arena, out->count, sizeof(*out->items));
    for (size_t i = 0; i < out->count; i++) {
        const msgpack_object_kv *pair = &value->via.map.ptr[i];
        if (!take_text(&pair->key, &out->items[i].key, err))
            return false;
        if (!take_string(&pair->val, &out->items[i].value, err))
            return path_before_key(err, out->items[i].key);
    }
    tf_string_map_normalise(out);
    return true;
}

static bool take_object(struct arena *arena, const msgpack_object *value, const struct tf_model *model, void *out,
                        struct err *err);

static bool take_single(struct arena *arena, const msgpack_object *value, const struct tf_attribute *attribute,
                        struct tf_blocks *out, struct err *err)
{
    if (take_state(value, &out->state))
        return true;
    out->count = 1;
    out->items = model_new(arena, attribute->element);
    return take_object(arena, value, attribute->element, out->items, err);
}

static bool take_blocks(struct arena *arena, const msgpack_object *value, const struct tf_attribute *attribute,
                        struct tf_blocks *out, struct err *err)
{
    if (take_state(value, &out->state))
        return true;
    if (value->type != MSGPACK_OBJECT_ARRAY)
        return expected(err, "a list of blocks");
    /* An item takes at least a byte, its struct perhaps hundreds. */
    if (value->via.array.size > VALUE_MAX_ITEMS / (1 + model_rows(attribute->element)))
        return err_set(err, ERR_INVALID, "%u blocks are too many", (unsigned)value->via.array.size);
    out->count = value->via.array.size;
    out->items = arena_array(arena, out->count, attribute->element->size);
    for (size_t i = 0; i < out->count; i++)
        if (!take_object(arena, &value->via.array.ptr[i], attribute->element, blocks_item(attribute, out, i), err))
            return path_before_index(err, i);
    return true;
}

static bool take_member(struct arena *arena, const msgpack_object *value, const struct tf_attribute *attribute,
                        void *member, struct err *err)
{
    switch (attribute->kind) {
    case TF_STRING:
        return take_string(value, member, err);
    case TF_BOOL:
        return take_bool(value, member, err);
    case TF_INT64:
        return take_int64(value, member, err);
    case TF_STRING_LIST:
        return take_items(arena, value, member, err);
    case TF_STRING_SET:
        return take_set(arena, value, member, err);
    case TF_STRING_MAP:
        return take_map(arena, value, member, err);
    case TF_BLOCK_SINGLE:
        return take_single(arena, value, attribute, member, err);
    case TF_BLOCK_LIST:
    case TF_BLOCK_SET:
        return take_blocks(arena, value, attribute, member, err);
    }
    return err_set(err, ERR_INTERNAL, "a row of an unknown kind");
}

/* As cty has it: exactly the attributes of the type. Equal counts and no
 * unknown name leave only a doubled one, which is then missing elsewhere. */
static bool take_object(struct arena *arena, const msgpack_object *value, const struct tf_model *model, void *out,
                        struct err *err)
{
    enum tf_state state;
    if (take_state(value, &state)) {
        if (state == TF_NULL)
            return err_set(err, ERR_INVALID, "a block must not be null");
        model_set_unknown(model, out);
        return true;
    }
    if (value->type != MSGPACK_OBJECT_MAP)
        return expected(err, "an object");
    size_t rows = model_rows(model);
    if (value->via.map.size != rows)
        return err_set(err, ERR_INVALID, "an object with %zu attributes is required, %u are given", rows,
                       (unsigned)value->via.map.size);
    bool *seen = arena_array(arena, rows, sizeof(*seen));
    for (size_t i = 0; i < rows; i++) {
        struct str name;
        if (!take_text(&value->via.map.ptr[i].key, &name, err))
            return false;
        const struct tf_attribute *attribute = model_find(model, name);
        if (!attribute || seen[attribute - model->attributes]) {
            const struct str shown = str_printable(arena, str_slice(name, 0, 100));
            return err_set(err, ERR_INVALID, "an attribute \"%.*s\" that does not belong here", STR_ARG(shown));
        }
        seen[attribute - model->attributes] = true;
        if (!take_member(arena, &value->via.map.ptr[i].val, attribute, member_of(attribute, out), err))
            return path_before_name(err, attribute->name);
    }
    return true;
}

/* The unpacked tree lives until the clean-up; texts in it point into `bytes`. */
static bool unpack(struct str bytes, msgpack_unpacked *out, struct err *err)
{
    size_t offset = 0;
    if (!msgpack_check(bytes, err))
        return false;
    return msgpack_unpack_next(out, bytes.ptr, bytes.len, &offset) == MSGPACK_UNPACK_SUCCESS ||
           err_set(err, ERR_INVALID, "a value that is not msgpack");
}

bool model_from_msgpack(struct arena *arena, const struct tf_model *model, struct str bytes, void **out,
                        struct err *err)
{
    CLEANUP(msgpack_unpacked_destroy) msgpack_unpacked unpacked;
    msgpack_unpacked_init(&unpacked);
    if (!unpack(bytes, &unpacked, err))
        return false;
    if (unpacked.data.type == MSGPACK_OBJECT_NIL) {
        *out = NULL;
        return true;
    }
    void *object = model_new(arena, model);
    if (!take_object(arena, &unpacked.data, model, object, err))
        return false;
    *out = object;
    return true;
}

bool member_from_msgpack(struct arena *arena, const struct tf_attribute *attribute, struct str bytes, void *member,
                         struct err *err)
{
    CLEANUP(msgpack_unpacked_destroy) msgpack_unpacked unpacked;
    msgpack_unpacked_init(&unpacked);
    return (unpack(bytes, &unpacked, err) && take_member(arena, &unpacked.data, attribute, member, err)) ||
           path_before_name(err, attribute->name);
}

/* ---- Encoding ------------------------------------------------------------- */

struct output {
    struct arena *arena;
    char *bytes;
    size_t length;
    size_t capacity;
};

static int write_output(void *data, const char *bytes, size_t length)
{
    struct output *out = data;
    if (length > out->capacity - out->length) {
        out->capacity = (out->capacity + length) * 2;
        char *grown = arena_alloc(out->arena, out->capacity);
        if (out->length)
            memcpy(grown, out->bytes, out->length);
        out->bytes = grown;
    }
    memcpy(out->bytes + out->length, bytes, length);
    out->length += length;
    return 0;
}

static struct output *output_of(msgpack_packer *packer)
{
    return packer->data;
}

static void put_text(msgpack_packer *packer, struct str text)
{
    if (!str_is_utf8(text))
        text = str_printable(output_of(packer)->arena, text);
    msgpack_pack_str(packer, text.len);
    if (text.len)
        msgpack_pack_str_body(packer, text.ptr, text.len);
}

/* True when that says it all. */
static bool put_state(msgpack_packer *packer, enum tf_state state)
{
    static const char zero[1] = { 0 };
    if (state == TF_NULL)
        msgpack_pack_nil(packer);
    if (state == TF_UNKNOWN)
        msgpack_pack_ext_with_body(packer, zero, sizeof(zero), 0); /* d4 00 00 */
    return state != TF_KNOWN;
}

static void put_string(msgpack_packer *packer, struct tf_string string)
{
    if (!put_state(packer, string.state))
        put_text(packer, string.value);
}

static void put_items(msgpack_packer *packer, const struct tf_string_list *list)
{
    msgpack_pack_array(packer, list->count);
    for (size_t i = 0; i < list->count; i++)
        put_string(packer, list->items[i]);
}

static void put_pairs(msgpack_packer *packer, const struct tf_string_map *map)
{
    msgpack_pack_map(packer, map->count);
    for (size_t i = 0; i < map->count; i++) {
        put_text(packer, map->items[i].key);
        put_string(packer, map->items[i].value);
    }
}

static void put_object(msgpack_packer *packer, const struct tf_model *model, const void *object);

static void put_blocks(msgpack_packer *packer, const struct tf_attribute *attribute, const struct tf_blocks *blocks)
{
    msgpack_pack_array(packer, blocks->count);
    for (size_t i = 0; i < blocks->count; i++)
        put_object(packer, attribute->element, blocks_item(attribute, blocks, i));
}

static void put_known(msgpack_packer *packer, const struct tf_attribute *attribute, const void *member)
{
    const struct tf_blocks *blocks = member;
    switch (attribute->kind) {
    case TF_STRING:
        put_text(packer, ((const struct tf_string *)member)->value);
        break;
    case TF_BOOL:
        (((const struct tf_bool *)member)->value ? msgpack_pack_true : msgpack_pack_false)(packer);
        break;
    case TF_INT64:
        msgpack_pack_int64(packer, ((const struct tf_int64 *)member)->value);
        break;
    case TF_STRING_LIST:
    case TF_STRING_SET:
        put_items(packer, member);
        break;
    case TF_STRING_MAP:
        put_pairs(packer, member);
        break;
    case TF_BLOCK_SINGLE:
        if (blocks->count)
            put_object(packer, attribute->element, blocks->items);
        else
            msgpack_pack_nil(packer);
        break;
    case TF_BLOCK_LIST:
    case TF_BLOCK_SET:
        put_blocks(packer, attribute, blocks);
        break;
    }
}

static void put_member(msgpack_packer *packer, const struct tf_attribute *attribute, const void *member)
{
    enum tf_state state = member_state(member);
    bool never_null = attribute->kind == TF_BLOCK_LIST || attribute->kind == TF_BLOCK_SET;
    if (never_null && state == TF_NULL)
        msgpack_pack_array(packer, 0); /* no blocks: an empty list to core */
    else if (!put_state(packer, state))
        put_known(packer, attribute, member);
}

static void put_object(msgpack_packer *packer, const struct tf_model *model, const void *object)
{
    msgpack_pack_map(packer, model_rows(model));
    for (const struct tf_attribute *row = model->attributes; row->name; row++) {
        put_text(packer, str_from(row->name));
        put_member(packer, row, member_in(row, object));
    }
}

struct str model_to_msgpack(struct arena *arena, const struct tf_model *model, const void *object)
{
    struct output out = { .arena = arena };
    msgpack_packer packer;
    msgpack_packer_init(&packer, &out, write_output);
    if (object)
        put_object(&packer, model, object);
    else
        msgpack_pack_nil(&packer);
    return (struct str){ out.bytes, out.length };
}

struct str member_to_msgpack(struct arena *arena, const struct tf_attribute *attribute, const void *member)
{
    struct output out = { .arena = arena };
    msgpack_packer packer;
    msgpack_packer_init(&packer, &out, write_output);
    put_member(&packer, attribute, member);
    return (struct str){ out.bytes, out.length };
}
