/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/http_curl.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#include <curl/curl.h>

#include "aws/ca_bundle.h"
#include "aws/limits.h"

enum {
    TRANSFERS_MAX = 16,
    DEFAULT_TIMEOUT_MS = 60 * SECOND_MS,
    STOP_GRACE_MS = 10 * SECOND_MS, /* for the answer to a mutating request */
    CONNECTION_IDLE_MAX_S = 50,     /* load balancers close at 60 s */
    IDLE_POLL_MS = 60 * SECOND_MS,
};

/* One request on its way. The caller and the I/O thread share it; whoever of
 * them is the last to need it frees it: the caller once it is done, the I/O
 * thread when the caller has left before. */
struct transfer {
    struct transfer *next; /* in the queue or among the running ones */
    struct http_curl *http;
    struct arena *arena; /* of all below */
    struct http_request request;

    /* The I/O thread's. */
    CURL *easy; /* NULL while it is queued */
    struct curl_slist *header_lines;
    struct http_header *headers;
    size_t header_count, header_bytes;
    struct str_builder body;
    bool is_too_large;
    int64_t received_wall_ms;
    char message[CURL_ERROR_SIZE];

    /* Under the transport's lock. */
    struct waiter *waiter; /* NULL: the caller has left */
    bool is_sent;          /* the request may have reached the server */
    int64_t end_by_ms;     /* real time; CLOCK_NEVER until a stop */
    bool is_done;          /* status and the answer are there, or `err` */
    int status;
    struct err err;
};

struct http_curl {
    struct http_transport transport;
    struct clock clock; /* real time, never scaled */
    struct arena *arena;
    struct http_curl_options options; /* texts in the arena, ended by NUL */
    pthread_t thread;

    /* The I/O thread's. */
    CURLM *multi;
    CURL *idle[TRANSFERS_MAX];
    size_t idle_count;
    struct transfer *running;

    pthread_mutex_t lock;
    struct transfer *queue, **queue_end;
    bool is_quitting;
};

static const struct clock_scale real_time = { .factor = 1 };

/* Transfers. */

static void free_header_lines(struct curl_slist *lines)
{
    for (struct curl_slist *line = lines; line; line = line->next)
        mem_wipe(line->data, strlen(line->data)); /* Authorization, session tokens */
    curl_slist_free_all(lines);
}

static void transfer_free(struct transfer *transfer)
{
    free_header_lines(transfer->header_lines);
    arena_free(transfer->arena);
}

static bool has_line_break(struct str text)
{
    return str_find_char(text, '\n') >= 0 || str_find_char(text, '\r') >= 0 || str_find_char(text, '\0') >= 0;
}

static bool copy_headers(struct transfer *transfer, const struct http_request *request, struct err *err)
{
    struct http_header *headers = arena_array(transfer->arena, request->header_count, sizeof(*headers));
    for (size_t i = 0; i < request->header_count; i++) {
        if (has_line_break(request->headers[i].name) || has_line_break(request->headers[i].value))
            return err_set(err, ERR_INVALID, "the value of the header %.*s contains a line break",
                           STR_ARG(str_slice(request->headers[i].name, 0, 80)));
        headers[i].name = str_copy(transfer->arena, request->headers[i].name);
        headers[i].value = str_copy(transfer->arena, request->headers[i].value);
    }
    transfer->request.headers = headers;
    return true;
}

static bool transfer_new(struct http_curl *http, const struct http_request *request, struct waiter *waiter,
                         struct transfer **out, struct err *err)
{
    struct arena *arena = arena_new();
    struct transfer *transfer = ARENA_NEW(arena, struct transfer);
    transfer->arena = arena;
    transfer->http = http;
    transfer->waiter = waiter;
    transfer->end_by_ms = CLOCK_NEVER;
    transfer->request = *request;
    transfer->request.method = str_copy(arena, request->method);
    transfer->request.url = str_copy(arena, request->url);
    transfer->request.body = str_copy(arena, request->body);
    transfer->headers = arena_array(arena, HTTP_HEADERS_MAX_COUNT, sizeof(*transfer->headers));
    str_builder_init(&transfer->body, arena, HTTP_BODY_MAX_BYTES);
    if (!copy_headers(transfer, request, err)) {
        transfer_free(transfer);
        return false;
    }
    *out = transfer;
    return true;
}

