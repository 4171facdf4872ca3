/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/http/curl.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>

#include <curl/curl.h>

#include "aws/http/ca_bundle.h"
#include "aws/http/failure.h"
#include "aws/http/proxy.h"
#include "aws/http/transfer.h"
#include "aws/http/url.h"
#include "base/linux/socket.h"

enum {
    TRANSFERS_MAX = 16,
    DEFAULT_TIMEOUT_MS = 60 * SECOND_MS,
    CONNECTION_IDLE_MAX_S = 50, /* load balancers close at 60 s */
    IDLE_POLL_MS = 60 * SECOND_MS,
};

/* What libcurl needs for one transfer; lives in the transfer's arena. */
struct carriage {
    CURL *easy;
    struct curl_slist *header_lines;
    char message[CURL_ERROR_SIZE];
};

/* The lock is the exchange's; all below it is the I/O thread's. */
struct http_curl {
    struct http_transport transport;
    struct http_exchange exchange;
    struct arena *arena;
    struct http_curl_options options; /* texts in the arena, ended by NUL */
    struct str http_proxy_shown, https_proxy_shown;
    pthread_t thread;

    CURLM *multi;
    CURL *idle[TRANSFERS_MAX];
    size_t idle_count, running_count;
    struct http_transfer *running;
};

/* libcurl's callbacks. */

static size_t on_line(char *bytes, size_t size, size_t count, void *transfer)
{
    return http_transfer_add_line(transfer, (struct str){ bytes, size * count }) ? size * count : 0;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *transfer)
{
    return http_transfer_add_body(transfer, (struct str){ bytes, size * count }) ? size * count : 0;
}

/* Called each time the request is about to be written to a connection: once, or
 * again when libcurl found that a kept connection had been closed. */
static int on_sending(void *transfer, char *remote_ip, char *local_ip, int remote_port, int local_port)
{
    (void)remote_ip, (void)local_ip, (void)remote_port, (void)local_port;
    return http_transfer_may_go_out(transfer) ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

static curl_socket_t on_socket(void *self, curlsocktype purpose, struct curl_sockaddr *address)
{
    (void)self, (void)purpose;
    return os_socket_open(address->family, address->socktype, address->protocol);
}

/* Setting up. */

static const char *text_or_null(struct str text)
{
    return str_is_empty(text) ? NULL : text.ptr;
}

static void set_method(const struct http_transfer *transfer, CURL *easy)
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

static void set_headers(const struct http_transfer *transfer, struct carriage *carriage)
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
    carriage->header_lines = lines;
    curl_easy_setopt(carriage->easy, CURLOPT_HTTPHEADER, lines);
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

static bool is_tls(const struct http_request *request)
{
    return str_starts_with(request->url, STR("https:"));
}

static bool is_direct(const struct http_curl *http, const struct http_request *request)
{
    return request->is_direct || http_is_direct(request->url, http->options.no_proxy);
}

static void set_way(const struct http_curl *http, const struct http_request *request, CURL *easy)
{
    const struct http_curl_options *options = &http->options;
    const struct str proxy = is_tls(request) ? options->https_proxy : options->http_proxy;
    curl_easy_setopt(easy, CURLOPT_PROXY, is_direct(http, request) ? "" : proxy.ptr);
    curl_easy_setopt(easy, CURLOPT_NOPROXY, ""); /* not decided again */
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_socket);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* or removing a handle waits for a hung resolver */
    curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)CONNECTION_IDLE_MAX_S);
    int64_t connect_ms = request->connect_timeout_ms ? request->connect_timeout_ms : options->connect_timeout_ms;
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)connect_ms);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)(request->timeout_ms ? request->timeout_ms : options->timeout_ms));
}

static void set_up(const struct http_curl *http, struct http_transfer *transfer, struct carriage *carriage)
{
    CURL *easy = carriage->easy;
    curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, carriage->message);
    curl_easy_setopt(easy, CURLOPT_URL, transfer->request.url.ptr);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_line);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_sending);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer);
    set_method(transfer, easy);
    set_headers(transfer, carriage);
    set_trust(http, easy);
    set_way(http, &transfer->request, easy);
}

/* The I/O thread. */

/* Made at need: with c-ares each has 80 KiB, and reads the resolver's files when it is made. */
static CURL *take_handle(struct http_curl *http)
{
    return http->idle_count ? http->idle[--http->idle_count] : curl_easy_init();
}

