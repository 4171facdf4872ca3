/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/server/grpc.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <grpc/byte_buffer.h>
#include <grpc/byte_buffer_reader.h>
#include <grpc/grpc.h>
#include <grpc/grpc_posix.h>
#include <grpc/grpc_security.h>
#include <grpc/support/alloc.h>
#include <grpc/support/log.h>
#include <grpc/support/time.h>

#include "plugin/runtime/limits.h"
#include "plugin/runtime/process/crash.h"
#include "plugin/runtime/server/admission.h"

struct server {
    struct server_service service;
    struct workers *workers;
    struct admission *admission;
    grpc_server *grpc;
    grpc_completion_queue *queue;
    pthread_t *pollers;
    unsigned poller_count;
};

/* What a completion is about; the tags of the queue point here. */
enum step { STEP_ACCEPTED, STEP_CLOSED, STEP_GREETED, STEP_ARRIVED, STEP_REPLIED, STEP_COUNT };

struct tag {
    struct server_call *call;
    enum step step;
};

struct server_call {
    struct server *server;
    atomic_int references; /* steps under way, and the worker */
    grpc_call *grpc;
    grpc_call_details details;
    grpc_metadata_array metadata;
    void *subject; /* the service's; NULL for an unknown path */
    enum server_style style;
    grpc_byte_buffer *message;
    grpc_slice request;
    bool has_request;
    grpc_byte_buffer *reply;
    grpc_slice status_text;
    int cancelled;
    struct admission_entry admission;
    struct job job;
    struct tag tags[STEP_COUNT];
};