/* "https://host:port", which is all of a URL that a message may show. */
static struct str origin_of(struct str url)
{
    ptrdiff_t scheme = str_find(url, STR("://"));
    size_t from = scheme < 0 ? 0 : (size_t)scheme + 3;
    struct str rest = str_slice(url, from, url.len);
    size_t length = 0;
    while (length < rest.len && rest.ptr[length] != '/' && rest.ptr[length] != '?')
        length++;
    return str_slice(url, 0, from + length);
}

/* libcurl's callbacks: all on the I/O thread, without the lock. */

static size_t on_header(char *bytes, size_t size, size_t count, void *self)
{
    struct transfer *transfer = self;
    struct str line = { bytes, size * count };
    struct str trimmed = str_trim(line);
    transfer->header_bytes += line.len;
    if (transfer->header_bytes > HTTP_HEADERS_MAX_BYTES) {
        transfer->is_too_large = true;
        return 0;
    }
    if (str_starts_with(line, STR("HTTP/"))) /* another one: what came before was an interim reply */
        transfer->header_count = 0;
    if (str_is_empty(trimmed))
        transfer->received_wall_ms = clock_wall_ms(&transfer->http->clock);
    ptrdiff_t colon = str_find_char(trimmed, ':');
    if (colon <= 0 || transfer->header_count == HTTP_HEADERS_MAX_COUNT)
        return line.len;
    transfer->headers[transfer->header_count++] = (struct http_header){
        .name = str_copy(transfer->arena, str_slice(trimmed, 0, (size_t)colon)),
        .value = str_copy(transfer->arena, str_trim(str_slice(trimmed, (size_t)colon + 1, trimmed.len))),
    };
    return line.len;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *self)
{
    struct transfer *transfer = self;
    struct err ignored;
    if (str_builder_add(&transfer->body, (struct str){ bytes, size * count }, &ignored))
        return size * count;
    transfer->is_too_large = true;
    return 0;
}

/* Called each time the request is about to be written to a connection: once, or
 * again when libcurl found that a kept connection had been closed. */
static int on_sending(void *self, char *remote_ip, char *local_ip, int remote_port, int local_port)
{
    struct transfer *transfer = self;
    (void)remote_ip, (void)local_ip, (void)remote_port, (void)local_port;
    pthread_mutex_lock(&transfer->http->lock);
    bool allowed = transfer->waiter && !(transfer->request.mutates && transfer->is_sent);
    transfer->is_sent |= allowed;
    pthread_mutex_unlock(&transfer->http->lock);
    return allowed ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

static curl_socket_t on_socket(void *self, curlsocktype purpose, struct curl_sockaddr *address)
{
    (void)self, (void)purpose;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* Setting up. */

static const char *text_or_null(struct str text)
{
    return str_is_empty(text) ? NULL : text.ptr;
}

static void set_method(struct transfer *transfer, CURL *easy)
{
    const struct http_request *request = &transfer->request;
    if (str_equal(request->method, STR("GET")) && str_is_empty(request->body)) {
        curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
        return;
    }
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body.ptr);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method.ptr);
}

static struct curl_slist *add_line(struct curl_slist *lines, const char *line)
{
    struct curl_slist *longer = curl_slist_append(lines, line);
    return longer ? longer : lines;
}

