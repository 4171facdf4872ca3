/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/profile_way.h"

const char *profile_label(struct arena *arena, struct str profile)
{
    struct str shown = str_printable(arena, profile);
    return str_format(arena, "the profile \"%.*s\"", STR_ARG(shown)).ptr;
}

const char *profile_key_label(const struct profile_opening *opening, const char *key)
{
    const struct str where = aws_profile_where(opening->files, opening->arena, opening->profile, key);
    return str_format(opening->arena, "%s of %s (%.*s)", key, profile_label(opening->arena, opening->profile),
                      STR_ARG(where))
        .ptr;
}

static bool is_plain(struct str text)
{
    const struct str plain = STR("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./:@%+=,");
    for (size_t i = 0; i < text.len; i++)
        if (str_find_char(plain, text.ptr[i]) < 0)
            return false;
    return true;
}

const char *profile_command(struct arena *arena, const char *command, struct str profile)
{
    const struct str shown = str_printable(arena, profile);
    const char *quote = is_plain(shown) ? "" : str_find_char(shown, '\'') < 0 ? "'" : "\"";
    return str_format(arena, "%s --profile %s%.*s%s", command, quote, STR_ARG(shown), quote).ptr;
}
