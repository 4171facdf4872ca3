/* SPDX-License-Identifier: MPL-2.0
 *
 * Where calls go: endpoints, proxies, the authorities to trust. An address that
 * cannot be used is refused by the name of what sets it, and shown only where it
 * cannot hold a password.
 */
#include "aws/credentials/config/endpoint.h"
#include "aws/http/url.h"
#include "plugin/aws_provider/configuration.h"

/* ---- Endpoints ------------------------------------------------------------ */

/* `former`: older names of hashicorp/aws for the argument, which it still reads. */
static const struct {
    const char *name;
    size_t offset;
    const char *former[2];
} services[AWS_SERVICE_COUNT] = {
    [AWS_RDS] = { "rds", offsetof(struct endpoints, rds), { NULL, NULL }                                },
    [AWS_KMS] = { "kms", offsetof(struct endpoints, kms), { NULL, NULL }                                },
    [AWS_STS] = { "sts", offsetof(struct endpoints, sts), { "TF_AWS_STS_ENDPOINT", "AWS_STS_ENDPOINT" } },
    [AWS_IAM] = { "iam", offsetof(struct endpoints, iam), { "TF_AWS_IAM_ENDPOINT", "AWS_IAM_ENDPOINT" } },
};

static bool find_in_blocks(const struct aws_configuration *configuration, const char *name, size_t offset,
                           struct aws_set_endpoint *out)
{
    const struct tf_blocks_endpoints *blocks = &configuration->block->endpoints;
    out->set_by = str_format(configuration->arena, "`%s` of `endpoints`", name);
    for (size_t i = 0; i < blocks->count; i++) {
        const char *item = (const char *)&blocks->items[i];
        out->url = tf_text(*(const struct tf_string *)(item + offset), STR(""));
        if (!str_is_empty(out->url))
            return true;
    }
    return false;
}

static bool find_by_former_name(const struct aws_configuration *configuration, enum aws_service service,
                                struct aws_set_endpoint *out)
{
    for (size_t i = 0; i < ARRAY_LENGTH(services[service].former); i++) {
        const char *name = services[service].former[i];
        out->set_by = str_from(name);
        if (name && env_find(&configuration->env, name, &out->url))
            return true;
    }
    return false;
}

/* Several `endpoints` blocks add up. None: AWS's own. */
static bool set_endpoint(struct aws_configuration *configuration, enum aws_service service, struct err *err)
{
    struct aws_set_endpoint set = { 0 };
    const struct str profile = aws_profile_name(&configuration->env, tf_text(configuration->block->profile, STR("")));
    if (!find_in_blocks(configuration, services[service].name, services[service].offset, &set) &&
        !find_by_former_name(configuration, service, &set) &&
        !aws_profile_find_endpoint(configuration->arena, configuration->files, &configuration->env, profile,
                                   services[service].name, &set))
        return true;
    configuration->endpoints[service] = set.url;
    configuration->endpoints_set_by[service] = set.set_by;
    return http_endpoint_check(set.url, err) || err_wrap(err, "%.*s", STR_ARG(set.set_by));
}

/* The portal's alone, as in hashicorp/aws; without it sso.c looks where environment and profile say. */
static bool set_sso_endpoint(struct aws_configuration *configuration, struct err *err)
{
    struct aws_set_endpoint set;
    if (!find_in_blocks(configuration, "sso", offsetof(struct endpoints, sso), &set))
        return true;
    configuration->sso_endpoint = set.url;
    return http_endpoint_check(set.url, err) || err_wrap(err, "%.*s", STR_ARG(set.set_by));
}

static bool set_endpoints(struct aws_configuration *configuration, struct err *err)
{
    for (int service = 0; service < AWS_SERVICE_COUNT; service++)
        if (!set_endpoint(configuration, (enum aws_service)service, err))
            return false;
    return set_sso_endpoint(configuration, err);
}

