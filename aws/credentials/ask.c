/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/ask.h"

enum { FIRST_PAUSE_MS = 100, LONGEST_PAUSE_MS = 1000 };

static bool may_pass(const struct ask_question *question, bool is_answered, const struct http_response *response,
                     const struct err *err)
{
    if (!is_answered)
        return err->kind == ERR_IO && !question->may_be_nobody;
    return response->status == HTTP_TOO_MANY_REQUESTS || response->status >= HTTP_SERVER_FAILURES;
}

static bool check_size(const struct ask_question *question, const struct http_response *response, struct err *err)
{
    if (response->body.len <= ASK_ANSWER_MAX_BYTES)
        return true;
    return err_set(err, ERR_IO, "the answer of %s has %zu bytes, and no more than %d are read", question->whom,
                   response->body.len, ASK_ANSWER_MAX_BYTES);
}

static struct http_request with_user_agent(const struct aws_credentials_doors *doors, struct arena *arena,
                                           struct http_request request)
{
    if (str_is_empty(doors->user_agent))
        return request;
    struct http_header *headers = arena_array(arena, request.header_count + 1, sizeof(*headers));
    for (size_t i = 0; i < request.header_count; i++)
        headers[i] = request.headers[i];
    headers[request.header_count++] = (struct http_header){ STR("User-Agent"), doors->user_agent };
    request.headers = headers;
    return request;
}

bool ask(const struct aws_credentials_doors *doors, const struct aws_credentials_call *call,
         const struct ask_question *question, struct http_response *out, struct err *err)
{
    const struct http_transport *transport = doors->transport;
    const struct http_request request = with_user_agent(doors, call->arena, question->request);
    int64_t pause_ms = FIRST_PAUSE_MS;
    for (int attempt = 1;; attempt++) {
        const bool is_answered =
            transport->send(transport->self, call->arena, call->waiter, call->deadline_ms, &request, out, err);
        if (attempt >= question->attempts || !may_pass(question, is_answered, out, err))
            return is_answered ? check_size(question, out, err) : err_wrap(err, "asking %s", question->whom);
        if (!waiter_pause(call->waiter, waiter_now_ms(call->waiter) + pause_ms, err))
            return err_wrap(err, "asking %s", question->whom);
        err_clear(err);
        pause_ms = pause_ms * 2 < LONGEST_PAUSE_MS ? pause_ms * 2 : LONGEST_PAUSE_MS;
    }
}
