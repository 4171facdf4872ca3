/* SPDX-License-Identifier: MPL-2.0 */
#include <limits.h>

#include "aws/credentials/config/opened.h"

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
        bool is_homeless = str_starts_with(file->path, STR("~/")); /* see aws_expand_path */
        file->note = is_homeless ? "HOME is not set" : is_missing ? "missing" : "cannot be read";
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

struct str aws_profile_place(struct arena *arena, const struct file *file, size_t line)
{
    const struct str path = str_printable(arena, file->path);
    return str_format(arena, "%.*s, line %zu", STR_ARG(path), line);
}
