/* SPDX-License-Identifier: MPL-2.0
 *
 * The carrier here is a function that acts when it is woken, in the caller's thread.
 */
#include "aws/http/transfer.h"

#include <string.h>

#include "aws/limits.h"
#include "tests/support/bounded.h"
#include "tests/support/harness.h"
#include "tests/support/noise.h"

enum { MB = 1000 * 1000 };

static const struct clock_scale real_time = { .factor = 1 };

struct room;

typedef void act_fn(struct room *room, struct http_transfer *transfer);

struct room {
    struct arena *arena;
    struct clock clock;
    struct waiter *waiter;
    struct http_exchange exchange;
    act_fn *act;                /* on the transfer that was taken */
    struct http_transfer *held; /* taken and not finished yet */
    unsigned wakes;
    bool went_out[2];
    struct http_response response;
    struct err err;
};

static void wake(void *self)
{
    struct room *room = self;
    room->wakes++;
    if (!room->held)
        room->held = http_exchange_take(&room->exchange);
    if (room->held)
        room->act(room, room->held);
}

static int open_room(void **state)
{
    struct room *room = mem_alloc(sizeof(*room));
    room->arena = arena_new();
    room->clock = clock_real(&real_time);
    room->waiter = waiter_new(&room->clock);
    http_exchange_init(&room->exchange, wake, room);
    *state = room;
    return 0;
}

static int close_room(void **state)
{
    struct room *room = *state;
    err_clear(&room->err);
    http_exchange_clear(&room->exchange);
    waiter_free(room->waiter);
    arena_free(room->arena);
    mem_free(room);
    return 0;
}

static bool send_until(struct room *room, act_fn *act, bool mutates, int64_t deadline_ms)
{
    const struct http_request request = {
        .method = STR("POST"), .url = STR("https://h:1/path?secret"), .body = STR("b"), .mutates = mutates
    };
    room->act = act;
    return http_exchange_send(&room->exchange, room->arena, room->waiter, deadline_ms, &request, &room->response,
                              &room->err);
}

static void finish(struct room *room)
{
    struct http_transfer *transfer = room->held;
    room->held = NULL;
    http_transfer_finish(transfer);
}

static void assert_failed(const struct room *room, bool done, enum err_kind kind, bool unanswered)
{
    assert_false(done);
    assert_int_equal(room->err.kind, kind);
    assert_int_equal(room->err.unanswered, unanswered);
    assert_null(strstr(err_text(&room->err), "secret"));
}

/* What the carrier does. */

static void answer(struct room *room, struct http_transfer *transfer)
{
    transfer->status = 200;
    room->went_out[0] = http_transfer_may_go_out(transfer);
    room->went_out[1] = http_transfer_may_go_out(transfer);
    assert_true(http_transfer_add_line(transfer, STR("HTTP/1.1 103 Early\r\n")) &&
                http_transfer_add_line(transfer, STR("X-Early: 1\r\n")) &&
                http_transfer_add_line(transfer, STR("HTTP/1.1 200 OK\r\n")) &&
                http_transfer_add_line(transfer, STR("X-Late :  2  \r\n")) &&
                http_transfer_add_line(transfer, STR("no colon\r\n")) && http_transfer_add_line(transfer, STR("\r\n")));
    assert_true(http_transfer_add_body(transfer, STR("bo")) && http_transfer_add_body(transfer, STR("dy")));
    finish(room);
}

static void fail_unsent(struct room *room, struct http_transfer *transfer)
{
    err_set(&transfer->err, ERR_IO, "no way");
    finish(room);
}

static void fail_sent(struct room *room, struct http_transfer *transfer)
{
    assert_true(http_transfer_may_go_out(transfer));
    fail_unsent(room, transfer);
}

static void do_nothing(struct room *room, struct http_transfer *transfer)
{
    (void)room, (void)transfer;
}

static void send_out(struct room *room, struct http_transfer *transfer)
{
    room->went_out[0] |= http_transfer_may_go_out(transfer); /* woken again after the caller has left */
    waiter_cancel(room->waiter);
}

