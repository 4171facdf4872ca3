/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/call/reply.h"

#include <string.h>

#include "tests/support/harness.h"
#include "tests/support/noise.h"

struct output {
    struct str name;
};

static const struct wire_row rows[] = {
    WIRE_BOTH(struct output, name, "Name"),
    WIRE_END,
};

static const struct aws_operation looking = {
    .service = AWS_RDS, .name = "Look", .output = rows, .output_size = sizeof(struct output), .result = "A/B"
};
static const struct aws_operation bare = { .service = AWS_RDS, .name = "Bare", .result = "Unused" };

static int open_arena(void **state)
{
    *state = arena_new();
    return 0;
}

static int close_arena(void **state)
{
    arena_free(*state);
    return 0;
}

static bool read_reply(void **state, const struct aws_operation *operation, bool is_json, int status, struct str body,
                       struct output *output, struct aws_reply *out, struct err *err)
{
    const struct aws_reply_options options = {
        .operation = operation, .is_json = is_json, .arena = *state, .scratch = *state
    };
    const struct http_header id = { STR("x-amz-request-id"), STR("id") };
    const struct http_response response = { .status = status, .headers = &id, .header_count = 1, .body = body };
    return aws_reply_read(&options, &response, output, out, err);
}

static void the_result_lies_below_the_response(void **state)
{
    struct output output;
    struct aws_reply reply;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(read_reply(state, &looking, false, 200,
                           STR("<LookResponse><A><B><Name>n</Name></B></A></LookResponse>"), &output, &reply, &err));
    assert_str_equal(output.name, "n");
    assert_str_equal(reply.request_id, "id");
    assert_true(read_reply(state, &looking, true, 201, STR("{\"Name\":\"j\"}"), &output, &reply, &err));
    assert_str_equal(output.name, "j");
}

static void an_operation_without_output_still_wants_its_own_response(void **state)
{
    struct aws_reply reply;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(read_reply(state, &bare, false, 200, STR("<BareResponse/>"), NULL, &reply, &err));
    assert_int_equal(reply.verdict, AWS_REPLY_DECIDES);
    static const char *const others[] = { "", "<html/>", "<LookResponse/>", "<BareResponse>", "{}" };
    for (size_t i = 0; i < ARRAY_LENGTH(others); i++) {
        assert_false(read_reply(state, &bare, false, 200, str_from(others[i]), NULL, &reply, &err));
        assert_int_equal(err.kind, ERR_IO);
        assert_int_equal(reply.verdict, AWS_REPLY_UNREADABLE);
        assert_int_equal(reply.retry, AWS_RETRY_TRANSIENT);
        assert_true(reply.is_hopeless);
    }
}

static void verdicts_follow_the_kind_of_refusal(void **state)
{
    static const struct {
        int status;
        const char *body;
        enum aws_reply_verdict verdict;
    } cases[] = {
        { 400, "<ErrorResponse><Error><Code>InvalidParameterValue</Code></Error></ErrorResponse>", AWS_REPLY_DECIDES    },
        { 400, "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>",            AWS_REPLY_POSTPONES  },
        { 500, "<ErrorResponse><Error><Code>InternalFailure</Code></Error></ErrorResponse>",       AWS_REPLY_POSTPONES  },
        { 403, "<ErrorResponse><Error><Code>ExpiredToken</Code></Error></ErrorResponse>",          AWS_REPLY_DECIDES    },
        { 400, "<ErrorResponse><Error><Message>no code</Message></Error></ErrorResponse>",         AWS_REPLY_UNREADABLE },
        { 400, "<ErrorResponse/>",                                                                 AWS_REPLY_UNREADABLE },
        { 301, "",                                                                                 AWS_REPLY_UNREADABLE },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct aws_reply reply;
        CLEANUP(err_clear) struct err err = { 0 };
        assert_false(read_reply(state, &bare, false, cases[i].status, str_from(cases[i].body), NULL, &reply, &err));
        if (reply.verdict != cases[i].verdict)
            fail_msg("%s: verdict %d", cases[i].body, (int)reply.verdict);
    }
}

static void only_the_first_bytes_of_what_is_unreadable_are_shown(void **state)
{
    struct aws_reply reply;
    CLEANUP(err_clear) struct err err = { 0 };
    struct str bytes = noise(*state, 1, 5000, STR("\xc3\xa9"));
    struct str page = str_format(*state, "%.*sEND", STR_ARG(bytes));
    assert_false(read_reply(state, &bare, false, 502, page, NULL, &reply, &err));
    assert_true(strlen(err_text(&err)) < 1000);
    assert_true(str_is_utf8(str_from(err_text(&err))));
    assert_null(strstr(err_text(&err), "END"));
    assert_int_equal(reply.retry, AWS_RETRY_TRANSIENT);
}

/* A network that wants a login first: a script is full of them, and only those in a tag are attributes. */
static void a_page_with_many_equals_signs_is_no_large_answer(void **state)
{
    struct aws_reply reply;
    CLEANUP(err_clear) struct err err = { 0 };
    const struct str script = noise(*state, 1, 5000, STR("a=1;"));
    const struct str page = str_format(*state, "<html id='x'><script>%.*s</script></html>", STR_ARG(script));
    assert_false(read_reply(state, &bare, false, 200, page, NULL, &reply, &err));
    assert_non_null(strstr(err_text(&err), "\"<html id='x'><script>"));
    assert_int_equal(reply.retry, AWS_RETRY_TRANSIENT);
}

static void noise_of_any_status_is_an_error_in_both_protocols(void **state)
{
    struct aws_reply reply;
    CLEANUP(err_clear) struct err err = { 0 };
    struct output output;
    struct str bytes = noise(*state, 1, 1000 * 1000, STR(""));
    for (int json = 0; json < 2; json++)
        for (int status = 200; status < 600; status += 100) {
            assert_false(read_reply(state, &looking, json, status, bytes, &output, &reply, &err));
            assert_true(str_is_utf8(str_from(err_text(&err))));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_result_lies_below_the_response),
        cmocka_unit_test(an_operation_without_output_still_wants_its_own_response),
        cmocka_unit_test(verdicts_follow_the_kind_of_refusal),
        cmocka_unit_test(only_the_first_bytes_of_what_is_unreadable_are_shown),
        cmocka_unit_test(a_page_with_many_equals_signs_is_no_large_answer),
        cmocka_unit_test(noise_of_any_status_is_an_error_in_both_protocols),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
