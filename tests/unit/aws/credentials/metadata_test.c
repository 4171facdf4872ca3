/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/metadata.h"

#include <string.h>

#include "aws/credentials/ask.h"
#include "tests/support/fake_files.h"
#include "tests/support/fake_sts.h"
#include "tests/support/harness.h"

#define DATA "/latest/meta-data/x"
#define IPV4 "http://169.254.169.254"
#define TOKEN_PATH "/latest/api/token"
#define HOPS "--http-put-response-hop-limit 2"

enum { NOBODY = 0 };

/* Opens and asks for DATA; what came, or "KIND: text". */
static struct str get(struct credentials_world *world, const char *const *entries, const char *config,
                      const struct fake_answer *answers, size_t count, struct err *err)
{
    struct fake_file table[] = {
        { "/h/.aws/config", str_from(config), ERR_NONE },
        { 0 }
    };
    const struct env env = { entries };
    const struct file_reader reader = fake_files_reader(table);
    const struct aws_profile_files_options options = { .env = &env, .reader = &reader };
    struct aws_profile_files *files;
    struct metadata metadata;
    struct http_response answer = { 0 };
    assert_true(aws_profile_files_new(&options, &files, err));
    world->doors.env = &env;
    fake_transport_script(&world->transport, answers, count);
    const struct metadata_options opening = { .doors = &world->doors, .files = files, .profile = STR("p") };
    const bool is_done =
        metadata_open(&opening, &world->call, &metadata, err) && metadata_get(&metadata, STR(DATA), &answer, err);
    aws_profile_files_free(files);
    return is_done ? str_format(world->arena, "%d %.*s", answer.status, STR_ARG(answer.body))
                   : str_format(world->arena, "%s: %s", err_kind_name(err->kind), err_text(err));
}

#define GET(world, entries, config, err, ...)                                                                          \
    get((world), (entries), (config), (const struct fake_answer[]){ __VA_ARGS__ },                                     \
        ARRAY_LENGTH(((const struct fake_answer[]){ __VA_ARGS__ })), (err))

static const char *const home[] = { "HOME=/h", NULL };
static const char *const v1_off[] = { "HOME=/h", "AWS_EC2_METADATA_V1_DISABLED=TRUE", NULL };
static const char v1_off_by_profile[] = "[profile p]\nec2_metadata_v1_disabled = True\n";

static void assert_asked(const struct credentials_world *world, size_t i, const char *method, const char *url,
                         const char *token)
{
    const struct http_request *request = &world->transport.requests[i];
    assert_true(i < world->transport.request_count);
    assert_str_equal(request->method, method);
    assert_str_equal(request->url, url);
    assert_true(request->is_direct);
    assert_str_equal(fake_transport_header(&world->transport, i, "X-aws-ec2-metadata-token"), token);
}

static void assert_contains(struct str text, const char *part)
{
    if (str_find(text, str_from(part)) < 0)
        fail_msg("\"%s\" is not in \"%.*s\"", part, STR_ARG(text));
}

static void a_token_comes_first_and_goes_with_the_data(void **state)
{
    struct credentials_world *world = *state;
    CLEANUP(err_clear) struct err err = { 0 };
    const struct str got = GET(world, home, "", &err, { 200, .text = "tok\n" }, { 200, .text = "data" });
    assert_str_equal(got, "200 data");
    assert_int_equal(world->transport.request_count, 2);
    assert_asked(world, 0, "PUT", IPV4 TOKEN_PATH, "");
    assert_str_equal(fake_transport_header(&world->transport, 0, "X-aws-ec2-metadata-token-ttl-seconds"), "21600");
    assert_asked(world, 1, "GET", IPV4 DATA, "tok");
    for (size_t i = 0; i < 2; i++) {
        assert_between(world->transport.requests[i].connect_timeout_ms, 1, 1000);
        assert_between(world->transport.requests[i].timeout_ms, 1, 1000);
    }
}