/* Sends, is stopped, and answers when the stop has been noticed. */
static void answer_after_stop(struct room *room, struct http_transfer *transfer)
{
    int64_t left_ms = http_transfer_left_ms(transfer);
    if (left_ms == CLOCK_NEVER) {
        send_out(room, transfer);
        return;
    }
    assert_between(left_ms, HTTP_STOP_GRACE_MS - 1000, HTTP_STOP_GRACE_MS);
    assert_false(http_transfer_is_unwanted(transfer));
    finish(room);
}

static void an_answer_is_handed_over(void **state)
{
    struct room *room = *state;
    assert_true(send_until(room, answer, false, CLOCK_NEVER));
    assert_int_equal(room->response.status, 200);
    assert_str_equal(room->response.body, "body");
    assert_int_equal(room->response.header_count, 1);
    assert_true(room->response.received_wall_ms > 0);
}

static void only_a_reading_request_may_go_out_again(void **state)
{
    struct room *room = *state;
    assert_true(send_until(room, answer, false, CLOCK_NEVER));
    assert_true(room->went_out[0] && room->went_out[1]);
    assert_true(send_until(room, answer, true, CLOCK_NEVER));
    assert_true(room->went_out[0] && !room->went_out[1]);
}

static void a_failure_leaves_doubt_only_after_a_change_went_out(void **state)
{
    struct room *room = *state;
    assert_failed(room, send_until(room, fail_unsent, true, CLOCK_NEVER), ERR_IO, false);
    assert_failed(room, send_until(room, fail_sent, true, CLOCK_NEVER), ERR_IO, true);
    assert_failed(room, send_until(room, fail_sent, false, CLOCK_NEVER), ERR_IO, false);
}

static void a_caller_that_left_is_not_waited_for(void **state)
{
    struct room *room = *state;
    int64_t deadline_ms = clock_after_ms(&room->clock, 20);
    assert_failed(room, send_until(room, do_nothing, true, deadline_ms), ERR_TIMEOUT, false);
    assert_true(http_transfer_is_unwanted(room->held));
    assert_false(http_transfer_may_go_out(room->held)); /* what has not gone out never will */
    finish(room);                                       /* frees it */
}

static void a_reading_request_is_left_at_a_stop_even_when_it_is_out(void **state)
{
    struct room *room = *state;
    assert_failed(room, send_until(room, send_out, false, CLOCK_NEVER), ERR_CANCELLED, false);
    assert_true(room->went_out[0]);
    finish(room);
}

static void a_change_that_is_out_is_waited_for_after_a_stop(void **state)
{
    struct room *room = *state;
    assert_true(send_until(room, answer_after_stop, true, CLOCK_NEVER));
    assert_true(room->wakes >= 2);
}

static void what_is_queued_in_the_end_is_dropped(void **state)
{
    struct room *room = *state;
    int64_t deadline_ms = clock_after_ms(&room->clock, 20);
    assert_failed(room, send_until(room, do_nothing, false, deadline_ms), ERR_TIMEOUT, false);
    assert_failed(room, send_until(room, do_nothing, false, deadline_ms), ERR_TIMEOUT, false);
    assert_false(http_exchange_is_closed(&room->exchange));
    http_exchange_close(&room->exchange);
    assert_true(http_exchange_is_closed(&room->exchange));
    finish(room); /* the first one; close_room drops the second */
}

static void add_line_of_noise(void *self, struct str bytes)
{
    struct http_transfer *transfer = self;
    if (!http_transfer_add_line(transfer, bytes)) { /* the next answer's head */
        assert_true(transfer->is_too_large);
        transfer->header_bytes = transfer->header_count = 0;
        transfer->is_too_large = false;
    }
    assert_true(transfer->header_count <= HTTP_HEADERS_MAX_COUNT && transfer->header_bytes <= HTTP_HEADERS_MAX_BYTES);
}

static void add_noise(struct room *room, struct http_transfer *transfer)
{
    noise_feed(1, STR("HTP/1.: \r\n\xff\0a"), add_line_of_noise, transfer);
    finish(room);
}

