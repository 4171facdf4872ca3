/* SPDX-License-Identifier: MPL-2.0
 *
 * Keys that end with their session, while a copy may take hours.
 */
#include "aws/time.h"
#include "plugin/aws_provider/configuration.h"

static const char advice_for_keys[] =
    "A role that is assumed with these keys ends with them, too. A role is renewed for as long as the copy takes "
    "when it is assumed with keys that last:\n\n  provider \"snapshot\" {\n    profile = \"base\" # with an access key "
    "of a user, not of a session\n    assume_role {\n      role_arn = "
    "\"arn:aws:iam::111122223333:role/migration\"\n    }\n  }\n\n";
static const char advice_for_roles[] =
    "The roles of the provider's assume_role blocks end with these keys, too. They are renewed for as long as the "
    "copy takes when the keys below them last:\n\n  provider \"snapshot\" {\n    profile = \"base\" # with an access "
    "key of a user, not of a session\n    # the assume_role blocks as before\n  }\n\n";

static bool assumes_a_role(const struct aws_provider_block *block)
{
    for (size_t i = 0; i < block->assume_role.count; i++)
        if (!str_is_empty(tf_text(block->assume_role.items[i].role_arn, STR(""))))
            return true;
    return false;
}

/* At "2026-11-30T21:05:00Z" or, where nobody says when, with the session token. */
static struct str describe_end(struct arena *arena, const struct aws_credentials *credentials)
{
    if (credentials->ends_wall_ms == AWS_ENDS_UNKNOWN)
        return STR("They end with their session token");
    const struct str when = aws_time_text(arena, credentials->ends_wall_ms);
    return str_format(arena, "They end at %.*s", STR_ARG(when));
}

struct str aws_configuration_session_warning(struct aws_configuration *configuration, struct tf_call *call)
{
    const struct aws_credentials_call fetch = {
        .arena = call->arena, .waiter = call->waiter, .deadline_ms = CLOCK_NEVER, .log = call->log
    };
    struct aws_identity identity;
    struct aws_credentials found;
    CLEANUP(err_clear) struct err ignored = { 0 }; /* a call that needs them says it */
    if (!aws_configuration_identity(configuration, call, &identity, &ignored) ||
        !aws_credentials_cache_get(configuration->credentials, &fetch, &found, &ignored) ||
        found.ends_wall_ms == AWS_ENDS_NEVER)
        return STR("");
    const struct str end = describe_end(call->arena, &found);
    return str_format(
        call->arena,
        "The provider signs with the keys of a session, from %s. %.*s, while a copy may take hours. When they expire "
        "during the wait, the apply ends with an error, the copy goes on in AWS, and the next apply with fresh keys "
        "adopts it. %s%s.\n\n%sIn CI, use a token file that is renewed: assume_role_with_web_identity with "
        "web_identity_token_file, or AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE.",
        found.source, STR_ARG(end), found.renewal ? "To prevent that, " : "",
        found.renewal ? found.renewal
                      : "Keys in a profile can be replaced in time; those of the environment and of the block cannot",
        assumes_a_role(configuration->block) ? advice_for_roles : advice_for_keys);
}
