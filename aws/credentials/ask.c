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

bool ask(const struct http_transport *transport, const struct aws_credentials_call *call,
         const struct ask_question *question, struct http_response *out, struct err *err)
{
    int64_t pause_ms = FIRST_PAUSE_MS;
    for (int attempt = 1;; attempt++) {
        const bool is_answered = transport->send(transport->self, call->arena, call->waiter, call->deadline_ms,
                                                 &question->request, out, err);
        if (attempt >= question->attempts || !may_pass(question, is_answered, out, err))
            return is_answered ? check_size(question, out, err) : err_wrap(err, "asking %s", question->whom);
        if (!waiter_pause(call->waiter, waiter_now_ms(call->waiter) + pause_ms, err))
            return err_wrap(err, "asking %s", question->whom);
        err_clear(err);
        pause_ms = pause_ms * 2 < LONGEST_PAUSE_MS ? pause_ms * 2 : LONGEST_PAUSE_MS;
    }
}
