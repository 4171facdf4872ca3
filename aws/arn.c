/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/arn.h"

enum { ACCOUNT_ID_DIGITS = 12, SHOWN_BYTES = 200 };

bool aws_is_arn(struct str text)
{
    return str_starts_with(text, STR("arn:"));
}

/* The error names the text, and a hostile one may be long or unprintable: short and clean it is. */
static bool refuse(struct str text, const char *why, struct err *err)
{
    struct arena *arena = arena_new();
    struct str shown = str_printable(arena, str_slice(text, 0, SHOWN_BYTES));
    err_set(err, ERR_INVALID, "\"%.*s%s\" is not an ARN: %s", STR_ARG(shown), text.len > SHOWN_BYTES ? "..." : "", why);
    arena_free(arena);
    return false;
}

/* What is wrong with it; NULL: it is one. */
static const char *split(struct str text, struct aws_arn *out)
{
    if (!aws_is_arn(text))
        return "it does not begin with \"arn:\"";
    struct aws_arn arn;
    const struct {
        struct str *part;
        const char *missing;
    } parts[] = {
        { &arn.partition, "nothing follows the partition"     },
        { &arn.service,   "nothing follows the service"       },
        { &arn.region,    "nothing follows the Region's part" },
        { &arn.account,   "nothing follows the account"       },
    };
    struct str rest = str_slice(text, sizeof("arn:") - 1, text.len);
    for (size_t i = 0; i < ARRAY_LENGTH(parts); i++) {
        if (!str_next(&rest, ':', parts[i].part) || !rest.ptr)
            return parts[i].missing;
    }
    arn.resource = rest;
    if (str_is_empty(arn.partition))
        return "its partition is empty";
    if (str_is_empty(arn.service))
        return "its service is empty";
    if (str_is_empty(arn.resource))
        return "its resource is empty";
    *out = arn;
    return NULL;
}

bool aws_arn_split(struct str text, struct aws_arn *out)
{
    return !split(text, out);
}

bool aws_arn_parse(struct str text, struct aws_arn *out, struct err *err)
{
    const char *problem = split(text, out);
    return !problem || refuse(text, problem, err);
}

bool aws_is_account_id(struct str text)
{
    if (text.len != ACCOUNT_ID_DIGITS)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    return true;
}
