/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/wire/query.h"

#include <string.h>

#include "aws/limits.h"

enum { NAME_MAX_BYTES = 512 };

struct writer {
    struct arena *arena;
    struct str_builder body;
    int column;
};

static bool add_encoded(struct writer *writer, struct str text, struct err *err)
{
    static const char digits[] = "0123456789ABCDEF";
    static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
    if (text.len > AWS_BODY_MAX_BYTES)
        return err_set(err, ERR_INVALID, "a text of more than %d bytes", AWS_BODY_MAX_BYTES);
    char *out = arena_alloc(writer->arena, text.len * 3 + 1);
    size_t length = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.ptr[i];
        if (byte && strchr(unreserved, byte)) {
            out[length++] = (char)byte;
            continue;
        }
        out[length++] = '%';
        out[length++] = digits[byte >> 4];
        out[length++] = digits[byte & 15];
    }
    return str_builder_add(&writer->body, (struct str){ out, length }, err);
}

static bool add_parameter(struct writer *writer, struct str name, struct str value, struct err *err)
{
    return (!writer->body.len || str_builder_add_char(&writer->body, '&', err)) && add_encoded(writer, name, err) &&
           str_builder_add_char(&writer->body, '=', err) && add_encoded(writer, value, err);
}

/* "Tags.Tag.3" from "Tags", or "Tag.3" where the list has no name of its own. */
static struct str item_name(const struct writer *writer, const struct wire_row *row, struct str name, size_t index)
{
    const char *item = row->item_names[writer->column];
    if (!item)
        return str_format(writer->arena, "%.*s.%zu", STR_ARG(name), index + 1);
    return str_format(writer->arena, "%.*s.%s.%zu", STR_ARG(name), item, index + 1);
}

static struct str member_name(const struct writer *writer, struct str prefix, const char *name)
{
    return str_is_empty(prefix) ? str_from(name) : str_format(writer->arena, "%.*s.%s", STR_ARG(prefix), name);
}

static bool add_strings(struct writer *writer, const struct wire_row *row, struct str name,
                        const struct wire_strings *list, struct err *err)
{
    for (size_t i = 0; i < list->count; i++)
        if (!add_parameter(writer, item_name(writer, row, name, i), list->items[i], err))
            return false;
    return true;
}

static bool add_tags(struct writer *writer, const struct wire_row *row, struct str name, const struct aws_tags *list,
                     struct err *err)
{
    for (size_t i = 0; i < list->count; i++) {
        struct str item = item_name(writer, row, name, i);
        if (!add_parameter(writer, member_name(writer, item, "Key"), list->items[i].key, err) ||
            !add_parameter(writer, member_name(writer, item, "Value"), list->items[i].value, err))
            return false;
    }
    return true;
}

static bool add_struct(struct writer *writer, const struct wire_row *rows, struct str prefix, const void *input,
                       int depth, struct err *err);

static bool add_structs(struct writer *writer, const struct wire_row *row, struct str name, const void *member,
                        int depth, struct err *err)
{
    struct wire_structs list;
    memcpy(&list, member, sizeof(list)); /* the member is another type of the same layout */
    for (size_t i = 0; i < list.count; i++)
        if (!add_struct(writer, row->element, item_name(writer, row, name, i),
                        (const char *)list.items + i * row->element_size, depth + 1, err))
            return false;
    return true;
}

static bool add_member(struct writer *writer, const struct wire_row *row, struct str name, const void *member,
                       int depth, struct err *err)
{
    const struct str *text = member;
    const struct wire_bool *flag = member;
    const struct wire_int64 *number = member;
    switch (row->kind) {
    case WIRE_STRING:
        return str_is_empty(*text) || add_parameter(writer, name, *text, err);
    case WIRE_BOOL:
        return !flag->present || add_parameter(writer, name, flag->value ? STR("true") : STR("false"), err);
    case WIRE_INT64:
        return !number->present ||
               add_parameter(writer, name, str_format(writer->arena, "%lld", (long long)number->value), err);
    case WIRE_STRINGS:
        return add_strings(writer, row, name, member, err);
    case WIRE_TAGS:
        return add_tags(writer, row, name, member, err);
    case WIRE_STRUCT:
        return add_struct(writer, row->element, name, member, depth + 1, err);
    case WIRE_STRUCTS:
        return add_structs(writer, row, name, member, depth, err);
    }
    return err_set(err, ERR_INTERNAL, "the parameter %.*s has no kind", STR_ARG(name));
}

static bool add_struct(struct writer *writer, const struct wire_row *rows, struct str prefix, const void *input,
                       int depth, struct err *err)
{
    if (depth > WIRE_MAX_DEPTH || prefix.len > NAME_MAX_BYTES)
        return err_set(err, ERR_INTERNAL, "parameters nested too deeply at %.*s", STR_ARG(prefix));
    for (const struct wire_row *row = rows; !row->is_end; row++) {
        const char *name = row->names[writer->column];
        if (name &&
            !add_member(writer, row, member_name(writer, prefix, name), (const char *)input + row->offset, depth, err))
            return false;
    }
    return true;
}

bool wire_query_write(struct arena *arena, const struct wire_query *query, struct str *out, struct err *err)
{
    struct writer writer = { .arena = arena, .column = query->column };
    str_builder_init(&writer.body, arena, AWS_BODY_MAX_BYTES);
    if (!add_parameter(&writer, STR("Action"), str_from(query->action), err) ||
        !add_parameter(&writer, STR("Version"), str_from(query->version), err) ||
        (query->rows && !add_struct(&writer, query->rows, STR(""), query->input, 0, err)))
        return err_wrap(err, "the parameters of %s", query->action);
    *out = str_builder_text(&writer.body);
    return true;
}

bool wire_query_add(struct arena *arena, struct str query, const char *name, struct str value, struct str *out,
                    struct err *err)
{
    struct writer writer = { .arena = arena };
    str_builder_init(&writer.body, arena, AWS_BODY_MAX_BYTES);
    if (!str_builder_add(&writer.body, query, err) || !add_parameter(&writer, str_from(name), value, err))
        return err_wrap(err, "the parameter %s", name);
    *out = str_builder_text(&writer.body);
    return true;
}
