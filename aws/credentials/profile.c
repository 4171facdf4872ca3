/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/sources.h"

struct profile_source {
    struct arena *arena;
    const struct aws_profile_files *files;
    struct str profile;
    bool is_named;
    const char *label; /* "the profile x" */
};

static const char use_assume_role[] =
    "Write the role as an assume_role block of the provider, with `profile` naming the profile that has the keys.";
static const char use_web_identity[] = "Write it as the provider's assume_role_with_web_identity block.";
static const char use_environment[] = "Give its credentials by environment variables instead, for example with eval "
                                      "\"$(aws configure export-credentials --profile NAME --format env)\".";

/* The keys by which a profile asks for another identity than that of its static
 * keys. Each is refused, never ignored, where it would decide who calls. */
static const struct other_way {
    const char *key;
    bool beats_static_keys; /* static keys come first among the others (aws-sdk-go-v2, config/resolve_credentials.go) */
    const char *remedy;
} other_ways[] = {
    { "source_profile",          true,  use_assume_role  },
    { "role_arn",                true,  use_assume_role  },
    { "credential_source",       true,  use_assume_role  },
    { "web_identity_token_file", true,  use_web_identity },
    { "sso_session",             false, use_environment  },
    { "sso_start_url",           false, use_environment  },
    { "sso_account_id",          false, use_environment  },
    { "sso_role_name",           false, use_environment  },
    { "login_session",           false, use_environment  },
    { "credential_process",      false, use_environment  },
};

static bool check_other_ways(const struct profile_source *source, bool has_keys, struct err *err)
{
    for (size_t i = 0; i < ARRAY_LENGTH(other_ways); i++) {
        struct str value;
        const struct other_way *way = &other_ways[i];
        if ((has_keys && !way->beats_static_keys) || !aws_profile_get(source->files, source->profile, way->key, &value))
            continue;
        err_set(err, ERR_INVALID, "%s gets its credentials by %s, which is not supported yet", source->label, way->key);
        err_set_remedy(err, "%s", way->remedy);
        return false;
    }
    return true;
}

static bool refuse_missing(const struct profile_source *source, struct arena *arena, struct err *err)
{
    struct str looked_at = aws_profile_files_describe(arena, source->files);
    if (!source->is_named)
        return err_set(err, ERR_NOT_FOUND, "%s: not in %.*s", source->label, STR_ARG(looked_at));
    err_set(err, ERR_INVALID, "%s does not exist; looked at %.*s", source->label, STR_ARG(looked_at));
    err_set_remedy(err, "Correct `profile` or AWS_PROFILE, or add the profile: [profile NAME] in the config file, "
                        "[NAME] in the credentials file.");
    return false;
}

static bool profile_fetch(void *self, const struct aws_credentials_call *call, struct aws_credentials *out,
                          struct err *err)
{
    const struct profile_source *source = self;
    struct aws_profile_keys keys = { 0 };
    if (!aws_profile_exists(source->files, source->profile))
        return refuse_missing(source, call->arena, err);
    bool has_id_or_secret = aws_profile_find_keys(source->files, source->profile, &keys);
    bool has_id = !str_is_empty(keys.access_key_id);
    bool has_secret = !str_is_empty(keys.secret_access_key);
    if (!check_other_ways(source, has_id && has_secret, err))
        return false;
    if (!has_id_or_secret)
        return err_set(err, ERR_NOT_FOUND, "%s: no aws_access_key_id and aws_secret_access_key", source->label);
    if (!has_id || !has_secret)
        return err_set(err, ERR_INVALID, "%s has %s without %s", source->label,
                       has_id ? "aws_access_key_id" : "aws_secret_access_key",
                       has_id ? "aws_secret_access_key" : "aws_access_key_id");
    *out = (struct aws_credentials){ .access_key_id = keys.access_key_id,
                                     .secret_access_key = keys.secret_access_key,
                                     .session_token = keys.session_token,
                                     .source = source->label };
    return true;
}

static void profile_free(void *self)
{
    struct profile_source *source = self;
    arena_free(source->arena);
    mem_free(source);
}

struct aws_credentials_source aws_credentials_profile(const struct aws_profile_source_options *options)
{
    struct profile_source *source = mem_alloc(sizeof(*source));
    source->arena = arena_new();
    source->files = options->files;
    source->profile = str_copy(source->arena, options->profile);
    source->is_named = options->is_named;
    struct str shown = str_printable(source->arena, source->profile);
    source->label = str_format(source->arena, "the profile \"%.*s\"", STR_ARG(shown)).ptr;
    return (struct aws_credentials_source){
        .name = "profile", .fetch = profile_fetch, .free = profile_free, .self = source
    };
}
