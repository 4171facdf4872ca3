/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/http/transfer.h"

#include <string.h>

#include "aws/limits.h"

enum { FIRST_PIECE_BYTES = 4 * 1024, PIECE_BYTES = 60 * 1024 };

/* A body grows without being copied. */
struct http_piece {
    struct http_piece *next;
    size_t used, size;
    char bytes[];
};

static const struct clock_scale real_time = { .factor = 1 };

void http_exchange_init(struct http_exchange *exchange, void (*wake)(void *carrier), void *carrier)
{
    *exchange = (struct http_exchange){
        .clock = clock_real(&real_time), .stop_grace_ms = HTTP_STOP_GRACE_MS, .wake = wake, .carrier = carrier
    };
    exchange->queue_end = &exchange->queue;
    pthread_mutex_init(&exchange->lock, NULL);
}

void http_exchange_clear(struct http_exchange *exchange)
{
    for (struct http_transfer *transfer; (transfer = http_exchange_take(exchange));)
        http_transfer_free(transfer);
    pthread_mutex_destroy(&exchange->lock);
}

void http_exchange_close(struct http_exchange *exchange)
{
    pthread_mutex_lock(&exchange->lock);
    exchange->is_closed = true;
    pthread_mutex_unlock(&exchange->lock);
    exchange->wake(exchange->carrier);
}

bool http_exchange_is_closed(struct http_exchange *exchange)
{
    pthread_mutex_lock(&exchange->lock);
    bool closed = exchange->is_closed;
    pthread_mutex_unlock(&exchange->lock);
    return closed;
}

struct str http_origin(struct str url)
{
    ptrdiff_t scheme = str_find(url, STR("://"));
    size_t begin = 0;
    size_t end = scheme < 0 ? 0 : (size_t)scheme + STR("://").len;
    for (; end < url.len && url.ptr[end] != '/' && url.ptr[end] != '?'; end++)
        if (url.ptr[end] == '@')
            begin = end + 1;
    return str_slice(url, begin, end);
}

/* A transfer. */

static bool has_line_break(struct str text)
{
    return str_find_char(text, '\n') >= 0 || str_find_char(text, '\r') >= 0 || str_find_char(text, '\0') >= 0;
}

static bool copy_headers(struct http_transfer *transfer, const struct http_request *request, struct err *err)
{
    struct http_header *headers = arena_array(transfer->arena, request->header_count, sizeof(*headers));
    for (size_t i = 0; i < request->header_count; i++) {
        if (has_line_break(request->headers[i].name) || has_line_break(request->headers[i].value))
            return err_set(err, ERR_INVALID, "a header to be sent contains a line break");
        headers[i].name = str_copy(transfer->arena, request->headers[i].name);
        headers[i].value = str_copy(transfer->arena, request->headers[i].value);
    }
    transfer->request.headers = headers;
    return true;
}

static bool transfer_new(struct http_exchange *exchange, const struct http_request *request, struct waiter *waiter,
                         struct http_transfer **out, struct err *err)
{
    struct arena *arena = arena_new();
    struct http_transfer *transfer = ARENA_NEW(arena, struct http_transfer);
    transfer->exchange = exchange;
    transfer->arena = arena;
    transfer->request = *request;
    transfer->request.method = str_copy(arena, request->method);
    transfer->request.url = str_copy(arena, request->url);
    transfer->request.body = str_copy(arena, request->body);
    transfer->headers = arena_array(arena, HTTP_HEADERS_MAX_COUNT, sizeof(*transfer->headers));
    transfer->waiter = waiter;
    transfer->end_by_ms = CLOCK_NEVER;
    if (!copy_headers(transfer, request, err)) {
        http_transfer_free(transfer);
        return false;
    }
    *out = transfer;
    return true;
}

void http_transfer_free(struct http_transfer *transfer)
{
    err_clear(&transfer->err);
    arena_free(transfer->arena);
}

/* The callers. */

static void enqueue(struct http_transfer *transfer)
{
    struct http_exchange *exchange = transfer->exchange;
    pthread_mutex_lock(&exchange->lock);
    *exchange->queue_end = transfer;
    exchange->queue_end = &transfer->next;
    pthread_mutex_unlock(&exchange->lock);
    exchange->wake(exchange->carrier);
}

static bool is_finished(struct http_transfer *transfer)
{
    pthread_mutex_lock(&transfer->exchange->lock);
    bool finished = transfer->is_finished;
    pthread_mutex_unlock(&transfer->exchange->lock);
    return finished;
}

enum leaving { HAS_LEFT, MUST_STAY, IS_FINISHED };

/* Gives up what may be given up. After a stop a mutating request that is out is
 * waited for, until the carrier ends it. */
