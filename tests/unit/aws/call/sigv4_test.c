/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/call/sigv4.h"

#include "aws/limits.h"
#include "tests/support/harness.h"
#include "tests/support/noise.h"
#include "tests/support/vectors.h"

enum { HEADERS_MAX = 8 };

/* One file of tests/vectors/sigv4. */
struct vector {
    struct http_request request;
    struct http_header headers[HEADERS_MAX];
    struct sigv4_key key;
    struct str canonical_request, string_to_sign, signature, authorization;
};

static int open_arena(void **state)
{
    *state = arena_new();
    return 0;
}

static int close_arena(void **state)
{
    arena_free(*state);
    return 0;
}

static void take_field(struct vector *vector, struct str name, struct str value)
{
    if (str_equal(name, STR("method")))
        vector->request.method = value;
    else if (str_equal(name, STR("url")))
        vector->request.url = value;
    else if (str_equal(name, STR("body")))
        vector->request.body = value;
    else if (str_equal(name, STR("region")))
        vector->key.region = value;
    else if (str_equal(name, STR("service")))
        vector->key.service = value;
    else if (str_equal(name, STR("token")))
        vector->key.session_token = value;
    else if (str_equal(name, STR("wall_ms")))
        assert_true(str_to_int64(value, &vector->key.wall_ms));
    else if (str_equal(name, STR("header"))) {
        ptrdiff_t equals = str_find_char(value, '=');
        vector->headers[vector->request.header_count++] =
            (struct http_header){ str_slice(value, 0, (size_t)equals),
                                  str_slice(value, (size_t)equals + 1, value.len) };
    } else
        fail_msg("the vector has a field \"%.*s\"", STR_ARG(name));
}

/* The text between this heading and the next one. */
static struct str section(struct str text, struct str heading)
{
    ptrdiff_t at = str_find(text, heading);
    assert_true(at >= 0);
    struct str rest = str_slice(text, (size_t)at + heading.len, text.len);
    ptrdiff_t end = str_find(rest, STR("\n--- "));
    return end >= 0 ? str_slice(rest, 0, (size_t)end) : str_slice(rest, 0, rest.len - 1);
}

static void read_vector(struct arena *arena, const char *name, struct vector *out)
{
    struct str text = vector_read(arena, name);
    *out = (struct vector){
        .key = { .access_key_id = STR("AKIDEXAMPLE"),
                .secret_access_key = STR("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY") }
    };
    struct str rest = text, line;
    while (str_next(&rest, '\n', &line) && !str_starts_with(line, STR("---"))) {
        ptrdiff_t colon = str_find(line, STR(": "));
        if (!str_starts_with(line, STR("#")))
            take_field(out, str_slice(line, 0, (size_t)colon), str_slice(line, (size_t)colon + 2, line.len));
    }
    out->request.headers = out->headers;
    out->canonical_request = section(text, STR("--- canonical request\n"));
    out->string_to_sign = section(text, STR("--- string to sign\n"));
    out->signature = section(text, STR("--- signature\n"));
    out->authorization = section(text, STR("--- authorization\n"));
}

static void assert_same(struct str got, struct str wanted)
{
    if (!str_equal(got, wanted))
        fail_msg("got:\n%.*s\nwanted:\n%.*s", STR_ARG(got), STR_ARG(wanted));
}

static void each_stage_agrees_with_the_vectors(void **state)
{
    static const char *const names[] = {
        "sigv4/list-users.txt", "sigv4/post-form.txt",     "sigv4/post-json-token.txt", "sigv4/query-order.txt",
        "sigv4/path-dots.txt",  "sigv4/header-spaces.txt", "sigv4/port-kept.txt",       "sigv4/port-dropped.txt",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        struct vector vector;
        struct sigv4_result result;
        CLEANUP(err_clear) struct err err = { 0 };
        read_vector(*state, names[i], &vector);
        assert_true(sigv4_sign(*state, &vector.request, &vector.key, &result, &err));
        assert_same(result.canonical_request, vector.canonical_request);
        assert_same(result.string_to_sign, vector.string_to_sign);
        assert_same(result.signature, vector.signature);
        assert_same(http_header_find(result.headers, result.header_count, STR("authorization")), vector.authorization);
    }
}