static void the_address_is_the_first_that_is_set(void **state)
{
    static const struct {
        const char *argument, *argument_mode, *variable, *more, *config, *address;
    } rows[] = {
        { "http://127.0.0.1:1/", "IPv6", "AWS_EC2_METADATA_SERVICE_ENDPOINT=http://b",  NULL,
         "[profile p]\nec2_metadata_service_endpoint=http://c\n",                                                                                                              "http://127.0.0.1:1"     },
        { "",                    "IPv6", "AWS_EC2_METADATA_SERVICE_ENDPOINT=http://b",  "AWS_METADATA_URL=http://d",
         "[profile p]\nec2_metadata_service_endpoint=http://c\n",                                                                                                              "http://b"               },
        { "",                    "",     "AWS_METADATA_URL=http://d/",                  NULL,                        "[profile p]\nec2_metadata_service_endpoint=http://c\n",
         "http://d"                                                                                                                                                                                     },
        { "",                    "",     "X=y",                                         NULL,
         "[profile p]\nec2_metadata_service_endpoint=http://c\nec2_metadata_service_endpoint_mode=IPv6\n",                                                                     "http://c"               },
        { "",                    "ipv6", "X=y",                                         NULL,                        "",                                                       "http://[fd00:ec2::254]" },
        { "",                    "IPv4", "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=IPv6", NULL,                        "",                                                       IPV4                     },
        { "",                    "",     "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=IPv6", NULL,                        "",                                                       "http://[fd00:ec2::254]" },
        { "",                    "",     "X=y",                                         NULL,                        "[profile p]\nec2_metadata_service_endpoint_mode=IPV6\n", "http://[fd00:ec2::254]" },
        { "",                    "",     "X=y",                                         NULL,                        "[default]\nec2_metadata_service_endpoint_mode=IPV6\n",   IPV4                     },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct credentials_world *world = *state;
        const char *const entries[] = { "HOME=/h", rows[i].variable, rows[i].more, NULL };
        CLEANUP(err_clear) struct err err = { 0 };
        world->doors.metadata_endpoint = str_from(rows[i].argument);
        world->doors.metadata_mode = str_from(rows[i].argument_mode);
        (void)GET(world, entries, rows[i].config, &err, { 200, .text = "tok" }, { 200, .text = "data" });
        const char *wanted = str_format(world->arena, "%s" DATA, rows[i].address).ptr;
        assert_asked(world, 1, "GET", wanted, "tok");
    }
}

static void a_setting_that_cannot_be_used_is_named(void **state)
{
    static const struct {
        const char *variable, *config, *text;
    } rows[] = {
        { "AWS_EC2_METADATA_SERVICE_ENDPOINT=http://me:hush@h", "",                                                      "AWS_EC2_METADATA_SERVICE_ENDPOINT: the endpoint"    },
        { "AWS_METADATA_URL=169.254.169.254",                   "",                                                      "AWS_METADATA_URL: the endpoint cannot be used"      },
        { "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=dual",        "",                                                      "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE is \"dual\"" },
        { "X=y",                                                "[profile p]\nec2_metadata_service_endpoint_mode = 6\n",
         "ec2_metadata_service_endpoint_mode of the profile \"p\" (/h/.aws/config, line 2) is \"6\""                                                                          },
        { "X=y",                                                "[profile p]\nec2_metadata_service_endpoint = hush\n",
         "ec2_metadata_service_endpoint of the profile \"p\" (/h/.aws/config, line 2): the endpoint cannot be used"                                                           },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const char *const entries[] = { "HOME=/h", rows[i].variable, NULL };
        CLEANUP(err_clear) struct err err = { 0 };
        const struct str got = GET(*state, entries, rows[i].config, &err, { .status = NOBODY });
        assert_int_equal(err.kind, ERR_INVALID);
        assert_contains(got, rows[i].text);
        assert_true(str_find(got, STR("hush")) < 0);
    }
}

static void what_switches_it_off_is_named_and_nobody_is_asked(void **state)
{
    struct credentials_world *world = *state;
    static const char *const off[] = { "HOME=/h", "AWS_EC2_METADATA_DISABLED=True", NULL };
    static const char *const other[] = { "HOME=/h", "AWS_EC2_METADATA_DISABLED=1", NULL };
    CLEANUP(err_clear) struct err err = { 0 };
    assert_str_equal(GET(world, off, "", &err, { .status = NOBODY }),
                     "not found: EC2 metadata: switched off by AWS_EC2_METADATA_DISABLED");
    assert_int_equal(world->transport.request_count, 0);
    err_clear(&err);
    world->doors.metadata_switch = AWS_METADATA_OFF;
    assert_str_equal(GET(world, home, "", &err, { .status = NOBODY }),
                     "not found: EC2 metadata: switched off by `skip_metadata_api_check`");
    assert_int_equal(world->transport.request_count, 0);
    err_clear(&err);
    world->doors.metadata_switch = AWS_METADATA_ON;
    assert_str_equal(GET(world, off, "", &err, { 200, .text = "tok" }, { 200, .text = "data" }), "200 data");
    world->doors.metadata_switch = AWS_METADATA_AS_ENVIRONMENT;
    assert_str_equal(GET(world, other, "", &err, { 200, .text = "tok" }, { 200, .text = "data" }), "200 data");
}

