/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/config/files.h"

#include <limits.h>

#include "aws/credentials/config/parser.h"

struct file {
    enum aws_config_kind kind;
    struct str path;
    bool is_usual;    /* no argument and no variable named the path */
    const char *note; /* "missing"; NULL when it was read */
    struct aws_config_sections sections;
};

struct aws_profile_files {
    struct arena *arena;
    struct file *files; /* later ones win */
    size_t count;
};

static size_t name_length(struct str text)
{
    size_t length = 0;
    while (length < text.len && (text.ptr[length] == '_' || (text.ptr[length] >= '0' && text.ptr[length] <= '9') ||
                                 (text.ptr[length] >= 'a' && text.ptr[length] <= 'z') ||
                                 (text.ptr[length] >= 'A' && text.ptr[length] <= 'Z')))
        length++;
    return length;
}

/* The variable at the start of `*rest` ("$NAME", "${NAME}"), cut off. */
static struct str take_variable(struct arena *arena, const struct env *env, struct str *rest)
{
    bool braced = rest->len > 1 && rest->ptr[1] == '{';
    size_t from = braced ? 2 : 1;
    size_t length = name_length(str_slice(*rest, from, rest->len));
    size_t end = from + length;
    bool is_closed = !braced || (end < rest->len && rest->ptr[end] == '}');
    if (!length || !is_closed) {
        struct str dollar = str_slice(*rest, 0, 1);
        *rest = str_slice(*rest, 1, rest->len);
        return dollar;
    }
    const char *name = str_c(arena, str_slice(*rest, from, end));
    *rest = str_slice(*rest, braced ? end + 1 : end, rest->len);
    return env_get(env, name, STR(""));
}

struct str aws_expand_path(struct arena *arena, const struct env *env, struct str path)
{
    struct str rest = path;
    struct str text = STR("");
    if (path.len > PATH_MAX) /* names no file, and would be put together in quadratic time */
        return path;
    while (rest.len) {
        ptrdiff_t dollar = str_find_char(rest, '$');
        struct str plain = str_slice(rest, 0, dollar < 0 ? rest.len : (size_t)dollar);
        rest = str_slice(rest, plain.len, rest.len);
        struct str value = rest.len ? take_variable(arena, env, &rest) : STR("");
        text = str_format(arena, "%.*s%.*s%.*s", STR_ARG(text), STR_ARG(plain), STR_ARG(value));
    }
    if (!str_equal(text, STR("~")) && !str_starts_with(text, STR("~/")))
        return text;
    const struct str home = env_get(env, "HOME", STR("~"));
    const struct str below = str_slice(text, 1, text.len);
    return str_format(arena, "%.*s%.*s", STR_ARG(home), STR_ARG(below));
}

struct loader {
    const struct aws_profile_files_options *options;
    struct aws_profile_files *files;
};

static void log_unused(struct log *log, const struct file *file)
{
    if (file->sections.unreadable_line)
        log_write(log, LOG_DEBUG, NULL, "%.*s: the heading in line %zu cannot be read", STR_ARG(file->path),
                  file->sections.unreadable_line);
    for (const struct aws_config_section *section = file->sections.first; section; section = section->next)
        if (section->kind == AWS_CONFIG_UNUSED)
            log_write(log, LOG_DEBUG, NULL, "%.*s: the section of line %zu is not used", STR_ARG(file->path),
                      section->line);
}

/* By its mark, or by the zero beside the first sign. */
static bool is_utf16(struct str text)
{
    return str_starts_with(text, STR("\xff\xfe")) || str_starts_with(text, STR("\xfe\xff")) ||
           (text.len > 1 && (text.ptr[0] == '\0' || text.ptr[1] == '\0'));
}

