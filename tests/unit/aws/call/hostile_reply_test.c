/* SPDX-License-Identifier: MPL-2.0
 *
 * Answers made to do harm: what they may cost, and what of them is shown.
 */
#include "aws/call/reply.h"

#include <string.h>

#include "aws/limits.h"
#include "aws/wire/json.h"
#include "aws/wire/xml.h"
#include "tests/support/bounded.h"
#include "tests/support/harness.h"
#include "tests/support/noise.h"

/* Longer than everything that is cut to a length for a message. */
#define PIECE "/ExampleTokenOfAService0123456789+"
#define TOKEN "IQoJb3JpZ2luX2Vj" PIECE PIECE PIECE PIECE PIECE PIECE PIECE PIECE PIECE PIECE

enum { MIB = 1024 * 1024, CALL_MAX_BYTES = 64 * MIB };

struct item {
    struct str name;
    struct aws_tags tags;
};

struct output {
    struct {
        struct item *items;
        size_t count;
    } items;
    struct str name;
    struct wire_int64 size;
};

static const struct wire_row item_rows[] = {
    WIRE_BOTH(struct item, name, "n"),
    WIRE_LIST(struct item, tags, "t", "i"),
    WIRE_END,
};

static const struct wire_row output_rows[] = {
    WIRE_ITEMS(struct output, items, item_rows, "l", "i", "l", "i"),
    WIRE_BOTH(struct output, name, "n"),
    WIRE_BOTH(struct output, size, "s"),
    WIRE_END,
};

static const struct aws_operation look = {
    .service = AWS_RDS, .name = "Look", .output = output_rows, .output_size = sizeof(struct output), .result = "A"
};
static const struct aws_operation bare = { .service = AWS_RDS, .name = "Bare" };

/* An answer, and what is looked for in the message about it. */
struct answer {
    struct arena *arena;
    int status;
    struct str body;
    const struct aws_operation *operation;
    bool is_json;
    struct http_header header; /* without a name: none */
    struct str secret;
    struct aws_reply reply;
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
    err_clear(&answer->err);
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
                                               .secrets = { answer->secret } };
    const struct http_response response = { .status = answer->status,
                                            .headers = &answer->header,
                                            .header_count = answer->header.name.ptr != NULL,
                                            .body = answer->body };
    struct output output;
    return aws_reply_read(&options, &response, &output, &answer->reply, &answer->err);
}

static bool shows_token(const struct answer *answer)
{
    const struct str text = str_from(err_text(&answer->err));
    return str_find(text, STR("IQoJ")) >= 0 || str_find(text, STR("ExampleToken")) >= 0;
}

static bool is_refused_without_token(void *self)
{
    struct answer *answer = self;
    return !read_answer(answer) && !shows_token(answer);
}

static void the_token_is_removed_from_the_longest_page_in_little_memory(void **state)
{
    struct answer *answer = *state;
    static const struct {
        int status;
        size_t page_bytes, max_bytes;
    } cases[] = {
        { 403, 25 * sizeof(TOKEN),        MIB            },
        { 403, HTTP_ERROR_BODY_MAX_BYTES, MIB            },
        { 200, HTTP_BODY_MAX_BYTES,       CALL_MAX_BYTES },
    };
    const struct str page = times(answer->arena, STR(TOKEN), HTTP_BODY_MAX_BYTES / strlen(TOKEN) + 1);
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        answer->status = cases[i].status;
        answer->body = str_slice(page, 0, cases[i].page_bytes);
        bounded_run(cases[i].max_bytes, is_refused_without_token, answer);
    }
}

static void a_message_of_aws_ends_where_the_token_begins(void **state)
{
    struct answer *answer = *state;
    answer->body = STR("<ErrorResponse><Error><Code>" TOKEN "</Code><Message>a " TOKEN TOKEN " b</Message></Error>"
                       "<RequestId>" TOKEN "</RequestId>"
                       "</ErrorResponse>");
    assert_false(read_answer(answer));
    assert_string_equal(err_text(&answer->err), "a ***");
    assert_string_equal(err_code(&answer->err), "***");
    assert_str_equal(answer->reply.request_id, "***");
}

