/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/call/sigv4.h"

#include <stdlib.h>
#include <time.h>

#include "aws/crypto.h"
#include "aws/limits.h"

/* Intermediaries or the transport may change these on the way; botocore leaves
 * them out, too (botocore/auth.py, SIGNED_HEADERS_BLACKLIST). */
static const char *const unsigned_headers[] = {
    "authorization",         "user-agent",      "x-amzn-trace-id", "expect", "connection", "te", "transfer-encoding",
    "amz-sdk-invocation-id", "amz-sdk-request",
};

static const char algorithm[] = "AWS4-HMAC-SHA256";

struct url_parts {
    struct str host; /* with its port unless that is the scheme's default, as it is sent */
    struct str path, query;
};

/* A header or query parameter that waits for being sorted. */
struct pair {
    struct str name, value;
    size_t position;
};

static bool split_url(struct str url, struct url_parts *out, struct err *err)
{
    ptrdiff_t colon = str_find(url, STR("://"));
    if (colon <= 0)
        return err_set(err, ERR_INVALID, "\"%.*s\" is not an absolute URL", STR_ARG(url));
    struct str scheme = str_slice(url, 0, (size_t)colon);
    struct str rest = str_slice(url, (size_t)colon + 3, url.len);
    ptrdiff_t fragment = str_find_char(rest, '#');
    if (fragment >= 0)
        rest = str_slice(rest, 0, (size_t)fragment);
    struct url_parts parts = { .path = STR("/") };
    ptrdiff_t question = str_find_char(rest, '?');
    if (question >= 0) {
        parts.query = str_slice(rest, (size_t)question + 1, rest.len);
        rest = str_slice(rest, 0, (size_t)question);
    }
    ptrdiff_t slash = str_find_char(rest, '/');
    if (slash >= 0)
        parts.path = str_slice(rest, (size_t)slash, rest.len);
    parts.host = slash >= 0 ? str_slice(rest, 0, (size_t)slash) : rest;
    struct str default_port = str_equal_ignore_case(scheme, STR("https")) ? STR(":443") : STR(":80");
    if (str_ends_with(parts.host, default_port))
        parts.host.len -= default_port.len;
    if (str_is_empty(parts.host))
        return err_set(err, ERR_INVALID, "\"%.*s\" names no host", STR_ARG(url));
    *out = parts;
    return true;
}

static int compare_pairs(const void *a, const void *b)
{
    const struct pair *left = a, *right = b;
    int order = str_compare(left->name, right->name);
    return order ? order : (left->position > right->position) - (left->position < right->position);
}

static int compare_parameters(const void *a, const void *b)
{
    const struct pair *left = a, *right = b;
    int order = str_compare(left->name, right->name);
    return order ? order : str_compare(left->value, right->value);
}

static bool is_unreserved(char character)
{
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
           (character >= '0' && character <= '9') || character == '-' || character == '_' || character == '.' ||
           character == '~';
}

static bool add_encoded(struct str_builder *out, struct str text, struct err *err)
{
    for (size_t i = 0; i < text.len; i++) {
        char character = text.ptr[i];
        if (!(is_unreserved(character) ? str_builder_add_char(out, character, err)
                                       : str_builder_format(out, err, "%%%02X", (unsigned char)character)))
            return false;
    }
    return true;
}

/* Without dot segments and duplicate slashes (every service but S3). Each segment is encoded once more than it is
 * sent: a "%" becomes "%25". */
static bool add_path(struct arena *arena, struct str_builder *out, struct str path, struct err *err)
{
    struct str *segments = arena_array(arena, path.len + 1, sizeof(*segments));
    size_t count = 0;
    struct str rest = path, segment;
    while (str_next(&rest, '/', &segment)) {
        if (str_equal(segment, STR("..")))
            count -= count > 0;
        else if (!str_is_empty(segment) && !str_equal(segment, STR(".")))
            segments[count++] = segment;
    }
    if (!count)
        return str_builder_add(out, STR("/"), err);
    for (size_t i = 0; i < count; i++)
        if (!str_builder_add(out, STR("/"), err) || !add_encoded(out, segments[i], err))
            return false;
    return !str_ends_with(path, STR("/")) || str_builder_add(out, STR("/"), err);
}

/* The URL is encoded already: only the order is to be made canonical. */
static bool add_query(struct arena *arena, struct str_builder *out, struct str query, struct err *err)
{
    struct pair *pairs = arena_array(arena, query.len + 1, sizeof(*pairs));
    size_t count = 0;
    struct str rest = query, piece;
    while (str_next(&rest, '&', &piece)) {
        if (str_is_empty(piece))
            continue;
        ptrdiff_t equals = str_find_char(piece, '=');
        size_t end = equals < 0 ? piece.len : (size_t)equals;
        pairs[count++] =
            (struct pair){ .name = str_slice(piece, 0, end), .value = str_slice(piece, end + 1, piece.len) };
    }
    if (count)
        qsort(pairs, count, sizeof(*pairs), compare_parameters);
    for (size_t i = 0; i < count; i++)
        if (!str_builder_format(out, err, "%s%.*s=%.*s", i ? "&" : "", STR_ARG(pairs[i].name), STR_ARG(pairs[i].value)))
            return false;
    return true;
}

