/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/model/json.h"

#include <jansson.h>

#include "plugin/runtime/limits.h"
#include "plugin/runtime/model/number.h"
#include "plugin/runtime/model/object.h"
#include "plugin/runtime/model/path.h"

DEFINE_CLEANUP(drop_json, json_t *, json_decref)

static bool expected(struct err *err, const char *what)
{
    return err_set(err, ERR_INVALID, "%s is expected here", what);
}

static struct str text_of(const json_t *value)
{
    return (struct str){ json_string_value(value), json_string_length(value) };
}

static bool take_string(struct arena *arena, const json_t *value, struct tf_string *out, struct err *err)
{
    switch (json_typeof(value)) {
    case JSON_NULL:
        return true;
    case JSON_STRING:
        *out = tf_known_string(str_copy(arena, text_of(value)));
        return true;
    case JSON_TRUE:
    case JSON_FALSE:
        *out = tf_known_string(json_is_true(value) ? STR("true") : STR("false"));
        return true;
    case JSON_INTEGER:
        *out = tf_known_string(str_format(arena, "%lld", (long long)json_integer_value(value)));
        return true;
    case JSON_REAL:
        *out = tf_known_string(str_format(arena, "%.15g", json_real_value(value)));
        return true;
    default:
        return expected(err, "a string");
    }
}

static bool take_bool(const json_t *value, struct tf_bool *out, struct err *err)
{
    if (json_is_null(value))
        return true;
    bool is_true = json_is_true(value) || str_equal(text_of(value), STR("true"));
    bool is_false = json_is_false(value) || str_equal(text_of(value), STR("false"));
    *out = tf_known_bool(is_true);
    return is_true || is_false || expected(err, "true or false");
}

static bool take_number(const json_t *value, int64_t *out, struct err *err)
{
    switch (json_typeof(value)) {
    case JSON_INTEGER:
        *out = json_integer_value(value);
        return true;
    case JSON_REAL:
        return number_from_double(json_real_value(value), out, err);
    case JSON_STRING:
        return number_from_text(text_of(value), out, err);
    default:
        return expected(err, "a number");
    }
}

static bool take_int64(const json_t *value, struct tf_int64 *out, struct err *err)
{
    if (json_is_null(value))
        return true;
    out->state = TF_KNOWN;
    return take_number(value, &out->value, err);
}

static bool take_items(struct arena *arena, const json_t *value, struct tf_string_list *out, struct err *err)
{
    if (json_is_null(value))
        return true;
    if (!json_is_array(value))
        return expected(err, "a list");
    out->state = TF_KNOWN;
    out->count = json_array_size(value);
    out->items = arena_array(arena, out->count, sizeof(*out->items));
    for (size_t i = 0; i < out->count; i++)
        if (!take_string(arena, json_array_get(value, i), &out->items[i], err))
            return path_before_index(err, i);
    return true;
}

static bool take_set(struct arena *arena, const json_t *value, struct tf_string_set *out, struct err *err)
{
    struct tf_string_list list = { 0 };
    if (!take_items(arena, value, &list, err))
        return false;
    *out = (struct tf_string_set){ .state = list.state, .items = list.items, .count = list.count };
    tf_string_set_normalise(out);
    return true;
}

static bool take_map(struct arena *arena, json_t *value, struct tf_string_map *out, struct err *err)
{
    if (json_is_null(value))
        return true;
    if (!json_is_object(value))
        return expected(err, "a map");
    out->state = TF_KNOWN;
    out->items = arena_array(arena, json_object_size(value), sizeof(*out->items));
    for (void *at = json_object_iter(value); at; at = json_object_iter_next(value, at)) {
        struct tf_string_pair *pair = &out->items[out->count++];
        pair->key = str_copy(arena, str_from(json_object_iter_key(at)));
        if (!take_string(arena, json_object_iter_value(at), &pair->value, err))
            return path_before_key(err, pair->key);
    }
    tf_string_map_normalise(out);
    return true;
}

