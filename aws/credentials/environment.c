/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/sources.h"
#include "aws/time.h"

/* The second name is older and still read by aws-sdk-go-v2. NULL: neither is set; else the one that is. */
static const char *find_either(const struct env *env, const char *const names[2], struct str *out)
{
    for (size_t i = 0; i < 2; i++)
        if (env_find(env, names[i], out))
            return names[i];
    return NULL;
}

/* What tools write beside the keys; a time that cannot be read tells nothing. */
static int64_t end_of_session(const struct env *env)
{
    struct str text;
    int64_t wall_ms;
    return env_find(env, "AWS_CREDENTIAL_EXPIRATION", &text) && aws_time_parse_zoned(text, &wall_ms) ? wall_ms
                                                                                                     : AWS_ENDS_UNKNOWN;
}

static const char *const id_names[] = { "AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY" };
static const char *const secret_names[] = { "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY" };

bool aws_environment_has_half(const struct env *env, const char **out_set, const char **out_missing)
{
    struct str ignored;
    const char *id_name = find_either(env, id_names, &ignored);
    const char *secret_name = find_either(env, secret_names, &ignored);
    *out_set = id_name ? id_name : secret_name;
    *out_missing = id_name ? secret_names[0] : id_names[0];
    return !id_name != !secret_name;
}

static bool refuse(const struct env *env, struct err *err)
{
    const char *set, *missing;
    if (!aws_environment_has_half(env, &set, &missing))
        return err_set(err, ERR_NOT_FOUND, "environment: %s and %s are not set", id_names[0], secret_names[0]);
    return err_set(err, ERR_NOT_FOUND, "environment: %s is set and %s is not, and one without the other is not used",
                   set, missing);
}

static bool environment_fetch(void *self, const struct aws_credentials_call *call, struct aws_credentials *out,
                              struct err *err)
{
    (void)call;
    const struct env *env = self;
    struct aws_credentials found = { .kind = "environment", .source = "the environment" };
    const char *id_name = find_either(env, id_names, &found.access_key_id);
    const char *secret_name = find_either(env, secret_names, &found.secret_access_key);
    if (!id_name || !secret_name)
        return refuse(env, err);
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
