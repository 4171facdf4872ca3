/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/profile_base.h"

enum { SOURCE_PROFILES_MAX = 16 };

enum base_kind {
    BASE_NOTHING,
    BASE_KEYS,
    BASE_ENVIRONMENT,
    BASE_WEB_IDENTITY,
    BASE_EXPORT /* only the AWS CLI can get them */
};

/* Static keys come before these. */
static const struct {
    const char *key;
    enum base_kind kind;
} ways[] = {
    { "credential_source",       BASE_EXPORT       },
    { "web_identity_token_file", BASE_WEB_IDENTITY },
    { "sso_session",             BASE_EXPORT       },
    { "sso_start_url",           BASE_EXPORT       },
    { "sso_account_id",          BASE_EXPORT       },
    { "sso_role_name",           BASE_EXPORT       },
    { "login_session",           BASE_EXPORT       },
    { "credential_process",      BASE_EXPORT       },
};

/* Where the source_profiles of a profile end. */
struct base {
    struct str profile;
    enum base_kind kind;
    const char *key; /* of ways[]; NULL: keys, or nothing */
    bool has_role;   /* of its own, assumed with these credentials */
    size_t roles;    /* that one, and those of the profiles before */
};

static bool has_keys(const struct aws_profile_files *files, struct str profile)
{
    struct aws_profile_keys keys;
    return aws_profile_find_keys(files, profile, &keys) && !str_is_empty(keys.access_key_id) &&
           !str_is_empty(keys.secret_access_key);
}

static bool has(const struct aws_profile_files *files, struct str profile, const char *key)
{
    struct str ignored;
    return aws_profile_get(files, profile, key, &ignored);
}

static void find_way(const struct aws_profile_files *files, struct base *base)
{
    struct str value;
    base->kind = BASE_NOTHING;
    if (has_keys(files, base->profile)) {
        base->kind = BASE_KEYS;
        return;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(ways); i++) {
        if (!aws_profile_get(files, base->profile, ways[i].key, &value))
            continue;
        base->key = ways[i].key;
        base->kind = ways[i].kind;
        if (str_equal(str_from(base->key), STR("credential_source")) && str_equal(value, STR("Environment")))
            base->kind = BASE_ENVIRONMENT;
        return;
    }
}

/* As aws-sdk-go-v2 has it (config/shared_config.go, validateCredentialsRequireARN). */
static bool check_role(const struct aws_profile_files *files, struct arena *arena, struct str profile, struct err *err)
{
    static const struct {
        const char *key, *remedy;
    } rows[] = {
        { "source_profile",
         "Remove `source_profile` from the profile to use its own keys, or name the source profile itself."       },
        { "credential_source",
         "Remove `credential_source` from the profile, and write a role as an assume_role block of the provider." },
        { "web_identity_token_file",
         "Write it with its role as an assume_role_with_web_identity block of the provider."                      },
    };
    struct str shown = str_printable(arena, profile);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        if (!has(files, profile, rows[i].key) || has(files, profile, "role_arn"))
            continue;
        err_set(err, ERR_INVALID, "the profile \"%.*s\" has %s but no role_arn, so there is no role to assume",
                STR_ARG(shown), rows[i].key);
        err_set_remedy(err, "%s", rows[i].remedy);
        return false;
    }
    return true;
}

/* A profile may name itself: its own credentials are meant. Those of another one count only as a base. */
static bool find_base(const struct aws_profile_files *files, struct arena *arena, struct str profile, struct base *out,
                      struct err *err)
{
    struct base base = { .profile = profile };
    struct str source;
    for (size_t i = 0; i < SOURCE_PROFILES_MAX; i++) {
        const bool has_source = aws_profile_get(files, base.profile, "source_profile", &source);
        if (!check_role(files, arena, base.profile, err))
            return false;
        base.has_role = has(files, base.profile, "role_arn");
        base.roles += base.has_role ? 1 : 0;
        if (!has_source || str_equal(source, base.profile) || (i > 0 && has_keys(files, base.profile))) {
            find_way(files, &base);
            *out = base;
            return true;
        }
        struct str shown = str_printable(arena, base.profile);
        if (!aws_profile_check(files, arena, source, err)) {
            err_set_remedy(err, "Correct source_profile of the profile \"%.*s\", or add the profile that it names.",
                           STR_ARG(shown));
            return err_wrap(err, "source_profile of the profile \"%.*s\"", STR_ARG(shown));
        }
        base.profile = source;
    }
    struct str shown = str_printable(arena, profile);
    err_set(err, ERR_INVALID, "the source_profile of the profile \"%.*s\" leads to no end: they name each other",
            STR_ARG(shown));
    err_set_remedy(err, "Let the last source_profile name a profile that has keys.");
    return false;
}

