/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/http/message.h"

struct str http_header_find(const struct http_header *headers, size_t count, struct str name)
{
    for (size_t i = 0; i < count; i++)
        if (str_equal_ignore_case(headers[i].name, name))
            return headers[i].value;
    return STR("");
}

static bool is_between(struct str text, char first, char last)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < first || text.ptr[i] > last)
            return false;
    return true;
}

bool http_is_header_value(struct str text)
{
    return is_between(text, ' ', '~');
}

bool http_is_header_word(struct str text)
{
    return is_between(text, '!', '~');
}
