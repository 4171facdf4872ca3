/* SPDX-License-Identifier: MPL-2.0
 *
 * What a stop ends and what it waits for, also with a resolver that hangs.
 */
#include <ares.h>
#include <dlfcn.h>
#include <netdb.h>
#include <poll.h>
#include <stdatomic.h>

#include "tests/unit/aws/http/curl_fixture.h"

enum { RESOLVER_HANGS_MS = 5000, HELD_MS = 700, STOP_GRACE_MS = 2 * HELD_MS };

/* The resolver that libcurl's threads find, since this program comes first: it
 * hangs for names that end in ".hung". */

static atomic_int hung_resolvers;
static atomic_bool resolvers_may_go;
static atomic_bool has_hung_query;

typedef int getaddrinfo_fn(const char *, const char *, const struct addrinfo *, struct addrinfo **);

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **out)
{
    if (str_ends_with(str_from(name), STR(".hung"))) {
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

/* The same for a libcurl with c-ares, of the preset static: it never answers. */
void ares_getaddrinfo(ares_channel channel, const char *name, const char *service,
                      const struct ares_addrinfo_hints *hints, ares_addrinfo_callback callback, void *self)
{
    (void)channel, (void)name, (void)service, (void)hints, (void)callback, (void)self;
    atomic_store(&has_hung_query, true);
}

static int open_with_resolver(void **state)
{
    atomic_store(&resolvers_may_go, false);
    atomic_store(&has_hung_query, false);
    return open_room_with(state, &(struct http_curl_options){ .stop_grace_ms = STOP_GRACE_MS });
}

static int close_with_resolver(void **state)
{
    close_room(state);
    atomic_store(&resolvers_may_go, true);
    while (atomic_load(&hung_resolvers))
        poll(NULL, 0, 5);
    return 0;
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

static void a_reading_transfer_ends_soon_after_a_stop(void **state)
{
    struct room *room = *state;
    struct stop stop;
    begin_stop(&stop, room, 100);
    int64_t started_ms = now_ms(room);
    assert_failed(room, send_to(room, "/hang", false), ERR_CANCELLED, false);
    assert_between(now_ms(room) - started_ms, 90, 100 + SOON_MS);
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
        assert_between(now_ms(room) - started_ms, 90, 100 + SOON_MS);
        end_stop(&stop);
        assert_true(atomic_load(&hung_resolvers) > 0 || atomic_load(&has_hung_query));

        waiter_free(room->waiter);
        room->waiter = waiter_new(&room->clock);
        started_ms = now_ms(room);
        must(room, send_to(room, "/echo", false));
        assert_between(now_ms(room) - started_ms, 0, SOON_MS);
    }
}

static void the_transport_ends_at_once_although_a_resolver_hangs(void **state)
{
    struct room *room = *state;
    const struct http_request request = { .method = STR("GET"), .url = STR("http://host.hung/") };
    assert_failed(room, send_until(room, &request, now_ms(room) + 50), ERR_TIMEOUT, false);
    int64_t started_ms = now_ms(room);
    http_curl_free(room->http);
    assert_between(now_ms(room) - started_ms, 0, 5 * SOON_MS);
    assert_true(http_curl_new(&(struct http_curl_options){ 0 }, &room->http, &room->err));
}

static void a_held_answer_to_a_change_is_waited_for_after_a_stop(void **state)
{
    struct room *room = *state;
    struct stop stop;
    begin_stop(&stop, room, 100);
    int64_t started_ms = now_ms(room);
    must(room, send_to(room, "/hold/700", true));
    assert_between(now_ms(room) - started_ms, HELD_MS, STOP_GRACE_MS);
    assert_int_equal(room->response.status, 200);
    end_stop(&stop);
}

static void a_change_without_an_answer_is_given_up_some_time_after_a_stop(void **state)
{
    struct room *room = *state;
    struct stop stop;
    begin_stop(&stop, room, 100);
    int64_t started_ms = now_ms(room);
    assert_failed(room, send_to(room, "/hang", true), ERR_CANCELLED, true);
    assert_between(now_ms(room) - started_ms, STOP_GRACE_MS, STOP_GRACE_MS + 1000);
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
    assert_between(now_ms(room) - started_ms, 40, 50 + SOON_MS);
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

#define HTTP_TEST(function) cmocka_unit_test_setup_teardown(function, open_with_resolver, close_with_resolver)

int main(void)
{
    const struct CMUnitTest tests[] = {
        HTTP_TEST(a_reading_transfer_ends_soon_after_a_stop),
        HTTP_TEST(a_hung_resolver_holds_up_neither_the_stop_nor_others),
        HTTP_TEST(the_transport_ends_at_once_although_a_resolver_hangs),
        HTTP_TEST(a_held_answer_to_a_change_is_waited_for_after_a_stop),
        HTTP_TEST(a_change_without_an_answer_is_given_up_some_time_after_a_stop),
        HTTP_TEST(a_stop_that_came_before_sends_nothing),
        HTTP_TEST(a_queued_request_that_is_stopped_is_never_sent),
        HTTP_TEST(many_stops_at_any_moment_leave_nothing_behind),
    };
    return cmocka_run_group_tests(tests, initialise, NULL);
}
