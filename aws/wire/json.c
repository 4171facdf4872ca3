/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/wire/json.h"

#include <stddef.h>
#include <string.h>

#include <jansson.h>

#include "aws/limits.h"

DEFINE_CLEANUP(drop_json, json_t *, json_decref)

struct reader {
    struct arena *arena;
    struct wire_budget *budget;
    int column;
};

/* What jansson reads and writes here holds keys and tokens, and it frees them as they are: its memory is wiped first.
 * The size lies before the memory, in a place that keeps the alignment. */
union size_before {
    size_t size;
    max_align_t alignment;
};

static void *alloc_to_be_wiped(size_t size)
{
    union size_before *memory = mem_alloc(sizeof(*memory) + size);
    memory->size = size;
    return memory + 1;
}

static void wipe_and_free(void *given)
{
    union size_before *memory = given;
    if (!given)
        return;
    memory--;
    mem_wipe(memory + 1, memory->size);
    mem_free(memory);
}

void wire_json_init(void)
{
    json_set_alloc_funcs(alloc_to_be_wiped, wipe_and_free);
    json_object_seed(0); /* a random one; otherwise the first object draws it, in whatever thread */
}

/* Writing: builds jansson's values, NULL with `err` on failure. */

static json_t *new_string(struct str text, struct err *err)
{
    json_t *value = json_stringn(text.ptr ? text.ptr : "", text.len);
    if (!value)
        err_set(err, ERR_INVALID, "a text is not UTF-8");
    return value;
}

static json_t *new_object(const struct wire_row *rows, int column, const void *input, struct err *err);

static json_t *new_tag(const struct aws_tag *tag, struct err *err)
{
    CLEANUP(drop_json) json_t *key = new_string(tag->key, err);
    CLEANUP(drop_json) json_t *value = key ? new_string(tag->value, err) : NULL;
    return value ? json_pack("{sOsO}", "TagKey", key, "TagValue", value) : NULL; /* KMS's names */
}

static json_t *new_item(const struct wire_row *row, int column, const void *item, struct err *err)
{
    if (row->kind == WIRE_STRINGS)
        return new_string(*(const struct str *)item, err);
    if (row->kind == WIRE_TAGS)
        return new_tag(item, err);
    return new_object(row->element, column, item, err);
}

static json_t *new_array(const struct wire_row *row, int column, const struct wire_structs *list, struct err *err)
{
    json_t *array = json_array();
    for (size_t i = 0; i < list->count; i++)
        if (json_array_append_new(array,
                                  new_item(row, column, (const char *)list->items + i * row->element_size, err))) {
            json_decref(array);
            return NULL;
        }
    return array;
}

/* NULL without an error: the member is absent. */
static json_t *new_member(const struct wire_row *row, int column, const void *member, struct err *err)
{
    const struct str *text = member;
    const struct wire_bool *flag = member;
    const struct wire_int64 *number = member;
    struct wire_structs list;
    switch (row->kind) {
    case WIRE_STRING:
        return str_is_empty(*text) ? NULL : new_string(*text, err);
    case WIRE_BOOL:
        return flag->present ? json_boolean(flag->value) : NULL;
    case WIRE_INT64:
        return number->present ? json_integer(number->value) : NULL;
    case WIRE_STRUCT:
        return new_object(row->element, column, member, err);
    case WIRE_STRINGS:
    case WIRE_TAGS:
    case WIRE_STRUCTS:
        memcpy(&list, member, sizeof(list)); /* the member is another type of the same layout */
        return list.count ? new_array(row, column, &list, err) : NULL;
    }
    return NULL;
}

static json_t *new_object(const struct wire_row *rows, int column, const void *input, struct err *err)
{
    json_t *object = json_object();
    for (const struct wire_row *row = rows; row && !row->is_end; row++) {
        const char *name = row->names[column];
        CLEANUP(err_clear) struct err problem = { 0 };
        json_t *member = name ? new_member(row, column, (const char *)input + row->offset, &problem) : NULL;
        if (problem.kind) {
            json_decref(object);
            err_move(err, &problem);
            err_wrap(err, "%s", name);
            return NULL;
        }
        if (member)
            json_object_set_new(object, name, member);
    }
    return object;
}

