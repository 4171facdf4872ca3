/* SPDX-License-Identifier: MPL-2.0 */
#include <string.h>

#include "aws/credentials/role.h"

struct assume_role_source {
    struct arena *arena;
    const struct aws_credentials_doors *doors;
    struct aws_credentials_cache *base;
    struct sts_assume_role_options role;
    const char *label;
};

/* `with`: what it was assumed with; empty while there was nothing. */
static bool assume(const struct assume_role_source *source, const struct aws_credentials_call *call,
                   const struct sts_assume_role_options *role, struct aws_credentials *with,
                   struct sts_credentials *out, struct err *err)
{
    const struct aws_sts_door *sts = source->doors->sts;
    *with = (struct aws_credentials){ 0 };
    return aws_credentials_cache_get(source->base, call, with, err) &&
           sts->assume_role(sts->self, call, with, role, out, err);
}

static bool is_expired_token(const struct err *err)
{
    return strcmp(err_code(err), "ExpiredToken") == 0 || strcmp(err_code(err), "ExpiredTokenException") == 0;
}

static bool assume_role_fetch(void *self, const struct aws_credentials_call *call, struct aws_credentials *out,
                              struct err *err)
{
    const struct assume_role_source *source = self;
    const struct sts_assume_role_options role = role_with_session(call, &source->role);
    struct sts_credentials given = { 0 };
    struct aws_credentials with;
    if (str_is_empty(role.role_arn))
        return err_set(err, ERR_INVALID, "a role to be assumed has no ARN");
    bool is_done = assume(source, call, &role, &with, &given, err);
    if (!is_done && !str_is_empty(with.access_key_id) && is_expired_token(err)) {
        /* The base ones may have been refreshed outside: once more with new ones. */
        aws_credentials_cache_drop(source->base, with.access_key_id);
        is_done = assume(source, call, &role, &with, &given, err);
    }
    if (!is_done)
        return role_refuse(source->label, err);
    if (!role_take(&given, source->label, out, err))
        return false;
    out->kind = "assume-role";
    out->base_kind = with.base_kind ? with.base_kind : with.kind;
    out->ends_wall_ms = with.ends_wall_ms; /* it is assumed again for as long as the base lasts */
    out->renewal = with.renewal;
    return true;
}

static void assume_role_free(void *self)
{
    struct assume_role_source *source = self;
    aws_credentials_cache_free(source->base);
    arena_free(source->arena);
    mem_free(source);
}

struct aws_credentials_source aws_credentials_assume_role(const struct aws_credentials_doors *doors,
                                                          struct aws_credentials_cache *base,
                                                          const struct sts_assume_role_options *role)
{
    struct assume_role_source *source = mem_alloc(sizeof(*source));
    source->arena = arena_new();
    source->doors = doors;
    source->base = base;
    source->role = role_copy(source->arena, role);
    source->label = role_label(source->arena, &source->role);
    return (struct aws_credentials_source){ .fetch = assume_role_fetch, .free = assume_role_free, .self = source };
}