static void add_many_headers(struct room *room, struct http_transfer *transfer)
{
    int count = 0;
    while (http_transfer_add_line(transfer, STR("a: b\r\n")))
        count++;
    assert_int_equal(count, HTTP_HEADERS_MAX_COUNT);
    finish(room);
}

static void add_long_headers(struct room *room, struct http_transfer *transfer)
{
    struct str line = noise(room->arena, 1, 1000, STR("a"));
    int count = 0;
    while (http_transfer_add_line(transfer, line))
        count++;
    assert_between(count, 1, HTTP_HEADERS_MAX_BYTES / 1000);
    finish(room);
}

static void add_long_body(struct room *room, struct http_transfer *transfer)
{
    struct str piece = noise(room->arena, 1, MB, STR("a"));
    int count = 0;
    while (http_transfer_add_body(transfer, piece))
        count++;
    assert_between(count, 1, HTTP_BODY_MAX_BYTES / MB);
    assert_true(transfer->is_too_large);
    finish(room);
}

static void add_long_refusal(struct room *room, struct http_transfer *transfer)
{
    assert_true(http_transfer_add_line(transfer, STR("HTTP/1.1 503 Later\r\n")));
    add_long_body(room, transfer);
}

static void of_a_refusal_the_start_is_kept(void **state)
{
    struct room *room = *state;
    assert_true(send_until(room, add_long_refusal, false, CLOCK_NEVER));
    assert_int_equal(room->response.body.len, HTTP_ERROR_BODY_MAX_BYTES);
    assert_str_equal(str_slice(room->response.body, HTTP_ERROR_BODY_MAX_BYTES - 3, HTTP_ERROR_BODY_MAX_BYTES), "aaa");
}

static bool answers_at_length(void *self)
{
    struct room *room = self;
    return send_until(room, add_long_body, false, CLOCK_NEVER) && room->response.body.len > HTTP_BODY_MAX_BYTES - MB;
}

/* Once as it comes and once as it is handed over. */
static void the_largest_body_is_held_twice_at_most(void **state)
{
    bounded_run(2 * HTTP_BODY_MAX_BYTES + 2 * MB, answers_at_length, *state);
}

static void noise_and_floods_are_bounded(void **state)
{
    struct room *room = *state;
    static act_fn *const floods[] = { add_noise, add_many_headers, add_long_headers, add_long_body };
    for (size_t i = 0; i < ARRAY_LENGTH(floods); i++)
        assert_true(send_until(room, floods[i], false, CLOCK_NEVER));
}

static void the_origin_is_scheme_host_and_port(void **state)
{
    (void)state;
    assert_str_equal(http_origin(STR("https://h:1/a?b")), "https://h:1");
    assert_str_equal(http_origin(STR("http://h?b")), "http://h");
    assert_str_equal(http_origin(STR("https://mover:hush@hush@h:1/a@b")), "h:1");
    assert_str_equal(http_origin(STR("")), "");
    assert_str_equal(http_origin(STR("https://")), "https://");
}

#define TRANSFER_TEST(function) cmocka_unit_test_setup_teardown(function, open_room, close_room)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TRANSFER_TEST(an_answer_is_handed_over),
        TRANSFER_TEST(only_a_reading_request_may_go_out_again),
        TRANSFER_TEST(a_failure_leaves_doubt_only_after_a_change_went_out),
        TRANSFER_TEST(a_caller_that_left_is_not_waited_for),
        TRANSFER_TEST(a_reading_request_is_left_at_a_stop_even_when_it_is_out),
        TRANSFER_TEST(a_change_that_is_out_is_waited_for_after_a_stop),
        TRANSFER_TEST(what_is_queued_in_the_end_is_dropped),
        TRANSFER_TEST(of_a_refusal_the_start_is_kept),
        TRANSFER_TEST(the_largest_body_is_held_twice_at_most),
        TRANSFER_TEST(noise_and_floods_are_bounded),
        TRANSFER_TEST(the_origin_is_scheme_host_and_port),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
