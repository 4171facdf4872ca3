/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/http/url.h"

#include <curl/curl.h>

DEFINE_CLEANUP(drop_arena, struct arena *, arena_free)
DEFINE_CLEANUP(drop_url, CURLU *, curl_url_cleanup)
DEFINE_CLEANUP(drop_text, char *, curl_free)

/* As libcurl parses CURLOPT_PROXY: "proxy:3128" is one. */
enum { AS_PROXY = CURLU_NON_SUPPORT_SCHEME | CURLU_GUESS_SCHEME };

static bool has_path(CURLU *url)
{
    CLEANUP(drop_text) char *path = NULL;
    return curl_url_get(url, CURLUPART_PATH, &path, 0) == CURLUE_OK && path[0] && path[1];
}

static bool has_scheme(CURLU *url, const char *allowed)
{
    CLEANUP(drop_text) char *scheme = NULL;
    struct str rest = str_from(allowed);
    struct str one;
    if (curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK)
        return false;
    while (str_next(&rest, ' ', &one))
        if (str_equal(one, str_from(scheme)))
            return true;
    return false;
}

static const char *parse_problem(CURLUcode code)
{
    static const struct {
        CURLUcode code;
        const char *problem;
    } problems[] = {
        { CURLUE_BAD_PORT_NUMBER, "its port is not a number from 0 to 65535" },
        { CURLUE_NO_HOST,         "it has no host"                           },
        { CURLUE_BAD_HOSTNAME,    "its host is not a host name"              },
        { CURLUE_BAD_IPV6,        "its host is not an IPv6 address"          },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(problems); i++)
        if (problems[i].code == code)
            return problems[i].problem;
    return curl_url_strerror(code); /* static, too */
}

static bool has_blank(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] <= ' ' || text.ptr[i] == 0x7f)
            return true;
    return false;
}

/* Sets `url`. */
static const char *parse(CURLU *url, struct str text, unsigned flags)
{
    CLEANUP(drop_arena) struct arena *arena = arena_new();
    if (has_blank(text))
        return "it contains a blank or a control character";
    CURLUcode code = curl_url_set(url, CURLUPART_URL, str_c(arena, text), flags);
    return code == CURLUE_OK ? NULL : parse_problem(code);
}

/* libcurl itself would take "http:/host" and "http:///host". */
static bool begins_with_host(struct str text, struct str scheme)
{
    return str_starts_with(text, scheme) && text.len > scheme.len && text.ptr[scheme.len] != '/';
}

/* Static texts, here and below. */
static const char *endpoint_problem(struct str text)
{
    CLEANUP(drop_url) CURLU *url = curl_url();
    if (str_find_char(text, '@') >= 0)
        return "it contains a user or a password";
    if (!begins_with_host(text, STR("https://")) && !begins_with_host(text, STR("http://")))
        return "it does not begin with https:// or http:// and a host";
    if (str_find_char(text, '?') >= 0 || str_find_char(text, '#') >= 0)
        return "it has a query or a fragment";
    return parse(url, text, 0);
}

bool http_endpoint_check(struct str url, struct err *err)
{
    const char *problem = endpoint_problem(url);
    if (!problem)
        return true;
    err_set(err, ERR_INVALID, "the endpoint cannot be used: %s", problem);
    err_set_remedy(err, "An endpoint is an https or http URL with a host, such as \"https://rds.example:8443\", "
                        "without user, password, query or fragment. Calls are signed with the AWS credentials: the "
                        "URL needs none.");
    return false;
}

static const char *proxy_problem(struct str text)
{
    CLEANUP(drop_url) CURLU *url = curl_url();
    const char *problem = parse(url, text, AS_PROXY);
    if (problem)
        return problem;
    if (!has_scheme(url, "http https socks4 socks4a socks5 socks5h"))
        return "its scheme is not http, https, socks4, socks4a, socks5 or socks5h";
    if (has_path(url) || str_find_char(text, '?') >= 0 || str_find_char(text, '#') >= 0)
        return "it has a path, a query or a fragment";
    return NULL;
}

bool http_proxy_check(struct str proxy, struct err *err)
{
    const char *problem = proxy_problem(proxy);
    if (!problem)
        return true;
    err_set(err, ERR_INVALID, "the proxy cannot be used: %s", problem);
    err_set_remedy(err,
                   "A proxy is \"http://host:port\" or \"http://user:password@host:port\"; https, socks4, socks4a, "
                   "socks5 and socks5h are possible, too. In user and password every / ? # @ : and %% is "
                   "percent-encoded: %%2F %%3F %%23 %%40 %%3A %%25.");
    return false;
}

struct str http_without_brackets(struct str host)
{
    bool has_both = str_starts_with(host, STR("[")) && str_ends_with(host, STR("]"));
    return has_both ? str_slice(host, 1, host.len - 1) : host;
}

bool http_host_and_port(struct arena *arena, struct str text, struct str *out_host, struct str *out_port)
{
    CLEANUP(drop_url) CURLU *url = curl_url();
    CLEANUP(drop_text) char *host = NULL;
    CLEANUP(drop_text) char *port = NULL;
    if (parse(url, text, 0) || curl_url_get(url, CURLUPART_HOST, &host, 0) != CURLUE_OK ||
        curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) != CURLUE_OK)
        return false;
    *out_host = http_without_brackets(str_copy(arena, str_from(host)));
    *out_port = str_copy(arena, str_from(port));
    return true;
}

struct str http_proxy_with_port(struct arena *arena, struct str proxy)
{
    CLEANUP(drop_url) CURLU *url = curl_url();
    CLEANUP(drop_text) char *text = NULL;
    if (parse(url, proxy, AS_PROXY) || curl_url_get(url, CURLUPART_URL, &text, CURLU_DEFAULT_PORT) != CURLUE_OK)
        return str_copy(arena, proxy);
    return str_copy(arena, str_from(text));
}

struct str http_proxy_shown(struct arena *arena, struct str proxy)
{
    CLEANUP(drop_url) CURLU *url = curl_url();
    CLEANUP(drop_text) char *scheme = NULL;
    CLEANUP(drop_text) char *host = NULL;
    CLEANUP(drop_text) char *port = NULL;
    if (parse(url, proxy, AS_PROXY) || curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
        curl_url_get(url, CURLUPART_HOST, &host, 0) != CURLUE_OK)
        return STR("");
    bool has_port = curl_url_get(url, CURLUPART_PORT, &port, 0) == CURLUE_OK;
    return str_format(arena, "%s://%s%s%s", scheme, host, has_port ? ":" : "", has_port ? port : "");
}