static int64_t now_ms(void)
{
    gpr_timespec now = gpr_now(GPR_CLOCK_MONOTONIC);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- A call's steps -------------------------------------------------------- */

static struct server_call *call_new(struct server *server)
{
    struct server_call *call = mem_alloc(sizeof(*call));
    call->server = server;
    for (int step = 0; step < STEP_COUNT; step++)
        call->tags[step] = (struct tag){ .call = call, .step = (enum step)step };
    grpc_call_details_init(&call->details);
    grpc_metadata_array_init(&call->metadata);
    return call;
}

static void call_free(struct server_call *call)
{
    if (call->has_request)
        grpc_slice_unref(call->request);
    if (call->grpc)
        grpc_call_unref(call->grpc);
    grpc_slice_unref(call->details.method);
    grpc_slice_unref(call->details.host);
    grpc_metadata_array_destroy(&call->metadata);
    mem_free(call);
}

static void read_waiting(struct server *server);

static void call_unref(struct server_call *call)
{
    if (atomic_fetch_sub(&call->references, 1) > 1)
        return;
    struct server *server = call->server;
    if (call->subject)
        server->service.end(call->subject);
    admission_done(server->admission, &call->admission);
    call_free(call);
    read_waiting(server);
}

/* Starts one batch; its completion carries the step. Holds the call until then. */
static void start(struct server_call *call, enum step step, const grpc_op *ops, size_t count)
{
    atomic_fetch_add(&call->references, 1);
    if (grpc_call_start_batch(call->grpc, ops, count, &call->tags[step], NULL) != GRPC_CALL_OK)
        call_unref(call); /* the completion will not come; the caller has a reference of its own */
}

static void start_watching(struct server_call *call)
{
    const grpc_op op = { .op = GRPC_OP_RECV_CLOSE_ON_SERVER,
                         .data.recv_close_on_server = { .cancelled = &call->cancelled } };
    start(call, STEP_CLOSED, &op, 1);
}

static void start_reading(struct server_call *call)
{
    const grpc_op op = { .op = GRPC_OP_RECV_MESSAGE, .data.recv_message = { .recv_message = &call->message } };
    start(call, STEP_ARRIVED, &op, 1);
}

static void start_greeting(struct server_call *call)
{
    const grpc_op op = { .op = GRPC_OP_SEND_INITIAL_METADATA };
    start(call, STEP_GREETED, &op, 1);
}

static void start_replying(struct server_call *call, const struct server_reply *reply)
{
    grpc_op ops[3] = { { .op = GRPC_OP_SEND_INITIAL_METADATA } };
    size_t count = 1;
    if (reply->status == SERVER_OK) {
        grpc_slice body = grpc_slice_from_copied_buffer(reply->body.ptr ? reply->body.ptr : "", reply->body.len);
        call->reply = grpc_raw_byte_buffer_create(&body, 1);
        grpc_slice_unref(body);
        ops[count++] = (grpc_op){ .op = GRPC_OP_SEND_MESSAGE, .data.send_message = { .send_message = call->reply } };
    }
    call->status_text = grpc_slice_from_static_string(reply->text ? reply->text : "");
    ops[count++] = (grpc_op){
        .op = GRPC_OP_SEND_STATUS_FROM_SERVER,
        .data.send_status_from_server = { .status = (grpc_status_code)reply->status,
                                         .status_details = &call->status_text }
    };
    start(call, STEP_REPLIED, ops, count);
}

static void read_waiting(struct server *server)
{
    struct admission_entry *entry;
    while ((entry = admission_next(server->admission, now_ms())) != NULL) {
        struct server_call *call = (struct server_call *)((char *)entry - offsetof(struct server_call, admission));
        start_reading(call);
        call_unref(call); /* the line's */
    }
}

static void wait_for_reading(struct server_call *call)
{
    atomic_fetch_add(&call->references, 1); /* of the line */
    admission_ask(call->server->admission, &call->admission);
    read_waiting(call->server);
}

/* ---- Running --------------------------------------------------------------- */

static struct str bytes_of(const struct server_call *call)
{
    if (!call->has_request)
        return STR("");
    return (struct str){ (const char *)GRPC_SLICE_START_PTR(call->request), GRPC_SLICE_LENGTH(call->request) };
}

static void run(void *argument)
{
    struct server_call *call = argument;
    struct server_reply reply = { 0 };
    call->server->service.run(call->subject, bytes_of(call), &reply);
    start_replying(call, &reply);
    call_unref(call);
}

static void run_on_worker(struct server_call *call)
{
    static const struct server_reply no_thread = { .status = SERVER_EXHAUSTED, .text = "no thread can be started" };
    call->job = (struct job){ .run = run, .argument = call };
    atomic_fetch_add(&call->references, 1); /* of the worker */
    if (workers_submit(call->server->workers, &call->job))
        return;
    start_replying(call, &no_thread);
    call_unref(call);
}

static void on_arrived(struct server_call *call)
{
    static const struct server_reply no_message = { .status = SERVER_INVALID_ARGUMENT,
                                                    .text = "a call without request" };
    size_t length = call->message ? grpc_byte_buffer_length(call->message) : 0;
    admission_arrived(call->server->admission, &call->admission, length);
    read_waiting(call->server);
    if (!call->message) { /* also when the peer has cancelled: then the reply goes nowhere */
        start_replying(call, &no_message);
        return;
    }
    grpc_byte_buffer_reader reader;
    if (grpc_byte_buffer_reader_init(&reader, call->message)) {
        call->request = grpc_byte_buffer_reader_readall(&reader);
        call->has_request = true;
        grpc_byte_buffer_reader_destroy(&reader);
    }
    grpc_byte_buffer_destroy(call->message);
    call->message = NULL;
    run_on_worker(call);
}

/* ---- Accepting ------------------------------------------------------------- */

static void arm(struct server *server)
{
    struct server_call *call = call_new(server);
    atomic_store(&call->references, 1); /* of its acceptance */
    grpc_call_error problem = grpc_server_request_call(server->grpc, &call->grpc, &call->details, &call->metadata,
                                                       server->queue, server->queue, &call->tags[STEP_ACCEPTED]);
    if (problem != GRPC_CALL_OK)
        call_free(call);
}

static void begin(struct server_call *call, struct str path, struct str peer)
{
    static const struct server_reply unknown = { .status = SERVER_UNIMPLEMENTED, .text = "unknown method" };
    const struct server_service *service = &call->server->service;
    if (!service->find(service->self, path, &call->style)) {
        start_watching(call);
        start_replying(call, &unknown);
        return;
    }
    call->subject = service->accept(service->self, path, peer);
    start_watching(call);
    switch (call->style) {
    case SERVER_WORKER:
        wait_for_reading(call);
        break;
    case SERVER_AT_ONCE:
        atomic_fetch_add(&call->references, 1);
        run(call);
        break;
    case SERVER_HELD:
        start_greeting(call);
        break;
    }
}

static void on_accepted(struct server_call *call)
{
    const grpc_slice *method = &call->details.method;
    arm(call->server);
    char *peer = grpc_call_get_peer(call->grpc);
    begin(call, (struct str){ (const char *)GRPC_SLICE_START_PTR(*method), GRPC_SLICE_LENGTH(*method) },
          str_from(peer));
    gpr_free(peer);
}

/* ---- Pollers --------------------------------------------------------------- */

static void on_step(const struct tag *tag, bool success)
{
    struct server_call *call = tag->call;
    switch (tag->step) {
    case STEP_ACCEPTED:
        if (success)
            on_accepted(call);
        break;
    case STEP_CLOSED:
        if (call->subject)
            call->server->service.closed(call->subject, !success || call->cancelled);
        break;
    case STEP_ARRIVED:
        on_arrived(call);
        break;
    case STEP_REPLIED:
        if (call->reply)
            grpc_byte_buffer_destroy(call->reply);
        call->reply = NULL;
        break;
    case STEP_GREETED:
    case STEP_COUNT:
        break;
    }
    call_unref(call); /* the step's */
}

static gpr_timespec look_again(struct server *server)
{
    int64_t at_ms = admission_look_again_ms(server->admission);
    if (at_ms == INT64_MAX)
        return gpr_inf_future(GPR_CLOCK_MONOTONIC);
    return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_millis(at_ms - now_ms() + 1, GPR_TIMESPAN));
}

