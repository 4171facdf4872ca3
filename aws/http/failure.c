/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/http/failure.h"

#include <errno.h>
#include <string.h>

#include <curl/curl.h>
#include <openssl/x509.h>

#include "aws/http/ca_bundle.h"
#include "aws/http/message.h"
#include "base/linux/error_text.h"

static long get_number(const struct http_failure *failure, CURLINFO what)
{
    long number = 0;
    curl_easy_getinfo(failure->easy, what, &number);
    return number;
}

/* ---- What is added to a row's text; empty when there is nothing to add ---- */

static struct str system_reason(struct arena *arena, const struct http_failure *failure)
{
    long number = get_number(failure, CURLINFO_OS_ERRNO);
    (void)arena;
    return number ? str_from(os_error_text((int)number)) : STR("");
}

/* "wrong version number" of "OpenSSL/3.0.0: error:0A00010B:SSL routines::wrong version number". */
static struct str tls_reason(struct arena *arena, const struct http_failure *failure)
{
    struct str message = str_from(failure->message);
    ptrdiff_t at = str_find(message, STR(":SSL routines::"));
    (void)arena;
    return at < 0 ? STR("") : str_slice(message, (size_t)at + STR(":SSL routines::").len, message.len);
}

/* NULL: OpenSSL found nothing wrong. */
static const char *certificate_problem(const struct http_failure *failure, CURLINFO verify_result)
{
    const long number = get_number(failure, verify_result);
    return number == X509_V_OK || number == X509_V_ERR_UNSPECIFIED ? NULL : X509_verify_cert_error_string(number);
}

/* libcurl compares the names itself: OpenSSL has then found nothing wrong. */
static struct str certificate_reason(struct arena *arena, const struct http_failure *failure)
{
    const char *of_server = certificate_problem(failure, CURLINFO_SSL_VERIFYRESULT);
    const char *of_proxy = certificate_problem(failure, CURLINFO_PROXY_SSL_VERIFYRESULT);
    if (of_proxy)
        return str_format(arena, "the proxy's: %s", of_proxy);
    return str_from(of_server ? of_server : "it is for another host name");
}

static struct str duration(struct arena *arena, const struct http_failure *failure)
{
    curl_off_t connected_us = 0;
    curl_off_t total_us = 0;
    curl_easy_getinfo(failure->easy, CURLINFO_CONNECT_TIME_T, &connected_us);
    curl_easy_getinfo(failure->easy, CURLINFO_TOTAL_TIME_T, &total_us);
    return str_format(arena, "%lld.%lld s, %s", (long long)total_us / 1000000, (long long)total_us / 100000 % 10,
                      connected_us ? "connected" : "not connected");
}

/* Which a resolver that waits for silent servers leaves to libcurl's own limit. */
static bool is_without_address(const struct http_failure *failure)
{
    curl_off_t resolved_us = 0;
    return failure->result == CURLE_OPERATION_TIMEDOUT &&
           curl_easy_getinfo(failure->easy, CURLINFO_NAMELOOKUP_TIME_T, &resolved_us) == CURLE_OK && !resolved_us;
}

static struct str time_without_address(struct arena *arena, const struct http_failure *failure)
{
    return is_without_address(failure) ? duration(arena, failure) : STR("");
}

static struct str ca_file(struct arena *arena, const struct http_failure *failure)
{
    return str_printable(arena, failure->ca_file);
}

/* ---- What can be done about it; empty when nothing is known ---- */

static const char host_remedy[] =
    "Check that the Region and the `endpoints` in the provider block are right, and that this machine can resolve the "
    "name (`getent hosts NAME`): /etc/resolv.conf lists its DNS servers, /etc/hosts names of its own. If AWS is "
    "reachable only through a proxy or a VPN, set https_proxy or HTTPS_PROXY, or connect the VPN.";

static const char proxy_remedy[] =
    "Check the name of the proxy in http_proxy, https_proxy, HTTP_PROXY or HTTPS_PROXY, and that this machine can "
    "resolve it (`getent hosts NAME`).";

static bool is_about_the_issuer(long verify_result)
{
    return verify_result == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
           verify_result == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE ||
           verify_result == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN ||
           verify_result == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT;
}

static struct str trust_remedy(struct arena *arena, const struct http_failure *failure)
{
    static const char way[] = "name a file with them, in PEM form, in custom_ca_bundle of the provider block, "
                              "AWS_CA_BUNDLE or SSL_CERT_FILE";
    const bool is_file = !str_is_empty(failure->ca_file);
    const struct str place = str_printable(arena, is_file ? failure->ca_file : failure->ca_folder);
    if (!is_about_the_issuer(get_number(failure, CURLINFO_SSL_VERIFYRESULT)) &&
        !is_about_the_issuer(get_number(failure, CURLINFO_PROXY_SSL_VERIFYRESULT)))
        return STR("");
    if (str_is_empty(place)) {
        const struct str places = ca_bundle_places(arena);
        return str_format(arena,
                          "This machine has no certificates of authorities where the provider looks for them: %.*s. "
                          "Install them (the package ca-certificates), or %s.",
                          STR_ARG(places), way);
    }
    return str_format(arena,
                      "The authorities that are trusted here are those in the %s %.*s. If a proxy or firewall replaces "
                      "certificates, or the endpoint has an authority of its own, add its certificate there, or %s.",
                      is_file ? "file" : "folder", STR_ARG(place), way);
}