static void drop_idle(struct http_curl *http)
{
    while (http->idle_count)
        curl_easy_cleanup(http->idle[--http->idle_count]);
}

/* The machine may have changed its network since: the next try reads the resolver's files again. */
static bool has_outdated_resolver(const struct carriage *carriage, CURLcode result)
{
    curl_off_t resolved_us = 0;
    curl_easy_getinfo(carriage->easy, CURLINFO_NAMELOOKUP_TIME_T, &resolved_us);
    return result != CURLE_OK && !resolved_us;
}

static void free_header_lines(struct curl_slist *lines)
{
    for (struct curl_slist *line = lines; line; line = line->next)
        mem_wipe(line->data, strlen(line->data)); /* Authorization, session tokens */
    curl_slist_free_all(lines);
}

static void take_down(struct http_curl *http, struct http_transfer *transfer)
{
    struct carriage *carriage = transfer->carriage;
    curl_multi_remove_handle(http->multi, carriage->easy);
    curl_easy_reset(carriage->easy);
    free_header_lines(carriage->header_lines);
    http->idle[http->idle_count++] = carriage->easy;
    http->running_count--;
    struct http_transfer **link = &http->running;
    while (*link != transfer)
        link = &(*link)->next;
    *link = transfer->next;
}

static void set_failure(const struct http_curl *http, struct http_transfer *transfer, CURLcode result)
{
    const struct carriage *carriage = transfer->carriage;
    const struct str origin = http_origin(transfer->request.url);
    const struct str proxy = is_tls(&transfer->request) ? http->https_proxy_shown : http->http_proxy_shown;
    const struct http_failure failure = {
        .easy = carriage->easy,
        .result = (int)result,
        .message = carriage->message,
        .proxy = transfer->request.is_direct ? STR("") : proxy, /* it has nothing to do with it */
        .is_direct = is_direct(http, &transfer->request),
        .ca_file = http->options.ca_bundle_file,
        .ca_folder = http->options.ca_bundle_dir,
    };
    struct str text =
        transfer->is_too_large
            ? STR("the answer has more than the 8 MiB, or a head of more than the 256 KiB, that this program accepts")
            : http_failure_text(transfer->arena, &failure);
    err_set(&transfer->err, transfer->is_too_large ? ERR_INVALID : ERR_IO, "%.*s: %.*s", STR_ARG(origin),
            STR_ARG(text));
    err_set_part(&transfer->err, ERR_CODE, "%s", http_failure_code(&failure));
    struct str remedy = http_failure_remedy(transfer->arena, &failure);
    if (!str_is_empty(remedy))
        err_set_remedy(&transfer->err, "%.*s", STR_ARG(remedy));
}

static void finish(struct http_curl *http, struct http_transfer *transfer, CURLcode result)
{
    const struct carriage *carriage = transfer->carriage;
    long status = 0;
    curl_easy_getinfo(carriage->easy, CURLINFO_RESPONSE_CODE, &status);
    transfer->status = (int)status;
    if (result != CURLE_OK)
        set_failure(http, transfer, result);
    const bool is_outdated = has_outdated_resolver(carriage, result);
    take_down(http, transfer);
    if (is_outdated)
        drop_idle(http);
    http_transfer_finish(transfer);
}

static void finish_completed(struct http_curl *http)
{
    int left;
    for (CURLMsg *message; (message = curl_multi_info_read(http->multi, &left));) {
        struct http_transfer *transfer = NULL;
        CURLcode result = message->data.result; /* the message ends with its handle */
        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
        finish(http, transfer, result);
    }
}

/* Those whose caller has left, and those that a stop gave their last seconds. */
static void end_unwanted(struct http_curl *http)
{
    for (struct http_transfer *transfer = http->running, *next; transfer; transfer = next) {
        next = transfer->next;
        if (!http_transfer_is_unwanted(transfer))
            continue;
        const struct str origin = http_origin(transfer->request.url);
        err_set(&transfer->err, ERR_CANCELLED, "%.*s: stopped, and no answer came within %d s", STR_ARG(origin),
                (int)(http->exchange.stop_grace_ms / SECOND_MS));
        take_down(http, transfer);
        http_transfer_finish(transfer);
    }
}