static void a_header_that_returns_the_token_does_not_show_it(void **state)
{
    static const char *const names[] = { "x-amzn-RequestId", "x-amz-request-id" };
    struct answer *answer = *state;
    answer->body = STR("<ErrorResponse><Error><Code>Broken</Code></Error></ErrorResponse>");
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        answer->header = (struct http_header){ str_from(names[i]), STR("id-" TOKEN) };
        assert_false(read_answer(answer));
        assert_str_equal(answer->reply.request_id, "id-***");
    }
}

static void an_encoded_token_is_not_shown_either(void **state)
{
    struct answer *answer = *state;
    static const char *const pages[] = {
        "<html>X-Amz-Security-Token: IQoJb3JpZ2luX2Vj%2FExampleTokenOfAService0123456789%2B",
        "<html>X-Amz-Security-Token: IQoJb3JpZ2luX2Vj&#x2F;ExampleTokenOfAService0123456789&#43;",
        "{\"token\": \"IQoJb3JpZ2luX2Vj\\/ExampleTokenOfAService0123456789",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(pages); i++) {
        answer->body = str_from(pages[i]);
        if (!is_refused_without_token(answer) || !strstr(err_text(&answer->err), "***\""))
            fail_msg("%s", err_text(&answer->err));
    }
}

/* Of an imitation, for one. */
static void a_token_that_begins_with_signs_hides_itself_alone(void **state)
{
    struct answer *answer = *state;
    static const struct {
        const char *secret, *message, *expected;
    } rows[] = {
        { "a+IQoJb3JpZ2luX2Vj/x", "A user may not: a plan",              "A user may not: a plan" },
        { "/+IQoJb3JpZ2luX2Vj/x", "A user may not",                      "A user may not"         },
        { "a+IQoJb3JpZ2luX2Vj/x", "The token a%2BIQoJb3JpZ2luX2Vj%2Fx",  "Th***"                  },
        { "a+b/c",                "A user may not: a+b",                 "A user may not: a+b"    },
        { "a+b/c",                "The token a+b/c is bad",              "The token ***"          },
        { "Q-IQoJb3JpZ2luX2Vj",   "The token Q-IQoJb3JpZ2luX2Vj is bad", "The token ***"          },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        answer->secret = str_from(rows[i].secret);
        answer->body = str_format(answer->arena,
                                  "<ErrorResponse><Error><Code>AccessDenied</Code><Message>%s</Message></Error>"
                                  "</ErrorResponse>",
                                  rows[i].message);
        assert_false(read_answer(answer));
        assert_string_equal(err_text(&answer->err), rows[i].expected);
    }
}

static void a_value_of_the_wrong_kind_is_not_shown(void **state)
{
    struct answer *answer = *state;
    answer->status = 200;
    answer->operation = &look;
    answer->body = STR("<LookResponse><A><s>" TOKEN "</s></A></LookResponse>");
    if (!is_refused_without_token(answer) ||
        !strstr(err_text(&answer->err), "the element s of the reply is not an integer"))
        fail_msg("%s", err_text(&answer->err));
}

/* As the transport cuts it, anywhere in a token; the blanks before it are not shown. */
static void a_token_that_the_transport_cut_is_not_shown(void **state)
{
    struct answer *answer = *state;
    static const size_t kept[] = { 4, 15, 16, 20, 31, 32, 200, sizeof(TOKEN) - 2 };
    for (size_t i = 0; i < ARRAY_LENGTH(kept); i++) {
        char page[HTTP_ERROR_BODY_MAX_BYTES];
        memset(page, ' ', sizeof(page));
        memcpy(page + sizeof(page) - kept[i], TOKEN, kept[i]);
        answer->body = (struct str){ page, sizeof(page) };
        if (!is_refused_without_token(answer))
            fail_msg("%zu bytes of it: %s", kept[i], err_text(&answer->err));
    }
}