static const struct row {
    CURLcode result;
    const char *text;
    struct str (*addition)(struct arena *arena, const struct http_failure *failure);
    const char *remedy; /* NULL: none, or trust_remedy */
} rows[] = {
    { CURLE_COULDNT_RESOLVE_HOST,     "the name of the host could not be resolved",            time_without_address, host_remedy  },
    { CURLE_COULDNT_RESOLVE_PROXY,    "the name of the proxy could not be resolved",           time_without_address, proxy_remedy },
    { CURLE_COULDNT_CONNECT,          "no connection could be made",                           system_reason,        NULL         },
    { CURLE_OPERATION_TIMEDOUT,       "no answer came in time",                                duration,             NULL         },
    { CURLE_SSL_CONNECT_ERROR,        "the TLS handshake failed",                              tls_reason,           NULL         },
    { CURLE_PEER_FAILED_VERIFICATION, "the certificate is not trusted",                        certificate_reason,   NULL         },
    { CURLE_SSL_CACERT_BADFILE,       "the CA certificates could not be loaded",               ca_file,              NULL         },
    { CURLE_GOT_NOTHING,              "the connection was closed before an answer came",       NULL,                 NULL         },
    { CURLE_ABORTED_BY_CALLBACK,      "the connection was closed before an answer came",       NULL,                 NULL         },
    { CURLE_SEND_ERROR,               "the connection was closed while the request was sent",  NULL,                 NULL         },
    { CURLE_RECV_ERROR,               "the connection was closed while the answer was read",   NULL,                 NULL         },
    { CURLE_PARTIAL_FILE,             "the connection was closed in the middle of the answer", NULL,                 NULL         },
    { CURLE_UNSUPPORTED_PROTOCOL,     "the answer is not HTTP",                                NULL,                 NULL         },
    { CURLE_WEIRD_SERVER_REPLY,       "the answer is not HTTP",                                NULL,                 NULL         },
    { CURLE_PROXY,                    "the proxy did not connect to the host",                 NULL,                 NULL         },
};

static CURLcode result_of(const struct http_failure *failure)
{
    if (!is_without_address(failure))
        return (CURLcode)failure->result;
    return str_is_empty(failure->proxy) || failure->is_direct ? CURLE_COULDNT_RESOLVE_HOST
                                                              : CURLE_COULDNT_RESOLVE_PROXY;
}

static const struct row *row_of(const struct http_failure *failure)
{
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        if (rows[i].result == result_of(failure))
            return &rows[i];
    return NULL;
}

/* What the row says, else libcurl's fixed text for the code, which names nothing. */
static struct str reason(struct arena *arena, const struct http_failure *failure)
{
    long connect_status = get_number(failure, CURLINFO_HTTP_CONNECTCODE);
    if (connect_status && connect_status / 100 != 2)
        return str_format(arena, "the proxy answered CONNECT with HTTP status %ld%s", connect_status,
                          connect_status == HTTP_PROXY_AUTHENTICATION_REQUIRED ? ": it wants a user and a password"
                                                                               : "");
    const struct row *row = row_of(failure);
    if (!row)
        return str_from(curl_easy_strerror((CURLcode)failure->result));
    struct str more = row->addition ? row->addition(arena, failure) : STR("");
    return str_format(arena, "%s%s%.*s%s", row->text, more.len ? " (" : "", STR_ARG(more), more.len ? ")" : "");
}

struct str http_failure_text(struct arena *arena, const struct http_failure *failure)
{
    struct str text = reason(arena, failure);
    if (str_is_empty(failure->proxy))
        return text;
    return str_format(
        arena, "%.*s; the proxy %s%.*s%s", STR_ARG(text), failure->is_direct ? "" : "is ", STR_ARG(failure->proxy),
        failure->is_direct ? " is not used for this host (no_proxy names it, or it is this machine)" : "");
}

struct str http_failure_remedy(struct arena *arena, const struct http_failure *failure)
{
    const struct row *row = row_of(failure);
    if (result_of(failure) == CURLE_PEER_FAILED_VERIFICATION)
        return trust_remedy(arena, failure);
    return row && row->remedy ? str_from(row->remedy) : STR("");
}

const char *http_failure_code(const struct http_failure *failure)
{
    const CURLcode result = result_of(failure);
    if (result == CURLE_COULDNT_RESOLVE_HOST || result == CURLE_COULDNT_RESOLVE_PROXY)
        return HTTP_NO_SUCH_HOST;
    if (result == CURLE_PEER_FAILED_VERIFICATION)
        return HTTP_NOT_TRUSTED;
    bool is_refused = result == CURLE_COULDNT_CONNECT && get_number(failure, CURLINFO_OS_ERRNO) == ECONNREFUSED &&
                      !get_number(failure, CURLINFO_HTTP_CONNECTCODE);
    return is_refused ? HTTP_CONNECTION_REFUSED : "";
}
