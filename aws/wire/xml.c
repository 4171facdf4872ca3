/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/wire/xml.h"

#include <limits.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/tree.h>

#include "aws/limits.h"

/* Without XML_PARSE_HUGE libxml2 itself limits depth (256) and text nodes. */
enum { XML_OPTIONS = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA };

DEFINE_CLEANUP(drop_doc, xmlDoc *, xmlFreeDoc)

struct reader {
    struct arena *arena;
    struct wire_budget *budget;
    int column;
};

static void ignore_message(void *context, const char *format, ...) PRINTF_LIKE(2, 3);
static void ignore_message(void *context, const char *format, ...)
{
    (void)context;
    (void)format;
}

void wire_xml_init(void)
{
    xmlInitParser();
}

static bool is_named(const xmlNode *node, struct str name)
{
    return node->type == XML_ELEMENT_NODE && str_equal(str_from((const char *)node->name), name);
}

/* `node` itself or the first of its later siblings with that name. */
static const xmlNode *find_from(const xmlNode *node, struct str name)
{
    while (node && !is_named(node, name))
        node = node->next;
    return node;
}

static bool is_text(const xmlNode *node)
{
    return node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE;
}

/* NULL: there is no such element, and no text. */
static bool read_text(const struct reader *reader, const xmlNode *element, struct str *out_text, struct err *err)
{
    size_t length = 0;
    if (!element)
        return true;
    for (const xmlNode *node = element->children; node; node = node->next)
        if (is_text(node))
            length += strlen((const char *)node->content);
    char *out = wire_take(reader->budget, reader->arena, length + 1, err);
    if (!out)
        return false;
    size_t used = 0;
    for (const xmlNode *node = element->children; node; node = node->next)
        if (is_text(node)) {
            size_t size = strlen((const char *)node->content);
            memcpy(out + used, node->content, size);
            used += size;
        }
    *out_text = (struct str){ out, length };
    return true;
}

/* The text is not shown: an answer that was made to do harm may have put a secret there. */
static bool wrong_value(const xmlNode *element, const char *wanted, struct err *err)
{
    return err_set(err, ERR_IO, "the element %s of the reply is not %s", (const char *)element->name, wanted);
}

static bool read_bool(const struct reader *reader, const xmlNode *element, struct wire_bool *out, struct err *err)
{
    struct str text;
    if (!read_text(reader, element, &text, err))
        return false;
    text = str_trim(text);
    if (str_is_empty(text))
        return true;
    bool is_true = str_equal_ignore_case(text, STR("true"));
    if (!is_true && !str_equal_ignore_case(text, STR("false")))
        return wrong_value(element, "true or false", err);
    *out = (struct wire_bool){ .present = true, .value = is_true };
    return true;
}

static bool read_int64(const struct reader *reader, const xmlNode *element, struct wire_int64 *out, struct err *err)
{
    struct str text;
    if (!read_text(reader, element, &text, err))
        return false;
    text = str_trim(text);
    if (str_is_empty(text))
        return true;
    int64_t value;
    if (!str_to_int64(text, &value))
        return wrong_value(element, "an integer", err);
    *out = (struct wire_int64){ .present = true, .value = value };
    return true;
}

static bool read_struct(const struct reader *reader, const xmlNode *element, const struct wire_row *rows, void *out,
                        struct err *err);

static bool read_item(const struct reader *reader, const xmlNode *element, const struct wire_row *row, void *out,
                      struct err *err)
{
    if (row->kind == WIRE_STRUCTS)
        return read_struct(reader, element, row->element, out, err);
    if (row->kind == WIRE_STRINGS)
        return read_text(reader, element, out, err);
    struct aws_tag *tag = out;
    *tag = (struct aws_tag){ .key = STR(""), .value = STR("") };
    return read_text(reader, find_from(element->children, STR("Key")), &tag->key, err) &&
           read_text(reader, find_from(element->children, STR("Value")), &tag->value, err);
}

/* The items are the siblings from `first` on that are called `name`. */
static bool read_items(const struct reader *reader, const xmlNode *first, struct str name, const struct wire_row *row,
                       void *member, struct err *err)
{
    struct wire_structs list = { 0 };
    for (const xmlNode *node = find_from(first, name); node; node = find_from(node->next, name))
        list.count++;
    const size_t size = row->element_size;
    list.items = wire_take_items(reader->budget, reader->arena, row, list.count, err);
    if (!list.items)
        return false;
    char *item = list.items;
    for (const xmlNode *node = find_from(first, name); node; node = find_from(node->next, name)) {
        if (!read_item(reader, node, row, item, err))
            return false;
        item += size;
    }
    memcpy(member, &list, sizeof(list)); /* the member is another type of the same layout */
    return true;
}

