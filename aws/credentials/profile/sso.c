/* SPDX-License-Identifier: MPL-2.0
 *
 * SSO (IAM Identity Center): the role of a permission set, for the token of a person who has signed in. Two forms: a
 * profile that names an [sso-session] section, whose token is renewed; and the legacy one, with everything in the
 * profile, whose token is not.
 */
#include <string.h>

#include "aws/credentials/ask.h"
#include "aws/credentials/config/endpoint.h"
#include "aws/credentials/config/sso_session.h"
#include "aws/credentials/profile/sso_token.h"
#include "aws/credentials/profile/way.h"
#include "aws/endpoint.h"
#include "aws/http/url.h"
#include "aws/wire/json.h"
#include "aws/wire/query.h"

enum { ATTEMPTS = 3 };

struct settings {
    struct str session; /* empty: the legacy form */
    struct str start_url, region, account_id, role_name;
};

struct sso_source {
    struct arena *arena;
    const struct aws_credentials_doors *doors;
    struct sso_token_file *token_file;
    struct str url;              /* of the request for keys */
    const char *label, *profile; /* for messages: the role, the profile */
    const char *login;           /* the command that logs in */
    const char *keys;            /* where account and role are named */
};

/* ---- What the profile says ---- */

static struct str get(const struct profile_opening *opening, const char *key)
{
    struct str value = STR("");
    (void)aws_profile_get(opening->files, opening->profile, key, &value);
    return value;
}

static bool refuse_missing(const char *who, struct str missing, const char *remedy, struct err *err)
{
    err_set(err, ERR_INVALID, "%s has no %.*s", who, STR_ARG(missing));
    err_set_remedy(err, "%s", remedy);
    return false;
}

struct needed {
    const char *key;
    struct str value;
};

/* Empty: nothing is missing. */
static struct str list_missing(struct arena *arena, const struct needed *needed, size_t count)
{
    struct str missing = STR("");
    for (size_t i = 0; i < count; i++)
        if (str_is_empty(needed[i].value))
            str_join(arena, &missing, ", ", "%s", needed[i].key);
    return missing;
}

static const char *shown_session(struct arena *arena, struct str session)
{
    const struct str shown = str_printable(arena, session);
    return str_format(arena, "[sso-session %.*s]", STR_ARG(shown)).ptr;
}

/* A profile may repeat what its session says, and then says the same. */
static bool check_agreement(const struct profile_opening *opening, struct str session, const char *key, struct err *err)
{
    struct arena *arena = opening->arena;
    struct str in_session;
    struct str in_profile;
    if (!aws_profile_sso_get(opening->files, session, key, &in_session) ||
        !aws_profile_get(opening->files, opening->profile, key, &in_profile) || str_equal(in_session, in_profile))
        return true;
    const struct str where = aws_profile_sso_where(opening->files, arena, session, key);
    in_profile = str_printable(arena, in_profile);
    in_session = str_printable(arena, in_session);
    err_set(err, ERR_INVALID, "%s is \"%.*s\", but %s says \"%.*s\" (%.*s)", profile_key_label(opening, key),
            STR_ARG(in_profile), shown_session(arena, session), STR_ARG(in_session), STR_ARG(where));
    err_set_remedy(err, "Remove it from the profile: the SSO session's value counts.");
    return false;
}

static bool check_session(const struct profile_opening *opening, struct settings *settings, struct err *err)
{
    struct arena *arena = opening->arena;
    struct str place;
    const char *name = shown_session(arena, settings->session);
    if (!aws_profile_sso_find(opening->files, arena, settings->session, &place, err)) {
        err->kind = ERR_INVALID; /* a chain must not go on to the next source */
        if (!err_remedy(err)[0])
            err_set_remedy(err,
                           "Add the section with sso_region and sso_start_url, or run `aws configure sso-session`.");
        return err_wrap(err, "%s", profile_key_label(opening, "sso_session"));
    }
    settings->region = settings->start_url = STR(""); /* the profile's own only repeat them */
    (void)aws_profile_sso_get(opening->files, settings->session, "sso_region", &settings->region);
    (void)aws_profile_sso_get(opening->files, settings->session, "sso_start_url", &settings->start_url);
    const struct needed needed[] = {
        { "sso_region",    settings->region    },
        { "sso_start_url", settings->start_url },
    };
    const struct str missing = list_missing(arena, needed, ARRAY_LENGTH(needed));
    if (!str_is_empty(missing))
        return refuse_missing(str_format(arena, "%s (%.*s)", name, STR_ARG(place)).ptr, missing,
                              "Add it to that section, or run `aws configure sso-session`.", err);
    return check_agreement(opening, settings->session, "sso_region", err) &&
           check_agreement(opening, settings->session, "sso_start_url", err);
}

