/* SPDX-License-Identifier: MPL-2.0
 *
 * The server against a real gRPC client in the same process, with a service
 * that does what its paths say.
 */
#ifndef TESTS_UNIT_PLUGIN_RUNTIME_SERVER_GRPC_FIXTURE_H
#define TESTS_UNIT_PLUGIN_RUNTIME_SERVER_GRPC_FIXTURE_H

#include "plugin/runtime/server/grpc.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <grpc/byte_buffer.h>
#include <grpc/byte_buffer_reader.h>
#include <grpc/grpc.h>
#include <grpc/grpc_security.h>

#include "base/waiter.h"
#include "plugin/runtime/limits.h"
#include "tests/support/harness.h"

enum { CALL_TIMEOUT_MS = 60000 }; /* 800 MiB pass in one of the tests, on a machine that does other things too */

/* ---- A service --------------------------------------------------------------- */

struct world {
    struct arena *arena;
    struct clock_scale scale;
    struct clock clock;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned accepted, running, most_running, ended, cancelled;
    bool gate_open; /* lets /test/Wait go on */
    struct workers *workers;
    struct server *server;
    char address[256];
};

struct test_call {
    struct world *world;
    char path[32];
};

static inline bool find(void *self, struct str path, enum server_style *out_style)
{
    (void)self;
    *out_style = str_equal(path, STR("/test/AtOnce")) ? SERVER_AT_ONCE
                 : str_equal(path, STR("/test/Held")) ? SERVER_HELD
                                                      : SERVER_WORKER;
    return str_starts_with(path, STR("/test/"));
}

static inline void *accept_call(void *self, struct str path, struct str peer)
{
    struct world *world = self;
    struct test_call *call = mem_alloc(sizeof(*call));
    (void)peer;
    call->world = world;
    memcpy(call->path, path.ptr, path.len < sizeof(call->path) ? path.len : sizeof(call->path) - 1);
    pthread_mutex_lock(&world->lock);
    world->accepted++;
    pthread_cond_broadcast(&world->changed);
    pthread_mutex_unlock(&world->lock);
    return call;
}

static inline void wait_at_the_gate(struct world *world)
{
    pthread_mutex_lock(&world->lock);
    if (++world->running > world->most_running)
        world->most_running = world->running;
    pthread_cond_broadcast(&world->changed);
    while (!world->gate_open)
        pthread_cond_wait(&world->changed, &world->lock);
    world->running--;
    pthread_mutex_unlock(&world->lock);
}

static inline void run(void *argument, struct str request, struct server_reply *reply)
{
    struct test_call *call = argument;
    if (strcmp(call->path, "/test/Wait") == 0)
        wait_at_the_gate(call->world);
    if (strcmp(call->path, "/test/Refuse") == 0) {
        reply->status = SERVER_INVALID_ARGUMENT;
        reply->text = "refused";
        return;
    }
    if (strcmp(call->path, "/test/AtOnce") == 0)
        reply->body = STR("at once");
    if (strcmp(call->path, "/test/Echo") == 0)
        reply->body = request;
}

static inline void closed(void *argument, bool cancelled)
{
    struct test_call *call = argument;
    pthread_mutex_lock(&call->world->lock);
    call->world->cancelled += cancelled;
    pthread_cond_broadcast(&call->world->changed);
    pthread_mutex_unlock(&call->world->lock);
}

static inline void end(void *argument)
{
    struct test_call *call = argument;
    struct world *world = call->world;
    mem_free(call);
    pthread_mutex_lock(&world->lock);
    world->ended++;
    pthread_cond_broadcast(&world->changed);
    pthread_mutex_unlock(&world->lock);
}

static inline void wait_until(struct world *world, const unsigned *counter, unsigned at_least)
{
    struct timespec limit;
    clock_gettime(CLOCK_MONOTONIC, &limit);
    limit.tv_sec += 20;
    int waited = 0;
    pthread_mutex_lock(&world->lock);
    while (*counter < at_least && waited == 0)
        waited = pthread_cond_clockwait(&world->changed, &world->lock, CLOCK_MONOTONIC, &limit);
    unsigned reached = *counter;
    pthread_mutex_unlock(&world->lock);
    assert_true(reached >= at_least);
}

static inline void open_gate(struct world *world)
{
    pthread_mutex_lock(&world->lock);
    world->gate_open = true;
    pthread_cond_broadcast(&world->changed);
    pthread_mutex_unlock(&world->lock);
}

/* ---- A client ---------------------------------------------------------------- */

struct client_call {
    grpc_channel *channel;
    grpc_completion_queue *queue;
    grpc_call *call;
    grpc_metadata_array initial, trailing;
    grpc_byte_buffer *request, *reply;
    grpc_status_code status;
    grpc_slice details;
};

static inline gpr_timespec in_ms(int64_t ms)
{
    return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_millis(ms, GPR_TIMESPAN));
}