/* `element` is the first one with the row's name, `siblings` where it was searched. */
static bool read_member(const struct reader *reader, const xmlNode *element, const struct wire_row *row, void *member,
                        struct err *err)
{
    const char *item_name = row->item_names[reader->column];
    switch (row->kind) {
    case WIRE_STRING:
        return read_text(reader, element, member, err);
    case WIRE_BOOL:
        return read_bool(reader, element, member, err);
    case WIRE_INT64:
        return read_int64(reader, element, member, err);
    case WIRE_STRUCT:
        return read_struct(reader, element, row->element, member, err);
    case WIRE_STRINGS:
    case WIRE_TAGS:
    case WIRE_STRUCTS:
        if (!item_name)
            return read_items(reader, element, str_from(row->names[reader->column]), row, member, err);
        return read_items(reader, element->children, str_from(item_name), row, member, err);
    }
    return err_set(err, ERR_INTERNAL, "the element %s has no kind", (const char *)element->name);
}

static bool read_struct(const struct reader *reader, const xmlNode *element, const struct wire_row *rows, void *out,
                        struct err *err)
{
    for (const struct wire_row *row = rows; !row->is_end; row++) {
        const char *name = row->names[reader->column];
        const xmlNode *child = name ? find_from(element->children, str_from(name)) : NULL;
        if (child && !read_member(reader, child, row, (char *)out + row->offset, err))
            return false;
    }
    return true;
}

static const xmlNode *find_path(const xmlDoc *doc, struct str path)
{
    const xmlNode *siblings = xmlDocGetRootElement(doc);
    const xmlNode *node = NULL;
    struct str name;
    while (str_next(&path, '/', &name)) {
        node = find_from(siblings, name);
        if (!node)
            return NULL;
        siblings = node->children;
    }
    return node;
}

/* libxml2 makes a node of every element, every text between two and every attribute
 * (and one of its value): they are counted before it sees them, rather too many than too few. */
static bool check_size(struct str text, struct err *err)
{
    size_t nodes = 0, attributes = 0;
    char end = '\0'; /* of the tag, or of the value in it, that this byte is in */
    for (size_t i = 0; i < text.len; i++) {
        const char byte = text.ptr[i];
        const bool is_tag = byte == '<', is_attribute = end == '>' && byte == '=';
        if (is_tag)
            end = '>';
        else if (end == '>' && (byte == '"' || byte == '\''))
            end = byte;
        else if (end && byte == end)
            end = byte == '>' ? '\0' : '>';
        if (!is_tag && !is_attribute)
            continue;
        nodes += 2;
        attributes = is_tag ? 0 : attributes + 1;
        if (nodes > WIRE_MAX_NODES)
            return err_set(err, ERR_INVALID, "it holds more than %d nodes of XML", WIRE_MAX_NODES);
        if (attributes > WIRE_MAX_ATTRIBUTES)
            return err_set(err, ERR_INVALID, "it holds an element of more than %d attributes", WIRE_MAX_ATTRIBUTES);
    }
    return true;
}

bool wire_xml_read(struct arena *arena, struct str text, const struct wire_xml *shape, void *out, struct err *err)
{
    /* AWS sends no DTD; refusing it unread leaves no entity to expand. */
    if (text.len > INT_MAX || str_find(text, STR("<!DOCTYPE")) >= 0)
        return err_set(err, ERR_IO, "the reply is not a plain XML document");
    if (!check_size(text, err))
        return false;
    xmlSetGenericErrorFunc(NULL, ignore_message); /* what escapes the options, such as encoding errors; per thread */
    CLEANUP(drop_doc) xmlDoc *doc = xmlReadMemory(text.ptr ? text.ptr : "", (int)text.len, NULL, "UTF-8", XML_OPTIONS);
    if (!doc || doc->intSubset)
        return err_set(err, ERR_IO, "the reply is not XML");
    const xmlNode *element = find_path(doc, str_from(shape->path));
    if (!element)
        return err_set(err, ERR_IO, "the reply has no element %s", shape->path);
    if (!shape->rows)
        return true;
    struct wire_budget own = wire_budget_full();
    const struct reader reader = { .arena = arena,
                                   .budget = shape->budget ? shape->budget : &own,
                                   .column = shape->column };
    void *filled = wire_take(reader.budget, arena, shape->out_size, err);
    if (!filled || !read_struct(&reader, element, shape->rows, filled, err))
        return false;
    memcpy(out, filled, shape->out_size);
    return true;
}