static const char *const sso_keys[] = { "sso_session", "sso_start_url", "sso_region", "sso_account_id",
                                        "sso_role_name" };

/* The first that the profile has, with its line. */
static const char *first_label(const struct profile_opening *opening)
{
    size_t i = 0;
    while (i + 1 < ARRAY_LENGTH(sso_keys) && str_is_empty(get(opening, sso_keys[i])))
        i++;
    return profile_key_label(opening, sso_keys[i]);
}

static bool check_profile(const struct profile_opening *opening, const struct settings *settings, struct err *err)
{
    const struct needed needed[] = {
        { "sso_start_url",  settings->start_url  },
        { "sso_region",     settings->region     },
        { "sso_account_id", settings->account_id },
        { "sso_role_name",  settings->role_name  },
    };
    const struct str missing = list_missing(opening->arena, needed, ARRAY_LENGTH(needed));
    const char *command = profile_command(opening->arena, "aws configure sso", opening->profile);
    return str_is_empty(missing) ||
           refuse_missing(str_format(opening->arena, "%s: the profile", first_label(opening)).ptr, missing,
                          str_format(opening->arena, "Add it to the profile, or run `%s`.", command).ptr, err);
}

static bool read_settings(const struct profile_opening *opening, struct settings *out, struct err *err)
{
    *out = (struct settings){ .session = get(opening, "sso_session"),
                              .start_url = get(opening, "sso_start_url"),
                              .region = get(opening, "sso_region"),
                              .account_id = get(opening, "sso_account_id"),
                              .role_name = get(opening, "sso_role_name") };
    return (str_is_empty(out->session) || check_session(opening, out, err)) && check_profile(opening, out, err);
}

/* ---- Where the services are ---- */

struct service {
    const char *id;   /* AWS_ENDPOINT_URL_SSO, and in the services section of a profile */
    const char *host; /* "portal.sso.eu-west-1.amazonaws.com" */
};

static const struct service portal = { "sso", "portal.sso" };
static const struct service oidc = { "sso_oidc", "oidc" };

static bool region_is_wrong(const struct profile_opening *opening, const struct settings *settings, struct err *err)
{
    const struct str where = aws_profile_sso_where(opening->files, opening->arena, settings->session, "sso_region");
    if (str_is_empty(settings->session))
        return err_wrap(err, "%s", profile_key_label(opening, "sso_region"));
    return err_wrap(err, "sso_region of %s (%.*s)", shown_session(opening->arena, settings->session), STR_ARG(where));
}

static void take_off_slashes(struct str *url)
{
    while (str_ends_with(*url, STR("/")))
        *url = str_slice(*url, 0, url->len - 1);
}

/* Without a slash at its end. */
static bool find_url(const struct profile_opening *opening, const struct settings *settings,
                     const struct service *service, struct str *out, struct err *err)
{
    const struct aws_credentials_doors *doors = opening->doors;
    struct aws_set_endpoint set;
    if (!aws_profile_find_endpoint(opening->arena, opening->files, doors->env, opening->selected, service->id, &set)) {
        const struct aws_endpoint_options options = { .service = str_from(service->host),
                                                      .region = settings->region,
                                                      .fips = doors->use_fips,
                                                      .dualstack = doors->use_dualstack };
        return aws_endpoint_url(opening->arena, &options, out, err) || region_is_wrong(opening, settings, err);
    }
    if (!http_endpoint_check(set.url, err))
        return err_wrap(err, "%.*s", STR_ARG(set.set_by));
    take_off_slashes(&set.url);
    *out = set.url;
    return true;
}

