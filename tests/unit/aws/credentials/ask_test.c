/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/ask.h"

#include "tests/support/fake_sts.h"
#include "tests/support/harness.h"

static const struct http_header own = {
    { "X-Own", 5 },
    { "v",     1 }
};

static bool ask_for(struct credentials_world *world, size_t header_count, struct http_response *out, struct err *err)
{
    const struct ask_question question = {
        .whom = "somebody",
        .request = { .method = STR("GET"),
                    .url = STR("https://somebody.test/"),
                    .headers = header_count ? &own : NULL,
                    .header_count = header_count },
        .attempts = 3,
    };
    return ask(&world->doors, &world->call, &question, out, err);
}

static void each_attempt_names_the_provider(void **state)
{
    static const struct fake_answer answers[] = { { .status = 500 }, { .status = 200 }, { .status = 200 } };
    static const struct {
        const char *user_agent;
        size_t own, sent;
    } rows[] = {
        { "provider/1 ci/3", 1, 2 },
        { "provider/1 ci/3", 0, 1 },
        { "",                1, 1 },
        { "",                0, 0 },
    };
    struct credentials_world *world = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct http_response answer;
        CLEANUP(err_clear) struct err err = { 0 };
        world->doors.user_agent = str_from(rows[i].user_agent);
        fake_transport_script(&world->transport, answers, ARRAY_LENGTH(answers));
        assert_true(ask_for(world, rows[i].own, &answer, &err));
        assert_int_equal(world->transport.request_count, 2);
        for (size_t request = 0; request < 2; request++) {
            assert_int_equal(world->transport.requests[request].header_count, rows[i].sent);
            assert_str_equal(fake_transport_header(&world->transport, request, "User-Agent"), rows[i].user_agent);
            assert_str_equal(fake_transport_header(&world->transport, request, "X-Own"), rows[i].own ? "v" : "");
        }
    }
}

static void an_answer_that_is_too_long_is_refused(void **state)
{
    struct credentials_world *world = *state;
    static const char longest[ASK_ANSWER_MAX_BYTES + 1];
    for (size_t excess = 0; excess < 2; excess++) {
        const struct fake_answer answers[] = {
            { .status = 200, .body = { longest, ASK_ANSWER_MAX_BYTES + excess } }
        };
        struct http_response answer;
        CLEANUP(err_clear) struct err err = { 0 };
        fake_transport_script(&world->transport, answers, 1);
        assert_true(ask_for(world, 0, &answer, &err) == !excess);
        assert_int_equal(err.kind, excess ? ERR_IO : ERR_NONE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_attempt_names_the_provider, credentials_world_setup,
                                        credentials_world_teardown),
        cmocka_unit_test_setup_teardown(an_answer_that_is_too_long_is_refused, credentials_world_setup,
                                        credentials_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