/* ---- Proxies -------------------------------------------------------------- */

/* The argument -> the variable in capitals -> in small letters. */
struct proxy {
    const char *names[3];
    size_t offset;       /* of the argument, in the block */
    bool is_set_by_none; /* an empty argument says that there is none, as in hashicorp/aws */
};

/* `out_name` is of what set it. Empty: none. */
static struct str find_proxy(const struct aws_configuration *configuration, const struct proxy *proxy,
                             const char **out_name)
{
    const struct tf_string argument = *(const struct tf_string *)((const char *)configuration->block + proxy->offset);
    struct str found = { 0 };
    *out_name = proxy->names[0];
    if (argument.state == TF_KNOWN && (proxy->is_set_by_none || !str_is_empty(argument.value)))
        return argument.value;
    for (size_t i = 1; i < ARRAY_LENGTH(proxy->names); i++) {
        *out_name = proxy->names[i];
        if (env_find(&configuration->env, *out_name, &found))
            return found;
    }
    return STR("");
}

static bool set_proxy(const struct aws_configuration *configuration, const struct proxy *proxy, struct str *out,
                      struct err *err)
{
    const char *name;
    *out = find_proxy(configuration, proxy, &name);
    return str_is_empty(*out) || http_proxy_check(*out, err) || err_wrap(err, "%s", name);
}

static bool set_proxies(struct aws_configuration *configuration, struct tf_call *call, struct err *err)
{
    static const struct proxy http = {
        { "`http_proxy`", "HTTP_PROXY", "http_proxy" },
        offsetof(struct aws_provider_block, http_proxy), true
    };
    static const struct proxy https = {
        { "`https_proxy`", "HTTPS_PROXY", "https_proxy" },
        offsetof(struct aws_provider_block, https_proxy), true
    };
    static const struct proxy none = {
        { "`no_proxy`", "NO_PROXY", "no_proxy" },
        offsetof(struct aws_provider_block, no_proxy), false
    };
    const struct aws_provider_block *block = configuration->block;
    struct http_curl_options *options = &configuration->http_options;
    const char *ignored;
    options->no_proxy = find_proxy(configuration, &none, &ignored);
    if (!set_proxy(configuration, &http, &options->http_proxy, err) ||
        !set_proxy(configuration, &https, &options->https_proxy, err))
        return false;
    if (block->https_proxy.state == TF_NULL && str_is_empty(options->https_proxy) &&
        !str_is_empty(tf_text(block->http_proxy, STR("")))) {
        options->https_proxy = block->http_proxy.value;
        /* At the whole block: Terraform prints the line that a warning points at, and with it a password. */
        tf_warn(call, NULL, "The HTTP proxy is used for HTTPS too",
                "`https_proxy` is not set, so requests to `https` endpoints take `http_proxy` as well, as in "
                "hashicorp/aws.\n\nSet `https_proxy`, to \"\" for none.");
    }
    return true;
}

/* ---- All together --------------------------------------------------------- */

static void set_trust(struct aws_configuration *configuration)
{
    const struct aws_provider_block *block = configuration->block;
    struct http_curl_options *options = &configuration->http_options;
    struct configuration_setting bundle = { tf_text(block->custom_ca_bundle, STR("")), STR("`custom_ca_bundle`") };
    if (str_is_empty(bundle.value))
        configuration_find_setting(configuration, "AWS_CA_BUNDLE", "ca_bundle", &bundle);
    options->ca_bundle_name = str_c(configuration->arena, bundle.set_by);
    options->ca_bundle_file = aws_expand_path(configuration->arena, &configuration->env, bundle.value);
    options->insecure = tf_is_true(block->insecure);
    options->env = &configuration->env;
}

bool configuration_read_addresses(struct aws_configuration *configuration, struct tf_call *call, struct err *err)
{
    set_trust(configuration);
    return set_endpoints(configuration, err) && set_proxies(configuration, call, err);
}
