/* SPDX-License-Identifier: MPL-2.0
 *
 * The server against a real gRPC client in the same process, with a service
 * that does what its paths say.
 */
#include "plugin/runtime/server.h"

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
#include "tests/support/noise.h"

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
    char address[64];
};

struct test_call {
    struct world *world;
    char path[32];
};

static bool find(void *self, struct str path, enum server_style *out_style)
{
    (void)self;
    *out_style = str_equal(path, STR("/test/AtOnce")) ? SERVER_AT_ONCE
                 : str_equal(path, STR("/test/Held")) ? SERVER_HELD
                                                      : SERVER_WORKER;
    return str_starts_with(path, STR("/test/"));
}

static void *accept_call(void *self, struct str path, struct str peer)
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

static void wait_at_the_gate(struct world *world)
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

static void run(void *argument, struct str request, struct server_reply *reply)
{
    struct test_call *call = argument;
    if (strcmp(call->path, "/test/Wait") == 0)
        wait_at_the_gate(call->world);
    if (strcmp(call->path, "/test/Refuse") == 0) {
        reply->status = SERVER_INVALID_ARGUMENT;
        reply->text = "refused";
        return;
    }
    reply->body = strcmp(call->path, "/test/AtOnce") == 0 ? STR("at once") : request;
}

static void closed(void *argument, bool cancelled)
{
    struct test_call *call = argument;
    pthread_mutex_lock(&call->world->lock);
    call->world->cancelled += cancelled;
    pthread_cond_broadcast(&call->world->changed);
    pthread_mutex_unlock(&call->world->lock);
}

static void end(void *argument)
{
    struct test_call *call = argument;
    struct world *world = call->world;
    mem_free(call);
    pthread_mutex_lock(&world->lock);
    world->ended++;
    pthread_cond_broadcast(&world->changed);
    pthread_mutex_unlock(&world->lock);
}

static void wait_until(struct world *world, const unsigned *counter, unsigned at_least)
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

static void open_gate(struct world *world)
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

static gpr_timespec in_ms(int64_t ms)
{
    return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_millis(ms, GPR_TIMESPAN));
}

