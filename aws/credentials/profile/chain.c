/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/profile/way.h"
#include "aws/credentials/role.h"

enum { SOURCE_PROFILES_MAX = 16 };

static const char default_name_variable[] = "AWS_DEFAULT_PROFILE"; /* may name one that does not exist */

/* Which keys of a profile say where its credentials come from; the first row that has one counts. */
static const struct way {
    const char *keys[5];
    profile_way_fn *open;
    bool takes_role; /* role_arn is a part of it, not a role on top */
} ways[] = {
    { { "aws_access_key_id", "aws_secret_access_key" },                                    profile_open_keys,         false },
    { { "credential_source" },                                                             profile_open_source,       false },
    { { "web_identity_token_file" },                                                       profile_open_web_identity, true  },
    { { "sso_session", "sso_start_url", "sso_account_id", "sso_role_name", "sso_region" }, profile_open_sso,          false },
    { { "login_session" },                                                                 profile_open_login,        false },
    { { "credential_process" },                                                            profile_open_process,      false },
};

struct profile_source {
    struct arena *arena;
    const struct aws_credentials_doors *doors;
    const struct aws_profile_files *files;
    struct str profile;
    enum aws_profile_naming naming;
    struct aws_credentials_source inner; /* what the profile comes to, from the first fetch on */
    bool has_way;                        /* the files say where the base is */
    const char *advice;                  /* if what is outside the files has no credentials; NULL: none */
};

/* The profile, its source_profile, the source_profile of that, ... */
struct path {
    struct str profiles[SOURCE_PROFILES_MAX];
    size_t count;
    struct str base; /* whose own credentials are the first: the last one, or one that comes again */
    bool comes_again;
};

static bool has(const struct profile_opening *opening, const char *key)
{
    struct str ignored;
    return aws_profile_get(opening->files, opening->profile, key, &ignored);
}

static const struct way *find_way(const struct profile_opening *opening)
{
    for (size_t i = 0; i < ARRAY_LENGTH(ways); i++)
        for (size_t key = 0; key < ARRAY_LENGTH(ways[i].keys) && ways[i].keys[key]; key++)
            if (has(opening, ways[i].keys[key]))
                return &ways[i];
    return NULL;
}

/* ---- What contradicts itself ------------------------------------------------ */

/* config/shared_config.go of aws-sdk-go-v2: validateCredentialType. */
static bool check_one_way(const struct profile_opening *opening, struct err *err)
{
    static const char *const keys[] = { "source_profile", "credential_source", "credential_process",
                                        "web_identity_token_file" };
    const char *first = NULL;
    for (size_t i = 0; i < ARRAY_LENGTH(keys); i++) {
        if (!has(opening, keys[i]))
            continue;
        if (first) {
            const struct str one = aws_profile_where(opening->files, opening->arena, opening->profile, first);
            const struct str other = aws_profile_where(opening->files, opening->arena, opening->profile, keys[i]);
            err_set(err, ERR_INVALID, "%s has both %s (%.*s) and %s (%.*s)",
                    aws_profile_label(opening->arena, opening->profile), first, STR_ARG(one), keys[i], STR_ARG(other));
            err_set_remedy(err, "Keep one of the two: each says where the credentials of the profile come from.");
            return false;
        }
        first = keys[i];
    }
    return true;
}

/* validateCredentialsRequireARN of the same file. */
static bool check_role(const struct profile_opening *opening, struct err *err)
{
    static const char *const keys[] = { "source_profile", "credential_source", "web_identity_token_file" };
    for (size_t i = 0; i < ARRAY_LENGTH(keys); i++) {
        if (!has(opening, keys[i]) || has(opening, "role_arn"))
            continue;
        err_set(err, ERR_INVALID, "%s: the profile has no role_arn, so there is no role to assume",
                profile_key_label(opening, keys[i]));
        err_set_remedy(err, "Add role_arn to the profile, or remove %s.", keys[i]);
        return false;
    }
    const struct way *way = find_way(opening);
    if (!has(opening, "mfa_serial") || !has(opening, "role_arn") || (way && way->takes_role))
        return true;
    err_set(err, ERR_INVALID, "%s needs an MFA code, which a provider cannot ask for",
            profile_key_label(opening, "mfa_serial"));
    err_set_remedy(err, "Get a session with the code outside, for example by `aws configure export-credentials "
                        "--format env`, or use SSO or a role that needs no MFA.");
    return false;
}

/* ---- From the profile to its base ------------------------------------------- */

static bool is_on_path(const struct path *path, struct str profile)
{
    for (size_t i = 0; i < path->count; i++)
        if (str_equal(path->profiles[i], profile))
            return true;
    return false;
}