/* ---- What is said --------------------------------------------------------- */

/* For a POSIX shell. */
static struct str shell_word(struct arena *arena, struct str text)
{
    struct str shown = str_printable(arena, text);
    struct str quoted = STR("'");
    struct str rest = shown;
    struct str piece;
    bool is_plain = true;
    for (size_t i = 0; i < shown.len; i++) {
        char c = shown.ptr[i];
        is_plain = is_plain && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                                str_find_char(STR("_-./:@+"), c) >= 0);
    }
    if (is_plain)
        return shown;
    while (str_next(&rest, '\'', &piece))
        quoted = str_format(arena, "%.*s%.*s%s", STR_ARG(quoted), STR_ARG(piece), rest.ptr ? "'\\''" : "'");
    return quoted;
}

static struct str describe_way(struct arena *arena, const struct base *base, bool is_own)
{
    struct str shown = str_printable(arena, base->profile);
    struct str whose = is_own ? STR("its own credentials")
                              : str_format(arena, "the credentials of source_profile \"%.*s\"", STR_ARG(shown));
    if (!base->roles)
        return str_format(arena, "gets its credentials by %s", base->key);
    if (base->key)
        return str_format(arena, "assumes a role (role_arn) with %.*s, which come by %s", STR_ARG(whose), base->key);
    if (base->kind == BASE_KEYS)
        return str_format(arena, "assumes a role (role_arn) with %.*s", STR_ARG(whose));
    return str_format(arena, "assumes a role (role_arn) with %.*s, of which there are none", STR_ARG(whose));
}

static const char *describe_roles(size_t roles)
{
    return roles == 0   ? ""
           : roles == 1 ? " Write the role as an assume_role block of the provider."
                        : " Write the roles as assume_role blocks of the provider, the one next to the base first.";
}

static void advise(struct arena *arena, const struct base *base, bool is_own, enum aws_profile_naming naming,
                   struct err *err)
{
    const struct str shown = str_printable(arena, base->profile);
    const struct str word = shell_word(arena, base->profile);
    const bool in_block = naming == AWS_PROFILE_BY_ARGUMENT;
    /* With the CLI and with a web identity the base's own role is assumed, too. */
    const bool comes_with_role = base->has_role && (base->kind == BASE_EXPORT || base->kind == BASE_WEB_IDENTITY);
    const char *roles = describe_roles(base->roles - (comes_with_role ? 1 : 0));
    switch (base->kind) {
    case BASE_NOTHING:
        err_set_remedy(err, "Set `profile` of the provider to a profile that has keys.%s", roles);
        break;
    case BASE_KEYS:
        if (is_own)
            err_set_remedy(err, "Remove role_arn and source_profile from the profile.%s", roles);
        else
            err_set_remedy(err, "Set `profile` of the provider to \"%.*s\", which has the keys.%s", STR_ARG(shown),
                           roles);
        break;
    case BASE_ENVIRONMENT:
        err_set_remedy(err, "%s%s",
                       in_block ? "Remove `profile` from the provider block, and set `region` if it came from the "
                                  "profile: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are used then."
                                : "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
                       roles);
        break;
    case BASE_WEB_IDENTITY:
        err_set_remedy(
            err,
            "Write its role_arn and web_identity_token_file as an assume_role_with_web_identity block of the "
            "provider.%s",
            roles);
        break;
    case BASE_EXPORT:
        err_set_remedy(err,
                       "Give its credentials by environment variables: eval \"$(aws configure export-credentials "
                       "--profile %.*s --format env)\".%s%s",
                       STR_ARG(word),
                       in_block ? " Remove `profile` from the provider block, which goes before them, and set `region` "
                                  "if it came from the profile."
                                : "",
                       roles);
        break;
    }
}

bool profile_check_way(const struct aws_profile_files *files, struct arena *arena, struct str profile,
                       enum aws_profile_naming naming, struct err *err)
{
    struct base base;
    if (!find_base(files, arena, profile, &base, err)) {
        err->kind = ERR_INVALID; /* a chain must not go on to the next source */
        return false;
    }
    if (!base.roles && !base.key)
        return true;
    const bool is_own = str_equal(base.profile, profile);
    const struct str shown = str_printable(arena, profile);
    const struct str way = describe_way(arena, &base, is_own);
    err_set(err, ERR_INVALID, "the profile \"%.*s\" %.*s; that is not supported yet", STR_ARG(shown), STR_ARG(way));
    advise(arena, &base, is_own, naming, err);
    return false;
}
