/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/config/parser.h"

#include <string.h>

#define BYTE_ORDER_MARK "\xef\xbb\xbf" /* of UTF-8; editors on Windows write it */

struct parser {
    struct arena *arena;
    enum aws_config_kind kind;
    struct aws_config_sections *sections;
    size_t line;                          /* from 1 */
    struct aws_config_section *section;   /* NULL: before the first, or below one that does not count */
    struct aws_config_property *property; /* the last one of the section */
    bool is_continued;                    /* its value is in the builder */
    struct str_builder continued;
    struct err err; /* of the builder; it has no maximum beside the text's own length */
};

static bool is_blank(char character)
{
    return character == ' ' || character == '\t';
}

/* A comment after a value needs white space before its sign. */
static struct str without_comment(struct str text)
{
    for (size_t i = 1; i < text.len; i++)
        if ((text.ptr[i] == '#' || text.ptr[i] == ';') && is_blank(text.ptr[i - 1]))
            return str_slice(text, 0, i - 1);
    return text;
}

/* Two words that are quoted each: a blank follows a quote between the ends. */
static bool has_quoted_words(struct str text)
{
    for (size_t i = 1; i + 1 < text.len; i++)
        if (text.ptr[i] == text.ptr[0] && is_blank(text.ptr[i + 1]))
            return true;
    return false;
}

struct str aws_config_without_quotes(struct str text)
{
    const bool is_quoted =
        text.len >= 2 && (text.ptr[0] == '"' || text.ptr[0] == '\'') && text.ptr[text.len - 1] == text.ptr[0];
    return is_quoted && !has_quoted_words(text) ? str_slice(text, 1, text.len - 1) : text;
}

/* "profile x" gives "x". */
static bool take_word(struct str text, struct str word, struct str *out_rest)
{
    if (!str_starts_with(text, word) || text.len == word.len || !is_blank(text.ptr[word.len]))
        return false;
    *out_rest = str_trim(str_slice(text, word.len, text.len));
    return true;
}

/* The text between the brackets: up to the first "]" that nothing but a comment follows. */
static bool find_heading(struct str line, struct str *out)
{
    for (size_t i = 1; i < line.len; i++) {
        if (line.ptr[i] != ']')
            continue;
        struct str rest = str_trim(str_slice(line, i + 1, line.len));
        if (!str_is_empty(rest) && rest.ptr[0] != '#' && rest.ptr[0] != ';')
            continue;
        *out = str_trim(str_slice(line, 1, i));
        return true;
    }
    return false;
}

static struct aws_config_section read_heading(enum aws_config_kind kind, struct str heading)
{
    struct aws_config_section section = { .kind = AWS_CONFIG_PROFILE, .heading = heading, .name = heading };
    bool is_config = kind == AWS_CONFIG_TEXT;
    section.has_prefix = take_word(heading, STR("profile"), &section.name);
    if (is_config && take_word(heading, STR("services"), &section.name))
        section.kind = AWS_CONFIG_SERVICES;
    else if (is_config && take_word(heading, STR("sso-session"), &section.name))
        section.kind = AWS_CONFIG_SSO_SESSION;
    else if (is_config ? !section.has_prefix && !str_equal(heading, STR("default")) : section.has_prefix)
        section.kind = AWS_CONFIG_UNUSED;
    section.name = aws_config_without_quotes(section.name);
    return section;
}

static void note_line(size_t *first, size_t line)
{
    if (!*first)
        *first = line;
}

static void open_section(struct parser *parser, struct str line)
{
    struct aws_config_sections *sections = parser->sections;
    struct str heading;
    parser->section = NULL;
    parser->property = NULL;
    if (!str_is_utf8(line))
        note_line(&sections->foreign_line, parser->line);
    struct aws_config_section opened = { 0 };
    if (find_heading(line, &heading))
        opened = read_heading(parser->kind, heading);
    if (str_is_empty(opened.name)) {
        note_line(&sections->unreadable_line, parser->line);
        return;
    }
    opened.line = parser->line;
    parser->section = arena_copy(parser->arena, &opened, sizeof(opened));
    if (sections->last)
        sections->last->next = parser->section;
    else
        sections->first = parser->section;
    sections->last = parser->section;
}

