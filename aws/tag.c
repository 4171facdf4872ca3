/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/tag.h"

static size_t characters(struct str text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += ((unsigned char)text.ptr[i] & 0xc0) != 0x80; /* not a UTF-8 continuation */
    return count;
}

bool aws_is_tag_key(struct str key)
{
    return !str_is_empty(key) && characters(key) <= TAG_KEY_MAX_CHARACTERS;
}

bool aws_is_tag_value(struct str value)
{
    return characters(value) <= TAG_VALUE_MAX_CHARACTERS;
}
