/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/support/fake_transport.h"

#include <stdio.h>

static struct http_header *copy_headers(struct arena *arena, const struct http_request *request)
{
    struct http_header *headers = arena_array(arena, request->header_count, sizeof(*headers));
    for (size_t i = 0; i < request->header_count; i++) {
        headers[i].name = str_copy(arena, request->headers[i].name);
        headers[i].value = str_copy(arena, request->headers[i].value);
    }
    return headers;
}

static void record(struct fake_transport *fake, const struct http_request *request)
{
    if (fake->request_count < FAKE_REQUESTS_MAX) {
        struct http_request *copy = &fake->requests[fake->request_count];
        *copy = *request;
        copy->method = str_copy(fake->arena, request->method);
        copy->url = str_copy(fake->arena, request->url);
        copy->body = str_copy(fake->arena, request->body);
        copy->headers = copy_headers(fake->arena, request);
        fake->sent_at_ms[fake->request_count] = fake->clock->monotonic_ms;
    }
    fake->request_count++;
}

static const struct fake_answer *next_answer(struct fake_transport *fake)
{
    if (fake->position >= fake->answer_count)
        return NULL;
    const struct fake_answer *answer = &fake->answers[fake->position];
    if (answer->repeats != REPEATS_FOR_EVER && fake->repeated++ == answer->repeats) {
        fake->position++;
        fake->repeated = 0;
    }
    return answer;
}

static void read_headers(struct arena *arena, const char *text, struct http_response *out)
{
    struct http_header *headers = arena_array(arena, 16, sizeof(*headers));
    struct str rest = str_from(text), line;
    while (out->header_count < 16 && str_next(&rest, '\n', &line)) {
        ptrdiff_t colon = str_find_char(line, ':');
        if (colon < 0)
            continue;
        headers[out->header_count].name = str_slice(line, 0, (size_t)colon);
        headers[out->header_count++].value = str_trim(str_slice(line, (size_t)colon + 1, line.len));
    }
    out->headers = headers;
}

static bool fail(const struct fake_answer *answer, const struct http_request *request, struct err *err)
{
    err_set(err, answer->kind == ERR_NONE ? ERR_IO : answer->kind, "a scripted failure");
    err_set_part(err, ERR_CODE, "%s", answer->code ? answer->code : "");
    err->unanswered = answer->unanswered && request->mutates;
    return false;
}

static bool fake_send(void *self, struct arena *arena, struct waiter *waiter, int64_t deadline_ms,
                      const struct http_request *request, struct http_response *out, struct err *err)
{
    struct fake_transport *fake = self;
    (void)waiter;
    record(fake, request);
    const struct fake_answer *answer = next_answer(fake);
    if (!answer)
        return err_set(err, ERR_INTERNAL, "request %zu has no scripted answer", fake->request_count);
    if (answer->takes_ms)
        fake_clock_advance(fake->clock, answer->takes_ms);
    if (answer->cancels)
        waiter_cancel(answer->cancels);
    if (fake->clock->monotonic_ms > deadline_ms)
        return err_set(err, ERR_TIMEOUT, "no time was left to wait for the answer");
    if (!answer->status)
        return fail(answer, request, err);
    struct http_response response = { .status = answer->status, .received_wall_ms = fake->clock->wall_ms };
    read_headers(arena, answer->headers, &response);
    response.body = str_copy(arena, str_is_empty(answer->body) ? str_from(answer->text) : answer->body);
    *out = response;
    return true;
}

void fake_transport_init(struct fake_transport *fake, struct fake_clock *clock, struct arena *arena)
{
    *fake = (struct fake_transport){ .clock = clock, .arena = arena };
    fake->transport = (struct http_transport){ .send = fake_send, .self = fake };
}

void fake_transport_script(struct fake_transport *fake, const struct fake_answer *answers, size_t count)
{
    fake->answers = answers;
    fake->answer_count = count;
    fake->position = 0;
    fake->repeated = 0;
    fake->request_count = 0;
}

struct str fake_transport_header(const struct fake_transport *fake, size_t request, const char *name)
{
    const struct http_request *sent = &fake->requests[request];
    for (size_t i = 0; i < sent->header_count; i++)
        if (str_equal_ignore_case(sent->headers[i].name, str_from(name)))
            return sent->headers[i].value;
    return STR("");
}