static struct client_call *client_start(grpc_channel *channel, const char *path, struct str request, bool with_request)
{
    struct client_call *client = mem_alloc(sizeof(*client));
    client->channel = channel;
    client->queue = grpc_completion_queue_create_for_pluck(NULL);
    grpc_metadata_array_init(&client->initial);
    grpc_metadata_array_init(&client->trailing);
    client->call = grpc_channel_create_call(channel, NULL, 0, client->queue, grpc_slice_from_copied_string(path), NULL,
                                            in_ms(CALL_TIMEOUT_MS), NULL);
    grpc_slice body = grpc_slice_from_copied_buffer(request.len ? request.ptr : "", request.len);
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

/* The status; what came back is copied to `out` when it is not NULL. */
static grpc_status_code client_finish(struct client_call *client, struct arena *arena, struct str *out)
{
    grpc_completion_queue_pluck(client->queue, client, in_ms(2 * CALL_TIMEOUT_MS), NULL);
    if (client->reply && out) {
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

static grpc_channel *channel_to(const struct world *world, grpc_channel_credentials *credentials)
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

static grpc_channel *plain_channel(const struct world *world)
{
    return channel_to(world, grpc_insecure_credentials_create());
}

/* ---- Fixtures ---------------------------------------------------------------- */

static void say_nothing(void *self, enum log_level level, const char *text)
{
    (void)self;
    (void)level;
    (void)text;
}

static bool start(struct world *world, const struct tls_identity *tls, const char *client_certificate)
{
    static unsigned number;
    struct err err = { 0 };
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

static int set_up_world(void **state)
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

static int set_up(void **state)
{
    set_up_world(state);
    return start(*state, NULL, NULL) ? 0 : 1;
}

static int tear_down(void **state)
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

static int start_library(void **state)
{
    (void)state;
    tls_library_init();
    server_library_init(&(struct server_listener){ .say = say_nothing }, LOG_OFF);
    return 0;
}

/* ---- Tests ------------------------------------------------------------------- */

static void request_comes_back_as_reply(void **state)
{
    struct world *world = *state;
    grpc_channel *channel = plain_channel(world);
    struct str reply = STR("");
    grpc_status_code status =
        client_finish(client_start(channel, "/test/Echo", STR("hello"), true), world->arena, &reply);
    struct str empty = STR("x");
    grpc_status_code status_of_empty =
        client_finish(client_start(channel, "/test/Echo", STR(""), true), world->arena, &empty);
    grpc_channel_destroy(channel);
    assert_int_equal(status, GRPC_STATUS_OK);
    assert_str_equal(reply, "hello");
    assert_int_equal(status_of_empty, GRPC_STATUS_OK);
    assert_int_equal(empty.len, 0);
    wait_until(world, &world->ended, 2);
}

static void unknown_methods_are_unimplemented_always(void **state)
{
    struct world *world = *state;
    grpc_channel *channel = plain_channel(world);
    grpc_status_code worst = GRPC_STATUS_UNIMPLEMENTED;
    for (int i = 0; i < 200; i++) {
        grpc_status_code status = client_finish(client_start(channel, "/other/Call", STR("x"), i % 2 != 0), NULL, NULL);
        if (status != GRPC_STATUS_UNIMPLEMENTED)
            worst = status;
    }
    grpc_channel_destroy(channel);
    assert_int_equal(worst, GRPC_STATUS_UNIMPLEMENTED);
}

static void refusals_carry_their_status(void **state)
{
    struct world *world = *state;
    grpc_channel *channel = plain_channel(world);
    grpc_status_code status = client_finish(client_start(channel, "/test/Refuse", STR("x"), true), NULL, NULL);
    grpc_channel_destroy(channel);
    assert_int_equal(status, GRPC_STATUS_INVALID_ARGUMENT);
}

static void slow_calls_run_side_by_side_and_stall_nobody(void **state)
{
    struct world *world = *state;
    grpc_channel *channel = plain_channel(world);
    struct client_call *slow[100];
    struct str reply = STR("");
    for (size_t i = 0; i < ARRAY_LENGTH(slow); i++)
        slow[i] = client_start(channel, "/test/Wait", STR("x"), true);
    wait_until(world, &world->running, ARRAY_LENGTH(slow));
    grpc_status_code echo =
        client_finish(client_start(channel, "/test/Echo", STR("quick"), true), world->arena, &reply);
    grpc_status_code unknown = client_finish(client_start(channel, "/other/Call", STR(""), true), NULL, NULL);
    open_gate(world);
    grpc_status_code worst = GRPC_STATUS_OK;
    for (size_t i = 0; i < ARRAY_LENGTH(slow); i++) {
        grpc_status_code status = client_finish(slow[i], NULL, NULL);
        worst = status ? status : worst;
    }
    grpc_channel_destroy(channel);
    assert_int_equal(echo, GRPC_STATUS_OK);
    assert_str_equal(reply, "quick");
    assert_int_equal(unknown, GRPC_STATUS_UNIMPLEMENTED);
    assert_int_equal(worst, GRPC_STATUS_OK);
    assert_int_equal(world->most_running, 100);
}

static void at_once_needs_neither_worker_nor_request(void **state)
{
    struct world *world = *state;
    grpc_channel *channel = plain_channel(world);
    struct client_call *slow[WORKERS_MAX + 20]; /* more than there are workers */
    struct str reply = STR("");
    for (size_t i = 0; i < ARRAY_LENGTH(slow); i++)
        slow[i] = client_start(channel, "/test/Wait", STR("x"), true);
    wait_until(world, &world->running, WORKERS_MAX);
    grpc_status_code status =
        client_finish(client_start(channel, "/test/AtOnce", STR(""), false), world->arena, &reply);
    open_gate(world);
    for (size_t i = 0; i < ARRAY_LENGTH(slow); i++)
        client_finish(slow[i], NULL, NULL);
    grpc_channel_destroy(channel);
    assert_int_equal(status, GRPC_STATUS_OK);
    assert_str_equal(reply, "at once");
    assert_int_equal(world->most_running, WORKERS_MAX);
}

static void cancelled_call_is_noticed_while_it_runs(void **state)
{
    struct world *world = *state;
    grpc_channel *channel = plain_channel(world);
    struct client_call *slow = client_start(channel, "/test/Wait", STR("x"), true);
    wait_until(world, &world->running, 1);
    grpc_call_cancel(slow->call, NULL);
    wait_until(world, &world->cancelled, 1);
    open_gate(world);
    client_finish(slow, NULL, NULL);
    grpc_channel_destroy(channel);
    wait_until(world, &world->ended, 1);
}

static void held_stream_stays_open_until_the_peer_goes(void **state)
{
    struct world *world = *state;
    grpc_channel *channel = plain_channel(world);
    struct client_call *held = client_start(channel, "/test/Held", STR(""), true);
    wait_until(world, &world->accepted, 1);
    const struct timespec pause = { .tv_nsec = 50000000 };
    nanosleep(&pause, NULL);
    pthread_mutex_lock(&world->lock);
    unsigned ended = world->ended;
    pthread_mutex_unlock(&world->lock);
    grpc_call_cancel(held->call, NULL);
    client_finish(held, NULL, NULL);
    grpc_channel_destroy(channel);
    assert_int_equal(ended, 0);
    wait_until(world, &world->cancelled, 1);
    wait_until(world, &world->ended, 1);
}

static void half_a_request_holds_others_up_for_seconds_at_most(void **state)
{
    struct world *world = *state;
    grpc_channel *channel = plain_channel(world);
    struct client_call *half[5];
    for (size_t i = 0; i < ARRAY_LENGTH(half); i++)
        half[i] = client_start(channel, "/test/Echo", STR(""), false);
    wait_until(world, &world->accepted, ARRAY_LENGTH(half));
    grpc_status_code status = client_finish(client_start(channel, "/test/Echo", STR("x"), true), NULL, NULL);
    for (size_t i = 0; i < ARRAY_LENGTH(half); i++) {
        grpc_call_cancel(half[i]->call, NULL);
        client_finish(half[i], NULL, NULL);
    }
    grpc_channel_destroy(channel);
    assert_int_equal(status, GRPC_STATUS_OK);
    wait_until(world, &world->ended, 6);
}

static void large_requests_pass_and_larger_ones_are_refused(void **state)
{
    struct world *world = *state;
    grpc_channel *channel = plain_channel(world);
    size_t large = 200u * 1024 * 1024;
    size_t too_large = (size_t)MESSAGE_MAX_BYTES + 1024;
    struct str bytes = { mem_alloc(too_large), large };
    struct arena *arena = arena_new();
    struct str reply = STR("");
    grpc_status_code passes = client_finish(client_start(channel, "/test/Echo", bytes, true), arena, &reply);
    size_t came_back = reply.len;
    bytes.len = too_large;
    grpc_status_code refused = client_finish(client_start(channel, "/test/Echo", bytes, true), NULL, NULL);
    arena_free(arena);
    mem_free((char *)bytes.ptr);
    grpc_channel_destroy(channel);
    assert_int_equal(passes, GRPC_STATUS_OK);
    assert_int_equal(came_back, large);
    assert_int_not_equal(refused, GRPC_STATUS_OK);
}

/* Requests of 200 MiB: two at a time fit the budget, the others wait unread. */
static void requests_beyond_the_budget_wait(void **state)
{
    struct world *world = *state;
    grpc_channel *channel = plain_channel(world);
    struct str bytes = { mem_alloc(200u * 1024 * 1024), 200u * 1024 * 1024 };
    struct client_call *large[4];
    struct str reply = STR("");
    for (size_t i = 0; i < ARRAY_LENGTH(large); i++)
        large[i] = client_start(channel, "/test/Wait", bytes, true);
    wait_until(world, &world->running, 2);
    const struct timespec pause = { .tv_nsec = 500000000 };
    nanosleep(&pause, NULL);
    pthread_mutex_lock(&world->lock);
    unsigned running = world->running;
    pthread_mutex_unlock(&world->lock);
    /* a stop still comes through */
    grpc_status_code at_once =
        client_finish(client_start(channel, "/test/AtOnce", STR(""), true), world->arena, &reply);
    open_gate(world);
    grpc_status_code worst = GRPC_STATUS_OK;
    for (size_t i = 0; i < ARRAY_LENGTH(large); i++) {
        grpc_status_code status = client_finish(large[i], NULL, NULL);
        worst = status ? status : worst;
    }
    mem_free((char *)bytes.ptr);
    grpc_channel_destroy(channel);
    assert_int_equal(running, 2);
    assert_int_equal(at_once, GRPC_STATUS_OK);
    assert_int_equal(worst, GRPC_STATUS_OK);
}

static grpc_status_code call_with(struct world *world, const struct tls_identity *server,
                                  const struct tls_identity *own)
{
    grpc_ssl_pem_key_cert_pair pair = { 0 };
    if (own)
        pair = (grpc_ssl_pem_key_cert_pair){ own->key_pem.ptr, own->certificate_pem.ptr };
    grpc_channel *channel =
        channel_to(world, grpc_ssl_credentials_create(server->certificate_pem.ptr, own ? &pair : NULL, NULL, NULL));
    grpc_status_code status = client_finish(client_start(channel, "/test/Echo", STR("x"), true), NULL, NULL);
    grpc_channel_destroy(channel);
    return status;
}

static void only_the_announced_client_is_let_in(void **state)
{
    struct world *world = *state;
    struct tls_identity server;
    struct tls_identity client;
    struct tls_identity stranger;
    struct err err;
    assert_true(tls_identity_init(&server, world->arena, &world->clock, &err));
    assert_true(tls_identity_init(&client, world->arena, &world->clock, &err));
    assert_true(tls_identity_init(&stranger, world->arena, &world->clock, &err));
    assert_true(start(world, &server, client.certificate_pem.ptr));
    assert_int_equal(call_with(world, &server, &client), GRPC_STATUS_OK);
    assert_int_equal(call_with(world, &server, &stranger), GRPC_STATUS_UNAVAILABLE);
    assert_int_equal(call_with(world, &server, NULL), GRPC_STATUS_UNAVAILABLE);
    assert_int_equal(call_with(world, &stranger, &client), GRPC_STATUS_UNAVAILABLE);
    grpc_channel *channel = plain_channel(world);
    grpc_status_code plain = client_finish(client_start(channel, "/test/Echo", STR("x"), true), NULL, NULL);
    grpc_channel_destroy(channel);
    assert_int_equal(plain, GRPC_STATUS_UNAVAILABLE);
    assert_int_equal(world->accepted, 1);
}

static void noise_for_a_certificate_opens_no_door(void **state)
{
    static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    static const struct {
        const char *before, *alphabet, *after;
    } rows[] = {
        { "",                              "",          ""                              },
        { "",                              "-BEGIN \n", ""                              },
        { "-----BEGIN CERTIFICATE-----\n", "",          "\n-----END CERTIFICATE-----\n" },
        { "-----BEGIN CERTIFICATE-----\n", base64,      "\n-----END CERTIFICATE-----\n" },
    };
    struct world *world = *state;
    struct tls_identity server;
    struct err err;
    assert_true(tls_identity_init(&server, world->arena, &world->clock, &err));
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct str bytes = noise(world->arena, i, 1000 * 1000, str_from(rows[i].alphabet));
        struct str pem = str_format(world->arena, "%s%.*s%s", rows[i].before, STR_ARG(bytes), rows[i].after);
        assert_false(start(world, &server, pem.ptr));
        assert_null(world->server);
    }
}

static void address_that_cannot_be_had_is_an_error(void **state)
{
    struct world *world = *state;
    const struct server_service service = { .self = world };
    const struct server_options options = {
        .address = "unix:/nowhere/at/all/x.sock", .service = &service, .workers = world->workers, .pollers = 1
    };
    struct server *server = NULL;
    struct err err = { 0 };
    assert_false(server_new(&options, &server, &err));
    assert_int_equal(err.kind, ERR_IO);
    assert_null(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(request_comes_back_as_reply, set_up, tear_down),
        cmocka_unit_test_setup_teardown(unknown_methods_are_unimplemented_always, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refusals_carry_their_status, set_up, tear_down),
        cmocka_unit_test_setup_teardown(slow_calls_run_side_by_side_and_stall_nobody, set_up, tear_down),
        cmocka_unit_test_setup_teardown(at_once_needs_neither_worker_nor_request, set_up, tear_down),
        cmocka_unit_test_setup_teardown(cancelled_call_is_noticed_while_it_runs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(held_stream_stays_open_until_the_peer_goes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(half_a_request_holds_others_up_for_seconds_at_most, set_up, tear_down),
        cmocka_unit_test_setup_teardown(large_requests_pass_and_larger_ones_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(requests_beyond_the_budget_wait, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_the_announced_client_is_let_in, set_up_world, tear_down),
        cmocka_unit_test_setup_teardown(noise_for_a_certificate_opens_no_door, set_up_world, tear_down),
        cmocka_unit_test_setup_teardown(address_that_cannot_be_had_is_an_error, set_up_world, tear_down),
    };
    return cmocka_run_group_tests(tests, start_library, NULL);
}