static bool refuse_loop(const struct profile_opening *opening, const struct path *path, struct str again,
                        struct err *err)
{
    struct str names = STR("");
    const struct str shown = str_printable(opening->arena, again);
    for (size_t i = 0; i < path->count; i++) {
        const struct str name = str_printable(opening->arena, path->profiles[i]);
        str_join(opening->arena, &names, " -> ", "%.*s", STR_ARG(name));
    }
    err_set(err, ERR_INVALID, "source_profile forms a loop: %.*s -> %.*s (%s)", STR_ARG(names), STR_ARG(shown),
            profile_key_label(opening, "source_profile"));
    err_set_remedy(err, "Let the last source_profile name a profile that has credentials of its own.");
    return false;
}

/* A profile that comes again stands for its own credentials, without its role (clearAssumeRoleOptions of that file). */
static bool end_in(const struct profile_opening *user, struct path *path, struct str again, struct err *err)
{
    struct profile_opening opening = *user;
    opening.profile = again;
    if (!str_equal(again, user->profile) && !find_way(&opening))
        return refuse_loop(user, path, again, err);
    path->base = again;
    path->comes_again = true;
    return true;
}

static bool take_source_profile(const struct profile_opening *opening, struct path *path, struct str source,
                                struct err *err)
{
    if (path->count == SOURCE_PROFILES_MAX)
        return err_set(err, ERR_INVALID, "%s is the %dth of a row of profiles; no more are followed",
                       profile_key_label(opening, "source_profile"), SOURCE_PROFILES_MAX);
    if (!aws_profile_check(opening->files, opening->arena, source, err)) {
        err->kind = ERR_INVALID; /* a chain must not go on to the next source */
        err_set_remedy(err, "Correct it, or add the profile that it names.");
        return err_wrap(err, "%s", profile_key_label(opening, "source_profile"));
    }
    path->profiles[path->count++] = source;
    path->base = source;
    return true;
}

/* A source_profile with keys of its own is the end, as in aws-sdk-go-v2. */
static bool find_path(struct profile_opening opening, struct path *out, struct err *err)
{
    *out = (struct path){ .profiles = { opening.profile }, .count = 1, .base = opening.profile };
    for (;;) {
        struct str source = { 0 };
        const bool is_source = out->count > 1;
        opening.profile = out->profiles[out->count - 1];
        if (!check_role(&opening, err))
            return false;
        if ((is_source && (has(&opening, "aws_access_key_id") || has(&opening, "aws_secret_access_key"))))
            return true;
        if (!check_one_way(&opening, err))
            return false;
        if (!aws_profile_get(opening.files, opening.profile, "source_profile", &source))
            return true;
        if (is_on_path(out, source))
            return end_in(&opening, out, source, err);
        if (!take_source_profile(&opening, out, source, err))
            return false;
    }
}

/* ---- From the base to the profile ------------------------------------------- */

static bool refuse_empty_base(const struct profile_opening *base, const struct path *path, struct err *err)
{
    struct profile_opening user = *base;
    user.profile = path->profiles[path->comes_again ? path->count - 1 : path->count - 2];
    err_set(err, ERR_INVALID,
            "%s names a profile without credentials: %s has none of aws_access_key_id, "
            "credential_source, web_identity_token_file, sso_session, login_session, credential_process",
            profile_key_label(&user, "source_profile"), aws_profile_label(base->arena, base->profile));
    err_set_remedy(err, "Give that profile credentials, or name another one.");
    return false;
}

/* A role without any credentials below is assumed with those of the machine. */
static struct aws_credentials_source of_machine(const struct profile_opening *base)
{
    const struct aws_credentials_source links[] = {
        aws_credentials_container(base->doors),
        aws_credentials_instance(base->doors, base->files, base->selected),
    };
    return aws_credentials_first_of(links, ARRAY_LENGTH(links));
}

/* One that is not a number or shorter than STS takes is left out, as aws-sdk-go-v2 does (credsFromAssumeRole). */
static bool read_duration(const struct profile_opening *opening, struct log *log, struct wire_int64 *out,
                          struct err *err)
{
    enum { SHORTEST_S = 15 * 60, LONGEST_S = 12 * 60 * 60 };
    struct str text;
    int64_t seconds;
    if (!aws_profile_get(opening->files, opening->profile, "duration_seconds", &text))
        return true;
    if (!str_to_int64(text, &seconds) || seconds < SHORTEST_S) {
        log_write(log, LOG_WARN, NULL, "%s is not used: it is a number of seconds from %d to %d",
                  profile_key_label(opening, "duration_seconds"), SHORTEST_S, LONGEST_S);
        return true;
    }
    if (seconds > LONGEST_S)
        return err_set(err, ERR_INVALID, "%s is %lld seconds; a role is assumed for at most %d",
                       profile_key_label(opening, "duration_seconds"), (long long)seconds, LONGEST_S);
    *out = (struct wire_int64){ .present = true, .value = seconds };
    return true;
}

static struct str text_of(const struct profile_opening *opening, const char *key)
{
    struct str text = { 0 };
    (void)aws_profile_get(opening->files, opening->profile, key, &text);
    return text;
}