static void start(struct http_curl *http, struct http_transfer *transfer)
{
    struct carriage *carriage = ARENA_NEW(transfer->arena, struct carriage);
    carriage->easy = take_handle(http);
    if (!carriage->easy) {
        err_set(&transfer->err, ERR_INTERNAL, "libcurl gives no handle");
        http_transfer_finish(transfer);
        return;
    }
    transfer->carriage = carriage;
    transfer->next = http->running;
    http->running = transfer;
    http->running_count++;
    set_up(http, transfer, carriage);
    if (curl_multi_add_handle(http->multi, carriage->easy) != CURLM_OK)
        finish(http, transfer, CURLE_FAILED_INIT);
}

/* One whose caller left before its turn is started too: it does not go out, and the next round ends it. */
static void start_queued(struct http_curl *http)
{
    while (http->running_count < TRANSFERS_MAX) {
        struct http_transfer *transfer = http_exchange_take(&http->exchange);
        if (!transfer)
            return;
        start(http, transfer);
    }
}

/* How long nothing needs to happen unless a socket or a caller says so. */
static int poll_limit_ms(const struct http_curl *http)
{
    int64_t limit_ms = IDLE_POLL_MS;
    for (struct http_transfer *transfer = http->running; transfer; transfer = transfer->next) {
        int64_t left_ms = http_transfer_left_ms(transfer);
        if (left_ms < limit_ms)
            limit_ms = left_ms;
    }
    return (int)limit_ms;
}

static void *run_io(void *self)
{
    struct http_curl *http = self;
    while (!http_exchange_is_closed(&http->exchange)) {
        int running;
        curl_multi_perform(http->multi, &running);
        finish_completed(http);
        end_unwanted(http);
        start_queued(http);
        curl_multi_poll(http->multi, NULL, 0, poll_limit_ms(http), NULL);
    }
    return NULL;
}

static void wake_io(void *self)
{
    struct http_curl *http = self;
    curl_multi_wakeup(http->multi);
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
    const char *name = options->ca_bundle_name ? options->ca_bundle_name : "the CA certificates";
    if (!ca_bundle_find(&given, name, options->env, &bundle, err))
        return false;
    http->options = (struct http_curl_options){
        .ca_bundle_file = str_copy(http->arena, bundle.file),
        .ca_bundle_dir = str_copy(http->arena, bundle.folder),
        .http_proxy = http_proxy_with_port(http->arena, options->http_proxy), /* "": libcurl reads no environment */
        .https_proxy = http_proxy_with_port(http->arena, options->https_proxy),
        .no_proxy = str_copy(http->arena, options->no_proxy),
        .insecure = options->insecure,
        .connect_timeout_ms = options->connect_timeout_ms ? options->connect_timeout_ms : DEFAULT_TIMEOUT_MS,
        .timeout_ms = options->timeout_ms ? options->timeout_ms : DEFAULT_TIMEOUT_MS,
    };
    if (options->stop_grace_ms)
        http->exchange.stop_grace_ms = options->stop_grace_ms;
    http->http_proxy_shown = http_proxy_shown(http->arena, http->options.http_proxy);
    http->https_proxy_shown = http_proxy_shown(http->arena, http->options.https_proxy);
    return true;
}

static bool open_multi(struct http_curl *http, struct err *err)
{
    http->multi = curl_multi_init();
    if (!http->multi)
        return err_set(err, ERR_INTERNAL, "libcurl gives no multi handle");
    curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, (long)TRANSFERS_MAX);
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
        struct http_transfer *transfer = http->running;
        take_down(http, transfer);
        http_transfer_free(transfer);
    }
    http_exchange_clear(&http->exchange);
    drop_idle(http);
    curl_multi_cleanup(http->multi);
    arena_free(http->arena);
    mem_free(http);
}

bool http_curl_new(const struct http_curl_options *options, struct http_curl **out, struct err *err)
{
    struct http_curl *http = mem_alloc(sizeof(*http));
    http_exchange_init(&http->exchange, wake_io, http);
    http->transport = (struct http_transport){ .send = http_exchange_send, .self = &http->exchange };
    http->arena = arena_new();
    if (!copy_options(http, options, err) || !open_multi(http, err) || !start_thread(http, err)) {
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
    http_exchange_close(&http->exchange);
    pthread_join(http->thread, NULL);
    release(http);
}

const struct http_transport *http_curl_transport(const struct http_curl *http)
{
    return &http->transport;
}
