/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/copy/mark.h"

#include "aws/crypto.h"

enum { DIGEST_BYTES = 16, ID_CHARACTERS = 16 };

static const char format_number[] = "1";

enum mark_found mark_find(const struct aws_tags *tags, struct mark *out)
{
    struct str rest = { 0 };
    for (size_t i = 0; i < tags->count; i++)
        if (str_equal(tags->items[i].key, STR(MARK_TAG)))
            rest = tags->items[i].value.ptr ? tags->items[i].value : STR("");
    if (!rest.ptr)
        return MARK_MISSING;
    struct mark mark;
    struct str number;
    struct str *const parts[] = { &number, &mark.holder_id, &mark.source, &mark.key, &mark.time };
    for (size_t i = 0; i < ARRAY_LENGTH(parts); i++)
        if (!str_next(&rest, ' ', parts[i]) || str_is_empty(*parts[i]))
            return MARK_UNREADABLE;
    if (rest.ptr || !str_equal(number, str_from(format_number)))
        return MARK_UNREADABLE;
    *out = mark;
    return MARK_FOUND;
}

static struct str or_dash(struct str text)
{
    return str_is_empty(text) ? STR("-") : text;
}

struct str mark_text(struct arena *arena, const struct mark *mark)
{
    const struct str source = or_dash(mark->source), key = or_dash(mark->key), time = or_dash(mark->time);
    return str_format(arena, "%s %.*s %.*s %.*s %.*s", format_number, STR_ARG(mark->holder_id), STR_ARG(source),
                      STR_ARG(key), STR_ARG(time));
}

struct str mark_digest(struct arena *arena, struct str text)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    if (str_is_empty(text))
        return STR("-");
    unsigned char hash[CRYPTO_SHA256_BYTES];
    crypto_sha256(text, hash);
    char *out = arena_alloc(arena, DIGEST_BYTES * 2);
    size_t length = 0;
    for (size_t bit = 0; bit < DIGEST_BYTES * 8; bit += 6) {
        size_t byte = bit / 8;
        unsigned next = byte + 1 < DIGEST_BYTES ? hash[byte + 1] : 0;
        unsigned pair = (unsigned)hash[byte] << 8 | next;
        out[length++] = alphabet[pair >> (10 - bit % 8) & 63];
    }
    return (struct str){ out, length };
}

struct str mark_source_time(const struct mark *mark)
{
    return str_equal(mark->time, STR("-")) ? STR("") : mark->time;
}

struct str mark_new_id(struct arena *arena)
{
    static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
    unsigned char random_bytes[ID_CHARACTERS];
    crypto_random(random_bytes, sizeof(random_bytes));
    char *out = arena_alloc(arena, ID_CHARACTERS + 1);
    for (size_t i = 0; i < ID_CHARACTERS; i++)
        out[i] = alphabet[random_bytes[i] & 31];
    return (struct str){ out, ID_CHARACTERS };
}

bool mark_part_agrees(struct str a, struct str b)
{
    return str_equal(or_dash(a), STR("-")) || str_equal(or_dash(b), STR("-")) || str_equal(a, b);
}
