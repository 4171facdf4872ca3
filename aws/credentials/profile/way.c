/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/profile/way.h"

const char *profile_key_label(const struct profile_opening *opening, const char *key)
{
    return aws_profile_key_label(opening->files, opening->arena, opening->profile, key);
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
