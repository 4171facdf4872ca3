/* SPDX-License-Identifier: MPL-2.0 */
#include <string.h>

#include "aws/credentials/role.h"

enum {
    /* STS takes tokens of up to 20,000 characters (API reference, AssumeRoleWithWebIdentity). */
    TOKEN_MAX_BYTES = 64 * 1024,
    ATTEMPTS_MAX = 3, /* of a token that STS refuses */
    FIRST_PAUSE_MS = 500
};

struct web_identity_source {
    struct arena *arena;
    const struct aws_credentials_doors *doors;
    struct str token_file;
    const char *token_file_name;
    struct sts_assume_role_options role;
    const char *label, *role_arn_name;
};

static void advise_about_file(const struct web_identity_source *source, struct err *err)
{
    err_set_remedy(err,
                   "Whoever issues the tokens writes the file: on EKS a pod with a service account for a role has "
                   "it, in CI a step of the job writes it. Correct %s, or see that it is written before.",
                   source->token_file_name);
}

/* Read anew each time: whoever issues tokens replaces the file before one expires. */
static bool read_token(const struct web_identity_source *source, struct arena *arena, struct str *out, struct err *err)
{
    struct str text = source->role.web_identity_token;
    if (str_is_empty(text)) {
        if (!file_read(source->doors->reader, arena, source->token_file, TOKEN_MAX_BYTES, &text, err)) {
            if (err->kind == ERR_NOT_FOUND)
                err->kind = ERR_INVALID; /* a chain must not go on to the next source */
            if (!err_remedy(err)[0])     /* a pipe has one of its own */
                advise_about_file(source, err);
            return err_wrap(err, "reading the web identity token of %s", source->token_file_name);
        }
        text = str_trim(text);
    }
    if (str_is_empty(text)) {
        struct str shown = str_printable(arena, source->token_file);
        err_set(err, ERR_INVALID, "the web identity token file of %s, %.*s, is empty", source->token_file_name,
                STR_ARG(shown));
        advise_about_file(source, err);
        return false;
    }
    *out = text;
    return true;
}

/* aws-sdk-go-v2 repeats this answer, too (credentials/stscreds): STS gives it also while it has not seen the issuer's
 * new keys. Here the file is read before each attempt: it may have been replaced. */
static bool is_passing(const struct err *err)
{
    return strcmp(err_code(err), "InvalidIdentityToken") == 0;
}

static bool assume(const struct web_identity_source *source, const struct aws_credentials_call *call,
                   struct sts_assume_role_options *role, struct sts_credentials *out, struct err *err)
{
    const struct aws_sts_door *sts = source->doors->sts;
    int64_t pause_ms = FIRST_PAUSE_MS;
    for (int attempt = 1;; attempt++, pause_ms *= 2) {
        CLEANUP(err_clear) struct err refusal = { 0 };
        CLEANUP(err_clear) struct err stopped = { 0 };
        if (!read_token(source, call->arena, &role->web_identity_token, err))
            return false;
        if (sts->assume_role(sts->self, call, NULL, role, out, &refusal))
            return true;
        const int64_t until_ms = clock_after_ms(waiter_clock(call->waiter), pause_ms);
        const bool is_last = attempt == ATTEMPTS_MAX || !is_passing(&refusal) || until_ms >= call->deadline_ms;
        if (is_last || !waiter_pause(call->waiter, until_ms, &stopped)) {
            err_move(err, &refusal);
            err->kind = is_last ? err->kind : stopped.kind;
            return role_refuse(source->label, err);
        }
    }
}

static bool web_identity_fetch(void *self, const struct aws_credentials_call *call, struct aws_credentials *out,
                               struct err *err)
{
    const struct web_identity_source *source = self;
    struct sts_assume_role_options role = role_with_session(call, &source->role);
    struct sts_credentials given = { 0 };
    if (str_is_empty(role.role_arn))
        return err_set(err, ERR_INVALID, "a web identity token is given without the ARN of a role");
    if (!role_check_arn(call->arena, role.role_arn, source->role_arn_name, err) ||
        !assume(source, call, &role, &given, err) || !role_take(&given, source->label, out, err))
        return false;
    out->kind = "web-identity";
    if (!str_is_empty(source->role.web_identity_token)) { /* nobody replaces it, and it may have ended before */
        out->ends_wall_ms = out->expires_wall_ms;
        out->renewal =
            "give the token in a file (web_identity_token_file): the provider reads it again for each session";
    }
    return true;
}

static void web_identity_free(void *self)
{
    struct web_identity_source *source = self;
    arena_free(source->arena);
    mem_free(source);
}

struct aws_credentials_source aws_credentials_web_identity(const struct aws_web_identity_options *options)
{
    struct web_identity_source *source = mem_alloc(sizeof(*source));
    source->arena = arena_new();
    source->doors = options->doors;
    source->token_file = str_copy(source->arena, options->token_file);
    source->token_file_name = str_c(source->arena, str_from(options->token_file_name));
    source->role = role_copy(source->arena, options->role);
    source->role.web_identity_token = str_copy(source->arena, options->token);
    source->label = role_label(source->arena, &source->role);
    source->role_arn_name =
        str_c(source->arena, str_from(options->role_arn_name ? options->role_arn_name : "`role_arn`"));
    return (struct aws_credentials_source){ .fetch = web_identity_fetch, .free = web_identity_free, .self = source };
}