static enum leaving try_to_leave(struct http_transfer *transfer, bool by_stop, bool *out_in_doubt)
{
    struct http_exchange *exchange = transfer->exchange;
    enum leaving result = HAS_LEFT;
    pthread_mutex_lock(&exchange->lock);
    bool in_doubt = transfer->request.mutates && transfer->is_sent;
    if (transfer->is_finished) {
        result = IS_FINISHED;
    } else if (by_stop && in_doubt) {
        transfer->end_by_ms = clock_after_ms(&exchange->clock, exchange->stop_grace_ms);
        result = MUST_STAY;
    } else {
        transfer->waiter = NULL; /* from here on it is the carrier's alone */
    }
    pthread_mutex_unlock(&exchange->lock);
    exchange->wake(exchange->carrier);
    *out_in_doubt = in_doubt;
    return result;
}

static bool report_leaving(struct str url, bool by_stop, bool in_doubt, struct err *err)
{
    const struct str origin = http_origin(url);
    err_set(err, by_stop ? ERR_CANCELLED : ERR_TIMEOUT, "%.*s: %s", STR_ARG(origin),
            by_stop ? "stopped while waiting for the answer" : "no time was left to wait for the answer");
    err->unanswered = in_doubt;
    return false;
}

/* True: it is finished. False: this caller has left it; `url` is the caller's own copy. */
static bool wait_for(struct http_transfer *transfer, struct waiter *waiter, int64_t deadline_ms, struct str url,
                     struct err *err)
{
    bool hears_stop = true;
    for (;;) {
        enum waiter_result woke = hears_stop ? waiter_wait(waiter, deadline_ms) : waiter_wait_wake(waiter, CLOCK_NEVER);
        if (woke == WAITER_WOKEN) {
            if (is_finished(transfer))
                return true;
            continue;
        }
        const bool by_stop = woke == WAITER_CANCELLED;
        bool in_doubt;
        switch (try_to_leave(transfer, by_stop, &in_doubt)) {
        case IS_FINISHED:
            return true;
        case MUST_STAY:
            hears_stop = false;
            break;
        case HAS_LEFT:
            return report_leaving(url, by_stop, in_doubt, err);
        }
    }
}

static struct str copy_body(struct arena *arena, const struct http_transfer *transfer)
{
    char *bytes = arena_alloc(arena, transfer->kept_bytes + 1);
    size_t used = 0;
    for (const struct http_piece *piece = transfer->body; piece; piece = piece->next) {
        memcpy(bytes + used, piece->bytes, piece->used);
        used += piece->used;
    }
    return (struct str){ bytes, used };
}

static void copy_response(struct arena *arena, const struct http_transfer *transfer, struct http_response *out)
{
    struct http_header *headers = arena_array(arena, transfer->header_count, sizeof(*headers));
    for (size_t i = 0; i < transfer->header_count; i++) {
        headers[i].name = str_copy(arena, transfer->headers[i].name);
        headers[i].value = str_copy(arena, transfer->headers[i].value);
    }
    *out = (struct http_response){ .status = transfer->status,
                                   .headers = headers,
                                   .header_count = transfer->header_count,
                                   .body = copy_body(arena, transfer),
                                   .received_wall_ms = transfer->received_wall_ms };
}

bool http_exchange_send(void *self, struct arena *arena, struct waiter *waiter, int64_t deadline_ms,
                        const struct http_request *request, struct http_response *out, struct err *err)
{
    struct http_transfer *transfer;
    const struct str origin = http_origin(request->url);
    if (waiter_is_cancelled(waiter))
        return err_set(err, ERR_CANCELLED, "%.*s: stopped before the request was sent", STR_ARG(origin));
    if (!transfer_new(self, request, waiter, &transfer, err))
        return false;
    enqueue(transfer);
    if (!wait_for(transfer, waiter, deadline_ms, request->url, err))
        return false;
    bool answered = transfer->err.kind == ERR_NONE;
    if (answered)
        copy_response(arena, transfer, out);
    else
        err_move(err, &transfer->err);
    http_transfer_free(transfer);
    return answered;
}

/* The carrier. */

struct http_transfer *http_exchange_take(struct http_exchange *exchange)
{
    pthread_mutex_lock(&exchange->lock);
    struct http_transfer *transfer = exchange->queue;
    if (transfer)
        exchange->queue = transfer->next;
    if (!exchange->queue)
        exchange->queue_end = &exchange->queue;
    pthread_mutex_unlock(&exchange->lock);
    return transfer;
}