/* The rules of the fall back to requests without a token. */
static void without_a_token_the_data_is_asked_for_without_unless_that_is_off(void **state)
{
    static const int statuses[] = { 403, 404, 405, 401, 301 };
    struct credentials_world *world = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(statuses); i++) {
        CLEANUP(err_clear) struct err err = { 0 };
        const struct str got = GET(world, home, "", &err, { .status = statuses[i] }, { 200, .text = "data" });
        assert_str_equal(got, "200 data");
        assert_asked(world, 1, "GET", IPV4 DATA, "");
        const struct str refusal = GET(world, v1_off, "", &err, { .status = statuses[i] });
        assert_int_equal(err.kind, ERR_DENIED);
        assert_contains(refusal, "(IMDSv1) are switched off by AWS_EC2_METADATA_V1_DISABLED");
        assert_contains(refusal, str_format(world->arena, "HTTP status %d", statuses[i]).ptr);
        err_clear(&err);
        assert_contains(GET(world, home, v1_off_by_profile, &err, { .status = statuses[i] }),
                        "ec2_metadata_v1_disabled of the profile \"p\" (/h/.aws/config, line 2)");
    }
}

static void the_environment_goes_before_the_profile_about_requests_without_a_token(void **state)
{
    static const char *const on[] = { "HOME=/h", "AWS_EC2_METADATA_V1_DISABLED=false", NULL };
    CLEANUP(err_clear) struct err err = { 0 };
    assert_str_equal(GET(*state, on, v1_off_by_profile, &err, { .status = 403 }, { 200, .text = "data" }), "200 data");
}

static void a_bad_request_for_a_token_is_final(void **state)
{
    CLEANUP(err_clear) struct err err = { 0 };
    const struct str got = GET(*state, home, "", &err, { 400, .text = "hush" });
    assert_int_equal(err.kind, ERR_IO);
    assert_contains(got, "answered the request for a token with HTTP status 400");
    assert_true(str_find(got, STR("hush")) < 0);
}

static void where_nobody_is_two_requests_find_it_out(void **state)
{
    struct credentials_world *world = *state;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_str_equal(GET(world, home, "", &err, { .status = NOBODY, .takes_ms = 500, .repeats = 1 }),
                     "not found: EC2 metadata: nothing answers at " IPV4 " (tried for 1000 ms)");
    assert_int_equal(world->transport.request_count, 2);
    err_clear(&err);
    assert_contains(GET(world, v1_off, "", &err, { .status = NOBODY, .takes_ms = 500, .repeats = 1 }),
                    "(tried for 1100 ms; a request without a token, IMDSv1, is switched off by "
                    "AWS_EC2_METADATA_V1_DISABLED; in a container, the instance's hop limit may be too low)");
    assert_contains(str_from(err_remedy(&err)), HOPS);
    assert_int_equal(world->transport.request_count, 2);
    assert_asked(world, 1, "PUT", IPV4 TOKEN_PATH, "");
}

static void a_token_that_does_not_arrive_is_done_without_or_explained(void **state)
{
    struct credentials_world *world = *state;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_str_equal(GET(world, home, "", &err, { .status = NOBODY }, { 200, .text = "data" }), "200 data");
    assert_asked(world, 1, "GET", IPV4 DATA, "");
    const struct str got = GET(world, home, "", &err, { .status = NOBODY }, { .status = 401 }, { .status = NOBODY });
    assert_int_equal(err.kind, ERR_DENIED);
    assert_contains(got, "answered " DATA " with HTTP status 401; it had given no token: no answer");
    assert_contains(str_from(err_remedy(&err)), HOPS);
    err_clear(&err);
    const struct str refusal =
        GET(world, v1_off, "", &err, { 200, .text = "old" }, { .status = 401 }, { .status = NOBODY, .repeats = 2 });
    assert_int_equal(err.kind, ERR_DENIED);
    assert_contains(refusal, "gave no token (no answer), and requests without one (IMDSv1) are switched off by");
    assert_contains(str_from(err_remedy(&err)), HOPS);
}

