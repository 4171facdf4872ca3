/* SPDX-License-Identifier: MPL-2.0 */
#include <string.h>

#include "plugin/docgen/pages.h"
#include "plugin/runtime/limits.h"

enum { LINE_MAX_BYTES = 112 };

/* Where lines are the author's: front matter and code. */
enum part { PART_PROSE, PART_FRONT, PART_CODE };

static enum part part_after(enum part part, struct str line, bool is_first)
{
    if (str_equal(line, STR("---")) && (is_first || part == PART_FRONT))
        return is_first ? PART_FRONT : PART_PROSE;
    if (part != PART_FRONT && str_starts_with(line, STR("```")))
        return part == PART_CODE ? PART_PROSE : PART_CODE;
    return part;
}

/* A heading or a row of a table is one line. */
static bool may_be_wrapped(struct str line)
{
    return line.len > 0 && !strchr("#|<", line.ptr[0]);
}

/* Others would begin a list, a heading, a quotation or a table. */
static bool may_begin_line(struct str word)
{
    return word.len > 0 && !strchr("0123456789-+#>|=", word.ptr[0]) && !str_equal(word, STR("*"));
}

static const char *indent_of(struct str line)
{
    return str_starts_with(line, STR("- ")) ? "  " : str_starts_with(line, STR("1. ")) ? "   " : "";
}

static bool add_wrapped(struct str_builder *out, struct str line, struct err *err)
{
    const char *indent = indent_of(line);
    struct str word;
    size_t width = 0;
    for (bool is_first = true; str_next(&line, ' ', &word); is_first = false) {
        bool breaks = !is_first && width + 1 + word.len > LINE_MAX_BYTES && may_begin_line(word);
        const char *before = is_first ? "" : " ";
        if (!str_builder_format(out, err, "%s%s%.*s", breaks ? "\n" : before, breaks ? indent : "", STR_ARG(word)))
            return false;
        width = (breaks ? strlen(indent) : width + strlen(before)) + word.len;
    }
    return true;
}

bool docs_wrap(struct arena *arena, struct str text, struct str *out, struct err *err)
{
    struct str_builder wrapped;
    struct str line;
    enum part part = PART_PROSE;
    str_builder_init(&wrapped, arena, DOCS_PAGE_MAX_BYTES);
    for (bool is_first = true; str_next(&text, '\n', &line); is_first = false) {
        part = part_after(part, line, is_first);
        if (!is_first && !str_builder_add_char(&wrapped, '\n', err))
            return false;
        bool ok = part == PART_PROSE && may_be_wrapped(line) ? add_wrapped(&wrapped, line, err)
                                                             : str_builder_add(&wrapped, line, err);
        if (!ok)
            return false;
    }
    *out = str_builder_text(&wrapped);
    return true;
}
