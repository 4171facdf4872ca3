/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/role.h"

/* What EKS puts into a pod's environment. The variables decide at the first
 * fetch whether there is such a source. */
struct environment_source {
    const struct aws_credentials_doors *doors;
    struct aws_credentials_source inner; /* once the variables were found */
};

static const char token_file_name[] = "AWS_WEB_IDENTITY_TOKEN_FILE";
static const char session_name_name[] = "AWS_ROLE_SESSION_NAME";

static bool refuse_without_role(struct err *err)
{
    err_set(err, ERR_INVALID, "%s is set without AWS_ROLE_ARN", token_file_name);
    err_set_remedy(err, "Set AWS_ROLE_ARN to the ARN of the role that the token is for, or unset %s.", token_file_name);
    return false;
}

static bool open_inner(struct environment_source *source, struct arena *arena, struct err *err)
{
    struct str token_file;
    struct sts_assume_role_options role = { 0 };
    if (!env_find(source->doors->env, token_file_name, &token_file))
        return err_set(err, ERR_NOT_FOUND, "web identity: %s is not set", token_file_name);
    if (!env_find(source->doors->env, "AWS_ROLE_ARN", &role.role_arn))
        return refuse_without_role(err);
    (void)env_find(source->doors->env, session_name_name, &role.session_name);
    if (!role_check_session_name(arena, role.session_name, session_name_name, err))
        return false;
    const struct aws_web_identity_options options = { .doors = source->doors,
                                                      .token_file = token_file,
                                                      .token_file_name = token_file_name,
                                                      .role = &role,
                                                      .role_arn_name = "AWS_ROLE_ARN" };
    source->inner = aws_credentials_web_identity(&options);
    return true;
}

static bool environment_fetch(void *self, const struct aws_credentials_call *call, struct aws_credentials *out,
                              struct err *err)
{
    struct environment_source *source = self;
    if (!source->inner.fetch && !open_inner(source, call->arena, err))
        return false;
    return source->inner.fetch(source->inner.self, call, out, err);
}

static void environment_free(void *self)
{
    struct environment_source *source = self;
    aws_credentials_source_clear(&source->inner);
    mem_free(source);
}

struct aws_credentials_source aws_credentials_web_identity_environment(const struct aws_credentials_doors *doors)
{
    struct environment_source *source = mem_alloc(sizeof(*source));
    source->doors = doors;
    return (struct aws_credentials_source){ .fetch = environment_fetch, .free = environment_free, .self = source };
}