static bool read_file(struct file *file, struct arena *arena, const struct file_reader *reader, struct log *log,
                      struct err *err)
{
    CLEANUP(err_clear) struct err failure = { 0 };
    struct str text;
    if (!file_read(reader, arena, file->path, AWS_PROFILE_FILE_MAX_BYTES, &text, &failure)) {
        /* At the usual path docker -v makes a folder of a file that is missing: nobody named it. */
        if (failure.kind == ERR_INVALID || (failure.kind == ERR_CONFLICT && !file->is_usual)) {
            err_move(err, &failure);
            return false;
        }
        bool is_missing = failure.kind == ERR_NOT_FOUND;
        file->note = is_missing ? "missing" : "cannot be read";
        log_write(log, is_missing ? LOG_DEBUG : LOG_WARN, NULL, "not read: %s", err_text(&failure));
    } else if (is_utf16(text)) {
        file->note = "not read: it is UTF-16, save it as UTF-8";
        log_write(log, LOG_WARN, NULL, "%.*s: %s", STR_ARG(file->path), file->note);
    } else {
        aws_config_parse(arena, file->kind, text, &file->sections);
        log_unused(log, file);
    }
    return true;
}

/* `name`: what gave the path; NULL for the usual one. */
static bool load(const struct loader *loader, enum aws_config_kind kind, const char *name, struct str given_path,
                 struct err *err)
{
    const struct aws_profile_files_options *options = loader->options;
    struct arena *arena = loader->files->arena;
    struct file *file = &loader->files->files[loader->files->count++];
    file->kind = kind;
    file->is_usual = !name;
    file->path = aws_expand_path(arena, options->env, given_path);
    if (read_file(file, arena, options->reader, options->log, err))
        return true;
    return name ? err_wrap(err, "%s", name) : false;
}

static bool load_default(const struct loader *loader, enum aws_config_kind kind, struct err *err)
{
    static const struct {
        const char *variable, *otherwise;
    } defaults[] = {
        [AWS_CONFIG_TEXT] = { "AWS_CONFIG_FILE",             "~/.aws/config"      },
        [AWS_CREDENTIALS_TEXT] = { "AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials" },
    };
    struct str path;
    if (env_find(loader->options->env, defaults[kind].variable, &path))
        return load(loader, kind, defaults[kind].variable, path, err);
    return load(loader, kind, NULL, str_from(defaults[kind].otherwise), err);
}

static bool load_all(const struct loader *loader, enum aws_config_kind kind, struct err *err)
{
    const struct aws_profile_files_options *options = loader->options;
    bool is_config = kind == AWS_CONFIG_TEXT;
    const struct str *paths = is_config ? options->config_paths : options->credentials_paths;
    size_t count = is_config ? options->config_path_count : options->credentials_path_count;
    const char *name = is_config ? options->config_paths_name : options->credentials_paths_name;
    if (!count)
        return load_default(loader, kind, err);
    for (size_t i = 0; i < count; i++)
        if (!load(loader, kind, name, paths[i], err))
            return false;
    return true;
}

static struct aws_profile_files *new_files(size_t max_count)
{
    struct aws_profile_files *files = mem_alloc(sizeof(*files));
    files->arena = arena_new();
    files->files = arena_array(files->arena, max_count, sizeof(*files->files));
    return files;
}

bool aws_profile_files_new(const struct aws_profile_files_options *options, struct aws_profile_files **out,
                           struct err *err)
{
    struct aws_profile_files *files = new_files(options->config_path_count + options->credentials_path_count + 2);
    const struct loader loader = { options, files };
    if (!load_all(&loader, AWS_CONFIG_TEXT, err) || !load_all(&loader, AWS_CREDENTIALS_TEXT, err)) {
        aws_profile_files_free(files);
        return false;
    }
    *out = files;
    return true;
}

bool aws_profile_files_reread(const struct aws_profile_files *files, const struct file_reader *reader, struct log *log,
                              struct aws_profile_files **out, struct err *err)
{
    struct aws_profile_files *again = new_files(files->count);
    while (again->count < files->count) {
        const struct file *before = &files->files[again->count];
        struct file *file = &again->files[again->count++];
        file->kind = before->kind;
        file->is_usual = before->is_usual;
        file->path = str_copy(again->arena, before->path);
        if (!read_file(file, again->arena, reader, log, err)) {
            aws_profile_files_free(again);
            return false;
        }
    }
    *out = again;
    return true;
}

void aws_profile_files_free(struct aws_profile_files *files)
{
    if (!files)
        return;
    arena_free(files->arena);
    mem_free(files);
}

/* ---- looking things up ---- */

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