/* Takes `base` over, also when it fails. */
static bool put_role_on(const struct profile_opening *opening, struct log *log, struct aws_credentials_source base,
                        struct aws_credentials_source *out, struct err *err)
{
    struct sts_assume_role_options role = { .role_arn = text_of(opening, "role_arn"),
                                            .session_name = text_of(opening, "role_session_name"),
                                            .external_id = text_of(opening, "external_id") };
    if (!role_check_arn(opening->arena, role.role_arn, profile_key_label(opening, "role_arn"), err) ||
        !role_check_session_name(opening->arena, role.session_name, profile_key_label(opening, "role_session_name"),
                                 err) ||
        !read_duration(opening, log, &role.duration_seconds, err)) {
        aws_credentials_source_clear(&base);
        return false;
    }
    struct aws_credentials_cache *cache = aws_credentials_cache_new(base, opening->doors->clock);
    *out = aws_credentials_assume_role(opening->doors, cache, &role);
    return true;
}

/* ERR_NOT_FOUND: the profile says nothing of credentials. */
static bool open_base(const struct profile_opening *base, const struct path *path, const struct way *way,
                      struct aws_credentials_source *out, struct err *err)
{
    if (way)
        return way->open(base, out, err);
    if (path->count > 1 || path->comes_again)
        return refuse_empty_base(base, path, err);
    if (!has(base, "role_arn")) {
        const struct str looked_at = aws_profile_files_describe(base->arena, base->files, base->profile);
        return err_set(err, ERR_NOT_FOUND,
                       "%s: no aws_access_key_id and aws_secret_access_key in %.*s, nor another source of credentials",
                       aws_profile_label(base->arena, base->profile), STR_ARG(looked_at));
    }
    *out = of_machine(base);
    return true;
}

/* Of a role that is assumed with the credentials of the environment, the container or the machine. */
static const char *advise_on_base(const struct profile_opening *base, const struct way *way, struct arena *arena)
{
    if (!way)
        return str_format(arena,
                          "%s has neither source_profile nor credential_source beside it, so the keys of the container "
                          "or the EC2 instance must assume the role. Add the one that is meant.",
                          profile_key_label(base, "role_arn"))
            .ptr;
    if (way->open == profile_open_source)
        return str_format(arena,
                          "%s says to take the credentials there. Correct it, or run Terraform where that source has "
                          "some.",
                          profile_key_label(base, "credential_source"))
            .ptr;
    return NULL;
}

static bool open_inner(struct profile_source *source, const struct aws_credentials_call *call, struct err *err)
{
    struct profile_opening opening = { .doors = source->doors,
                                       .files = source->files,
                                       .profile = source->profile,
                                       .selected = source->profile,
                                       .arena = call->arena };
    struct path path;
    struct aws_credentials_source made = { 0 };
    if (!find_path(opening, &path, err))
        return false;
    opening.profile = path.base;
    const struct way *way = find_way(&opening);
    if (!open_base(&opening, &path, way, &made, err))
        return false;
    for (size_t i = path.count; i > 0; i--) {
        const bool is_base = i == path.count;
        opening.profile = path.profiles[i - 1];
        if (has(&opening, "role_arn") && !(is_base && way && way->takes_role) &&
            !put_role_on(&opening, call->log, made, &made, err))
            return false;
    }
    source->inner = made;
    source->has_way = way != NULL;
    source->advice = advise_on_base(&opening, way, source->arena);
    return true;
}

static bool fetch_inner(const struct profile_source *source, const struct aws_credentials_call *call,
                        struct aws_credentials *out, struct err *err)
{
    if (source->inner.fetch(source->inner.self, call, out, err))
        return true;
    const bool is_refusal = err_code(err)[0] != '\0'; /* of the role: the credentials are there */
    if (source->advice && !err_remedy(err)[0] && !(source->has_way && is_refusal))
        err_set_remedy(err, "%s", source->advice);
    return false;
}

static bool profile_fetch(void *self, const struct aws_credentials_call *call, struct aws_credentials *out,
                          struct err *err)
{
    struct profile_source *source = self;
    if (source->inner.fetch)
        return fetch_inner(source, call, out, err);
    if (!aws_profile_check(source->files, call->arena, source->profile, err)) {
        struct str ignored;
        if (source->naming != AWS_PROFILE_BY_NOBODY)
            err->kind = ERR_INVALID;
        else if (env_find(source->doors->env, default_name_variable, &ignored))
            return err_wrap(err, "%s", default_name_variable);
        return false;
    }
    return open_inner(source, call, err) && fetch_inner(source, call, out, err);
}

static void profile_free(void *self)
{
    struct profile_source *source = self;
    aws_credentials_source_clear(&source->inner);
    arena_free(source->arena);
    mem_free(source);
}

struct aws_credentials_source aws_credentials_profile(const struct aws_profile_source_options *options)
{
    struct profile_source *source = mem_alloc(sizeof(*source));
    source->arena = arena_new();
    source->doors = options->doors;
    source->files = options->files;
    source->profile = str_copy(source->arena, options->profile);
    source->naming = options->naming;
    return (struct aws_credentials_source){ .fetch = profile_fetch, .free = profile_free, .self = source };
}
