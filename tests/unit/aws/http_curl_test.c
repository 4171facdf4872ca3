/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/http_curl.h"

#include <dlfcn.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "aws/client.h"
#include "aws/limits.h"
#include "tests/support/harness.h"
#include "tests/support/loopback_server.h"

enum { SOON_MS = 100, RESOLVER_HANGS_MS = 5000, PARALLEL = 100, TRANSFERS_MAX = 16, STOP_GRACE_MS = 10 * SECOND_MS };

static const struct clock_scale real_time = { .factor = 1 };

/* The resolver that libcurl's threads find, since this program comes first: it
 * hangs for names that end in ".hung", and knows no name that ends in ".none". */

static atomic_int hung_resolvers;
static atomic_bool resolvers_may_go;

typedef int getaddrinfo_fn(const char *, const char *, const struct addrinfo *, struct addrinfo **);

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **out)
{
    struct str host = str_from(name);
    if (str_ends_with(host, STR(".none")))
        return EAI_NONAME;
    if (str_ends_with(host, STR(".hung"))) {
        atomic_fetch_add(&hung_resolvers, 1);
        for (int waited_ms = 0; waited_ms < RESOLVER_HANGS_MS && !atomic_load(&resolvers_may_go); waited_ms += 10)
            poll(NULL, 0, 10);
        atomic_fetch_sub(&hung_resolvers, 1);
        return EAI_AGAIN;
    }
    getaddrinfo_fn *real;
    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    return real(name, service, hints, out);
}

/* A transport, a server, and a caller. */
struct room {
    struct arena *arena;
    struct clock clock;
    struct waiter *waiter;
    struct loopback_server *server;
    struct http_curl *http;
    struct http_response response;
    struct err err;
};

static int open_room(void **state)
{
    struct room *room = mem_alloc(sizeof(*room));
    const struct http_curl_options options = { 0 };
    room->arena = arena_new();
    room->clock = clock_real(&real_time);
    room->waiter = waiter_new(&room->clock);
    room->server = loopback_server_new();
    atomic_store(&resolvers_may_go, false);
    *state = room;
    return room->server && http_curl_new(&options, &room->http, &room->err) ? 0 : -1;
}

static int close_room(void **state)
{
    struct room *room = *state;
    http_curl_free(room->http);
    loopback_server_free(room->server);
    waiter_free(room->waiter);
    arena_free(room->arena);
    mem_free(room);
    atomic_store(&resolvers_may_go, true);
    while (atomic_load(&hung_resolvers))
        poll(NULL, 0, 5);
    return 0;
}

static int64_t now_ms(const struct room *room)
{
    return clock_monotonic_ms(&room->clock);
}

static struct http_request to(const struct room *room, const char *path, bool mutates)
{
    return (struct http_request){ .method = STR("POST"),
                                  .url = loopback_server_url(room->server, room->arena, path),
                                  .body = STR("the body"),
                                  .mutates = mutates };
}

static bool send_until(struct room *room, const struct http_request *request, int64_t deadline_ms)
{
    const struct http_transport *transport = http_curl_transport(room->http);
    return transport->send(transport->self, room->arena, room->waiter, deadline_ms, request, &room->response,
                           &room->err);
}

static bool send_to(struct room *room, const char *path, bool mutates)
{
    const struct http_request request = to(room, path, mutates);
    return send_until(room, &request, CLOCK_NEVER);
}

static void must(struct room *room, bool done)
{
    if (!done)
        fail_msg("%s", room->err.text);
}

static void assert_failed(struct room *room, bool done, enum err_kind kind, bool unanswered)
{
    assert_false(done);
    if (room->err.kind != kind || room->err.unanswered != unanswered)
        fail_msg("%s, unanswered %d: %s", err_kind_name(room->err.kind), room->err.unanswered, room->err.text);
}

/* A stop that comes after some time. */
struct stop {
    struct waiter *waiter;
    int after_ms;
    pthread_t thread;
};