/* As large as an answer may be: the head, the piece as often as it fits, the tail. */
static struct str filled(struct arena *arena, const char *head, const char *piece, const char *tail)
{
    const size_t count = (HTTP_BODY_MAX_BYTES - strlen(head) - strlen(tail)) / strlen(piece);
    const struct str middle = times(arena, str_from(piece), count);
    return str_format(arena, "%s%.*s%s", head, STR_ARG(middle), tail);
}

/* For a limit, which the message names. */
static bool is_refused(void *self)
{
    struct answer *answer = self;
    return !read_answer(answer) && answer->err.kind == ERR_INVALID && err_remedy(&answer->err)[0] &&
           strstr(err_text(&answer->err), "more than");
}

/* Elements are dearest in memory, attributes of one element in time. */
static void an_answer_of_many_small_things_is_refused_before_it_is_taken_apart(void **state)
{
    struct answer *answer = *state;
    static const struct {
        const char *head, *piece, *tail;
        bool is_json;
    } cases[] = {
        { "<LookResponse><A>",        "<a/>",             "</A></LookResponse>",             false },
        { "<LookResponse><A>",        "x<a/>",            "</A></LookResponse>",             false },
        { "<LookResponse><A>",        "<a b=\"\" c=''/>", "</A></LookResponse>",             false },
        { "<LookResponse><A>",        "<a xmlns:b='u'/>", "</A></LookResponse>",             false },
        { "<LookResponse><A>",        "<!---->",          "</A></LookResponse>",             false },
        { "<LookResponse><A>",        "<?a?>",            "</A></LookResponse>",             false },
        { "<LookResponse><A>",        "<a>",              "</A></LookResponse>",             false },
        { "<LookResponse><A><l>",     "<i/>",             "</l></A></LookResponse>",         false },
        { "<LookResponse><A><l><i>t", "<i/>",             "</t></i></l></A></LookResponse>", false },
        { "{\"l\":[",                 "0,",               "0]}",                             true  },
        { "{\"l\":[",                 "{},",              "{}]}",                            true  },
        { "{\"x\":[",                 "[],",              "[]]}",                            true  },
        { "{\"x\":[",                 "\"\",",            "0]}",                             true  },
        { "{",                        "\"x\":0,",         "\"y\":0}",                        true  },
        { "{\"x\":",                  "[",                "",                                true  },
        { "",                         "{\"\":",           "",                                true  },
    };
    answer->status = 200;
    answer->operation = &look;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        answer->is_json = cases[i].is_json;
        answer->body = filled(answer->arena, cases[i].head, cases[i].piece, cases[i].tail);
        bounded_run(CALL_MAX_BYTES, is_refused, answer);
    }
}

/* What is made of tags is compared with each other. */
static void the_tags_of_one_list_are_counted(void **state)
{
    struct answer *answer = *state;
    const struct str tags = times(answer->arena, STR("<i><Key>k</Key></i>"), WIRE_MAX_VALUES + 1);
    answer->status = 200;
    answer->operation = &look;
    answer->body =
        str_format(answer->arena, "<LookResponse><A><l><i><t>%.*s</t></i></l></A></LookResponse>", STR_ARG(tags));
    assert_true(is_refused(answer));
    assert_non_null(strstr(err_text(&answer->err), "more than 500 tags or texts"));
}