/* `path` and `request` stay until the call is finished. */
static inline struct client_call *client_start(grpc_channel *channel, const char *path, struct str request,
                                               bool with_request)
{
    struct client_call *client = mem_alloc(sizeof(*client));
    client->channel = channel;
    client->queue = grpc_completion_queue_create_for_pluck(NULL);
    grpc_metadata_array_init(&client->initial);
    grpc_metadata_array_init(&client->trailing);
    client->call = grpc_channel_create_call(channel, NULL, 0, client->queue, grpc_slice_from_static_string(path), NULL,
                                            in_ms(CALL_TIMEOUT_MS), NULL);
    grpc_slice body = grpc_slice_from_static_buffer(request.len ? request.ptr : "", request.len);
    client->request = grpc_raw_byte_buffer_create(&body, 1);
    grpc_slice_unref(body);
    grpc_op ops[6] = { { .op = GRPC_OP_SEND_INITIAL_METADATA } };
    size_t count = 1;
    if (with_request) {
        ops[count++] = (grpc_op){ .op = GRPC_OP_SEND_MESSAGE, .data.send_message = { client->request } };
        ops[count++] = (grpc_op){ .op = GRPC_OP_SEND_CLOSE_FROM_CLIENT };
    }
    ops[count++] = (grpc_op){ .op = GRPC_OP_RECV_INITIAL_METADATA, .data.recv_initial_metadata = { &client->initial } };
    ops[count++] = (grpc_op){ .op = GRPC_OP_RECV_MESSAGE, .data.recv_message = { &client->reply } };
    ops[count++] = (grpc_op){
        .op = GRPC_OP_RECV_STATUS_ON_CLIENT,
        .data.recv_status_on_client = { .trailing_metadata = &client->trailing,
                                       .status = &client->status,
                                       .status_details = &client->details }
    };
    grpc_call_start_batch(client->call, ops, count, client, NULL);
    return client;
}

/* The status; what came back is copied to `out` when it is not NULL, or without an arena its length alone. */
static inline grpc_status_code client_finish(struct client_call *client, struct arena *arena, struct str *out)
{
    grpc_completion_queue_pluck(client->queue, client, in_ms(2 * CALL_TIMEOUT_MS), NULL);
    if (client->reply && out && !arena) {
        out->len = grpc_byte_buffer_length(client->reply);
    } else if (client->reply && out) {
        grpc_byte_buffer_reader reader;
        grpc_byte_buffer_reader_init(&reader, client->reply);
        grpc_slice body = grpc_byte_buffer_reader_readall(&reader);
        *out = str_copy(arena, (struct str){ (const char *)GRPC_SLICE_START_PTR(body), GRPC_SLICE_LENGTH(body) });
        grpc_slice_unref(body);
        grpc_byte_buffer_reader_destroy(&reader);
    }
    if (client->reply)
        grpc_byte_buffer_destroy(client->reply);
    grpc_byte_buffer_destroy(client->request);
    grpc_metadata_array_destroy(&client->initial);
    grpc_metadata_array_destroy(&client->trailing);
    grpc_slice_unref(client->details);
    grpc_call_unref(client->call);
    grpc_completion_queue_shutdown(client->queue);
    grpc_completion_queue_destroy(client->queue);
    grpc_status_code status = client->status;
    mem_free(client);
    return status;
}

static inline grpc_channel *channel_to(const struct world *world, grpc_channel_credentials *credentials)
{
    grpc_arg rows[] = {
        { .type = GRPC_ARG_INTEGER, .key = (char *)GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, .value.integer = -1 },
        { .type = GRPC_ARG_STRING,
         .key = (char *)GRPC_SSL_TARGET_NAME_OVERRIDE_ARG,
         .value.string = (char *)"localhost"                                                                },
        { .type = GRPC_ARG_INTEGER, .key = (char *)GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL,  .value.integer = 1  },
    };
    const grpc_channel_args arguments = { .num_args = ARRAY_LENGTH(rows), .args = rows };
    grpc_channel *channel = grpc_channel_create(world->address, credentials, &arguments);
    grpc_channel_credentials_release(credentials);
    return channel;
}

static inline grpc_channel *plain_channel(const struct world *world)
{
    return channel_to(world, grpc_insecure_credentials_create());
}

/* ---- Fixtures ---------------------------------------------------------------- */

static inline void say_nothing(void *self, enum log_level level, const char *text)
{
    (void)self;
    (void)level;
    (void)text;
}

static inline bool start(struct world *world, const struct tls_identity *tls, const char *client_certificate)
{
    static unsigned number;
    CLEANUP(err_clear) struct err err = { 0 };
    const struct server_service service = {
        .self = world, .find = find, .accept = accept_call, .run = run, .closed = closed, .end = end
    };
    snprintf(world->address, sizeof(world->address), "unix-abstract:server-test-%ld-%u",
             (long)gpr_now(GPR_CLOCK_REALTIME).tv_nsec, number++);
    const struct server_options options = { .address = world->address,
                                            .tls = tls,
                                            .client_certificate = client_certificate,
                                            .service = &service,
                                            .workers = world->workers,
                                            .pollers = POLLERS };
    return server_new(&options, &world->server, &err);
}

static inline int set_up_world(void **state)
{
    struct world *world = mem_alloc(sizeof(*world));
    world->arena = arena_new();
    world->scale.factor = 1;
    world->clock = clock_real(&world->scale);
    pthread_mutex_init(&world->lock, NULL);
    pthread_cond_init(&world->changed, NULL);
    world->workers = workers_new(WORKERS_MAX, WORKER_STACK_BYTES, 1000);
    *state = world;
    return 0;
}

static inline int set_up(void **state)
{
    set_up_world(state);
    return start(*state, NULL, NULL) ? 0 : 1;
}

static inline int tear_down(void **state)
{
    struct world *world = *state;
    open_gate(world);
    for (int i = 0; i < 500; i++) { /* calls that a failed test has left behind */
        pthread_mutex_lock(&world->lock);
        bool idle = world->ended == world->accepted;
        pthread_mutex_unlock(&world->lock);
        const struct timespec pause = { .tv_nsec = 10000000 };
        if (idle)
            break;
        nanosleep(&pause, NULL);
    }
    server_free(world->server);
    workers_free(world->workers);
    pthread_cond_destroy(&world->changed);
    pthread_mutex_destroy(&world->lock);
    arena_free(world->arena);
    mem_free(world);
    return 0;
}

static inline int start_library(void **state)
{
    (void)state;
    tls_library_init();
    server_library_init(&(struct server_listener){ .say = say_nothing }, LOG_OFF);
    return 0;
}

#endif
