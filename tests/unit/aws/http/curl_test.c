/* SPDX-License-Identifier: MPL-2.0
 *
 * Answers, connections, failures and options; stops: http_curl_stop_test.
 */
#include <ares.h>
#include <dlfcn.h>
#include <netdb.h>
#include <poll.h>
#include <string.h>

#include "tests/unit/aws/http/curl_fixture.h"

enum { PARALLEL = 100 };

/* The resolver that libcurl's threads find, since this program comes first: it
 * knows no name that ends in ".none". */

typedef int getaddrinfo_fn(const char *, const char *, const struct addrinfo *, struct addrinfo **);

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **out)
{
    if (str_ends_with(str_from(name), STR(".none")))
        return EAI_NONAME;
    getaddrinfo_fn *real;
    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    return real(name, service, hints, out);
}

/* The same for a libcurl with c-ares, of the preset static. */
void ares_getaddrinfo(ares_channel channel, const char *name, const char *service,
                      const struct ares_addrinfo_hints *hints, ares_addrinfo_callback callback, void *self)
{
    (void)channel, (void)name, (void)service, (void)hints;
    callback(self, ARES_ENOTFOUND, 0, NULL);
}

/* Answers. */

static void an_answer_comes_whole(void **state)
{
    struct room *room = *state;
    const struct http_header headers[] = {
        { STR("X-Mine"), STR("a: b") }
    };
    struct http_request request = to(room, "/echo", false);
    request.headers = headers;
    request.header_count = 1;
    request.body = (struct str){ "nul\0nul", 7 };
    int64_t before_ms = clock_wall_ms(&room->clock);
    must(room, send_until(room, &request, CLOCK_NEVER));
    assert_int_equal(room->response.status, 200);
    assert_str_equal(http_header_find(room->response.headers, room->response.header_count, STR("x-echo")), "yes");
    assert_true(room->response.received_wall_ms >= before_ms);
    assert_true(str_ends_with(room->response.body, request.body));
    assert_true(str_find(room->response.body, STR("\r\nX-Mine: a: b\r\n")) > 0);
}

static void nothing_is_sent_that_was_not_asked_for(void **state)
{
    struct room *room = *state;
    must(room, send_to(room, "/echo", true));
    static const char *const unwanted[] = { "Accept", "Expect", "User-Agent", "Content-Type", "Cookie", "Proxy" };
    for (size_t i = 0; i < ARRAY_LENGTH(unwanted); i++)
        assert_true(str_find(room->response.body, str_from(unwanted[i])) < 0);
    assert_true(str_starts_with(room->response.body, STR("POST /echo HTTP/1.1\r\nHost: 127.0.0.1:")));
}

static void other_methods_are_sent_by_their_name(void **state)
{
    struct room *room = *state;
    struct http_request request = to(room, "/echo", false);
    request.method = STR("PUT");
    request.body = STR("");
    must(room, send_until(room, &request, CLOCK_NEVER));
    assert_true(str_starts_with(room->response.body, STR("PUT /echo ")));
    assert_true(str_find(room->response.body, STR("\r\nContent-Length: 0\r\n")) > 0);
    request.method = STR("GET");
    must(room, send_until(room, &request, CLOCK_NEVER));
    assert_true(str_starts_with(room->response.body, STR("GET /echo ")));
}

static void interim_answers_leave_no_headers(void **state)
{
    struct room *room = *state;
    must(room, send_to(room, "/interim", false));
    assert_int_equal(room->response.status, 200);
    assert_str_equal(room->response.body, "ok");
    assert_str_equal(http_header_find(room->response.headers, room->response.header_count, STR("x-early")), "");
    assert_str_equal(http_header_find(room->response.headers, room->response.header_count, STR("x-late")), "2");
}

static void redirects_are_answers(void **state)
{
    struct room *room = *state;
    must(room, send_to(room, "/redirect", false));
    assert_int_equal(room->response.status, 302);
    assert_int_equal(loopback_server_counts(room->server).requests, 1);
}

static void a_header_with_a_line_break_is_refused(void **state)
{
    struct room *room = *state;
    const struct http_header headers[] = {
        { STR("X-A"), STR("1\r\nX-B: 2") }
    };
    struct http_request request = to(room, "/echo", false);
    request.headers = headers;
    request.header_count = 1;
    assert_failed(room, send_until(room, &request, CLOCK_NEVER), ERR_INVALID, false);
    assert_int_equal(loopback_server_counts(room->server).requests, 0);
}

/* Connections. */

static void a_connection_is_kept(void **state)
{
    struct room *room = *state;
    for (int i = 0; i < 20; i++)
        must(room, send_to(room, "/echo", i % 2));
    struct loopback_counts counts = loopback_server_counts(room->server);
    assert_int_equal(counts.requests, 20);
    assert_int_equal(counts.connections, 1);
}