/* The provider block's goes before all others, and only for this service (endpoints.go of aws-sdk-go-base). */
static bool find_portal_url(const struct profile_opening *opening, const struct settings *settings, struct str *out,
                            struct err *err)
{
    *out = opening->doors->sso_endpoint;
    take_off_slashes(out);
    return !str_is_empty(*out) || find_url(opening, settings, &portal, out, err);
}

/* GetRoleCredentials (IAM Identity Center Portal API reference). */
static bool build_url(const struct profile_opening *opening, const struct settings *settings, struct str *out,
                      struct err *err)
{
    struct str url = { 0 };
    struct str query = STR("");
    if (!find_portal_url(opening, settings, &url, err) ||
        !wire_query_add(opening->arena, query, "role_name", settings->role_name, &query, err) ||
        !wire_query_add(opening->arena, query, "account_id", settings->account_id, &query, err))
        return false;
    *out = str_format(opening->arena, "%.*s/federation/credentials?%.*s", STR_ARG(url), STR_ARG(query));
    return true;
}

/* ---- Keys ---- */

struct role_credentials {
    struct str access_key_id, secret_access_key, session_token;
    struct wire_int64 expiration; /* in milliseconds */
};

struct answer {
    struct role_credentials role_credentials;
};

static const struct wire_row role_credentials_rows[] = {
    WIRE_BOTH(struct role_credentials, access_key_id, "accessKeyId"),
    WIRE_BOTH(struct role_credentials, secret_access_key, "secretAccessKey"),
    WIRE_BOTH(struct role_credentials, session_token, "sessionToken"),
    WIRE_BOTH(struct role_credentials, expiration, "expiration"),
    WIRE_END,
};

static const struct wire_row answer_rows[] = {
    WIRE_NESTED(struct answer, role_credentials, role_credentials_rows, "roleCredentials"),
    WIRE_END,
};

static bool ask_portal(const struct sso_source *source, const struct aws_credentials_call *call,
                       const struct sso_token *token, struct http_response *out, struct err *err)
{
    const struct http_header header = { STR("x-amz-sso_bearer_token"), token->access_token };
    const struct ask_question question = {
        .whom = "the SSO portal",
        .request = { .method = STR("GET"),
                    .url = source->url,
                    .headers = &header,
                    .header_count = 1,
                    .timeout_ms = SSO_TIMEOUT_MS },
        .attempts = ATTEMPTS,
    };
    return ask(source->doors, call, &question, out, err);
}

static bool refuse(const struct sso_source *source, int status, struct err *err)
{
    switch (status) {
    case HTTP_UNAUTHORIZED:
        err_set(err, ERR_DENIED, "the SSO portal rejects the token of %s: the session has ended", source->profile);
        err_set_remedy(err, "Run `%s`, then try again.", source->login);
        return false;
    case HTTP_FORBIDDEN:
    case HTTP_NOT_FOUND:
        err_set(err, ERR_DENIED, "SSO does not give you %s: it is not assigned to you, or does not exist (status %d)",
                source->label, status);
        err_set_remedy(err, "Correct %s, or ask the administrator of IAM Identity Center for the assignment.",
                       source->keys);
        return false;
    default:
        return err_set(err, ERR_IO, "the SSO portal answers with status %d when it is asked for %s", status,
                       source->label);
    }
}