static bool write_object(struct arena *arena, const json_t *object, struct str *out, struct err *err)
{
    size_t size = json_dumpb(object, NULL, 0, JSON_COMPACT);
    if (size > AWS_BODY_MAX_BYTES)
        return err_set(err, ERR_INVALID, "a request of more than %d bytes", AWS_BODY_MAX_BYTES);
    char *bytes = arena_alloc(arena, size + 1);
    json_dumpb(object, bytes, size, JSON_COMPACT);
    *out = (struct str){ bytes, size };
    return true;
}

bool wire_json_write(struct arena *arena, const struct wire_json *shape, const void *input, struct str *out,
                     struct err *err)
{
    CLEANUP(drop_json) json_t *object = new_object(shape->rows, shape->column, input, err);
    return object && write_object(arena, object, out, err);
}

/* Reading. */

static bool wrong_type(const char *name, const char *wanted, struct err *err)
{
    return err_set(err, ERR_IO, "%s in the reply is not %s", name, wanted);
}

static bool read_string(const struct reader *reader, const json_t *value, const char *name, struct str *out,
                        struct err *err)
{
    if (!json_is_string(value))
        return wrong_type(name, "a string", err);
    const struct str text = { json_string_value(value), json_string_length(value) };
    char *copy = wire_take(reader->budget, reader->arena, text.len + 1, err);
    if (!copy)
        return false;
    memcpy(copy, text.ptr, text.len);
    *out = (struct str){ copy, text.len };
    return true;
}

static bool read_int64(const json_t *value, const char *name, struct wire_int64 *out, struct err *err)
{
    const double limit = 9e18; /* inside int64_t, exactly representable */
    double real = json_is_real(value) ? json_real_value(value) : 0;
    if (!json_is_number(value) || real >= limit || real <= -limit)
        return wrong_type(name, "an integer", err);
    *out = (struct wire_int64){ .present = true,
                                .value = json_is_real(value) ? (int64_t)real : json_integer_value(value) };
    return true;
}

static bool read_object(const struct reader *reader, const json_t *object, const struct wire_row *rows, void *out,
                        struct err *err);

static bool read_tag(const struct reader *reader, const json_t *value, struct aws_tag *out, struct err *err)
{
    static const struct wire_row rows[] = {
        WIRE(struct aws_tag, key, "TagKey", "TagKey"),
        WIRE(struct aws_tag, value, "TagValue", "TagValue"),
        WIRE_END,
    };
    return read_object(reader, value, rows, out, err);
}

static bool read_item(const struct reader *reader, const json_t *value, const struct wire_row *row, const char *name,
                      void *out, struct err *err)
{
    if (row->kind == WIRE_STRINGS)
        return read_string(reader, value, name, out, err);
    if (!json_is_object(value))
        return wrong_type(name, "a list of objects", err);
    if (row->kind == WIRE_TAGS)
        return read_tag(reader, value, out, err);
    return read_object(reader, value, row->element, out, err);
}

static bool read_array(const struct reader *reader, const json_t *array, const struct wire_row *row, const char *name,
                       void *member, struct err *err)
{
    if (!json_is_array(array))
        return wrong_type(name, "a list", err);
    struct wire_structs list = { .count = json_array_size(array) };
    const size_t size = row->element_size;
    list.items = wire_take_items(reader->budget, reader->arena, row, list.count, err);
    if (!list.items)
        return false;
    for (size_t i = 0; i < list.count; i++)
        if (!read_item(reader, json_array_get(array, i), row, name, (char *)list.items + i * size, err))
            return false;
    memcpy(member, &list, sizeof(list)); /* the member is another type of the same layout */
    return true;
}