static void *stop_later(void *self)
{
    const struct stop *stop = self;
    poll(NULL, 0, stop->after_ms);
    waiter_cancel(stop->waiter);
    return NULL;
}

static void begin_stop(struct stop *stop, struct room *room, int after_ms)
{
    *stop = (struct stop){ .waiter = room->waiter, .after_ms = after_ms };
    pthread_create(&stop->thread, NULL, stop_later, stop);
}

static void end_stop(struct stop *stop)
{
    pthread_join(stop->thread, NULL);
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

struct caller {
    struct room *room;
    const char *path;
    pthread_t thread;
    struct arena *arena;
    struct waiter *waiter;
    bool done;
};

static void *call_once(void *self)
{
    struct caller *caller = self;
    const struct http_transport *transport = http_curl_transport(caller->room->http);
    const struct http_request request = { .method = STR("POST"),
                                          .url = loopback_server_url(caller->room->server, caller->arena, caller->path),
                                          .mutates = true };
    struct http_response response;
    struct err err;
    caller->done =
        transport->send(transport->self, caller->arena, caller->waiter, CLOCK_NEVER, &request, &response, &err) &&
        response.status == 200;
    return NULL;
}

static void begin_callers(struct caller *callers, int count, struct room *room, const char *path)
{
    for (int i = 0; i < count; i++) {
        callers[i] =
            (struct caller){ .room = room, .path = path, .arena = arena_new(), .waiter = waiter_new(&room->clock) };
        pthread_create(&callers[i].thread, NULL, call_once, &callers[i]);
    }
}

/* How many of them were answered. */
static int end_callers(struct caller *callers, int count)
{
    int done = 0;
    for (int i = 0; i < count; i++) {
        pthread_join(callers[i].thread, NULL);
        done += callers[i].done;
        waiter_free(callers[i].waiter);
        arena_free(callers[i].arena);
    }
    return done;
}

static void a_hundred_callers_share_sixteen_transfers(void **state)
{
    struct room *room = *state;
    struct caller callers[PARALLEL];
    begin_callers(callers, PARALLEL, room, "/hold/20");
    assert_int_equal(end_callers(callers, PARALLEL), PARALLEL);
    struct loopback_counts counts = loopback_server_counts(room->server);
    assert_int_equal(counts.requests, PARALLEL);
    assert_in_range(counts.busy_max, 2, TRANSFERS_MAX);
    assert_in_range(counts.connections, 2, TRANSFERS_MAX);
}

/* Failures. */

static void a_refused_connection_has_a_code_and_leaves_no_doubt(void **state)
{
    struct room *room = *state;
    const struct http_request request = { .method = STR("POST"),
                                          .url = STR("http://127.0.0.1:1/?X-Amz-Signature=s"),
                                          .mutates = true };
    assert_failed(room, send_until(room, &request, CLOCK_NEVER), ERR_IO, false);
    assert_string_equal(room->err.code, HTTP_CONNECTION_REFUSED);
    assert_non_null(strstr(room->err.text, "http://127.0.0.1:1: "));
    assert_null(strstr(room->err.text, "Signature"));
}

static void an_unknown_host_has_a_code(void **state)
{
    struct room *room = *state;
    const struct http_request request = { .method = STR("POST"), .url = STR("http://host.none/"), .mutates = true };
    assert_failed(room, send_until(room, &request, CLOCK_NEVER), ERR_IO, false);
    assert_string_equal(room->err.code, HTTP_NO_SUCH_HOST);
}

static void answers_that_are_cut_endless_or_no_http_are_failures(void **state)
{
    struct room *room = *state;
    static const char *const paths[] = { "/cut", "/endless", "/headers", "/garbage", "/close" };
    for (size_t i = 0; i < ARRAY_LENGTH(paths); i++) {
        int64_t started_ms = now_ms(room);
        assert_failed(room, send_to(room, paths[i], false), ERR_IO, false);
        assert_failed(room, send_to(room, paths[i], true), ERR_IO, true);
        assert_in_range(now_ms(room) - started_ms, 0, 5000);
    }
}

static void a_transfer_has_its_own_limit_of_time(void **state)
{
    struct room *room = *state;
    struct http_request request = to(room, "/hang", true);
    request.timeout_ms = 150;
    int64_t started_ms = now_ms(room);
    assert_failed(room, send_until(room, &request, CLOCK_NEVER), ERR_IO, true);
    assert_in_range(now_ms(room) - started_ms, 140, 1000);
}

static void the_deadline_ends_a_transfer(void **state)
{
    struct room *room = *state;
    for (int mutates = 0; mutates < 2; mutates++) {
        const struct http_request request = to(room, "/hang", mutates);
        int64_t started_ms = now_ms(room);
        assert_failed(room, send_until(room, &request, started_ms + 150), ERR_TIMEOUT, mutates);
        assert_in_range(now_ms(room) - started_ms, 150, 150 + SOON_MS);
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

/* Stops. */

static void a_reading_transfer_ends_soon_after_a_stop(void **state)
{
    struct room *room = *state;
    struct stop stop;
    begin_stop(&stop, room, 100);
    int64_t started_ms = now_ms(room);
    assert_failed(room, send_to(room, "/hang", false), ERR_CANCELLED, false);
    assert_in_range(now_ms(room) - started_ms, 90, 100 + SOON_MS);
    end_stop(&stop);
}

static void a_hung_resolver_holds_up_neither_the_stop_nor_others(void **state)
{
    struct room *room = *state;
    for (int mutates = 0; mutates < 2; mutates++) {
        const struct http_request request = { .method = STR("POST"),
                                              .url = STR("http://host.hung/"),
                                              .mutates = mutates };
        struct stop stop;
        begin_stop(&stop, room, 100);
        int64_t started_ms = now_ms(room);
        assert_failed(room, send_until(room, &request, CLOCK_NEVER), ERR_CANCELLED, false);
        assert_in_range(now_ms(room) - started_ms, 90, 100 + SOON_MS);
        end_stop(&stop);
        assert_true(atomic_load(&hung_resolvers) > 0);

        waiter_free(room->waiter);
        room->waiter = waiter_new(&room->clock);
        started_ms = now_ms(room);
        must(room, send_to(room, "/echo", false));
        assert_in_range(now_ms(room) - started_ms, 0, SOON_MS);
    }
}

static void the_transport_ends_at_once_although_a_resolver_hangs(void **state)
{
    struct room *room = *state;
    const struct http_request request = { .method = STR("GET"), .url = STR("http://host.hung/") };
    assert_failed(room, send_until(room, &request, now_ms(room) + 50), ERR_TIMEOUT, false);
    int64_t started_ms = now_ms(room);
    http_curl_free(room->http);
    assert_in_range(now_ms(room) - started_ms, 0, 5 * SOON_MS);
    assert_true(http_curl_new(&(struct http_curl_options){ 0 }, &room->http, &room->err));
}

static void a_held_answer_to_a_change_is_waited_for_after_a_stop(void **state)
{
    struct room *room = *state;
    struct stop stop;
    begin_stop(&stop, room, 100);
    int64_t started_ms = now_ms(room);
    must(room, send_to(room, "/hold/3000", true));
    assert_in_range(now_ms(room) - started_ms, 3000, 3500);
    assert_int_equal(room->response.status, 200);
    end_stop(&stop);
}

static void a_change_without_an_answer_is_given_up_ten_seconds_after_a_stop(void **state)
{
    struct room *room = *state;
    struct stop stop;
    begin_stop(&stop, room, 100);
    int64_t started_ms = now_ms(room);
    assert_failed(room, send_to(room, "/hang", true), ERR_CANCELLED, true);
    assert_in_range(now_ms(room) - started_ms, STOP_GRACE_MS, STOP_GRACE_MS + 1000);
    end_stop(&stop);
}

static void a_stop_that_came_before_sends_nothing(void **state)
{
    struct room *room = *state;
    waiter_cancel(room->waiter);
    assert_failed(room, send_to(room, "/echo", true), ERR_CANCELLED, false);
    assert_int_equal(loopback_server_counts(room->server).connections, 0);
}

static void a_queued_request_that_is_stopped_is_never_sent(void **state)
{
    struct room *room = *state;
    struct caller callers[TRANSFERS_MAX]; /* every transfer is taken */
    struct stop stop;
    begin_callers(callers, TRANSFERS_MAX, room, "/hold/400");
    assert_true(loopback_server_wait_requests(room->server, TRANSFERS_MAX));
    begin_stop(&stop, room, 50);
    int64_t started_ms = now_ms(room);
    assert_failed(room, send_to(room, "/echo", true), ERR_CANCELLED, false);
    assert_in_range(now_ms(room) - started_ms, 40, 50 + SOON_MS);
    end_stop(&stop);
    assert_int_equal(end_callers(callers, TRANSFERS_MAX), TRANSFERS_MAX);
    poll(NULL, 0, 50);
    assert_int_equal(loopback_server_counts(room->server).requests, TRANSFERS_MAX);
}

static void many_stops_at_any_moment_leave_nothing_behind(void **state)
{
    struct room *room = *state;
    for (int i = 0; i < 60; i++) {
        struct stop stop;
        begin_stop(&stop, room, i % 6);
        if (!send_to(room, i % 3 ? "/hold/3" : "/echo", false))
            assert_int_equal(room->err.kind, ERR_CANCELLED);
        end_stop(&stop);
        waiter_free(room->waiter);
        room->waiter = waiter_new(&room->clock);
    }
    must(room, send_to(room, "/echo", false));
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
    struct str proxy = loopback_server_url(room->server, room->arena, "");
    const struct http_request request = { .method = STR("POST"), .url = STR("http://far.none/echo") };
    renew_transport(room, &(struct http_curl_options){ .http_proxy = proxy });
    must(room, send_until(room, &request, CLOCK_NEVER));
    assert_true(str_starts_with(room->response.body, STR("POST http://far.none/echo HTTP/1.1\r\n")));
    renew_transport(room, &(struct http_curl_options){ .http_proxy = proxy, .no_proxy = STR("x.none,far.none") });
    assert_failed(room, send_until(room, &request, CLOCK_NEVER), ERR_IO, false);
    renew_transport(room, &(struct http_curl_options){ .https_proxy = proxy });
    assert_failed(room, send_until(room, &request, CLOCK_NEVER), ERR_IO, false);
}

static void a_ca_file_that_is_not_there_is_refused(void **state)
{
    struct room *room = *state;
    struct http_curl *http = NULL;
    const struct http_curl_options options = { .ca_bundle_file = STR("/nowhere/ca.pem") };
    assert_failed(room, http_curl_new(&options, &http, &room->err), ERR_INVALID, false);
    assert_null(http);
}

static int initialise(void **state)
{
    struct err err;
    (void)state;
    return aws_init(&err) ? 0 : -1;
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
        HTTP_TEST(a_reading_transfer_ends_soon_after_a_stop),
        HTTP_TEST(a_hung_resolver_holds_up_neither_the_stop_nor_others),
        HTTP_TEST(the_transport_ends_at_once_although_a_resolver_hangs),
        HTTP_TEST(a_held_answer_to_a_change_is_waited_for_after_a_stop),
        HTTP_TEST(a_change_without_an_answer_is_given_up_ten_seconds_after_a_stop),
        HTTP_TEST(a_stop_that_came_before_sends_nothing),
        HTTP_TEST(a_queued_request_that_is_stopped_is_never_sent),
        HTTP_TEST(many_stops_at_any_moment_leave_nothing_behind),
        HTTP_TEST(a_proxy_is_used_unless_the_host_is_excepted),
        HTTP_TEST(a_ca_file_that_is_not_there_is_refused),
    };
    return cmocka_run_group_tests(tests, initialise, NULL);
}