static void a_hundred_callers_share_sixteen_transfers(void **state)
{
    struct room *room = *state;
    struct caller callers[PARALLEL];
    begin_callers(callers, PARALLEL, room, "/hold/20");
    assert_int_equal(end_callers(callers, PARALLEL), PARALLEL);
    struct loopback_counts counts = loopback_server_counts(room->server);
    assert_int_equal(counts.requests, PARALLEL);
    assert_between(counts.busy_max, 2, TRANSFERS_MAX);
    assert_between(counts.connections, 2, TRANSFERS_MAX);
}

/* Failures. */

static void a_refused_connection_has_a_code_and_leaves_no_doubt(void **state)
{
    struct room *room = *state;
    const struct http_request request = { .method = STR("POST"),
                                          .url = STR("http://127.0.0.1:1/?X-Amz-Signature=s"),
                                          .mutates = true };
    assert_failed(room, send_until(room, &request, CLOCK_NEVER), ERR_IO, false);
    assert_string_equal(err_code(&room->err), HTTP_CONNECTION_REFUSED);
    assert_non_null(strstr(err_text(&room->err), "http://127.0.0.1:1: "));
    assert_null(strstr(err_text(&room->err), "Signature"));
}

static void an_unknown_host_has_a_code(void **state)
{
    struct room *room = *state;
    const struct http_request request = { .method = STR("POST"), .url = STR("http://host.none/"), .mutates = true };
    assert_failed(room, send_until(room, &request, CLOCK_NEVER), ERR_IO, false);
    assert_string_equal(err_code(&room->err), HTTP_NO_SUCH_HOST);
}

static void answers_that_are_cut_endless_or_no_http_are_failures(void **state)
{
    struct room *room = *state;
    static const struct {
        const char *path;
        enum err_kind kind;
    } cases[] = {
        { "/cut",     ERR_IO      },
        { "/garbage", ERR_IO      },
        { "/close",   ERR_IO      },
        { "/endless", ERR_INVALID }, /* which is not sent again */
        { "/headers", ERR_INVALID },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        int64_t started_ms = now_ms(room);
        assert_failed(room, send_to(room, cases[i].path, false), cases[i].kind, false);
        assert_failed(room, send_to(room, cases[i].path, true), cases[i].kind, true);
        assert_between(now_ms(room) - started_ms, 0, 5000);
    }
}

static void a_transfer_has_its_own_limit_of_time(void **state)
{
    struct room *room = *state;
    struct http_request request = to(room, "/hang", true);
    request.timeout_ms = 150;
    int64_t started_ms = now_ms(room);
    assert_failed(room, send_until(room, &request, CLOCK_NEVER), ERR_IO, true);
    assert_between(now_ms(room) - started_ms, 140, 1000);
}

static void the_deadline_ends_a_transfer(void **state)
{
    struct room *room = *state;
    for (int mutates = 0; mutates < 2; mutates++) {
        const struct http_request request = to(room, "/hang", mutates);
        int64_t started_ms = now_ms(room);
        assert_failed(room, send_until(room, &request, started_ms + 150), ERR_TIMEOUT, mutates);
        assert_between(now_ms(room) - started_ms, 150, 150 + SOON_MS);
    }
    must(room, send_to(room, "/echo", false));
}

static void a_mutating_request_is_not_repeated_on_a_closed_connection(void **state)
{
    struct room *room = *state;
    must(room, send_to(room, "/echo", true));
    assert_failed(room, send_to(room, "/close", true), ERR_IO, true);
    assert_int_equal(loopback_server_counts(room->server).requests, 2);
    must(room, send_to(room, "/echo", true));
}

static void a_connection_that_was_closed_meanwhile_is_not_used(void **state)
{
    struct room *room = *state;
    must(room, send_to(room, "/once", true));
    poll(NULL, 0, 50); /* until the server's end has arrived */
    must(room, send_to(room, "/echo", true));
    assert_int_equal(loopback_server_counts(room->server).connections, 2);
}

/* Options. */

static void renew_transport(struct room *room, const struct http_curl_options *options)
{
    http_curl_free(room->http);
    room->http = NULL;
    must(room, http_curl_new(options, &room->http, &room->err));
}

static void a_proxy_is_used_unless_the_host_is_excepted(void **state)
{
    struct room *room = *state;
    struct str loopback = loopback_server_url(room->server, room->arena, "");
    struct str proxy = str_format(room->arena, "http://mover:hush-hush@%s", loopback.ptr + strlen("http://"));
    const struct http_request request = { .method = STR("POST"), .url = STR("http://far.none/echo") };
    renew_transport(room, &(struct http_curl_options){ .http_proxy = proxy });
    must(room, send_until(room, &request, CLOCK_NEVER));
    assert_true(str_starts_with(room->response.body, STR("POST http://far.none/echo HTTP/1.1\r\n")));
    assert_true(str_find(room->response.body, STR("Proxy-Authorization: Basic bW92ZXI6aHVzaC1odXNo\r\n")) > 0);
    renew_transport(room, &(struct http_curl_options){ .http_proxy = proxy, .no_proxy = STR("x.none,far.none") });
    assert_failed(room, send_until(room, &request, CLOCK_NEVER), ERR_IO, false);
    renew_transport(room, &(struct http_curl_options){ .https_proxy = proxy });
    assert_failed(room, send_until(room, &request, CLOCK_NEVER), ERR_IO, false);
}

