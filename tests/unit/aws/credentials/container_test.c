/* SPDX-License-Identifier: MPL-2.0 */
#include <string.h>

#include "aws/credentials/sources.h"
#include "aws/wire/json.h"
#include "tests/support/fake_files.h"
#include "tests/support/fake_sts.h"
#include "tests/support/harness.h"

#define FULL "AWS_CONTAINER_CREDENTIALS_FULL_URI="
#define RELATIVE "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI="
#define TOKEN "AWS_CONTAINER_AUTHORIZATION_TOKEN="
#define TOKEN_FILE "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE="
#define KEYS                                                                                                           \
    "{\"AccessKeyId\": \"ASIA1\", \"SecretAccessKey\": \"hush\", \"Token\": \"hush-token\", \"AccountId\": "           \
    "\"111122223333\", \"Expiration\": \"2026-01-01T06:00:00Z\"}"

static bool fetch(struct credentials_world *world, const char *const *entries, const struct fake_answer *answers,
                  size_t count, struct aws_credentials *out, struct err *err)
{
    struct fake_file table[] = {
        { "/token", STR("from-file\n"), ERR_NONE },
        { "/broken", STR("hush\r\nX-A: b\n"), ERR_NONE },
        { "/empty", STR(" \n"), ERR_NONE },
        { 0 }
    };
    const struct env env = { entries };
    const struct file_reader reader = fake_files_reader(table);
    world->doors.env = &env;
    world->doors.reader = &reader;
    struct aws_credentials_source source = aws_credentials_container(&world->doors);
    fake_transport_script(&world->transport, answers, count);
    const bool is_done = source.fetch(source.self, &world->call, out, err);
    aws_credentials_source_clear(&source);
    return is_done;
}

#define FETCH(world, entries, out, err, ...)                                                                           \
    fetch((world), (entries), (const struct fake_answer[]){ __VA_ARGS__ },                                             \
          ARRAY_LENGTH(((const struct fake_answer[]){ __VA_ARGS__ })), (out), (err))

static void neither_variable_is_none(void **state)
{
    static const char *const none[] = { FULL, RELATIVE, TOKEN "t", NULL };
    struct aws_credentials got;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_false(FETCH(*state, none, &got, &err, { 200, .text = KEYS }));
    assert_int_equal(err.kind, ERR_NOT_FOUND);
}

static void what_is_asked_and_with_which_token(void **state)
{
    static const struct {
        const char *entries[4];
        const char *url, *token;
    } rows[] = {
        { { RELATIVE "/v2/credentials/1?a=b", FULL "https://other.example" },
         "http://169.254.170.2/v2/credentials/1?a=b",                                                                                  ""               },
        { { RELATIVE "/v2/1", TOKEN "of-variable" },                                           "http://169.254.170.2/v2/1",            "of-variable"    },
        { { FULL "http://169.254.170.23/v1/credentials", TOKEN_FILE "/token", TOKEN "other" },
         "http://169.254.170.23/v1/credentials",                                                                                       "from-file"      },
        { { FULL "http://[fd00:ec2::23]/v1/credentials" },                                     "http://[fd00:ec2::23]/v1/credentials", ""               },
        { { FULL "http://[fd00:ec2:0::23]:80/" },                                              "http://[fd00:ec2:0::23]:80/",          ""               },
        { { FULL "http://169.254.170.2/x" },                                                   "http://169.254.170.2/x",               ""               },
        { { FULL "http://127.0.0.3:8080/x?y", TOKEN "Basic dXNlcg==" },                        "http://127.0.0.3:8080/x?y",            "Basic dXNlcg==" },
        { { FULL "http://[::1]/x" },                                                           "http://[::1]/x",                       ""               },
        { { FULL "http://localhost:1338/latest/meta-data/container/security-credentials" },
         "http://localhost:1338/latest/meta-data/container/security-credentials",                                                      ""               },
        { { FULL "https://keys.example:8443/x" },                                              "https://keys.example:8443/x",          ""               },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct credentials_world *world = *state;
        struct aws_credentials got;
        CLEANUP(err_clear) struct err err = { 0 };
        if (!FETCH(world, rows[i].entries, &got, &err, { 200, .text = KEYS }))
            fail_msg("row %zu: %s", i, err_text(&err));
        assert_str_equal(world->transport.requests[0].url, rows[i].url);
        assert_str_equal(fake_transport_header(&world->transport, 0, "Authorization"), rows[i].token);
        assert_str_equal(fake_transport_header(&world->transport, 0, "Accept"), "application/json");
        assert_int_equal(world->transport.requests[0].header_count, rows[i].token[0] ? 2 : 1);
        assert_int_equal(world->transport.requests[0].is_direct, strncmp(rows[i].url, "http:", strlen("http:")) == 0);
        assert_string_equal(got.kind, "container");
        assert_str_equal(got.session_token, "hush-token");
        assert_true(got.expires_wall_ms == (int64_t)WORLD_START_S * SECOND_MS + 6 * HOUR_MS);
        assert_int_equal(got.ends_wall_ms, AWS_ENDS_NEVER);
    }
}