static bool is_signed(struct str name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(unsigned_headers); i++)
        if (str_equal_ignore_case(name, str_from(unsigned_headers[i])))
            return false;
    return true;
}

/* Trimmed, inner runs of spaces as one. */
static struct str canonical_value(struct arena *arena, struct str value)
{
    struct str trimmed = str_trim(value);
    char *out = arena_alloc(arena, trimmed.len + 1);
    size_t length = 0;
    for (size_t i = 0; i < trimmed.len; i++) {
        char character = trimmed.ptr[i] == '\t' ? ' ' : trimmed.ptr[i];
        if (character != ' ' || out[length - 1] != ' ')
            out[length++] = character;
    }
    return (struct str){ out, length };
}

static size_t sorted_headers(struct arena *arena, const struct http_request *request, struct str host,
                             struct pair **out)
{
    struct pair *pairs = arena_array(arena, request->header_count + 1, sizeof(*pairs));
    size_t count = 0;
    if (str_is_empty(http_header_find(request->headers, request->header_count, STR("host"))))
        pairs[count++] = (struct pair){ .name = STR("host"), .value = host };
    for (size_t i = 0; i < request->header_count; i++)
        if (is_signed(request->headers[i].name))
            pairs[count++] = (struct pair){ .name = str_lower(arena, request->headers[i].name),
                                            .value = canonical_value(arena, request->headers[i].value),
                                            .position = i };
    qsort(pairs, count, sizeof(*pairs), compare_pairs);
    *out = pairs;
    return count;
}

/* Repeated headers are joined in the order sent. */
static bool add_headers(struct str_builder *lines, struct str_builder *names, const struct pair *pairs, size_t count,
                        struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        bool repeats = i > 0 && str_equal(pairs[i].name, pairs[i - 1].name);
        if (!(repeats ? str_builder_add(lines, STR(","), err)
                      : str_builder_format(lines, err, "%s%.*s:", i ? "\n" : "", STR_ARG(pairs[i].name))) ||
            !str_builder_add(lines, pairs[i].value, err))
            return false;
        if (!repeats && !str_builder_format(names, err, "%s%.*s", i ? ";" : "", STR_ARG(pairs[i].name)))
            return false;
    }
    return str_builder_add(lines, STR("\n"), err);
}

static struct str hash_hex(struct arena *arena, struct str data)
{
    unsigned char hash[CRYPTO_SHA256_BYTES];
    crypto_sha256(data, hash);
    return crypto_hex(arena, hash, sizeof(hash));
}

bool sigv4_canonical_request(struct arena *arena, const struct http_request *request, struct str *out,
                             struct str *out_signed_headers, struct err *err)
{
    struct url_parts url;
    if (!split_url(request->url, &url, err))
        return false;
    struct pair *pairs;
    size_t count = sorted_headers(arena, request, url.host, &pairs);
    struct str_builder text, names;
    str_builder_init(&text, arena, SIGV4_MAX_BYTES);
    str_builder_init(&names, arena, SIGV4_MAX_BYTES);
    if (!str_builder_format(&text, err, "%.*s\n", STR_ARG(request->method)) || !add_path(arena, &text, url.path, err) ||
        !str_builder_add(&text, STR("\n"), err) || !add_query(arena, &text, url.query, err) ||
        !str_builder_add(&text, STR("\n"), err) || !add_headers(&text, &names, pairs, count, err))
        return false;
    const struct str signed_names = str_builder_text(&names);
    const struct str body_hash = hash_hex(arena, request->body);
    if (!str_builder_format(&text, err, "\n%.*s\n%.*s", STR_ARG(signed_names), STR_ARG(body_hash)))
        return false;
    *out = str_builder_text(&text);
    *out_signed_headers = str_builder_text(&names);
    return true;
}

static struct str time_of(struct arena *arena, int64_t wall_ms)
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    return str_format(arena, "%04d%02d%02dT%02d%02d%02dZ", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour,
                      utc.tm_min, utc.tm_sec);
}

static struct str date_of(struct arena *arena, const struct sigv4_key *key)
{
    return str_slice(time_of(arena, key->wall_ms), 0, STR("20150830").len);
}

static struct str scope_of(struct arena *arena, const struct sigv4_key *key)
{
    const struct str date = date_of(arena, key);
    return str_format(arena, "%.*s/%.*s/%.*s/aws4_request", STR_ARG(date), STR_ARG(key->region), STR_ARG(key->service));
}

