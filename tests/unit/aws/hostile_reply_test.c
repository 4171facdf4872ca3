/* SPDX-License-Identifier: MPL-2.0
 *
 * Answers made to do harm: what they may cost, and what of them is shown.
 */
#include "aws/reply.h"

#include <string.h>

#include "aws/limits.h"
#include "aws/wire_json.h"
#include "aws/wire_xml.h"
#include "tests/support/bounded.h"
#include "tests/support/harness.h"
#include "tests/support/noise.h"

#define TOKEN "IQoJb3JpZ2luX2VjEXAMPLETOKEN"

enum { MIB = 1024 * 1024 };

static const struct aws_operation bare = { .service = AWS_RDS, .name = "Bare" };

/* An answer, and what is looked for in the message about it. */
struct answer {
    struct arena *arena;
    int status;
    struct str body;
    const struct aws_operation *operation;
    bool is_json;
    struct str secret;
    struct err err;
};

static int open_answer(void **state)
{
    struct answer *answer = mem_alloc(sizeof(*answer));
    *answer = (struct answer){ .arena = arena_new(), .status = 403, .operation = &bare, .secret = STR(TOKEN) };
    *state = answer;
    return 0;
}

static int close_answer(void **state)
{
    struct answer *answer = *state;
    arena_free(answer->arena);
    mem_free(answer);
    return 0;
}

static struct str times(struct arena *arena, struct str text, size_t count)
{
    char *bytes = arena_array(arena, count + 1, text.len);
    for (size_t i = 0; i < count; i++)
        memcpy(bytes + i * text.len, text.ptr, text.len);
    return (struct str){ bytes, count * text.len };
}

static bool read_answer(struct answer *answer)
{
    const struct aws_reply_options options = { .operation = answer->operation,
                                               .is_json = answer->is_json,
                                               .arena = answer->arena,
                                               .scratch = answer->arena,
                                               .secret = answer->secret };
    const struct http_response response = { .status = answer->status, .body = answer->body };
    struct aws_reply reply;
    char output[4096];
    return aws_reply_read(&options, &response, output, &reply, &answer->err);
}

static bool is_refused_without_token(void *self)
{
    struct answer *answer = self;
    return !read_answer(answer) && str_find(str_from(answer->err.text), STR("b3JpZ2lu")) < 0;
}

static void the_token_is_removed_in_one_pass(void **state)
{
    struct answer *answer = *state;
    answer->body = times(answer->arena, STR(TOKEN " "), 25);
    bounded_run(16 * MIB, is_refused_without_token, answer);
    answer->body = times(answer->arena, STR(TOKEN), 7 * MIB / strlen(TOKEN));
    bounded_run(16 * MIB, is_refused_without_token, answer);
}

static void a_token_in_a_message_of_aws_is_removed(void **state)
{
    struct answer *answer = *state;
    answer->body = STR("<ErrorResponse><Error><Code>" TOKEN "</Code><Message>a " TOKEN TOKEN " b</Message></Error>"
                       "</ErrorResponse>");
    assert_false(read_answer(answer));
    assert_string_equal(answer->err.text, "a ****** b");
    assert_string_equal(answer->err.code, "***");
}

/* Of a token so long that all of the page fits into the message once it is gone. */
static void the_cut_of_a_long_page_leaves_no_piece_of_a_token(void **state)
{
    struct answer *answer = *state;
    const struct str filling = noise(answer->arena, 1, 3000, STR("abcdefghijklmnopqrstuvwxyz0123456789+/"));
    answer->secret = str_format(answer->arena, TOKEN "%.*s", STR_ARG(filling));
    answer->body = times(answer->arena, answer->secret, HTTP_ERROR_BODY_MAX_BYTES / answer->secret.len + 1);
    assert_true(is_refused_without_token(answer));
    assert_non_null(strstr(answer->err.text, "***\""));
}

#define ANSWER_TEST(function) cmocka_unit_test_setup_teardown(function, open_answer, close_answer)

int main(void)
{
    wire_xml_init();
    wire_json_init();
    const struct CMUnitTest tests[] = {
        ANSWER_TEST(the_token_is_removed_in_one_pass),
        ANSWER_TEST(the_cut_of_a_long_page_leaves_no_piece_of_a_token),
        ANSWER_TEST(a_token_in_a_message_of_aws_is_removed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
