/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/model/path.h"

#include <stdio.h>
#include <string.h>

#include "plugin/runtime/model/object.h"

enum { STEP_MAX_BYTES = 128 };

/* Where the next step may lead. Neither member set: nowhere. */
struct place {
    const struct tf_model *model;    /* a name of one of these rows */
    const struct tf_attribute *list; /* an index */
    const struct tf_attribute *map;  /* a key */
};

static struct place place_after(const struct tf_attribute *attribute)
{
    switch (attribute->kind) {
    case TF_BLOCK_SINGLE:
        return (struct place){ .model = attribute->element };
    case TF_BLOCK_LIST:
    case TF_STRING_LIST:
        return (struct place){ .list = attribute };
    case TF_STRING_MAP:
        return (struct place){ .map = attribute };
    default:
        return (struct place){ 0 };
    }
}

static bool take_name(struct str *rest, struct place *place, struct path_step *out)
{
    if (str_starts_with(*rest, STR(".")))
        *rest = str_slice(*rest, 1, rest->len);
    size_t length = 0;
    while (length < rest->len && rest->ptr[length] != '.' && rest->ptr[length] != '[')
        length++;
    const struct tf_attribute *attribute = model_find(place->model, str_slice(*rest, 0, length));
    if (!attribute)
        return false;
    *out = (struct path_step){ .kind = PATH_NAME, .text = str_from(attribute->name) };
    *place = place_after(attribute);
    *rest = str_slice(*rest, length, rest->len);
    return true;
}

static bool take_index(struct str *rest, struct place *place, struct path_step *out)
{
    ptrdiff_t end = str_find_char(*rest, ']');
    int64_t index;
    if (end < 0 || !str_to_int64(str_slice(*rest, 1, (size_t)end), &index) || index < 0)
        return false;
    *out = (struct path_step){ .kind = PATH_INDEX, .index = index };
    *place = (struct place){ .model = place->list->element };
    *rest = str_slice(*rest, (size_t)end + 1, rest->len);
    return true;
}

/* ["..."], with \" and \\ inside. */
static bool take_key(struct arena *arena, struct str *rest, struct place *place, struct path_step *out)
{
    char *key = arena_alloc(arena, rest->len + 1);
    size_t length = 0;
    size_t at = 2;
    while (at < rest->len && rest->ptr[at] != '"') {
        at += rest->ptr[at] == '\\' && at + 1 < rest->len;
        key[length++] = rest->ptr[at++];
    }
    if (at + 1 >= rest->len || rest->ptr[at + 1] != ']')
        return false;
    *out = (struct path_step){
        .kind = PATH_KEY, .text = { key, length }
    };
    *place = (struct place){ 0 };
    *rest = str_slice(*rest, at + 2, rest->len);
    return true;
}

static bool take_step(struct arena *arena, struct str *rest, struct place *place, struct path_step *out)
{
    if (str_is_empty(*rest))
        return false;
    if (place->map)
        return str_starts_with(*rest, STR("[\"")) && take_key(arena, rest, place, out);
    if (place->list)
        return rest->ptr[0] == '[' && take_index(rest, place, out);
    return place->model && take_name(rest, place, out);
}

struct path path_parse(struct arena *arena, const struct tf_model *model, const char *text)
{
    struct path path = { 0 };
    struct str rest = str_from(text);
    if (!model || str_is_empty(rest))
        return path;
    path.steps = arena_array(arena, rest.len, sizeof(*path.steps));
    struct place place = { .model = model };
    while (take_step(arena, &rest, &place, &path.steps[path.count]))
        path.count++;
    return path;
}

const char *path_member(struct arena *arena, const char *parent, const char *name)
{
    return parent ? str_format(arena, "%s.%s", parent, name).ptr : name;
}

const char *path_item(struct arena *arena, const char *parent, const struct tf_attribute *attribute, size_t index)
{
    const char *own = path_member(arena, parent, attribute->name);
    return attribute->kind == TF_BLOCK_SINGLE ? own : str_format(arena, "%s[%zu]", own, index).ptr;
}

static bool put_before(struct err *err, const char *step)
{
    const char *rest = err_path(err);
    const char *dot = rest[0] && rest[0] != '[' ? "." : "";
    err_set_part(err, ERR_PATH, "%s%s%s", step, dot, rest);
    return false;
}

bool path_before_name(struct err *err, const char *name)
{
    return put_before(err, name);
}

bool path_before_index(struct err *err, size_t index)
{
    char step[32];
    snprintf(step, sizeof(step), "[%zu]", index);
    return put_before(err, step);
}

bool path_before_key(struct err *err, struct str key)
{
    char step[STEP_MAX_BYTES] = "[\"";
    size_t used = 2;
    for (size_t i = 0; i < key.len && used + 5 < sizeof(step); i++) {
        if (key.ptr[i] == '"' || key.ptr[i] == '\\')
            step[used++] = '\\';
        step[used++] = key.ptr[i];
    }
    memcpy(step + used, "\"]", 3);
    return put_before(err, step);
}
