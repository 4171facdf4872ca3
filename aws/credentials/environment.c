/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/sources.h"
#include "aws/time.h"

/* The second names are older and still read by aws-sdk-go-v2. */
static bool find_either(const struct env *env, const char *name, const char *older, struct str *out)
{
    return env_find(env, name, out) || env_find(env, older, out);
}

/* What tools write beside the keys; a time that cannot be read tells nothing. */
static int64_t end_of_session(const struct env *env)
{
    struct str text;
    int64_t wall_ms;
    return env_find(env, "AWS_CREDENTIAL_EXPIRATION", &text) && aws_time_parse(text, &wall_ms) ? wall_ms
                                                                                               : AWS_ENDS_UNKNOWN;
}

static bool environment_fetch(void *self, const struct aws_credentials_call *call, struct aws_credentials *out,
                              struct err *err)
{
    const struct env *env = self;
    struct aws_credentials found = { .kind = "environment", .source = "the environment" };
    bool has_id = find_either(env, "AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY", &found.access_key_id);
    bool has_secret = find_either(env, "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY", &found.secret_access_key);
    (void)call;
    if (!has_id && !has_secret)
        return err_set(err, ERR_NOT_FOUND, "environment: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set");
    if (!has_id || !has_secret)
        return err_set(err, ERR_NOT_FOUND, "environment: only %s is set, and one half alone is not used",
                       has_id ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY");
    if (env_find(env, "AWS_SESSION_TOKEN", &found.session_token)) {
        found.source = "the environment (AWS_SESSION_TOKEN)";
        found.ends_wall_ms = end_of_session(env);
        found.expires_wall_ms = found.ends_wall_ms == AWS_ENDS_UNKNOWN ? 0 : found.ends_wall_ms;
    }
    *out = found;
    return true;
}

struct aws_credentials_source aws_credentials_environment(const struct env *env)
{
    return (struct aws_credentials_source){ .fetch = environment_fetch, .self = (void *)env };
}
