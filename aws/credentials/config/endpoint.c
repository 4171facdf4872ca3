/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/config/endpoint.h"

#include "aws/credentials/config/profile.h"
#include "aws/credentials/config/services.h"

static bool is_true(struct str text)
{
    return str_equal_ignore_case(text, STR("true"));
}

/* "AWS_ENDPOINT_URL_RDS" */
static struct str service_variable(struct arena *arena, const char *service)
{
    struct str name = str_format(arena, "AWS_ENDPOINT_URL_%s", service);
    char *bytes = (char *)name.ptr;
    for (size_t i = 0; i < name.len; i++)
        if (bytes[i] >= 'a' && bytes[i] <= 'z')
            bytes[i] = (char)(bytes[i] - 'a' + 'A');
    return name;
}

/* What the environment says goes before the profile, also a "false". */
static bool are_ignored(const struct aws_profile_files *files, const struct env *env, struct str profile)
{
    struct str value = { 0 };
    return (env_find(env, AWS_IGNORE_ENDPOINTS_VARIABLE, &value) ||
            aws_profile_get(files, profile, "ignore_configured_endpoint_urls", &value)) &&
           is_true(value);
}

static bool find_in_environment(const struct env *env, struct str name, struct aws_set_endpoint *out)
{
    out->set_by = name;
    return env_find(env, name.ptr, &out->url);
}

static bool find_in_profile(struct arena *arena, const struct aws_profile_files *files, struct str profile,
                            const char *service, struct aws_set_endpoint *out)
{
    static const char key[] = "endpoint_url";
    struct str section;
    if (aws_profile_get(files, profile, "services", &section) &&
        aws_profile_services_get(files, section, service, key, &out->url)) {
        const struct str where = aws_profile_services_where(files, arena, section, service, key);
        const struct str shown = str_printable(arena, section);
        out->set_by =
            str_format(arena, "%s of %s in [services %.*s] (%.*s)", key, service, STR_ARG(shown), STR_ARG(where));
        return true;
    }
    out->set_by = str_from(aws_profile_key_label(files, arena, profile, key));
    return aws_profile_get(files, profile, key, &out->url);
}

bool aws_profile_find_endpoint(struct arena *arena, const struct aws_profile_files *files, const struct env *env,
                               struct str profile, const char *service, struct aws_set_endpoint *out)
{
    if (are_ignored(files, env, profile))
        return false;
    return find_in_environment(env, service_variable(arena, service), out) ||
           find_in_environment(env, STR("AWS_ENDPOINT_URL"), out) ||
           find_in_profile(arena, files, profile, service, out);
}
