/* SPDX-License-Identifier: MPL-2.0
 *
 * What the transport says when it fails: in our words, with host, port and
 * reason, and without the password of a proxy. Certificates: http_curl_tls_test.
 */
#include "aws/http/failure.h"

#include <string.h>

#include <curl/curl.h>

#include "tests/unit/aws/http/curl_fixture.h"

#define USER "mover:hush-hush@"

static struct str proxy_at(const struct room *room, struct str address)
{
    return str_format(room->arena, "http://" USER "%.*s", STR_ARG(address));
}

/* Fails through that proxy; the text has all three parts and no password. */
static void assert_failure(struct room *room, const struct http_curl_options *options, const char *url,
                           const char *reason, const char *shown)
{
    const struct http_request request = { .method = STR("POST"), .url = str_from(url), .timeout_ms = 200 };
    http_curl_free(room->http);
    room->http = NULL;
    must(room, http_curl_new(options, &room->http, &room->err));
    assert_failed(room, send_until(room, &request, CLOCK_NEVER), ERR_IO, false);
    struct str origin = str_format(room->arena, "%s: ", url);
    if (!str_starts_with(str_from(err_text(&room->err)), origin) || !strstr(err_text(&room->err), reason) ||
        !strstr(err_text(&room->err), shown))
        fail_msg("not \"%s\" and \"%s\", but: %s", reason, shown, err_text(&room->err));
    assert_null(strstr(err_text(&room->err), "mover"));
    assert_null(strstr(err_text(&room->err), "hush"));
}

static void a_proxy_is_named_without_its_user(void **state)
{
    struct room *room = *state;
    const struct str loopback = str_slice(loopback_server_url(room->server, room->arena, ""), strlen("http://"), 100);
    static const struct {
        const char *address; /* empty: the server's */
        const char *url, *reason;
    } rows[] = {
        { "proxy.none:3128", "https://far.none",    "the name of the proxy could not be resolved"                                     },
        { "127.0.0.1:1",     "https://far.none",    "no connection could be made (Connection refused)"                                },
        { "",                "https://aborts.none", "the connection was closed"                                                       },
        { "",                "https://asks.none",   "the proxy answered CONNECT with HTTP status 407: it wants a user and a password" },
        { "",                "https://denies.none", "the proxy answered CONNECT with HTTP status 403"                                 },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct str address = rows[i].address[0] ? str_from(rows[i].address) : loopback;
        const char *shown = str_format(room->arena, "; the proxy is http://%.*s", STR_ARG(address)).ptr;
        const struct http_curl_options options = { .https_proxy = proxy_at(room, address) };
        assert_failure(room, &options, rows[i].url, rows[i].reason, shown);
        assert_true(str_ends_with(str_from(err_text(&room->err)), str_from(shown)));
    }
}

static void a_proxy_that_is_not_used_is_mentioned(void **state)
{
    struct room *room = *state;
    const struct http_curl_options options = { .http_proxy = STR("http://" USER "127.0.0.1:1"),
                                               .no_proxy = STR("far.none") };
    assert_failure(room, &options, "http://far.none", "the name of the host could not be resolved",
                   "; the proxy http://127.0.0.1:1 is not used for this host (no_proxy names it, or");
    assert_failure(room, &options, "http://127.0.0.1:1", "no connection could be made (Connection refused)",
                   "; the proxy http://127.0.0.1:1 is not used for this host");
}

static void each_failure_has_its_reason(void **state)
{
    struct room *room = *state;
    static const struct {
        const char *path, *reason;
    } rows[] = {
        { "/hang",    "no answer came in time (0.2 s, connected)"                                            },
        { "/close",   "the connection was closed before an answer came"                                      },
        { "/cut",     "the connection was closed in the middle of the answer"                                },
        { "/garbage", "the answer is not HTTP"                                                               },
        { "/endless",
         "the answer has more than the 8 MiB, or a head of more than the 256 KiB, that this program accepts" },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct http_request request = to(room, rows[i].path, false);
        request.timeout_ms = i ? 0 : 200;
        assert_false(send_until(room, &request, CLOCK_NEVER));
        if (!strstr(err_text(&room->err), rows[i].reason))
            fail_msg("not \"%s\" but: %s", rows[i].reason, err_text(&room->err));
    }
}

static void what_can_be_done_is_said_of_a_name(void **state)
{
    struct room *room = *state;
    static const struct {
        int result;
        const char *part;
    } rows[] = {
        { CURLE_COULDNT_RESOLVE_HOST,  "/etc/resolv.conf" },
        { CURLE_COULDNT_RESOLVE_PROXY, "HTTPS_PROXY"      },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const struct http_failure failure = { .result = rows[i].result };
        assert_true(str_find(http_failure_remedy(room->arena, &failure), str_from(rows[i].part)) >= 0);
    }
}

/* Codes that have no row: libcurl's fixed text, never what it wrote about this transfer. */
static void no_code_shows_what_libcurl_wrote(void **state)
{
    struct room *room = *state;
    CURL *easy = curl_easy_init();
    for (int code = 1; code < CURL_LAST; code++) {
        const struct http_failure failure = { .easy = easy, .result = code, .message = "http://" USER "proxy:3128" };
        struct str text = http_failure_text(room->arena, &failure);
        assert_false(str_is_empty(text));
        assert_true(str_find(text, STR("hush")) < 0);
    }
    curl_easy_cleanup(easy);
}

#define FAILURE_TEST(function) cmocka_unit_test_setup_teardown(function, open_room, close_room)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAILURE_TEST(a_proxy_is_named_without_its_user), FAILURE_TEST(a_proxy_that_is_not_used_is_mentioned),
        FAILURE_TEST(each_failure_has_its_reason),       FAILURE_TEST(what_can_be_done_is_said_of_a_name),
        FAILURE_TEST(no_code_shows_what_libcurl_wrote),
    };
    return cmocka_run_group_tests(tests, initialise, NULL);
}