static void *poll_queue(void *argument)
{
    struct server *server = argument;
    struct crash_stack stack;
    crash_use_stack(&stack);
    for (;;) {
        grpc_event event = grpc_completion_queue_next(server->queue, look_again(server), NULL);
        if (event.type == GRPC_QUEUE_SHUTDOWN)
            break;
        if (event.type == GRPC_QUEUE_TIMEOUT)
            read_waiting(server);
        else if (event.tag)
            on_step(event.tag, event.success != 0);
        else /* the server's own end: nothing more will come */
            grpc_completion_queue_shutdown(server->queue);
    }
    crash_leave_stack();
    return NULL;
}

/* ---- The server ------------------------------------------------------------ */

/* lint: allow(static) because gRPC's log function gets no argument of ours; written once, before the first thread. */
static struct server_listener listener_of_grpc;

static void on_grpc_line(gpr_log_func_args *line)
{
    static const enum log_level levels[] = {
        [GPR_LOG_SEVERITY_DEBUG] = LOG_DEBUG, [GPR_LOG_SEVERITY_INFO] = LOG_DEBUG, [GPR_LOG_SEVERITY_ERROR] = LOG_WARN
    };
    char text[LATE_LINE_MAX_BYTES];
    const char *file = strrchr(line->file, '/');
    snprintf(text, sizeof(text), "grpc: %s:%d: %s", file ? file + 1 : line->file, line->line, line->message);
    listener_of_grpc.say(listener_of_grpc.self, levels[line->severity], text);
}

void server_library_init(const struct server_listener *listener, enum log_level level)
{
    listener_of_grpc = *listener;
    gpr_set_log_function(on_grpc_line);
    gpr_set_log_verbosity(level <= LOG_TRACE ? GPR_LOG_SEVERITY_INFO : GPR_LOG_SEVERITY_ERROR);
    grpc_init();
}