bool http_transfer_may_go_out(struct http_transfer *transfer)
{
    pthread_mutex_lock(&transfer->exchange->lock);
    bool may = transfer->waiter && !(transfer->request.mutates && transfer->is_sent);
    transfer->is_sent |= may;
    pthread_mutex_unlock(&transfer->exchange->lock);
    return may;
}

static bool exceed(struct http_transfer *transfer)
{
    transfer->is_too_large = true;
    return false;
}

/* "HTTP/1.1 200 OK" */
static bool is_success(struct str line)
{
    struct str version, status;
    return str_next(&line, ' ', &version) && str_next(&line, ' ', &status) && str_starts_with(status, STR("2"));
}

bool http_transfer_add_line(struct http_transfer *transfer, struct str line)
{
    struct str trimmed = str_trim(line);
    transfer->header_bytes += line.len;
    if (transfer->header_bytes > HTTP_HEADERS_MAX_BYTES)
        return exceed(transfer);
    if (str_starts_with(line, STR("HTTP/"))) { /* another one: what came before was an interim answer */
        transfer->header_count = 0;
        transfer->is_refusal = !is_success(line);
    }
    if (str_is_empty(trimmed))
        transfer->received_wall_ms = clock_wall_ms(&transfer->exchange->clock);
    ptrdiff_t colon = str_find_char(trimmed, ':');
    if (colon <= 0)
        return true;
    if (transfer->header_count == HTTP_HEADERS_MAX_COUNT)
        return exceed(transfer);
    transfer->headers[transfer->header_count++] = (struct http_header){
        .name = str_copy(transfer->arena, str_slice(trimmed, 0, (size_t)colon)),
        .value = str_copy(transfer->arena, str_trim(str_slice(trimmed, (size_t)colon + 1, trimmed.len))),
    };
    return true;
}

/* Returns how much of it the last piece took. */
static size_t keep(struct http_transfer *transfer, struct str bytes)
{
    struct http_piece *piece = transfer->body_end;
    if (!piece || piece->used == piece->size) {
        const size_t size = piece ? PIECE_BYTES : FIRST_PIECE_BYTES;
        struct http_piece *next = arena_alloc(transfer->arena, sizeof(*next) + size);
        next->size = size;
        *(piece ? &piece->next : &transfer->body) = next;
        transfer->body_end = piece = next;
    }
    const struct str taken = str_slice(bytes, 0, piece->size - piece->used);
    memcpy(piece->bytes + piece->used, taken.ptr, taken.len);
    piece->used += taken.len;
    transfer->kept_bytes += taken.len;
    return taken.len;
}

bool http_transfer_add_body(struct http_transfer *transfer, struct str bytes)
{
    const size_t kept_max = transfer->is_refusal ? HTTP_ERROR_BODY_MAX_BYTES : HTTP_BODY_MAX_BYTES;
    if (bytes.len > HTTP_BODY_MAX_BYTES - transfer->body_bytes)
        return exceed(transfer);
    transfer->body_bytes += bytes.len;
    bytes = str_slice(bytes, 0, kept_max - transfer->kept_bytes);
    while (bytes.len) {
        size_t taken = keep(transfer, bytes);
        bytes = str_slice(bytes, taken, bytes.len);
    }
    return true;
}

bool http_transfer_is_unwanted(struct http_transfer *transfer)
{
    pthread_mutex_lock(&transfer->exchange->lock);
    bool unwanted = !transfer->waiter || transfer->end_by_ms <= clock_monotonic_ms(&transfer->exchange->clock);
    pthread_mutex_unlock(&transfer->exchange->lock);
    return unwanted;
}

int64_t http_transfer_left_ms(struct http_transfer *transfer)
{
    pthread_mutex_lock(&transfer->exchange->lock);
    int64_t end_by_ms = transfer->end_by_ms;
    pthread_mutex_unlock(&transfer->exchange->lock);
    if (end_by_ms == CLOCK_NEVER)
        return CLOCK_NEVER;
    int64_t left_ms = end_by_ms - clock_monotonic_ms(&transfer->exchange->clock);
    return left_ms > 0 ? left_ms : 0;
}

void http_transfer_finish(struct http_transfer *transfer)
{
    struct http_exchange *exchange = transfer->exchange;
    pthread_mutex_lock(&exchange->lock);
    bool has_caller = transfer->waiter != NULL;
    if (transfer->err.kind != ERR_NONE)
        transfer->err.unanswered = transfer->request.mutates && transfer->is_sent;
    transfer->is_finished = true;
    if (has_caller)
        waiter_wake(transfer->waiter); /* its caller cannot leave, nor free it, before the lock is free */
    pthread_mutex_unlock(&exchange->lock);
    if (!has_caller)
        http_transfer_free(transfer);
}
