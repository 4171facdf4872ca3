/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/config/profile.h"

#include <string.h>

#include "aws/credentials/config/opened.h"

static const char *const name_variables[] = { "AWS_PROFILE", "AWS_DEFAULT_PROFILE" };

enum aws_profile_naming aws_profile_naming(const struct env *env, struct str given)
{
    struct str ignored;
    if (!str_is_empty(given))
        return AWS_PROFILE_BY_ARGUMENT;
    return env_find(env, name_variables[0], &ignored) ? AWS_PROFILE_BY_ENVIRONMENT : AWS_PROFILE_BY_NOBODY;
}

struct str aws_profile_name(const struct env *env, struct str given)
{
    struct str name = given;
    for (size_t i = 0; i < ARRAY_LENGTH(name_variables) && str_is_empty(name); i++)
        (void)env_find(env, name_variables[i], &name);
    return str_is_empty(name) ? STR("default") : aws_config_without_quotes(name);
}

static bool is_profile(const struct aws_config_section *section, struct str profile)
{
    return aws_config_is_named(section, AWS_CONFIG_PROFILE, profile);
}

/* [profile default] replaces [default], in whichever config file it is. */
static bool has_prefixed_default(const struct aws_profile_files *files)
{
    for (size_t i = 0; i < files->count; i++)
        for (const struct aws_config_section *section = files->files[i].sections.first; section;
             section = section->next)
            if (is_profile(section, STR("default")) && section->has_prefix)
                return true;
    return false;
}

static bool has_profile(const struct file *file, struct str profile)
{
    for (const struct aws_config_section *section = file->sections.first; section; section = section->next)
        if (is_profile(section, profile))
            return true;
    return false;
}

bool aws_profile_exists(const struct aws_profile_files *files, struct str profile)
{
    for (size_t i = 0; i < files->count; i++)
        if (has_profile(&files->files[i], profile))
            return true;
    return false;
}

static const struct aws_config_property *find_in_file(const struct aws_profile_files *files, const struct file *file,
                                                      struct str profile, const char *key)
{
    bool prefixed_only =
        file->kind == AWS_CONFIG_TEXT && str_equal(profile, STR("default")) && has_prefixed_default(files);
    const struct aws_config_property *found = NULL;
    for (const struct aws_config_section *section = file->sections.first; section; section = section->next) {
        if (!is_profile(section, profile) || (prefixed_only && !section->has_prefix))
            continue;
        const struct aws_config_property *property = aws_config_last_property(section->properties, key);
        if (property)
            found = property;
    }
    return found;
}

/* `out_file`: where it is. NULL: nowhere, or the last file that has the key empties it. */
static const struct aws_config_property *find(const struct aws_profile_files *files, struct str profile,
                                              const char *key, const struct file **out_file)
{
    const struct aws_config_property *property = NULL;
    for (size_t i = files->count; i > 0 && !property; i--) {
        *out_file = &files->files[i - 1];
        property = find_in_file(files, *out_file, profile, key);
    }
    return property && !str_is_empty(property->value) ? property : NULL;
}

bool aws_profile_get(const struct aws_profile_files *files, struct str profile, const char *key, struct str *out)
{
    const struct file *file;
    const struct aws_config_property *property = find(files, profile, key, &file);
    if (property)
        *out = property->value;
    return property != NULL;
}

struct str aws_profile_where(const struct aws_profile_files *files, struct arena *arena, struct str profile,
                             const char *key)
{
    const struct file *file;
    const struct aws_config_property *property = find(files, profile, key, &file);
    return property ? aws_profile_place(arena, file, property->line) : STR("");
}

const char *aws_profile_label(struct arena *arena, struct str profile)
{
    const struct str shown = str_printable(arena, profile);
    return str_format(arena, "the profile \"%.*s\"", STR_ARG(shown)).ptr;
}

const char *aws_profile_key_label(const struct aws_profile_files *files, struct arena *arena, struct str profile,
                                  const char *key)
{
    const struct str where = aws_profile_where(files, arena, profile, key);
    return str_format(arena, "%s of %s (%.*s)", key, aws_profile_label(arena, profile), STR_ARG(where)).ptr;
}

/* ---- keys ---- */

static const struct aws_config_property *find_key(const struct aws_profile_files *files, const struct file *file,
                                                  struct str profile, const char *key)
{
    const struct aws_config_property *property = find_in_file(files, file, profile, key);
    return property && !str_is_empty(property->value) ? property : NULL;
}