static void set_headers(struct transfer *transfer, CURL *easy)
{
    const struct http_request *request = &transfer->request;
    /* Without a value: libcurl's own defaults are not sent. */
    struct curl_slist *lines = add_line(add_line(NULL, "Expect:"), "Accept:");
    if (str_is_empty(http_header_find(request->headers, request->header_count, STR("content-type"))))
        lines = add_line(lines, "Content-Type:");
    for (size_t i = 0; i < request->header_count; i++)
        lines = add_line(lines, str_format(transfer->arena, "%.*s: %.*s", STR_ARG(request->headers[i].name),
                                           STR_ARG(request->headers[i].value))
                                    .ptr);
    transfer->header_lines = lines;
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, lines);
}

static void set_trust(const struct http_curl *http, CURL *easy)
{
    const struct http_curl_options *options = &http->options;
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_PROXY_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, options->insecure ? 0L : 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, options->insecure ? 0L : 2L);
    curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO, text_or_null(options->ca_bundle_file));
    curl_easy_setopt(easy, CURLOPT_PROXY_CAPATH, text_or_null(options->ca_bundle_dir));
    curl_easy_setopt(easy, CURLOPT_CAINFO, text_or_null(options->ca_bundle_file));
    /* With a folder libcurl cannot share the parsed certificates among connections. */
    curl_easy_setopt(easy, CURLOPT_CAPATH, text_or_null(options->ca_bundle_dir));
}

static void set_way(const struct transfer *transfer, CURL *easy)
{
    const struct http_curl_options *options = &transfer->http->options;
    const struct http_request *request = &transfer->request;
    bool is_tls = str_starts_with(request->url, STR("https:"));
    curl_easy_setopt(easy, CURLOPT_PROXY, is_tls ? options->https_proxy.ptr : options->http_proxy.ptr);
    curl_easy_setopt(easy, CURLOPT_NOPROXY, options->no_proxy.ptr);
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_socket);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* or removing a handle waits for a hung resolver */
    curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)CONNECTION_IDLE_MAX_S);
    int64_t connect_ms = request->connect_timeout_ms ? request->connect_timeout_ms : options->connect_timeout_ms;
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)connect_ms);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)(request->timeout_ms ? request->timeout_ms : options->timeout_ms));
}

static void set_up(struct transfer *transfer, CURL *easy)
{
    curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->message);
    curl_easy_setopt(easy, CURLOPT_URL, transfer->request.url.ptr);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_sending);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer);
    set_method(transfer, easy);
    set_headers(transfer, easy);
    set_trust(transfer->http, easy);
    set_way(transfer, easy);
}

/* The I/O thread. */

static void hand_over(struct transfer *transfer)
{
    struct http_curl *http = transfer->http;
    pthread_mutex_lock(&http->lock);
    bool has_caller = transfer->waiter != NULL;
    transfer->is_done = true;
    if (has_caller)
        waiter_wake(transfer->waiter); /* the caller cannot leave before the lock is free */
    pthread_mutex_unlock(&http->lock);
    if (!has_caller)
        transfer_free(transfer);
}

static void give_back(struct transfer *transfer)
{
    struct http_curl *http = transfer->http;
    curl_multi_remove_handle(http->multi, transfer->easy);
    curl_easy_reset(transfer->easy);
    http->idle[http->idle_count++] = transfer->easy;
    transfer->easy = NULL;
    struct transfer **link = &http->running;
    while (*link != transfer)
        link = &(*link)->next;
    *link = transfer->next;
}

static void set_failure(struct transfer *transfer, CURLcode result)
{
    const char *message = transfer->message[0] ? transfer->message : curl_easy_strerror(result);
    if (transfer->is_too_large)
        message = "the answer is larger than this program accepts";
    else if (result == CURLE_ABORTED_BY_CALLBACK)
        message = "the connection was closed before an answer came";
    err_set(&transfer->err, ERR_IO, "%.*s: %s", STR_ARG(origin_of(transfer->request.url)), message);

    long system_error = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &system_error);
    const char *code = "";
    if (result == CURLE_COULDNT_RESOLVE_HOST || result == CURLE_COULDNT_RESOLVE_PROXY)
        code = HTTP_NO_SUCH_HOST;
    else if (result == CURLE_COULDNT_CONNECT && system_error == ECONNREFUSED)
        code = HTTP_CONNECTION_REFUSED;
    memcpy(transfer->err.code, code, strlen(code) + 1);
    transfer->err.unanswered = transfer->request.mutates && transfer->is_sent;
}

