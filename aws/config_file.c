/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/config_file.h"

#include <limits.h>

#include "aws/config_parser.h"

struct file {
    struct str path;
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
    if (str_equal(path, STR("~")) || str_starts_with(path, STR("~/"))) {
        text = env_get(env, "HOME", STR("~"));
        rest = str_slice(path, 1, path.len);
    }
    while (rest.len) {
        ptrdiff_t dollar = str_find_char(rest, '$');
        struct str plain = str_slice(rest, 0, dollar < 0 ? rest.len : (size_t)dollar);
        rest = str_slice(rest, plain.len, rest.len);
        struct str value = rest.len ? take_variable(arena, env, &rest) : STR("");
        text = str_format(arena, "%.*s%.*s%.*s", STR_ARG(text), STR_ARG(plain), STR_ARG(value));
    }
    return text;
}

struct loader {
    const struct aws_profile_files_options *options;
    struct aws_profile_files *files;
};

static void note_skipped(const struct loader *loader, const struct file *file)
{
    if (file->sections.skipped)
        log_write(loader->options->log, LOG_DEBUG, NULL, "%.*s: %zu sections are not used here, the first in line %zu",
                  STR_ARG(file->path), file->sections.skipped, file->sections.skipped_line);
}

/* `name`: what gave the path; NULL for the usual one. */
static bool load(const struct loader *loader, enum aws_config_kind kind, const char *name, struct str given_path,
                 struct err *err)
{
    struct arena *arena = loader->files->arena;
    struct file *file = &loader->files->files[loader->files->count++];
    struct err failure = { 0 };
    struct str text;
    file->path = aws_expand_path(arena, loader->options->env, given_path);
    if (file_read(loader->options->reader, arena, file->path, AWS_PROFILE_FILE_MAX_BYTES, &text, &failure)) {
        aws_config_parse(arena, kind, text, &file->sections);
        note_skipped(loader, file);
        return true;
    }
    /* At the usual path docker -v makes a folder of a file that is missing: nobody named it, and it is none. */
    if (failure.kind == ERR_INVALID || (name && failure.kind == ERR_CONFLICT)) {
        *err = failure;
        return name ? err_wrap(err, "%s", name) : false;
    }
    bool is_missing = failure.kind == ERR_NOT_FOUND;
    file->note = is_missing ? "missing" : "cannot be read";
    log_write(loader->options->log, is_missing ? LOG_DEBUG : LOG_WARN, NULL, "not read: %s", failure.text);
    return true;
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

bool aws_profile_files_new(const struct aws_profile_files_options *options, struct aws_profile_files **out,
                           struct err *err)
{
    struct aws_profile_files *files = mem_alloc(sizeof(*files));
    files->arena = arena_new();
    files->files = arena_array(files->arena, options->config_path_count + options->credentials_path_count + 2,
                               sizeof(*files->files));
    const struct loader loader = { options, files };
    if (!load_all(&loader, AWS_CONFIG_TEXT, err) || !load_all(&loader, AWS_CREDENTIALS_TEXT, err)) {
        aws_profile_files_free(files);
        return false;
    }
    *out = files;
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

struct str aws_profile_name(const struct env *env, struct str given)
{
    struct str name = STR("default");
    if (!str_is_empty(given))
        return given;
    if (!env_find(env, "AWS_PROFILE", &name))
        (void)env_find(env, "AWS_DEFAULT_PROFILE", &name);
    return name;
}

static bool is_profile(const struct aws_config_section *section, struct str profile)
{
    return section->kind == AWS_CONFIG_PROFILE && str_equal(section->name, profile);
}

/* [profile default] replaces [default]. */
static bool has_prefixed_default(const struct file *file)
{
    for (const struct aws_config_section *section = file->sections.first; section; section = section->next)
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

static struct str value_in_file(const struct file *file, struct str profile, const char *key)
{
    bool prefixed_only = str_equal(profile, STR("default")) && has_prefixed_default(file);
    struct str value = { 0 };
    for (const struct aws_config_section *section = file->sections.first; section; section = section->next) {
        if (!is_profile(section, profile) || (prefixed_only && !section->has_prefix))
            continue;
        const struct aws_config_property *property = last_property(section->properties, key);
        if (property)
            value = property->value;
    }
    return value;
}

bool aws_profile_get(const struct aws_profile_files *files, struct str profile, const char *key, struct str *out)
{
    for (size_t i = files->count; i > 0; i--) {
        struct str value = value_in_file(&files->files[i - 1], profile, key);
        if (str_is_empty(value))
            continue;
        *out = value;
        return true;
    }
    return false;
}

bool aws_profile_services_get(const struct aws_profile_files *files, struct str services, const char *service,
                              const char *key, struct str *out)
{
    bool found = false;
    for (size_t i = 0; i < files->count; i++)
        for (const struct aws_config_section *section = files->files[i].sections.first; section;
             section = section->next) {
            if (section->kind != AWS_CONFIG_SERVICES || !str_equal(section->name, services))
                continue;
            const struct aws_config_property *block = last_property(section->properties, service);
            const struct aws_config_property *property = block ? last_property(block->children, key) : NULL;
            if (!property || str_is_empty(property->value))
                continue;
            *out = property->value;
            found = true;
        }
    return found;
}

bool aws_profile_find_keys(const struct aws_profile_files *files, struct str profile, struct aws_profile_keys *out)
{
    bool found = false;
    for (size_t i = files->count; i > 0; i--) {
        const struct file *file = &files->files[i - 1];
        const struct aws_profile_keys keys = {
            .access_key_id = value_in_file(file, profile, "aws_access_key_id"),
            .secret_access_key = value_in_file(file, profile, "aws_secret_access_key"),
            .session_token = value_in_file(file, profile, "aws_session_token"),
        };
        bool has_id = !str_is_empty(keys.access_key_id);
        bool has_secret = !str_is_empty(keys.secret_access_key);
        if (has_id && has_secret) {
            *out = keys;
            return true;
        }
        if ((has_id || has_secret) && !found) {
            *out = keys;
            found = true;
        }
    }
    return found;
}

struct str aws_profile_files_describe(struct arena *arena, const struct aws_profile_files *files)
{
    struct str text = STR("");
    for (size_t i = 0; i < files->count; i++) {
        const struct file *file = &files->files[i];
        const struct str path = str_printable(arena, file->path);
        text = str_format(arena, "%.*s%s%.*s%s%s%s", STR_ARG(text), i ? ", " : "", STR_ARG(path),
                          file->note ? " (" : "", file->note ? file->note : "", file->note ? ")" : "");
    }
    return text;
}

/* ---- endpoints ---- */

static bool is_true(struct str text)
{
    return str_equal_ignore_case(text, STR("true"));
}

/* "AWS_ENDPOINT_URL_RDS" */
static struct str service_variable(struct arena *arena, const char *service)
{
    struct str name = str_format(arena, "AWS_ENDPOINT_URL_%s", service);
    char *bytes = (char *)name.ptr;
    for (size_t i = 0; i < name.len; i++)
        if (bytes[i] >= 'a' && bytes[i] <= 'z')
            bytes[i] = (char)(bytes[i] - 'a' + 'A');
    return name;
}

static bool find_in_environment(const struct env *env, struct str name, struct aws_set_endpoint *out)
{
    out->set_by = name;
    return env_find(env, name.ptr, &out->url);
}

static bool find_in_profile(struct arena *arena, const struct aws_profile_files *files, struct str profile,
                            const char *service, struct aws_set_endpoint *out)
{
    struct str section;
    struct str shown = str_printable(arena, profile);
    if (aws_profile_get(files, profile, "services", &section) &&
        aws_profile_services_get(files, section, service, "endpoint_url", &out->url)) {
        out->set_by = str_format(arena, "endpoint_url of %s in the services section of the profile \"%.*s\"", service,
                                 STR_ARG(shown));
        return true;
    }
    out->set_by = str_format(arena, "endpoint_url of the profile \"%.*s\"", STR_ARG(shown));
    return aws_profile_get(files, profile, "endpoint_url", &out->url);
}

bool aws_profile_find_endpoint(struct arena *arena, const struct aws_profile_files *files, const struct env *env,
                               struct str profile, const char *service, struct aws_set_endpoint *out)
{
    struct str value;
    if (is_true(env_get(env, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", STR(""))) ||
        (aws_profile_get(files, profile, "ignore_configured_endpoint_urls", &value) && is_true(value)))
        return false;
    return find_in_environment(env, service_variable(arena, service), out) ||
           find_in_environment(env, STR("AWS_ENDPOINT_URL"), out) ||
           find_in_profile(arena, files, profile, service, out);
}
