/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/profile/way.h"

struct keys_source {
    struct arena *arena;
    const struct aws_credentials_doors *doors;
    const struct aws_profile_files *given;
    struct aws_profile_files *reread; /* NULL: `given` still counts */
    struct str profile;
    enum aws_profile_naming naming;
    bool was_fetched;
    const char *label; /* the profile "x" */
};

static const struct aws_profile_files *files_of(const struct keys_source *source)
{
    return source->reread ? source->reread : source->given;
}

/* While a tool writes the files they may lack the keys: then those from before are tried once more. */
static void read_again(struct keys_source *source, struct log *log)
{
    struct aws_profile_files *again = NULL;
    struct aws_profile_keys keys;
    CLEANUP(err_clear) struct err err = { 0 };
    if (!aws_profile_files_reread(source->given, source->doors->reader, log, &again, &err)) {
        log_write(log, LOG_WARN, NULL, "not read again: %s", err_text(&err));
        return;
    }
    if (!aws_profile_find_keys(again, source->profile, &keys) || str_is_empty(keys.access_key_id) ||
        str_is_empty(keys.secret_access_key)) {
        aws_profile_files_free(again);
        return;
    }
    aws_profile_files_free(source->reread);
    source->reread = again;
}

static bool refuse_keys(const struct keys_source *source, struct arena *arena, const struct aws_profile_keys *keys,
                        struct err *err)
{
    const bool has_id = !str_is_empty(keys->access_key_id);
    if (has_id || !str_is_empty(keys->secret_access_key)) {
        struct str path = str_printable(arena, keys->path);
        const char *missing = has_id ? "aws_secret_access_key" : "aws_access_key_id";
        err_set(err, ERR_INVALID, "%s has %s without %s in %.*s, line %zu", source->label,
                has_id ? "aws_access_key_id" : "aws_secret_access_key", missing, STR_ARG(path), keys->line);
        err_set_remedy(err, "Add %s beside it, or remove what is there. Both keys must be in the same file.", missing);
        return false;
    }
    struct str looked_at = aws_profile_files_describe(arena, files_of(source), source->profile);
    return err_set(err, ERR_NOT_FOUND, "%s: no aws_access_key_id and aws_secret_access_key in %.*s", source->label,
                   STR_ARG(looked_at));
}

static bool keys_fetch(void *self, const struct aws_credentials_call *call, struct aws_credentials *out,
                       struct err *err)
{
    struct keys_source *source = self;
    struct aws_profile_keys keys = { 0 };
    if (source->was_fetched)
        read_again(source, call->log);
    if (!aws_profile_check(files_of(source), call->arena, source->profile, err)) {
        if (source->naming != AWS_PROFILE_BY_NOBODY)
            err->kind = ERR_INVALID;
        return false;
    }
    (void)aws_profile_find_keys(files_of(source), source->profile, &keys);
    if (str_is_empty(keys.access_key_id) || str_is_empty(keys.secret_access_key))
        return refuse_keys(source, call->arena, &keys, err);
    source->was_fetched = true;
    struct str path = str_printable(call->arena, keys.path);
    *out = (struct aws_credentials){
        .access_key_id = keys.access_key_id,
        .secret_access_key = keys.secret_access_key,
        .session_token = keys.session_token,
        .ends_wall_ms = str_is_empty(keys.session_token) ? AWS_ENDS_NEVER : AWS_ENDS_UNKNOWN,
        .renewal = str_is_empty(keys.session_token)
                       ? NULL
                       : "write fresh keys into the profile: when AWS says that these have expired, the provider reads "
                         "the profile again, and goes on with what it finds there",
        .kind = "profile",
        .source = str_format(call->arena, "%s (%.*s, line %zu)", source->label, STR_ARG(path), keys.line).ptr,
    };
    return true;
}

static void keys_free(void *self)
{
    struct keys_source *source = self;
    aws_profile_files_free(source->reread);
    arena_free(source->arena);
    mem_free(source);
}

struct aws_credentials_source aws_credentials_profile_keys(const struct aws_profile_source_options *options)
{
    struct keys_source *source = mem_alloc(sizeof(*source));
    source->arena = arena_new();
    source->given = options->files;
    source->doors = options->doors;
    source->profile = str_copy(source->arena, options->profile);
    source->naming = options->naming;
    source->label = aws_profile_label(source->arena, source->profile);
    return (struct aws_credentials_source){ .fetch = keys_fetch, .free = keys_free, .self = source };
}

bool profile_open_keys(const struct profile_opening *opening, struct aws_credentials_source *out, struct err *err)
{
    (void)err;
    const struct aws_profile_source_options options = {
        .doors = opening->doors, .files = opening->files, .profile = opening->profile, .naming = AWS_PROFILE_BY_ARGUMENT
    };
    *out = aws_credentials_profile_keys(&options);
    return true;
}