bool aws_profile_find_keys(const struct aws_profile_files *files, struct str profile, struct aws_profile_keys *out)
{
    for (size_t i = files->count; i > 0; i--) {
        const struct file *file = &files->files[i - 1];
        const struct aws_config_property *id = find_key(files, file, profile, "aws_access_key_id");
        const struct aws_config_property *secret = find_key(files, file, profile, "aws_secret_access_key");
        const struct aws_config_property *token = find_key(files, file, profile, "aws_session_token");
        const struct aws_config_property *first = id ? id : secret;
        if (!first)
            continue;
        *out = (struct aws_profile_keys){ .access_key_id = id ? id->value : STR(""),
                                          .secret_access_key = secret ? secret->value : STR(""),
                                          .session_token = token ? token->value : STR(""),
                                          .path = file->path,
                                          .line = first->line };
        return true;
    }
    return false;
}

/* ---- what is wrong ---- */

static struct str misplaced(struct arena *arena, const struct file *file, struct str profile)
{
    const char *right = file->kind == AWS_CONFIG_TEXT ? "profile " : "";
    const char *wrong = file->kind == AWS_CONFIG_TEXT ? "" : "profile ";
    struct str shown = str_printable(arena, profile);
    for (const struct aws_config_section *section = file->sections.first; section; section = section->next)
        if (section->kind == AWS_CONFIG_UNUSED && str_equal(section->name, profile))
            return str_format(arena, "line %zu: write [%s%.*s], not [%s%.*s]", section->line, right, STR_ARG(shown),
                              wrong, STR_ARG(shown));
    return STR("");
}

/* Without what names differ in by mistake: blanks, line breaks, quotes, backslashes, capitals. */
static struct str plain(struct arena *arena, struct str name)
{
    static const char signs[] = " \t\r\n\"'\\";
    char *text = arena_alloc(arena, name.len + 1);
    size_t length = 0;
    for (size_t i = 0; i < name.len; i++)
        if (!strchr(signs, name.ptr[i]))
            text[length++] = name.ptr[i];
    return str_lower(arena, (struct str){ text, length });
}

static struct str similar(struct arena *arena, const struct file *file, struct str profile)
{
    const struct str wanted = plain(arena, profile);
    const struct str with_prefix = str_format(arena, "profile%.*s", STR_ARG(wanted));
    for (const struct aws_config_section *section = file->sections.first; section; section = section->next) {
        const struct str there = plain(arena, section->heading);
        if (!str_equal(there, wanted) && !str_equal(there, with_prefix))
            continue;
        const struct str shown = str_printable(arena, section->heading);
        return str_format(arena, "line %zu has [%.*s]", section->line, STR_ARG(shown));
    }
    return STR("");
}

/* Why a profile may not be found in this file; empty: nothing is wrong with it. */
static struct str note_on(struct arena *arena, const struct file *file, struct str profile)
{
    if (file->note)
        return str_from(file->note);
    const bool exists = has_profile(file, profile);
    struct str note = misplaced(arena, file, profile);
    if (str_is_empty(note) && !exists)
        note = similar(arena, file, profile);
    if (str_is_empty(note) && file->sections.unreadable_line)
        note = str_format(arena, "the heading in line %zu cannot be read", file->sections.unreadable_line);
    if (str_is_empty(note) && file->sections.foreign_line)
        note = str_format(arena, "line %zu is not UTF-8", file->sections.foreign_line);
    if (str_is_empty(note) && file->sections.homeless_line)
        note = str_format(arena, "line %zu comes before the first heading", file->sections.homeless_line);
    return note;
}

struct str aws_profile_files_describe(struct arena *arena, const struct aws_profile_files *files, struct str profile)
{
    struct str text = STR("");
    for (size_t i = 0; i < files->count; i++) {
        const struct str path = str_printable(arena, files->files[i].path);
        const struct str note = note_on(arena, &files->files[i], profile);
        const bool has_note = !str_is_empty(note);
        str_join(arena, &text, ", ", "%.*s%s%.*s%s", STR_ARG(path), has_note ? " (" : "", STR_ARG(note),
                 has_note ? ")" : "");
    }
    return text;
}

bool aws_profile_check(const struct aws_profile_files *files, struct arena *arena, struct str profile, struct err *err)
{
    if (aws_profile_exists(files, profile))
        return true;
    struct str shown = str_printable(arena, profile);
    struct str looked_at = aws_profile_files_describe(arena, files, profile);
    err_set(err, ERR_NOT_FOUND, "the profile \"%.*s\" was not found in %.*s", STR_ARG(shown), STR_ARG(looked_at));
    err_set_remedy(
        err, "Correct `profile` (for whoami: --profile) or AWS_PROFILE, or add the profile: [profile NAME] in the "
             "config file, [NAME] in the credentials file.");
    return false;
}