static void finish(struct transfer *transfer, CURLcode result)
{
    long status = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    transfer->status = (int)status;
    if (result != CURLE_OK)
        set_failure(transfer, result);
    give_back(transfer);
    hand_over(transfer);
}

static void finish_completed(struct http_curl *http)
{
    int left;
    for (CURLMsg *message; (message = curl_multi_info_read(http->multi, &left));) {
        struct transfer *transfer = NULL;
        CURLcode result = message->data.result; /* the message ends with its handle */
        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
        finish(transfer, result);
    }
}

static bool is_unwanted(struct transfer *transfer, int64_t now_ms)
{
    pthread_mutex_lock(&transfer->http->lock);
    bool unwanted = !transfer->waiter || transfer->end_by_ms <= now_ms;
    pthread_mutex_unlock(&transfer->http->lock);
    return unwanted;
}

/* Those whose caller has left, and those that a stop gave their last seconds. */
static void end_unwanted(struct http_curl *http)
{
    int64_t now_ms = clock_monotonic_ms(&http->clock);
    for (struct transfer *transfer = http->running, *next; transfer; transfer = next) {
        next = transfer->next;
        if (!is_unwanted(transfer, now_ms))
            continue;
        err_set(&transfer->err, ERR_CANCELLED, "%.*s: stopped, and no answer came within %d s",
                STR_ARG(origin_of(transfer->request.url)), STOP_GRACE_MS / SECOND_MS);
        transfer->err.unanswered = transfer->request.mutates && transfer->is_sent;
        give_back(transfer);
        hand_over(transfer);
    }
}

static struct transfer *take_queued(struct http_curl *http)
{
    pthread_mutex_lock(&http->lock);
    struct transfer *transfer = http->queue;
    if (transfer) {
        http->queue = transfer->next;
        if (!http->queue)
            http->queue_end = &http->queue;
    }
    pthread_mutex_unlock(&http->lock);
    return transfer;
}

static void start(struct http_curl *http, struct transfer *transfer)
{
    transfer->easy = http->idle[--http->idle_count];
    transfer->next = http->running;
    http->running = transfer;
    set_up(transfer, transfer->easy);
    if (curl_multi_add_handle(http->multi, transfer->easy) != CURLM_OK)
        finish(transfer, CURLE_FAILED_INIT);
}

/* One whose caller has left before its turn is started too, and ended in the same round. */
static void start_queued(struct http_curl *http)
{
    while (http->idle_count) {
        struct transfer *transfer = take_queued(http);
        if (!transfer)
            return;
        start(http, transfer);
    }
}

/* How long nothing needs to happen unless a socket or a caller says so. */
static int poll_limit_ms(struct http_curl *http)
{
    int64_t now_ms = clock_monotonic_ms(&http->clock);
    int64_t limit_ms = IDLE_POLL_MS;
    pthread_mutex_lock(&http->lock);
    for (const struct transfer *transfer = http->running; transfer; transfer = transfer->next)
        if (transfer->end_by_ms != CLOCK_NEVER && transfer->end_by_ms - now_ms < limit_ms)
            limit_ms = transfer->end_by_ms - now_ms;
    pthread_mutex_unlock(&http->lock);
    return limit_ms > 0 ? (int)limit_ms : 0;
}

static bool is_quitting(struct http_curl *http)
{
    pthread_mutex_lock(&http->lock);
    bool quitting = http->is_quitting;
    pthread_mutex_unlock(&http->lock);
    return quitting;
}

static void *run_io(void *self)
{
    struct http_curl *http = self;
    while (!is_quitting(http)) {
        int running;
        curl_multi_perform(http->multi, &running);
        finish_completed(http);
        end_unwanted(http);
        start_queued(http);
        curl_multi_poll(http->multi, NULL, 0, poll_limit_ms(http), NULL);
    }
    return NULL;
}

