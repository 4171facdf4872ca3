/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/profile/command_line.h"

enum { NOT_QUOTED = '\0' };

struct splitter {
    struct str text;
    size_t at;
    char *bytes; /* of all words; no longer than the text with a NUL for each word */
    size_t used;
    struct command_line line;
};

static bool is_separator(char character)
{
    return character == ' ' || character == '\t' || character == '\r' || character == '\n';
}

/* In double quotes a backslash stays where it is not needed. */
static bool take_escaped(struct splitter *splitter, char quote, struct err *err)
{
    if (splitter->at == splitter->text.len)
        return err_set(err, ERR_INVALID, "it ends with a \\ that has nothing behind it");
    const char escaped = splitter->text.ptr[splitter->at++];
    if (quote != NOT_QUOTED && escaped != quote && escaped != '\\')
        splitter->bytes[splitter->used++] = '\\';
    splitter->bytes[splitter->used++] = escaped;
    return true;
}

/* From the first character of a word to its end. */
static bool take_word(struct splitter *splitter, struct err *err)
{
    char quote = NOT_QUOTED;
    while (splitter->at < splitter->text.len) {
        const char character = splitter->text.ptr[splitter->at];
        if (quote == NOT_QUOTED && is_separator(character))
            break;
        splitter->at++;
        if (character == '\\' && quote != '\'') {
            if (!take_escaped(splitter, quote, err))
                return false;
        } else if (character == quote)
            quote = NOT_QUOTED;
        else if (quote == NOT_QUOTED && (character == '"' || character == '\''))
            quote = character;
        else
            splitter->bytes[splitter->used++] = character;
    }
    if (quote != NOT_QUOTED)
        return err_set(err, ERR_INVALID, "a %c in it is not closed by another one", quote);
    splitter->bytes[splitter->used++] = '\0';
    return true;
}

static void skip_separators(struct splitter *splitter)
{
    while (splitter->at < splitter->text.len && is_separator(splitter->text.ptr[splitter->at]))
        splitter->at++;
}

bool command_line_split(struct arena *arena, struct str text, struct command_line *out, struct err *err)
{
    if (text.len > COMMAND_LINE_MAX_BYTES)
        return err_set(err, ERR_INVALID, "it is longer than %d bytes", COMMAND_LINE_MAX_BYTES);
    if (str_find_char(text, '\0') >= 0)
        return err_set(err, ERR_INVALID, "it contains a NUL character");
    const size_t words_max = text.len / 2 + 1;
    struct splitter splitter = {
        .text = text,
        .bytes = arena_alloc(arena, text.len + 1),
        .line = { .words = arena_array(arena, words_max + 1, sizeof(*splitter.line.words)) },
    };
    for (skip_separators(&splitter); splitter.at < text.len; skip_separators(&splitter)) {
        splitter.line.words[splitter.line.count++] = splitter.bytes + splitter.used;
        if (!take_word(&splitter, err))
            return false;
    }
    *out = splitter.line;
    return true;
}