static void a_request_may_be_kept_from_the_proxy(void **state)
{
    struct room *room = *state;
    const struct str proxy = loopback_server_url(room->server, room->arena, "");
    const struct http_request request = { .method = STR("GET"), .url = STR("http://far.none/echo"), .is_direct = true };
    renew_transport(room, &(struct http_curl_options){ .http_proxy = proxy });
    assert_failed(room, send_until(room, &request, CLOCK_NEVER), ERR_IO, false);
    assert_string_equal(err_code(&room->err), HTTP_NO_SUCH_HOST);
    assert_null(strstr(err_text(&room->err), "proxy"));
    assert_int_equal(loopback_server_counts(room->server).requests, 0);
}

static void the_loopback_is_not_proxied(void **state)
{
    struct room *room = *state;
    renew_transport(room, &(struct http_curl_options){ .http_proxy = STR("http://127.0.0.1:1") });
    must(room, send_to(room, "/echo", false));
}

static void an_exception_may_name_a_port(void **state)
{
    struct room *room = *state;
    const struct str proxy = loopback_server_url(room->server, room->arena, "");
    const struct http_request request = { .method = STR("POST"), .url = STR("http://far.none:81/echo") };
    renew_transport(room, &(struct http_curl_options){ .http_proxy = proxy, .no_proxy = STR("far.none:80") });
    must(room, send_until(room, &request, CLOCK_NEVER));
    renew_transport(room, &(struct http_curl_options){ .http_proxy = proxy, .no_proxy = STR("far.none:81") });
    assert_failed(room, send_until(room, &request, CLOCK_NEVER), ERR_IO, false);
}

/* Nobody listens at port 80 of that address, whoever else uses the machine. */
static void a_proxy_without_a_port_is_asked_at_80(void **state)
{
    struct room *room = *state;
    const struct http_request request = { .method = STR("POST"), .url = STR("http://far.none/echo") };
    renew_transport(room, &(struct http_curl_options){ .http_proxy = STR("http://127.9.9.9") });
    assert_failed(room, send_until(room, &request, CLOCK_NEVER), ERR_IO, false);
    assert_non_null(strstr(err_text(&room->err), "the proxy is http://127.9.9.9:80"));
}

static void a_ca_file_that_is_not_there_is_refused(void **state)
{
    struct room *room = *state;
    struct http_curl *http = NULL;
    const struct http_curl_options options = { .ca_bundle_file = STR("/nowhere/ca.pem") };
    assert_failed(room, http_curl_new(&options, &http, &room->err), ERR_INVALID, false);
    assert_null(http);
}

#define HTTP_TEST(function) cmocka_unit_test_setup_teardown(function, open_room, close_room)

int main(void)
{
    const struct CMUnitTest tests[] = {
        HTTP_TEST(an_answer_comes_whole),
        HTTP_TEST(nothing_is_sent_that_was_not_asked_for),
        HTTP_TEST(other_methods_are_sent_by_their_name),
        HTTP_TEST(interim_answers_leave_no_headers),
        HTTP_TEST(redirects_are_answers),
        HTTP_TEST(a_header_with_a_line_break_is_refused),
        HTTP_TEST(a_connection_is_kept),
        HTTP_TEST(a_hundred_callers_share_sixteen_transfers),
        HTTP_TEST(a_refused_connection_has_a_code_and_leaves_no_doubt),
        HTTP_TEST(an_unknown_host_has_a_code),
        HTTP_TEST(answers_that_are_cut_endless_or_no_http_are_failures),
        HTTP_TEST(a_transfer_has_its_own_limit_of_time),
        HTTP_TEST(the_deadline_ends_a_transfer),
        HTTP_TEST(a_mutating_request_is_not_repeated_on_a_closed_connection),
        HTTP_TEST(a_connection_that_was_closed_meanwhile_is_not_used),
        HTTP_TEST(a_proxy_is_used_unless_the_host_is_excepted),
        HTTP_TEST(a_request_may_be_kept_from_the_proxy),
        HTTP_TEST(the_loopback_is_not_proxied),
        HTTP_TEST(an_exception_may_name_a_port),
        HTTP_TEST(a_proxy_without_a_port_is_asked_at_80),
        HTTP_TEST(a_ca_file_that_is_not_there_is_refused),
    };
    return cmocka_run_group_tests(tests, initialise, NULL);
}