/* The callers. */

static void enqueue(struct http_curl *http, struct transfer *transfer)
{
    pthread_mutex_lock(&http->lock);
    *http->queue_end = transfer;
    http->queue_end = &transfer->next;
    pthread_mutex_unlock(&http->lock);
    curl_multi_wakeup(http->multi);
}

enum leave { LEFT, MUST_WAIT, IS_DONE };

/* Gives up a transfer that may be given up. A mutating one whose request is out
 * must be waited for, for the time that a stop leaves it. */
static enum leave leave(struct transfer *transfer, bool by_stop, bool *out_sent)
{
    struct http_curl *http = transfer->http;
    enum leave result = LEFT;
    pthread_mutex_lock(&http->lock);
    *out_sent = transfer->is_sent;
    if (transfer->is_done) {
        result = IS_DONE;
    } else if (by_stop && transfer->request.mutates && transfer->is_sent) {
        transfer->end_by_ms = clock_monotonic_ms(&http->clock) + STOP_GRACE_MS;
        result = MUST_WAIT;
    } else {
        transfer->waiter = NULL;
    }
    pthread_mutex_unlock(&http->lock);
    curl_multi_wakeup(http->multi);
    return result;
}

static bool is_done(struct transfer *transfer)
{
    pthread_mutex_lock(&transfer->http->lock);
    bool done = transfer->is_done;
    pthread_mutex_unlock(&transfer->http->lock);
    return done;
}

/* True: it is done. False: this caller has left it to the I/O thread. */
static bool wait_for(struct transfer *transfer, struct waiter *waiter, int64_t deadline_ms, struct err *err)
{
    const struct http_request *request = &transfer->request;
    const bool mutates = request->mutates;
    bool hears_stop = true, was_sent = false;
    char origin[128];
    struct str shown = str_slice(origin_of(request->url), 0, sizeof(origin) - 1);
    memcpy(origin, shown.ptr, shown.len);
    origin[shown.len] = '\0';
    for (;;) {
        enum waiter_result woke = hears_stop ? waiter_wait(waiter, deadline_ms) : waiter_wait_wake(waiter, CLOCK_NEVER);
        if (woke == WAITER_WOKEN && is_done(transfer))
            return true;
        if (woke == WAITER_WOKEN)
            continue;
        const bool by_stop = woke == WAITER_CANCELLED;
        switch (leave(transfer, by_stop, &was_sent)) {
        case IS_DONE:
            return true;
        case MUST_WAIT:
            hears_stop = false;
            continue;
        case LEFT:
            err_set(err, by_stop ? ERR_CANCELLED : ERR_TIMEOUT, "%s: %s", origin,
                    by_stop ? "stopped while waiting for the answer" : "no time was left to wait for the answer");
            err->unanswered = mutates && was_sent;
            return false;
        }
    }
}

static void copy_response(struct arena *arena, const struct transfer *transfer, struct http_response *out)
{
    struct http_header *headers = arena_array(arena, transfer->header_count, sizeof(*headers));
    for (size_t i = 0; i < transfer->header_count; i++) {
        headers[i].name = str_copy(arena, transfer->headers[i].name);
        headers[i].value = str_copy(arena, transfer->headers[i].value);
    }
    *out = (struct http_response){ .status = transfer->status,
                                   .headers = headers,
                                   .header_count = transfer->header_count,
                                   .body = str_copy(arena, str_builder_text(&transfer->body)),
                                   .received_wall_ms = transfer->received_wall_ms };
}