static void the_attributes_of_one_element_are_counted(void **state)
{
    struct answer *answer = *state;
    enum { COUNT = HTTP_BODY_MAX_BYTES / 16 };
    struct str_builder names;
    CLEANUP(err_clear) struct err err = { 0 };
    str_builder_init(&names, answer->arena, HTTP_BODY_MAX_BYTES);
    for (size_t i = 0; i < COUNT; i++)
        assert_true(str_builder_format(&names, &err, " a%zu=''", i));
    static const char *const first[] = { "", " a='>'", " a=\"'>\"" };
    const struct str attributes = str_builder_text(&names);
    answer->status = 200;
    answer->operation = &look;
    for (size_t i = 0; i < ARRAY_LENGTH(first); i++) {
        answer->body =
            str_format(answer->arena, "<LookResponse><A%s%.*s/></LookResponse>", first[i], STR_ARG(attributes));
        bounded_run(CALL_MAX_BYTES, is_refused, answer);
    }
}

static bool is_read(void *self)
{
    return read_answer(self);
}

static void the_largest_answers_that_are_read_fit(void **state)
{
    struct answer *answer = *state;
    const struct str text = noise(answer->arena, 1, 7 * MIB, STR("a"));
    const struct str name = str_format(answer->arena, "<i><n>%.*s</n></i>", 300, text.ptr);
    const struct str tags = times(answer->arena, STR("<i><Key>k</Key><Value>v</Value></i>"), WIRE_MAX_VALUES);
    const struct str tagged = str_format(answer->arena, "<i><t>%.*s</t></i>", STR_ARG(tags));
    const struct {
        const char *head, *piece;
        int count;
        const char *tail;
        bool is_json;
    } cases[] = {
        { "<LookResponse><A>",    "<a/>x",      74000,                   "</A></LookResponse>",     false },
        { "<LookResponse><A>",    "<a b='c'/>", 37000,                   "</A></LookResponse>",     false },
        { "<LookResponse><A><n>", text.ptr,     1,                       "</n></A></LookResponse>", false },
        { "<LookResponse><A><l>", name.ptr,     18000,                   "</l></A></LookResponse>", false },
        { "<LookResponse><A><l>", tagged.ptr,   24,                      "</l></A></LookResponse>", false },
        { "{\"x\":[",             "{},",        74000,                   "{}]}",                    true  },
        { "{\"l\":[",             "{},",        AWS_ITEMS_MAX_COUNT - 1, "{}]}",                    true  },
        { "{\"n\":\"",            text.ptr,     1,                       "\"}",                     true  },
    };
    answer->status = 200;
    answer->operation = &look;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        const struct str middle = times(answer->arena, str_from(cases[i].piece), (size_t)cases[i].count);
        answer->is_json = cases[i].is_json;
        answer->body = str_format(answer->arena, "%s%.*s%s", cases[i].head, STR_ARG(middle), cases[i].tail);
        assert_true(answer->body.len <= HTTP_BODY_MAX_BYTES);
        bounded_run(CALL_MAX_BYTES, is_read, answer);
    }
}

#define ANSWER_TEST(function) cmocka_unit_test_setup_teardown(function, open_answer, close_answer)

int main(void)
{
    wire_xml_init();
    wire_json_init();
    const struct CMUnitTest tests[] = {
        ANSWER_TEST(the_token_is_removed_from_the_longest_page_in_little_memory),
        ANSWER_TEST(a_token_that_the_transport_cut_is_not_shown),
        ANSWER_TEST(a_header_that_returns_the_token_does_not_show_it),
        ANSWER_TEST(an_encoded_token_is_not_shown_either),
        ANSWER_TEST(a_token_that_begins_with_signs_hides_itself_alone),
        ANSWER_TEST(a_value_of_the_wrong_kind_is_not_shown),
        ANSWER_TEST(an_answer_of_many_small_things_is_refused_before_it_is_taken_apart),
        ANSWER_TEST(the_largest_answers_that_are_read_fit),
        ANSWER_TEST(the_tags_of_one_list_are_counted),
        ANSWER_TEST(the_attributes_of_one_element_are_counted),
        ANSWER_TEST(a_message_of_aws_ends_where_the_token_begins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
