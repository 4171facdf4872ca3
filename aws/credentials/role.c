/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/role.h"

#include <inttypes.h>
#include <string.h>

#include "aws/time.h"

static struct wire_strings copy_strings(struct arena *arena, struct wire_strings list)
{
    struct wire_strings copy = { arena_array(arena, list.count, sizeof(*copy.items)), list.count };
    for (size_t i = 0; i < list.count; i++)
        copy.items[i] = str_copy(arena, list.items[i]);
    return copy;
}

static struct aws_tags copy_tags(struct arena *arena, struct aws_tags tags)
{
    struct aws_tags copy = { arena_array(arena, tags.count, sizeof(*copy.items)), tags.count };
    for (size_t i = 0; i < tags.count; i++)
        copy.items[i] = (struct aws_tag){ str_copy(arena, tags.items[i].key), str_copy(arena, tags.items[i].value) };
    return copy;
}

/* An absent text stays absent: the wire tells it from an empty one. */
static struct str copy_text(struct arena *arena, struct str text)
{
    return text.ptr ? str_copy(arena, text) : text;
}

struct sts_assume_role_options role_copy(struct arena *arena, const struct sts_assume_role_options *role)
{
    return (struct sts_assume_role_options){
        .role_arn = copy_text(arena, role->role_arn),
        .session_name = copy_text(arena, role->session_name),
        .external_id = copy_text(arena, role->external_id),
        .policy = copy_text(arena, role->policy),
        .source_identity = copy_text(arena, role->source_identity),
        .policy_arns = copy_strings(arena, role->policy_arns),
        .duration_seconds = role->duration_seconds,
        .tags = copy_tags(arena, role->tags),
        .transitive_tag_keys = copy_strings(arena, role->transitive_tag_keys),
        .web_identity_token = copy_text(arena, role->web_identity_token),
    };
}

struct sts_assume_role_options role_with_session(const struct aws_credentials_call *call,
                                                 const struct sts_assume_role_options *role)
{
    struct sts_assume_role_options named = *role;
    if (str_is_empty(named.session_name))
        named.session_name = str_format(call->arena, "session-%" PRId64, clock_wall_ms(waiter_clock(call->waiter)));
    return named;
}

const char *role_label(struct arena *arena, const struct sts_assume_role_options *role)
{
    struct str shown = str_printable(arena, role->role_arn);
    return str_format(arena, "the role %.*s", STR_ARG(shown)).ptr;
}

bool role_check_arn(struct arena *arena, struct str role_arn, const char *name, struct err *err)
{
    if (str_starts_with(role_arn, STR("arn:")) && http_is_header_word(role_arn))
        return true;
    const struct str shown = str_printable(arena, role_arn);
    err_set(err, ERR_INVALID, "%s is \"%.*s\", which is not the ARN of a role", name, STR_ARG(shown));
    err_set_remedy(err, "Write it like arn:aws:iam::111122223333:role/NAME.");
    return false;
}

bool aws_is_role_session_name(struct str text)
{
    static const char signs[] = "_+=,.@-";
    for (size_t i = 0; i < text.len; i++) {
        const char character = text.ptr[i];
        const bool is_alphanumeric = (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
                                     (character >= '0' && character <= '9');
        if (!is_alphanumeric && (character == '\0' || !strchr(signs, character)))
            return false;
    }
    return text.len >= AWS_ROLE_SESSION_NAME_MIN_BYTES && text.len <= AWS_ROLE_SESSION_NAME_MAX_BYTES;
}

bool role_check_session_name(struct arena *arena, struct str session_name, const char *name, struct err *err)
{
    if (str_is_empty(session_name) || aws_is_role_session_name(session_name))
        return true;
    const struct str shown = str_printable(arena, session_name);
    err_set(err, ERR_INVALID, "%s is \"%.*s\", which STS does not accept as the name of a session", name,
            STR_ARG(shown));
    err_set_remedy(err, "Give it %d to %d letters, digits and _ + = , . @ -.", AWS_ROLE_SESSION_NAME_MIN_BYTES,
                   AWS_ROLE_SESSION_NAME_MAX_BYTES);
    return false;
}

bool role_refuse(const char *label, struct err *err)
{
    if (err->kind == ERR_NOT_FOUND)
        err->kind = ERR_DENIED;
    return err_wrap(err, "assuming %s", label);
}

bool role_take(const struct sts_credentials *given, const char *label, struct aws_credentials *out, struct err *err)
{
    int64_t expires_wall_ms;
    if (str_is_empty(given->access_key_id) || str_is_empty(given->secret_access_key) ||
        str_is_empty(given->session_token))
        return err_set(err, ERR_IO, "STS's answer for %s lacks a key or the token", label);
    if (!aws_time_parse(given->expiration, &expires_wall_ms))
        return err_set(err, ERR_IO, "STS's answer for %s has no readable expiration", label);
    *out = (struct aws_credentials){
        .access_key_id = given->access_key_id,
        .secret_access_key = given->secret_access_key,
        .session_token = given->session_token,
        .expires_wall_ms = expires_wall_ms,
        .source = label,
    };
    return true;
}