static void nobody_else_is_asked(void **state)
{
    static const char *const settings[] = {
        FULL "http://keys.example/hush",
        FULL "http://169.254.169.254/hush",
        FULL "http://169.254.170.2.keys.example/hush",
        FULL "http://localhost.example/hush",
        FULL "http://10.0.0.1/hush",
        FULL "http://[fd00:ec2::24]/hush",
        FULL "http://[::ffff:10.0.0.1]/hush",
        FULL "http://localhost@keys.example/hush",
        FULL "http://localhost#@keys.example/hush",
        FULL "ftp://localhost/hush",
        FULL "localhost/hush",
        FULL "http:///x",
        FULL "http://localhost/hush hush",
        FULL "http://localhost/hush\r\nX-A: b",
        RELATIVE "hush",
        RELATIVE "@keys.example/hush",
        RELATIVE ".keys.example/hush",
        RELATIVE ":81/hush",
        RELATIVE "/hush hush",
        RELATIVE "http://localhost/hush",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(settings); i++) {
        struct credentials_world *world = *state;
        const char *const entries[] = { settings[i], TOKEN "hush", NULL };
        struct aws_credentials got;
        CLEANUP(err_clear) struct err err = { 0 };
        assert_false(FETCH(world, entries, &got, &err, { 200, .text = KEYS }));
        if (err.kind != ERR_INVALID || world->transport.request_count || strstr(err_text(&err), "hush"))
            fail_msg("%s: %s", settings[i], err_text(&err));
    }
}

static void a_token_that_cannot_be_sent_is_an_error(void **state)
{
    static const char *const settings[] = {
        TOKEN "hush\r\nX-A: b", TOKEN "hush\x01",   TOKEN "h\xc3\xbcsh", TOKEN_FILE "/broken",
        TOKEN_FILE "/empty",    TOKEN_FILE "/gone", TOKEN "\n"
    };
    for (size_t i = 0; i < ARRAY_LENGTH(settings); i++) {
        struct credentials_world *world = *state;
        const char *const entries[] = { RELATIVE "/x", settings[i], NULL };
        struct aws_credentials got;
        CLEANUP(err_clear) struct err err = { 0 };
        assert_false(FETCH(world, entries, &got, &err, { 200, .text = KEYS }));
        if (err.kind != ERR_INVALID || world->transport.request_count || strstr(err_text(&err), "hush") ||
            !strstr(err_text(&err), "AWS_CONTAINER_AUTHORIZATION_TOKEN"))
            fail_msg("%s: %s", settings[i], err_text(&err));
    }
}

static void a_refusal_is_explained_and_only_code_and_message_are_shown(void **state)
{
    static const char *const entries[] = { RELATIVE "/x", NULL };
    static const struct {
        struct fake_answer answer;
        enum err_kind kind;
        const char *text;
    } rows[] = {
        { { 400, .text = "{\"code\": \"InvalidIdInRequest\", \"message\": \"no\\u001b task\", \"x\": \"hush\"}" },
         ERR_IO,                                                                                                               "HTTP status 400: InvalidIdInRequest: no\xef\xbf\xbd task"        },
        { { 401, .text = "hush" },                                                                                 ERR_DENIED, "answered with HTTP status 401"                                   },
        { { 302, .headers = "Location: http://hush/" },
         ERR_IO,                                                                                                               "HTTP status 302, a redirect, which the provider does not follow" },
        { { 500, .text = "{\"message\": \"down\"}", .repeats = 2 },                                                ERR_IO,     "HTTP status 500: down"                                           },
        { { 429, .repeats = 2 },                                                                                   ERR_IO,     "HTTP status 429"                                                 },
        { { .status = 0, .repeats = 2 },                                                                           ERR_IO,     "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: asking the container's"  },
        { { 200, .text = "hush" },                                                                                 ERR_IO,     "is not a JSON object with credentials"                           },
        { { 200, .text = "{\"AccessKeyId\": \"hush\"}" },                                                          ERR_IO,     "has no SecretAccessKey"                                          },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct credentials_world *world = *state;
        struct aws_credentials got;
        CLEANUP(err_clear) struct err err = { 0 };
        assert_false(FETCH(world, entries, &got, &err, rows[i].answer));
        assert_int_equal(err.kind, rows[i].kind);
        assert_int_equal(world->transport.request_count, rows[i].answer.repeats + 1);
        if (!strstr(err_text(&err), rows[i].text) || strstr(err_text(&err), "hush"))
            fail_msg("row %zu: %s", i, err_text(&err));
    }
}

