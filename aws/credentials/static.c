/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/sources.h"

struct static_source {
    struct arena *arena;
    struct aws_credentials credentials;
};

static bool static_fetch(void *self, const struct aws_credentials_call *call, struct aws_credentials *out,
                         struct err *err)
{
    const struct static_source *source = self;
    (void)call;
    if (str_is_empty(source->credentials.access_key_id))
        return err_set(err, ERR_INVALID, "the provider's arguments have no access_key beside secret_key or token");
    if (str_is_empty(source->credentials.secret_access_key))
        return err_set(err, ERR_INVALID, "the provider's arguments have no secret_key beside access_key or token");
    *out = source->credentials;
    return true;
}

static void static_free(void *self)
{
    struct static_source *source = self;
    arena_free(source->arena);
    mem_free(source);
}

struct aws_credentials_source aws_credentials_static(struct str access_key_id, struct str secret_access_key,
                                                     struct str session_token)
{
    struct static_source *source = mem_alloc(sizeof(*source));
    source->arena = arena_new();
    source->credentials = (struct aws_credentials){
        .access_key_id = str_copy(source->arena, access_key_id),
        .secret_access_key = str_copy(source->arena, secret_access_key),
        .session_token = str_copy(source->arena, session_token),
        .ends_wall_ms = str_is_empty(session_token) ? AWS_ENDS_NEVER : AWS_ENDS_UNKNOWN,
        .kind = "arguments",
        .source = "the provider's arguments",
    };
    return (struct aws_credentials_source){ .fetch = static_fetch, .free = static_free, .self = source };
}