static bool take(const struct sso_source *source, struct arena *arena, const struct sso_token *token,
                 const struct http_response *response, struct aws_credentials *out, struct err *err)
{
    const struct wire_json shape = { .rows = answer_rows, .out_size = sizeof(struct answer) };
    CLEANUP(err_clear) struct err failure = { 0 }; /* it may quote the answer */
    struct answer answer = { 0 };
    const struct role_credentials *keys = &answer.role_credentials;
    if (response->status != HTTP_OK)
        return refuse(source, response->status, err);
    if (!wire_json_read(arena, response->body, &shape, &answer, &failure) || str_is_empty(keys->access_key_id) ||
        str_is_empty(keys->secret_access_key) || str_is_empty(keys->session_token) || keys->expiration.value <= 0)
        return err_set(err, ERR_IO, "what the SSO portal answers for %s are not credentials", source->label);
    *out = (struct aws_credentials){
        .access_key_id = keys->access_key_id,
        .secret_access_key = keys->secret_access_key,
        .session_token = keys->session_token,
        .expires_wall_ms = keys->expiration.value,
        .ends_wall_ms = token->is_renewable ? AWS_ENDS_NEVER : token->expires_wall_ms,
        .renewal = token->is_renewable ? NULL : str_format(arena, "run %s", source->login).ptr,
        .kind = "sso",
        .source = source->label,
    };
    return true;
}

static bool sso_fetch(void *self, const struct aws_credentials_call *call, struct aws_credentials *out, struct err *err)
{
    const struct sso_source *source = self;
    struct sso_token used;
    struct sso_token again;
    struct http_response response;
    if (!sso_token_file_get(source->token_file, call, &used, err) || !ask_portal(source, call, &used, &response, err))
        return false;
    /* A person may have signed in between. */
    if (response.status == HTTP_UNAUTHORIZED) {
        CLEANUP(err_clear) struct err ignored = { 0 };
        if (sso_token_file_get(source->token_file, call, &again, &ignored) &&
            memcmp(again.mark, used.mark, sizeof(again.mark)) != 0) {
            used = again;
            if (!ask_portal(source, call, &used, &response, err))
                return false;
        }
    }
    return take(source, call->arena, &used, &response, out, err);
}

static void sso_free(void *self)
{
    struct sso_source *source = self;
    sso_token_file_free(source->token_file);
    arena_free(source->arena);
    mem_free(source);
}

/* ---- The source ---- */

static const char *role_label(const struct profile_opening *opening, const struct settings *settings)
{
    struct arena *arena = opening->arena;
    const char *first = str_is_empty(settings->session) ? "sso_start_url" : "sso_session";
    const struct str role = str_printable(arena, settings->role_name);
    const struct str account = str_printable(arena, settings->account_id);
    return str_format(arena, "the role \"%.*s\" of account %.*s, by %s", STR_ARG(role), STR_ARG(account),
                      profile_key_label(opening, first))
        .ptr;
}

static const char *keys_label(const struct profile_opening *opening)
{
    const struct str account = aws_profile_where(opening->files, opening->arena, opening->profile, "sso_account_id");
    const struct str role = aws_profile_where(opening->files, opening->arena, opening->profile, "sso_role_name");
    return str_format(opening->arena, "sso_account_id (%.*s) and sso_role_name (%.*s)", STR_ARG(account), STR_ARG(role))
        .ptr;
}

bool profile_open_sso(const struct profile_opening *opening, struct aws_credentials_source *out, struct err *err)
{
    struct settings settings;
    struct str url = { 0 };
    struct str oidc_url = { 0 };
    if (!read_settings(opening, &settings, err) || !build_url(opening, &settings, &url, err) ||
        (!str_is_empty(settings.session) && !find_url(opening, &settings, &oidc, &oidc_url, err)))
        return false;
    struct sso_source *source = mem_alloc(sizeof(*source));
    source->arena = arena_new();
    source->doors = opening->doors;
    source->url = str_copy(source->arena, url);
    source->label = str_c(source->arena, str_from(role_label(opening, &settings)));
    source->profile = aws_profile_label(source->arena, opening->profile);
    source->login = profile_command(source->arena, "aws sso login", opening->profile);
    source->keys = str_c(source->arena, str_from(keys_label(opening)));
    const struct sso_token_options token = {
        .doors = opening->doors,
        .name = str_is_empty(settings.session) ? settings.start_url : settings.session,
        .oidc_url = oidc_url,
        .whose = source->profile,
        .login = source->login,
    };
    source->token_file = sso_token_file_new(&token);
    *out = (struct aws_credentials_source){ .fetch = sso_fetch, .free = sso_free, .self = source };
    return true;
}