static void what_to_do_depends_on_where_the_container_runs(void **state)
{
    static const struct {
        const char *entry;
        struct fake_answer answer;
        const char *remedy;
    } rows[] = {
        { RELATIVE "/x",                   { 401, .text = "" },                               "the role of the ECS task (taskRoleArn in the task definition)" },
        { FULL "http://169.254.170.23/x",  { 403, .text = "" },                               "the Pod Identity association"                                  },
        { FULL "http://169.254.170.23/x",  { 403, .text = "" },                               "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"                        },
        { FULL "http://169.254.170.23/x",
         { .code = HTTP_CONNECTION_REFUSED, .repeats = 2 },
         "Is the EKS Pod Identity Agent running"                                                                                                              },
        { FULL "http://127.0.0.1:9/x",     { .code = HTTP_CONNECTION_REFUSED, .repeats = 2 }, "aws-vault exec --server"                                       },
        { FULL "http://localhost:9/x",     { .code = HTTP_CONNECTION_REFUSED, .repeats = 2 }, "aws-vault exec --server"                                       },
        { FULL "127.0.0.1:9/x",            { 0 },                                             "http://127.0.0.1:9911/path"                                    },
        { RELATIVE "http://127.0.0.1:9/x", { 0 },                                             "AWS_CONTAINER_CREDENTIALS_FULL_URI"                            },
        { RELATIVE "/x",                   { .code = HTTP_CONNECTION_REFUSED, .repeats = 2 }, ""                                                              },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const char *const entries[] = { rows[i].entry, NULL };
        struct aws_credentials got;
        CLEANUP(err_clear) struct err err = { 0 };
        assert_false(FETCH(*state, entries, &got, &err, rows[i].answer));
        if (rows[i].remedy[0] ? !strstr(err_remedy(&err), rows[i].remedy) : err_remedy(&err)[0] != 0)
            fail_msg("row %zu: %s", i, err_remedy(&err));
    }
}

static void what_may_pass_is_tried_again(void **state)
{
    static const char *const entries[] = { RELATIVE "/x", NULL };
    struct aws_credentials got;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(FETCH(*state, entries, &got, &err, { 429, .text = "" }, { .status = 0 }, { 200, .text = KEYS }));
}

static void keys_without_token_and_end_are_taken(void **state)
{
    static const char *const entries[] = { FULL "http://localhost/", NULL };
    struct aws_credentials got;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(FETCH(*state, entries, &got, &err,
                      { 200, .text = "{\"AccessKeyId\": \"AKIA\", \"SecretAccessKey\": \"s\", \"Token\": null}" }));
    assert_true(str_is_empty(got.session_token));
    assert_int_equal(got.expires_wall_ms, 0);
}

#define CONTAINER_TEST(function)                                                                                       \
    cmocka_unit_test_setup_teardown(function, credentials_world_setup, credentials_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CONTAINER_TEST(neither_variable_is_none),
        CONTAINER_TEST(what_is_asked_and_with_which_token),
        CONTAINER_TEST(nobody_else_is_asked),
        CONTAINER_TEST(a_token_that_cannot_be_sent_is_an_error),
        CONTAINER_TEST(a_refusal_is_explained_and_only_code_and_message_are_shown),
        CONTAINER_TEST(what_to_do_depends_on_where_the_container_runs),
        CONTAINER_TEST(what_may_pass_is_tried_again),
        CONTAINER_TEST(keys_without_token_and_end_are_taken),
    };
    wire_json_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