static bool is_named(const struct aws_config_section *section, enum aws_config_section_kind kind, struct str name)
{
    return section->kind == kind && str_equal(section->name, name);
}

static bool is_profile(const struct aws_config_section *section, struct str profile)
{
    return is_named(section, AWS_CONFIG_PROFILE, profile);
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

bool aws_profile_exists(const struct aws_profile_files *files, struct str profile)
{
    for (size_t i = 0; i < files->count; i++)
        for (const struct aws_config_section *section = files->files[i].sections.first; section;
             section = section->next)
            if (is_profile(section, profile))
                return true;
    return false;
}

static const struct aws_config_property *last_property(const struct aws_config_property *properties, const char *key)
{
    const struct aws_config_property *found = NULL;
    for (; properties; properties = properties->next)
        if (str_equal(properties->key, str_from(key)))
            found = properties;
    return found;
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
        const struct aws_config_property *property = last_property(section->properties, key);
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

static struct str place_of(struct arena *arena, const struct file *file, size_t line)
{
    const struct str path = str_printable(arena, file->path);
    return str_format(arena, "%.*s, line %zu", STR_ARG(path), line);
}

struct str aws_profile_where(const struct aws_profile_files *files, struct arena *arena, struct str profile,
                             const char *key)
{
    const struct file *file;
    const struct aws_config_property *property = find(files, profile, key, &file);
    return property ? place_of(arena, file, property->line) : STR("");
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

/* ---- Services ---- */

/* `out_file`: where it is. An empty value is none. */
static const struct aws_config_property *find_for_service(const struct aws_profile_files *files, struct str services,
                                                          const char *service, const char *key,
                                                          const struct file **out_file)
{
    const struct aws_config_property *found = NULL;
    for (size_t i = 0; i < files->count; i++)
        for (const struct aws_config_section *section = files->files[i].sections.first; section;
             section = section->next) {
            if (!is_named(section, AWS_CONFIG_SERVICES, services))
                continue;
            const struct aws_config_property *block = last_property(section->properties, service);
            const struct aws_config_property *property = block ? last_property(block->children, key) : NULL;
            if (!property || str_is_empty(property->value))
                continue;
            *out_file = &files->files[i];
            found = property;
        }
    return found;
}

bool aws_profile_services_get(const struct aws_profile_files *files, struct str services, const char *service,
                              const char *key, struct str *out)
{
    const struct file *file;
    const struct aws_config_property *property = find_for_service(files, services, service, key, &file);
    if (property)
        *out = property->value;
    return property != NULL;
}

struct str aws_profile_services_where(const struct aws_profile_files *files, struct arena *arena, struct str services,
                                      const char *service, const char *key)
{
    const struct file *file;
    const struct aws_config_property *property = find_for_service(files, services, service, key, &file);
    return property ? place_of(arena, file, property->line) : STR("");
}

/* ---- SSO sessions ---- */

static const struct aws_config_property *find_in_session(const struct file *file, struct str session, const char *key)
{
    const struct aws_config_property *found = NULL;
    for (const struct aws_config_section *section = file->sections.first; section; section = section->next) {
        const struct aws_config_property *property =
            is_named(section, AWS_CONFIG_SSO_SESSION, session) ? last_property(section->properties, key) : NULL;
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
    return property ? place_of(arena, file, property->line) : STR("");
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
            instead = place_of(arena, file, line);
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
            if (is_named(section, AWS_CONFIG_SSO_SESSION, session)) {
                *out_where = place_of(arena, file, section->line);
                return true;
            }
    }
    return refuse_session(files, arena, session, err);
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

/* Why a profile may not be found in this file; empty: nothing is wrong with it. */
static struct str note_on(struct arena *arena, const struct file *file, struct str profile)
{
    if (file->note)
        return str_from(file->note);
    struct str note = misplaced(arena, file, profile);
    if (str_is_empty(note) && file->sections.unreadable_line)
        note = str_format(arena, "the heading in line %zu cannot be read", file->sections.unreadable_line);
    if (str_is_empty(note) && file->sections.foreign_line)
        note = str_format(arena, "line %zu is not UTF-8", file->sections.foreign_line);
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