static grpc_server_credentials *credentials_of(const struct server_options *options)
{
    if (!options->tls)
        return grpc_insecure_server_credentials_create();
    grpc_ssl_pem_key_cert_pair pair = { .private_key = options->tls->key_pem.ptr,
                                        .cert_chain = options->tls->certificate_pem.ptr };
    return grpc_ssl_server_credentials_create_ex(options->client_certificate, &pair, 1,
                                                 GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY, NULL);
}

static grpc_server *grpc_server_of(void)
{
    grpc_arg rows[] = {
        { .type = GRPC_ARG_INTEGER, .key = GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, .value.integer = MESSAGE_MAX_BYTES },
        { .type = GRPC_ARG_INTEGER, .key = GRPC_ARG_MAX_SEND_MESSAGE_LENGTH,    .value.integer = MESSAGE_MAX_BYTES },
    };
    const grpc_channel_args arguments = { .num_args = ARRAY_LENGTH(rows), .args = rows };
    return grpc_server_create(&arguments, NULL);
}

static bool listen_at(struct server *server, const struct server_options *options, struct err *err)
{
    if (!options->address)
        return true;
    grpc_server_credentials *credentials = credentials_of(options);
    int port = credentials ? grpc_server_add_http2_port(server->grpc, options->address, credentials) : 0;
    if (credentials)
        grpc_server_credentials_release(credentials);
    return port != 0 || err_set(err, ERR_IO, "listening at %s", options->address);
}

static bool start_pollers(struct server *server, unsigned count, struct err *err)
{
    server->pollers = mem_array(count, sizeof(*server->pollers));
    while (server->poller_count < count) {
        if (pthread_create(&server->pollers[server->poller_count], NULL, poll_queue, server) != 0)
            return err_set(err, ERR_INTERNAL, "starting a thread");
        server->poller_count++;
    }
    return true;
}

bool server_new(const struct server_options *options, struct server **out, struct err *err)
{
    struct server *server = mem_alloc(sizeof(*server));
    server->service = *options->service;
    server->workers = options->workers;
    server->admission = admission_new(MESSAGE_MAX_BYTES, REQUESTS_MAX_BYTES, READING_PATIENCE_MS);
    server->grpc = grpc_server_of();
    server->queue = grpc_completion_queue_create_for_next(NULL);
    grpc_server_register_completion_queue(server->grpc, server->queue, NULL);
    bool listening = listen_at(server, options, err);
    if (listening) {
        grpc_server_start(server->grpc);
        for (int i = 0; i < ACCEPTS_ARMED; i++)
            arm(server);
    }
    if (!listening || !start_pollers(server, options->pollers, err)) {
        server_free(server);
        return false;
    }
    *out = server;
    return true;
}

void server_free(struct server *server)
{
    if (!server)
        return;
    grpc_server_shutdown_and_notify(server->grpc, server->queue, NULL);
    grpc_server_cancel_all_calls(server->grpc);
    if (server->poller_count == 0) /* nobody else drains the queue */
        poll_queue(server);
    for (unsigned i = 0; i < server->poller_count; i++)
        pthread_join(server->pollers[i], NULL);
    grpc_server_destroy(server->grpc);
    grpc_completion_queue_destroy(server->queue);
    admission_free(server->admission);
    mem_free(server->pollers);
    mem_free(server);
}

/* How gRPC 1.51 names the peer of such a channel (grpc_server_add_channel_from_fd). */
struct str server_peer_of_socket(struct arena *arena, int descriptor)
{
    return str_format(arena, "fd:%d", descriptor);
}

void server_add_socket(struct server *server, int descriptor)
{
    grpc_server_credentials *insecure = grpc_insecure_server_credentials_create();
    grpc_server_add_channel_from_fd(server->grpc, descriptor, insecure);
    grpc_server_credentials_release(insecure);
}