static void the_request_keeps_its_headers_and_gets_those_of_the_signature(void **state)
{
    const struct http_header given[] = {
        { STR("X-One"), STR("1") }
    };
    const struct http_request request = {
        .method = STR("POST"), .url = STR("https://h/"), .headers = given, .header_count = 1
    };
    const struct sigv4_key key = { .access_key_id = STR("A"), .secret_access_key = STR("S"), .wall_ms = 0 };
    struct sigv4_result result;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(sigv4_sign(*state, &request, &key, &result, &err));
    assert_int_equal(result.header_count, 3); /* no token, no header for one */
    assert_str_equal(http_header_find(result.headers, 3, STR("x-one")), "1");
    assert_str_equal(http_header_find(result.headers, 3, STR("x-amz-date")), "19700101T000000Z");
}

static void the_order_of_repeated_headers_is_kept(void **state)
{
    const struct http_header given[] = {
        { STR("X-A"), STR("2") },
        { STR("x-b"), STR("m") },
        { STR("x-a"), STR("1") }
    };
    const struct http_request request = {
        .method = STR("GET"), .url = STR("https://h/"), .headers = given, .header_count = 3
    };
    struct str text, names;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(sigv4_canonical_request(*state, &request, &text, &names, &err));
    assert_true(str_find(text, STR("\nx-a:2,1\nx-b:m\n")) > 0);
    assert_str_equal(names, "host;x-a;x-b");
}

static void what_is_no_absolute_url_is_refused(void **state)
{
    static const char *const refused[] = { "", "/", "rds.amazonaws.com", "https://", "https:///path", "://h" };
    for (size_t i = 0; i < ARRAY_LENGTH(refused); i++) {
        const struct http_request request = { .method = STR("GET"), .url = str_from(refused[i]) };
        struct str text, names;
        CLEANUP(err_clear) struct err err = { 0 };
        assert_false(sigv4_canonical_request(*state, &request, &text, &names, &err));
        assert_int_equal(err.kind, ERR_INVALID);
    }
}

static void noise_in_every_part_is_signed_or_refused(void **state)
{
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct str bytes = noise(*state, seed, 300, STR("/.?&=%# ab:"));
        const struct http_header header = { STR("X-Noise"), noise(*state, seed, 300, STR("")) };
        const struct http_request request = { .method = STR("POST"),
                                              .url = str_format(*state, "https://h/%.*s", STR_ARG(bytes)),
                                              .headers = &header,
                                              .header_count = 1,
                                              .body = bytes };
        struct sigv4_key key = {
            .secret_access_key = bytes, .region = bytes, .service = bytes, .session_token = bytes
        };
        struct sigv4_result result;
        CLEANUP(err_clear) struct err err = { 0 };
        assert_true(sigv4_sign(*state, &request, &key, &result, &err) || err.kind == ERR_INVALID);
        struct str url, signature;
        key.access_key_id = bytes;
        if (sigv4_presign(*state, request.url, 1, &key, &url, &signature, &err))
            assert_true(str_ends_with(url, signature));
        else
            assert_int_equal(err.kind, ERR_INVALID);
    }
}

static void a_request_that_is_too_long_to_sign_is_refused(void **state)
{
    const struct http_header header = { STR("X-Noise"), noise(*state, 1, SIGV4_MAX_BYTES, STR("a")) };
    const struct http_request request = {
        .method = STR("POST"), .url = STR("https://h/"), .headers = &header, .header_count = 1
    };
    struct sigv4_result result;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_false(sigv4_sign(*state, &request, &(struct sigv4_key){ 0 }, &result, &err));
    assert_int_equal(err.kind, ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_stage_agrees_with_the_vectors),
        cmocka_unit_test(the_request_keeps_its_headers_and_gets_those_of_the_signature),
        cmocka_unit_test(the_order_of_repeated_headers_is_kept),
        cmocka_unit_test(what_is_no_absolute_url_is_refused),
        cmocka_unit_test(noise_in_every_part_is_signed_or_refused),
        cmocka_unit_test(a_request_that_is_too_long_to_sign_is_refused),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