static void a_token_that_has_ended_is_renewed_once(void **state)
{
    struct credentials_world *world = *state;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_str_equal(GET(world, home, "", &err, { 200, .text = "old" }, { .status = 401 }, { 200, .text = "new" },
                         { 200, .text = "data" }),
                     "200 data");
    assert_asked(world, 3, "GET", IPV4 DATA, "new");
    const struct str got = GET(world, home, "", &err, { 200, .text = "old" }, { .status = 401 }, { 200, .text = "new" },
                               { .status = 401 });
    assert_int_equal(err.kind, ERR_DENIED);
    assert_contains(got, "HTTP status 401");
    assert_string_equal(err_remedy(&err), "");
}

static void what_may_pass_is_tried_three_times(void **state)
{
    struct credentials_world *world = *state;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_str_equal(GET(world, home, "", &err, { .status = 503, .repeats = 1 }, { 200, .text = "tok" },
                         { .status = 500 }, { .status = NOBODY }, { 200, .text = "data" }),
                     "200 data");
    assert_contains(GET(world, home, "", &err, { 200, .text = "tok" }, { .status = 500, .repeats = 2 }),
                    "HTTP status 500");
    assert_int_equal(world->transport.request_count, 4);
    err_clear(&err);
    assert_contains(GET(world, home, "", &err, { 200, .text = "tok" }, { .status = NOBODY, .repeats = 2 }),
                    "input/output: asking the EC2 metadata service");
}

static void a_refusal_advises(void **state)
{
    CLEANUP(err_clear) struct err err = { 0 };
    const struct str got = GET(*state, home, "", &err, { .status = 403 }, { .status = 403 });
    assert_int_equal(err.kind, ERR_DENIED);
    assert_contains(got, "with HTTP status 403; it had given no token: HTTP status 403");
    assert_contains(str_from(err_remedy(&err)), "--http-endpoint enabled");
}

static void what_is_no_token_is_not_sent_and_not_shown(void **state)
{
    static const char *const bodies[] = { "", "hush hush", "hush\nhush", "h\xc3\xbcsh" };
    struct credentials_world *world = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(bodies); i++) {
        CLEANUP(err_clear) struct err err = { 0 };
        const struct str got = GET(world, home, "", &err, { 200, .text = bodies[i] });
        assert_str_equal(got, "input/output: what the EC2 metadata service at " IPV4 " gave as a token is not one");
    }
}

static void an_answer_that_is_too_long_is_refused(void **state)
{
    struct credentials_world *world = *state;
    CLEANUP(err_clear) struct err err = { 0 };
    char *much = arena_alloc(world->arena, ASK_ANSWER_MAX_BYTES + 1);
    memset(much, 'x', ASK_ANSWER_MAX_BYTES + 1);
    assert_contains(GET(world, home, "", &err,
                        {
                            200, .text = "tok"
    },
                        { 200, .body = { much, ASK_ANSWER_MAX_BYTES + 1 } }),
                    "has 65537 bytes");
}

static void a_stop_is_a_stop(void **state)
{
    struct credentials_world *world = *state;
    CLEANUP(err_clear) struct err err = { 0 };
    (void)GET(world, home, "", &err, { .status = NOBODY, .kind = ERR_CANCELLED });
    assert_int_equal(err.kind, ERR_CANCELLED);
    err_clear(&err);
    (void)GET(world, home, "", &err, { .status = NOBODY }, { .status = NOBODY, .kind = ERR_TIMEOUT });
    assert_int_equal(err.kind, ERR_TIMEOUT);
}

#define METADATA_TEST(function)                                                                                        \
    cmocka_unit_test_setup_teardown(function, credentials_world_setup, credentials_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        METADATA_TEST(a_token_comes_first_and_goes_with_the_data),
        METADATA_TEST(the_address_is_the_first_that_is_set),
        METADATA_TEST(a_setting_that_cannot_be_used_is_named),
        METADATA_TEST(what_switches_it_off_is_named_and_nobody_is_asked),
        METADATA_TEST(without_a_token_the_data_is_asked_for_without_unless_that_is_off),
        METADATA_TEST(the_environment_goes_before_the_profile_about_requests_without_a_token),
        METADATA_TEST(a_bad_request_for_a_token_is_final),
        METADATA_TEST(where_nobody_is_two_requests_find_it_out),
        METADATA_TEST(a_token_that_does_not_arrive_is_done_without_or_explained),
        METADATA_TEST(a_token_that_has_ended_is_renewed_once),
        METADATA_TEST(what_may_pass_is_tried_three_times),
        METADATA_TEST(a_refusal_advises),
        METADATA_TEST(what_is_no_token_is_not_sent_and_not_shown),
        METADATA_TEST(an_answer_that_is_too_long_is_refused),
        METADATA_TEST(a_stop_is_a_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
