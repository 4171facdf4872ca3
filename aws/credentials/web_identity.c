/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/role.h"

/* STS takes tokens of up to 20,000 characters (API reference, AssumeRoleWithWebIdentity). */
enum { TOKEN_MAX_BYTES = 64 * 1024 };

struct web_identity_source {
    struct arena *arena;
    const struct aws_credentials_doors *doors;
    struct str token_file;
    const char *token_file_name;
    struct sts_assume_role_options role;
    const char *label;
};

/* Read anew each time: whoever issues tokens replaces the file before one expires. */
static bool read_token(const struct web_identity_source *source, struct arena *arena, struct str *out, struct err *err)
{
    struct str text = source->role.web_identity_token;
    if (str_is_empty(text)) {
        if (!file_read(source->doors->reader, arena, source->token_file, TOKEN_MAX_BYTES, &text, err)) {
            if (err->kind == ERR_NOT_FOUND)
                err->kind = ERR_INVALID; /* a chain must not go on to the next source */
            return err_wrap(err, "reading the web identity token of %s", source->token_file_name);
        }
        text = str_trim(text);
    }
    if (str_is_empty(text)) {
        struct str shown = str_printable(arena, source->token_file);
        return err_set(err, ERR_INVALID, "the web identity token file of %s, %.*s, is empty", source->token_file_name,
                       STR_ARG(shown));
    }
    *out = text;
    return true;
}

static bool web_identity_fetch(void *self, const struct aws_credentials_call *call, struct aws_credentials *out,
                               struct err *err)
{
    const struct web_identity_source *source = self;
    struct sts_assume_role_options role = role_with_session(call, &source->role);
    struct sts_credentials given = { 0 };
    if (str_is_empty(role.role_arn))
        return err_set(err, ERR_INVALID, "a web identity token is given without the ARN of a role");
    if (!read_token(source, call->arena, &role.web_identity_token, err))
        return false;
    if (!source->doors->sts->assume_role(source->doors->sts->self, call, NULL, &role, &given, err))
        return role_refuse(source->label, err);
    if (!role_take(&given, source->label, out, err))
        return false;
    out->kind = "web-identity";
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
    return (struct aws_credentials_source){ .fetch = web_identity_fetch, .free = web_identity_free, .self = source };
}