static struct str string_to_sign_of(struct arena *arena, const struct sigv4_key *key, struct str canonical_request)
{
    const struct str time = time_of(arena, key->wall_ms);
    const struct str scope = scope_of(arena, key);
    const struct str hash = hash_hex(arena, canonical_request);
    return str_format(arena, "%s\n%.*s\n%.*s\n%.*s", algorithm, STR_ARG(time), STR_ARG(scope), STR_ARG(hash));
}

static struct str signature_of(struct arena *arena, const struct sigv4_key *key, struct str string_to_sign)
{
    struct str secret = str_format(arena, "AWS4%.*s", STR_ARG(key->secret_access_key));
    unsigned char derived[CRYPTO_SHA256_BYTES];
    const struct str derived_text = { (const char *)derived, sizeof(derived) };
    crypto_hmac_sha256(secret, date_of(arena, key), derived);
    crypto_hmac_sha256(derived_text, key->region, derived);
    crypto_hmac_sha256(derived_text, key->service, derived);
    crypto_hmac_sha256(derived_text, STR("aws4_request"), derived);
    crypto_hmac_sha256(derived_text, string_to_sign, derived);
    struct str signature = crypto_hex(arena, derived, sizeof(derived));
    mem_wipe((char *)secret.ptr, secret.len);
    mem_wipe(derived, sizeof(derived));
    return signature;
}

bool sigv4_sign(struct arena *arena, const struct http_request *request, const struct sigv4_key *key,
                struct sigv4_result *out, struct err *err)
{
    enum { ADDED_MAX = 3 };
    size_t count = request->header_count;
    struct http_header *headers = arena_array(arena, count + ADDED_MAX, sizeof(*headers));
    for (size_t i = 0; i < count; i++)
        headers[i] = request->headers[i];
    headers[count++] = (struct http_header){ STR("X-Amz-Date"), time_of(arena, key->wall_ms) };
    if (!str_is_empty(key->session_token))
        headers[count++] = (struct http_header){ STR("X-Amz-Security-Token"), key->session_token };
    struct http_request dated = *request;
    dated.headers = headers;
    dated.header_count = count;

    struct sigv4_result result = { .headers = headers };
    struct str signed_headers;
    if (!sigv4_canonical_request(arena, &dated, &result.canonical_request, &signed_headers, err))
        return false;
    result.string_to_sign = string_to_sign_of(arena, key, result.canonical_request);
    result.signature = signature_of(arena, key, result.string_to_sign);
    const struct str scope = scope_of(arena, key);
    struct str authorization =
        str_format(arena, "%s Credential=%.*s/%.*s, SignedHeaders=%.*s, Signature=%.*s", algorithm,
                   STR_ARG(key->access_key_id), STR_ARG(scope), STR_ARG(signed_headers), STR_ARG(result.signature));
    headers[count++] = (struct http_header){ STR("Authorization"), authorization };
    result.header_count = count;
    *out = result;
    return true;
}

/* ---- The query form --------------------------------------------------------- */

static bool add_parameter(struct str_builder *url, const char *name, struct str value, struct err *err)
{
    return str_builder_format(url, err, "&X-Amz-%s=", name) && add_encoded(url, value, err);
}

bool sigv4_presign(struct arena *arena, struct str url, int lasts_seconds, const struct sigv4_key *key, struct str *out,
                   struct str *out_signature, struct err *err)
{
    struct str_builder text;
    struct str canonical_request, signed_headers;
    const struct str scope = scope_of(arena, key);
    const struct str credential = str_format(arena, "%.*s/%.*s", STR_ARG(key->access_key_id), STR_ARG(scope));
    str_builder_init(&text, arena, SIGV4_MAX_BYTES);
    if (!str_builder_add(&text, url, err) || !add_parameter(&text, "Algorithm", str_from(algorithm), err) ||
        !add_parameter(&text, "Credential", credential, err) ||
        !add_parameter(&text, "Date", time_of(arena, key->wall_ms), err) ||
        !add_parameter(&text, "Expires", str_format(arena, "%d", lasts_seconds), err) ||
        !add_parameter(&text, "SignedHeaders", STR("host"), err) ||
        !(str_is_empty(key->session_token) || add_parameter(&text, "Security-Token", key->session_token, err)))
        return false;
    const struct http_request request = { .method = STR("GET"), .url = str_builder_text(&text) };
    if (!sigv4_canonical_request(arena, &request, &canonical_request, &signed_headers, err))
        return false;
    const struct str signature = signature_of(arena, key, string_to_sign_of(arena, key, canonical_request));
    if (!add_parameter(&text, "Signature", signature, err))
        return false;
    *out = str_builder_text(&text);
    *out_signature = signature;
    return true;
}
