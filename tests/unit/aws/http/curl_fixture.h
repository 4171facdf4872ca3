/* SPDX-License-Identifier: MPL-2.0
 *
 * A transport in real time, a server on the loopback, and callers, for the
 * programs about aws/http/curl.h.
 */
#ifndef TESTS_UNIT_AWS_HTTP_CURL_FIXTURE_H
#define TESTS_UNIT_AWS_HTTP_CURL_FIXTURE_H

#include "aws/http/curl.h"

#include <pthread.h>

#include "aws/call/client.h"
#include "tests/support/harness.h"
#include "tests/support/loopback_server.h"

enum { SOON_MS = 100, TRANSFERS_MAX = 16 };

static const struct clock_scale real_time = { .factor = 1 };

struct room {
    struct arena *arena;
    struct clock clock;
    struct waiter *waiter;
    struct loopback_server *server;
    struct http_curl *http;
    struct http_response response;
    struct err err;
};

static inline int open_room_with(void **state, const struct http_curl_options *options)
{
    struct room *room = mem_alloc(sizeof(*room));
    room->arena = arena_new();
    room->clock = clock_real(&real_time);
    room->waiter = waiter_new(&room->clock);
    room->server = loopback_server_new();
    *state = room;
    return room->server && http_curl_new(options, &room->http, &room->err) ? 0 : -1;
}

static inline int open_room(void **state)
{
    return open_room_with(state, &(struct http_curl_options){ 0 });
}

static inline int close_room(void **state)
{
    struct room *room = *state;
    err_clear(&room->err);
    http_curl_free(room->http);
    loopback_server_free(room->server);
    waiter_free(room->waiter);
    arena_free(room->arena);
    mem_free(room);
    return 0;
}

static inline int64_t now_ms(const struct room *room)
{
    return clock_monotonic_ms(&room->clock);
}

static inline struct http_request to(const struct room *room, const char *path, bool mutates)
{
    return (struct http_request){ .method = STR("POST"),
                                  .url = loopback_server_url(room->server, room->arena, path),
                                  .body = STR("the body"),
                                  .mutates = mutates };
}

static inline bool send_until(struct room *room, const struct http_request *request, int64_t deadline_ms)
{
    const struct http_transport *transport = http_curl_transport(room->http);
    return transport->send(transport->self, room->arena, room->waiter, deadline_ms, request, &room->response,
                           &room->err);
}

static inline bool send_to(struct room *room, const char *path, bool mutates)
{
    const struct http_request request = to(room, path, mutates);
    return send_until(room, &request, CLOCK_NEVER);
}

static inline void must(struct room *room, bool done)
{
    if (!done)
        fail_msg("%s", err_text(&room->err));
}

static inline void assert_failed(struct room *room, bool done, enum err_kind kind, bool unanswered)
{
    assert_false(done);
    if (room->err.kind != kind || room->err.unanswered != unanswered)
        fail_msg("%s, unanswered %d: %s", err_kind_name(room->err.kind), room->err.unanswered, err_text(&room->err));
}

/* One request of a thread of its own. */
struct caller {
    struct room *room;
    const char *path;
    pthread_t thread;
    struct arena *arena;
    struct waiter *waiter;
    bool done;
};

static inline void *call_once(void *self)
{
    struct caller *caller = self;
    const struct http_transport *transport = http_curl_transport(caller->room->http);
    const struct http_request request = { .method = STR("POST"),
                                          .url = loopback_server_url(caller->room->server, caller->arena, caller->path),
                                          .mutates = true };
    struct http_response response;
    CLEANUP(err_clear) struct err err = { 0 };
    caller->done =
        transport->send(transport->self, caller->arena, caller->waiter, CLOCK_NEVER, &request, &response, &err) &&
        response.status == 200;
    return NULL;
}

static inline void begin_callers(struct caller *callers, int count, struct room *room, const char *path)
{
    for (int i = 0; i < count; i++) {
        callers[i] =
            (struct caller){ .room = room, .path = path, .arena = arena_new(), .waiter = waiter_new(&room->clock) };
        pthread_create(&callers[i].thread, NULL, call_once, &callers[i]);
    }
}

/* How many of them were answered. */
static inline int end_callers(struct caller *callers, int count)
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

static inline int initialise(void **state)
{
    CLEANUP(err_clear) struct err err = { 0 };
    (void)state;
    return aws_init(&err) ? 0 : -1;
}

#endif