/* "key = value", or "key: value" where no "=" comes before. */
static bool split_property(struct str line, struct str *out_key, struct str *out_value)
{
    for (size_t i = 0; i < line.len; i++)
        if (line.ptr[i] == '=' || line.ptr[i] == ':') {
            *out_key = str_trim(str_slice(line, 0, i));
            *out_value = aws_config_without_quotes(str_trim(str_slice(line, i + 1, line.len)));
            return !str_is_empty(*out_key);
        }
    return false;
}

static struct aws_config_property *new_property(const struct parser *parser, struct str key, struct str value)
{
    struct aws_config_property *property = ARENA_NEW(parser->arena, struct aws_config_property);
    property->key = str_lower(parser->arena, key);
    property->value = value;
    property->line = parser->line;
    return property;
}

static void add_property(struct parser *parser, struct str key, struct str value)
{
    struct aws_config_property *property = new_property(parser, key, value);
    if (parser->section->last)
        parser->section->last->next = property;
    else
        parser->section->properties = property;
    parser->section->last = property;
    parser->property = property;
    parser->is_continued = false;
}

static void add_child(struct parser *parser, struct str key, struct str value)
{
    struct aws_config_property *child = new_property(parser, key, value);
    if (parser->property->last_child)
        parser->property->last_child->next = child;
    else
        parser->property->children = child;
    parser->property->last_child = child;
}

/* A continuation line: the trimmed line is appended after a newline. */
static void continue_value(struct parser *parser, struct str line)
{
    if (!parser->is_continued)
        str_builder_init(&parser->continued, parser->arena, SIZE_MAX);
    if ((!parser->is_continued && !str_builder_add(&parser->continued, parser->property->value, &parser->err)) ||
        !str_builder_add_char(&parser->continued, '\n', &parser->err) ||
        !str_builder_add(&parser->continued, str_trim(line), &parser->err))
        return;
    parser->is_continued = true;
    parser->property->value = str_builder_text(&parser->continued);
}

/* Below an empty value: one property of its block. After another value: a
 * property that somebody indented; without a separator, more of that value. */
static void read_indented(struct parser *parser, struct str line)
{
    struct str key;
    struct str value;
    bool is_block = parser->property && str_is_empty(parser->property->value);
    if (!split_property(without_comment(line), &key, &value)) {
        if (parser->property && !is_block)
            continue_value(parser, line);
    } else if (is_block) {
        add_child(parser, key, value);
    } else {
        add_property(parser, key, value);
    }
}

static void read_line(struct parser *parser, struct str line)
{
    struct str trimmed = str_trim(line);
    struct str key;
    struct str value;
    if (str_is_empty(trimmed) || trimmed.ptr[0] == '#' || trimmed.ptr[0] == ';')
        return;
    if (trimmed.ptr[0] == '[') {
        open_section(parser, trimmed);
    } else if (!parser->section) {
        if (!parser->sections->first && !parser->sections->unreadable_line && str_find_char(line, '=') >= 0)
            note_line(&parser->sections->homeless_line, parser->line);
    } else if (is_blank(line.ptr[0])) {
        read_indented(parser, line);
    } else if (split_property(without_comment(line), &key, &value)) {
        add_property(parser, key, value);
    }
}

void aws_config_parse(struct arena *arena, enum aws_config_kind kind, struct str text, struct aws_config_sections *out)
{
    *out = (struct aws_config_sections){ 0 };
    struct parser parser = { .arena = arena, .kind = kind, .sections = out };
    struct str rest =
        str_starts_with(text, STR(BYTE_ORDER_MARK)) ? str_slice(text, strlen(BYTE_ORDER_MARK), text.len) : text;
    struct str line;
    while (str_next(&rest, '\n', &line)) {
        parser.line++;
        read_line(&parser, line);
    }
}

bool aws_config_is_named(const struct aws_config_section *section, enum aws_config_section_kind kind, struct str name)
{
    return section->kind == kind && str_equal(section->name, name);
}

const struct aws_config_property *aws_config_last_property(const struct aws_config_property *properties,
                                                           const char *key)
{
    const struct aws_config_property *found = NULL;
    for (; properties; properties = properties->next)
        if (str_equal(properties->key, str_from(key)))
            found = properties;
    return found;
}