static bool read_member(const struct reader *reader, const json_t *value, const struct wire_row *row, const char *name,
                        void *member, struct err *err)
{
    switch (row->kind) {
    case WIRE_STRING:
        return read_string(reader, value, name, member, err);
    case WIRE_BOOL:
        if (!json_is_boolean(value))
            return wrong_type(name, "true or false", err);
        *(struct wire_bool *)member = (struct wire_bool){ .present = true, .value = json_is_true(value) };
        return true;
    case WIRE_INT64:
        return read_int64(value, name, member, err);
    case WIRE_STRUCT:
        if (!json_is_object(value))
            return wrong_type(name, "an object", err);
        return read_object(reader, value, row->element, member, err);
    case WIRE_STRINGS:
    case WIRE_TAGS:
    case WIRE_STRUCTS:
        return read_array(reader, value, row, name, member, err);
    }
    return err_set(err, ERR_INTERNAL, "%s has no kind", name);
}

static bool read_object(const struct reader *reader, const json_t *object, const struct wire_row *rows, void *out,
                        struct err *err)
{
    for (const struct wire_row *row = rows; row && !row->is_end; row++) {
        const char *name = row->names[reader->column];
        const json_t *value = name ? json_object_get(object, name) : NULL;
        if (value && !json_is_null(value) && !read_member(reader, value, row, name, (char *)out + row->offset, err))
            return false;
    }
    return true;
}

/* jansson makes an object of each value, and goes down by recursion: values and levels are
 * counted before it sees them. */
static bool check_size(struct str text, struct err *err)
{
    size_t nodes = 0, depth = 0;
    bool is_inside = false; /* a text */
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.ptr[i];
        is_inside ^= c == '"';
        i += is_inside && c == '\\';
        const bool opens = !is_inside && (c == '{' || c == '[');
        const bool closes = !is_inside && (c == '}' || c == ']');
        nodes += opens || (!is_inside && (c == ',' || c == ':'));
        depth += opens;
        depth -= closes && depth;
        if (nodes > WIRE_MAX_NODES)
            return err_set(err, ERR_INVALID, "it holds more than %d values of JSON", WIRE_MAX_NODES);
        if (depth > WIRE_MAX_DEPTH)
            return err_set(err, ERR_INVALID, "it holds more than %d levels of JSON", WIRE_MAX_DEPTH);
    }
    return true;
}

/* NULL with `err` on failure. */
static json_t *load_object(struct str text, struct err *err)
{
    json_error_t problem;
    if (!check_size(text, err))
        return NULL;
    json_t *root = json_loadb(text.ptr ? text.ptr : "", text.len, 0, &problem);
    if (json_is_object(root))
        return root;
    json_decref(root);
    err_set(err, ERR_IO, "the reply is not a JSON object");
    return NULL;
}

bool wire_json_read(struct arena *arena, struct str text, const struct wire_json *shape, void *out, struct err *err)
{
    CLEANUP(drop_json) json_t *root = load_object(text, err);
    if (!root)
        return false;
    if (!shape->rows)
        return true;
    struct wire_budget own = wire_budget_full();
    const struct reader reader = { .arena = arena,
                                   .budget = shape->budget ? shape->budget : &own,
                                   .column = shape->column };
    void *filled = wire_take(reader.budget, arena, shape->out_size, err);
    if (!filled || !read_object(&reader, root, shape->rows, filled, err))
        return false;
    memcpy(out, filled, shape->out_size);
    return true;
}

bool wire_json_change(struct arena *arena, struct str text, const struct wire_json *shape, const void *input,
                      struct str *out, struct err *err)
{
    CLEANUP(drop_json) json_t *object = load_object(text, err);
    CLEANUP(drop_json) json_t *changes = object ? new_object(shape->rows, shape->column, input, err) : NULL;
    if (!changes)
        return false;
    for (const struct wire_row *row = shape->rows; !row->is_end; row++) {
        const char *name = row->names[shape->column];
        json_t *change = name ? json_object_get(changes, name) : NULL;
        if (change)
            json_object_set(object, name, change);
        else if (name)
            json_object_del(object, name);
    }
    return write_object(arena, object, out, err);
}