static bool send_request(void *self, struct arena *arena, struct waiter *waiter, int64_t deadline_ms,
                         const struct http_request *request, struct http_response *out, struct err *err)
{
    struct http_curl *http = self;
    struct transfer *transfer;
    if (waiter_is_cancelled(waiter))
        return err_set(err, ERR_CANCELLED, "%.*s: stopped before the request was sent",
                       STR_ARG(origin_of(request->url)));
    if (!transfer_new(http, request, waiter, &transfer, err))
        return false;
    enqueue(http, transfer);
    if (!wait_for(transfer, waiter, deadline_ms, err))
        return false;
    bool answered = transfer->err.kind == ERR_NONE;
    if (answered)
        copy_response(arena, transfer, out);
    else
        *err = transfer->err;
    transfer_free(transfer);
    return answered;
}

/* The transport. */

bool http_curl_init(struct err *err)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return err_set(err, ERR_INTERNAL, "libcurl cannot be initialised");
    return true;
}

static bool copy_options(struct http_curl *http, const struct http_curl_options *options, struct err *err)
{
    const struct ca_bundle given = { options->ca_bundle_file, options->ca_bundle_dir };
    struct ca_bundle bundle;
    if (!ca_bundle_find(&given, options->env, &bundle, err))
        return false;
    http->options = (struct http_curl_options){
        .ca_bundle_file = str_copy(http->arena, bundle.file),
        .ca_bundle_dir = str_copy(http->arena, bundle.folder),
        .http_proxy = str_copy(http->arena, options->http_proxy), /* "": libcurl reads no environment */
        .https_proxy = str_copy(http->arena, options->https_proxy),
        .no_proxy = str_copy(http->arena, options->no_proxy),
        .insecure = options->insecure,
        .connect_timeout_ms = options->connect_timeout_ms ? options->connect_timeout_ms : DEFAULT_TIMEOUT_MS,
        .timeout_ms = options->timeout_ms ? options->timeout_ms : DEFAULT_TIMEOUT_MS,
    };
    return true;
}

static bool open_handles(struct http_curl *http, struct err *err)
{
    http->multi = curl_multi_init();
    if (!http->multi)
        return err_set(err, ERR_INTERNAL, "libcurl gives no multi handle");
    curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, (long)TRANSFERS_MAX);
    for (size_t i = 0; i < TRANSFERS_MAX; i++) {
        http->idle[i] = curl_easy_init();
        if (!http->idle[i])
            return err_set(err, ERR_INTERNAL, "libcurl gives no handle");
        http->idle_count++;
    }
    return true;
}

/* Signals are for the threads that expect them. */
static bool start_thread(struct http_curl *http, struct err *err)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failure = pthread_create(&http->thread, NULL, run_io, http);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return !failure || err_set(err, ERR_INTERNAL, "the I/O thread cannot be started (error %d)", failure);
}

static void release(struct http_curl *http)
{
    while (http->running) {
        struct transfer *transfer = http->running;
        give_back(transfer);
        transfer_free(transfer);
    }
    for (struct transfer *transfer; (transfer = take_queued(http));)
        transfer_free(transfer);
    while (http->idle_count)
        curl_easy_cleanup(http->idle[--http->idle_count]);
    curl_multi_cleanup(http->multi);
    pthread_mutex_destroy(&http->lock);
    arena_free(http->arena);
    mem_free(http);
}

bool http_curl_new(const struct http_curl_options *options, struct http_curl **out, struct err *err)
{
    struct http_curl *http = mem_alloc(sizeof(*http));
    http->transport = (struct http_transport){ .send = send_request, .self = http };
    http->clock = clock_real(&real_time);
    http->arena = arena_new();
    http->queue_end = &http->queue;
    pthread_mutex_init(&http->lock, NULL);
    if (!copy_options(http, options, err) || !open_handles(http, err) || !start_thread(http, err)) {
        release(http);
        return false;
    }
    *out = http;
    return true;
}

void http_curl_free(struct http_curl *http)
{
    if (!http)
        return;
    pthread_mutex_lock(&http->lock);
    http->is_quitting = true;
    pthread_mutex_unlock(&http->lock);
    curl_multi_wakeup(http->multi);
    pthread_join(http->thread, NULL);
    release(http);
}

const struct http_transport *http_curl_transport(const struct http_curl *http)
{
    return &http->transport;
}
