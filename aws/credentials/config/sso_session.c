/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/config/sso_session.h"

#include "aws/credentials/config/opened.h"

static const struct aws_config_property *find_in_session(const struct file *file, struct str session, const char *key)
{
    const struct aws_config_property *found = NULL;
    for (const struct aws_config_section *section = file->sections.first; section; section = section->next) {
        const struct aws_config_property *property = aws_config_is_named(section, AWS_CONFIG_SSO_SESSION, session)
                                                         ? aws_config_last_property(section->properties, key)
                                                         : NULL;
        if (property)
            found = property;
    }
    return found;
}

/* Likewise NULL where the last file that has the key empties it. */
static const struct aws_config_property *find_for_sso(const struct aws_profile_files *files, struct str session,
                                                      const char *key, const struct file **out_file)
{
    const struct aws_config_property *property = NULL;
    for (size_t i = files->count; i > 0 && !property; i--) {
        *out_file = &files->files[i - 1];
        property = find_in_session(*out_file, session, key);
    }
    return property && !str_is_empty(property->value) ? property : NULL;
}

bool aws_profile_sso_get(const struct aws_profile_files *files, struct str session, const char *key, struct str *out)
{
    const struct file *file;
    const struct aws_config_property *property = find_for_sso(files, session, key, &file);
    if (property)
        *out = property->value;
    return property != NULL;
}

struct str aws_profile_sso_where(const struct aws_profile_files *files, struct arena *arena, struct str session,
                                 const char *key)
{
    const struct file *file;
    const struct aws_config_property *property = find_for_sso(files, session, key, &file);
    return property ? aws_profile_place(arena, file, property->line) : STR("");
}

/* [NAME] or [sso_session NAME] in a config file, [sso-session NAME] in a credentials file. */
static bool is_meant_for_sso(const struct file *file, const struct aws_config_section *section, struct str session)
{
    const bool is_candidate = section->kind == (file->kind == AWS_CONFIG_TEXT ? AWS_CONFIG_UNUSED : AWS_CONFIG_PROFILE);
    return is_candidate && str_ends_with(section->name, session) &&
           (str_starts_with(section->name, STR("sso")) ||
            (file->kind == AWS_CONFIG_TEXT && str_equal(section->name, session)));
}

static size_t line_meant_for_sso(const struct file *file, struct str session)
{
    for (const struct aws_config_section *section = file->sections.first; section; section = section->next)
        if (is_meant_for_sso(file, section, session))
            return section->line;
    return 0;
}

static bool refuse_session(const struct aws_profile_files *files, struct arena *arena, struct str session,
                           struct err *err)
{
    struct str looked_at = STR("");
    struct str instead = STR("");
    const struct str shown = str_printable(arena, session);
    for (size_t i = 0; i < files->count; i++) {
        const struct file *file = &files->files[i];
        const struct str path = str_printable(arena, file->path);
        const size_t line = line_meant_for_sso(file, session);
        if (file->kind == AWS_CONFIG_TEXT)
            str_join(arena, &looked_at, ", ", "%.*s%s%s%s", STR_ARG(path), file->note ? " (" : "",
                     file->note ? file->note : "", file->note ? ")" : "");
        if (line && str_is_empty(instead))
            instead = aws_profile_place(arena, file, line);
    }
    err_set(err, ERR_NOT_FOUND, "there is no [sso-session %.*s] in %.*s", STR_ARG(shown), STR_ARG(looked_at));
    if (!str_is_empty(instead))
        err_set_remedy(err, "%.*s has a section that may be meant: write [sso-session %.*s], in the config file.",
                       STR_ARG(instead), STR_ARG(shown));
    return false;
}

bool aws_profile_sso_find(const struct aws_profile_files *files, struct arena *arena, struct str session,
                          struct str *out_where, struct err *err)
{
    for (size_t i = files->count; i > 0; i--) {
        const struct file *file = &files->files[i - 1];
        for (const struct aws_config_section *section = file->sections.first; section; section = section->next)
            if (aws_config_is_named(section, AWS_CONFIG_SSO_SESSION, session)) {
                *out_where = aws_profile_place(arena, file, section->line);
                return true;
            }
    }
    return refuse_session(files, arena, session, err);
}