static bool take_object(struct arena *arena, json_t *value, const struct tf_model *model, void *out, struct err *err);

static bool take_single(struct arena *arena, json_t *value, const struct tf_attribute *attribute, struct tf_blocks *out,
                        struct err *err)
{
    if (json_is_null(value))
        return true;
    out->state = TF_KNOWN;
    out->count = 1;
    out->items = model_new(arena, attribute->element);
    return take_object(arena, value, attribute->element, out->items, err);
}

static bool take_blocks(struct arena *arena, json_t *value, const struct tf_attribute *attribute, struct tf_blocks *out,
                        struct err *err)
{
    if (json_is_null(value))
        return true;
    if (!json_is_array(value))
        return expected(err, "a list of blocks");
    if (json_array_size(value) > VALUE_MAX_ITEMS / (1 + model_rows(attribute->element)))
        return err_set(err, ERR_INVALID, "%zu blocks are too many", json_array_size(value));
    out->state = TF_KNOWN;
    out->count = json_array_size(value);
    out->items = arena_array(arena, out->count, attribute->element->size);
    for (size_t i = 0; i < out->count; i++)
        if (!take_object(arena, json_array_get(value, i), attribute->element, blocks_item(attribute, out, i), err))
            return path_before_index(err, i);
    return true;
}

static bool take_member(struct arena *arena, json_t *value, const struct tf_attribute *attribute, void *member,
                        struct err *err)
{
    switch (attribute->kind) {
    case TF_STRING:
        return take_string(arena, value, member, err);
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

static bool take_object(struct arena *arena, json_t *value, const struct tf_model *model, void *out, struct err *err)
{
    if (!json_is_object(value))
        return expected(err, "an object");
    for (const struct tf_attribute *row = model->attributes; row->name; row++) {
        json_t *member = json_object_get(value, row->name);
        if (member && !take_member(arena, member, row, member_of(row, out), err))
            return path_before_name(err, row->name);
    }
    return true;
}

bool model_json_check(struct str bytes, struct err *err)
{
    size_t depth = 0;
    size_t items = 0;
    bool in_string = false;
    for (size_t i = 0; i < bytes.len; i++) {
        char character = bytes.ptr[i];
        if (in_string && character == '\\')
            i++;
        else if (character == '"')
            in_string = !in_string;
        else if (in_string)
            continue;
        else if (character == '[' || character == '{')
            depth++;
        else if ((character == ']' || character == '}') && depth)
            depth--;
        items += character == ',' || character == '[' || character == '{';
        if (depth > VALUE_MAX_DEPTH)
            return err_set(err, ERR_INVALID, "a value nested deeper than %d levels", VALUE_MAX_DEPTH);
        if (items > VALUE_MAX_ITEMS)
            return err_set(err, ERR_INVALID, "a value of more than %d items", VALUE_MAX_ITEMS);
    }
    return true;
}

static bool load(struct str bytes, json_t **out, struct err *err)
{
    json_error_t problem;
    if (!model_json_check(bytes, err))
        return false;
    *out = json_loadb(bytes.ptr ? bytes.ptr : "", bytes.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &problem);
    return *out || err_set(err, ERR_INVALID, "a value that is not JSON, at byte %d", problem.position);
}

bool model_from_json(struct arena *arena, const struct tf_model *model, struct str bytes, void **out, struct err *err)
{
    CLEANUP(drop_json) json_t *value = NULL;
    if (!load(bytes, &value, err))
        return false;
    if (json_is_null(value)) {
        *out = NULL;
        return true;
    }
    void *object = model_new(arena, model);
    if (!take_object(arena, value, model, object, err))
        return false;
    *out = object;
    return true;
}

bool member_from_json(struct arena *arena, const struct tf_attribute *attribute, struct str bytes, void *member,
                      struct err *err)
{
    CLEANUP(drop_json) json_t *value = NULL;
    return (load(bytes, &value, err) && take_member(arena, value, attribute, member, err)) ||
           path_before_name(err, attribute->name);
}
