/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/aws_provider/timeouts.h"

#include <string.h>

#include "plugin/runtime/call/validate.h"
#include "tests/support/fake_call.h"
#include "tests/support/fake_clock.h"
#include "tests/support/harness.h"

static const struct tf_attribute limit_rows[] = {
    TF_ATTR(struct timeouts, create, .flags = TF_OPTIONAL),
    TF_ATTR(struct timeouts, update, .flags = TF_OPTIONAL, .validate = timeouts_check),
    TF_ATTR(struct timeouts, delete, .flags = TF_OPTIONAL),
    TF_END,
};

static const struct tf_model model = TF_MODEL(struct timeouts, limit_rows);

struct fixture {
    struct fake_clock clock;
    struct fake_call *fake;
};

static int setup(void **state)
{
    struct fixture *fixture = mem_alloc(sizeof(*fixture));
    fake_clock_init(&fixture->clock, 0);
    fixture->fake = fake_call_new(NULL, &model, &fixture->clock.clock);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    fake_call_free(fixture->fake);
    mem_free(fixture);
    return 0;
}

static int64_t limit_ms(struct fixture *fixture, const struct tf_string *member)
{
    return timeouts_deadline_ms(fake_call_of(fixture->fake), member, 7 * HOUR_MS) - fixture->clock.monotonic_ms;
}

static void a_configured_time_counts_from_now(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
    } rows[] = {
        { "90s",   90 * SECOND_MS  },
        { "1.5h",  90 * MINUTE_MS  },
        { "2h45m", 165 * MINUTE_MS },
        { "1ms",   1               },
    };
    struct fixture *fixture = *state;
    fake_clock_advance(&fixture->clock, 12345);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct tf_string given = tf_known_string(str_from(rows[i].text));
        assert_int_equal(limit_ms(fixture, &given), rows[i].ms);
    }
}

static void without_a_usable_time_the_default_counts(void **state)
{
    const struct tf_string rows[] = {
        { 0 },
        { .state = TF_UNKNOWN },
        tf_known_string(STR("")),
        tf_known_string(STR("soon")),
        tf_known_string(STR("-5m")),
        { .state = TF_KNOWN }, /* no text at all */
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        assert_int_equal(limit_ms(*state, &rows[i]), 7 * HOUR_MS);
    assert_int_equal(limit_ms(*state, NULL), 7 * HOUR_MS);
}

static void a_deadline_beyond_all_time_is_none(void **state)
{
    struct fixture *fixture = *state;
    struct tf_string never = tf_known_string(STR("999999999999h"));
    fixture->clock.monotonic_ms = INT64_MAX - 10;
    struct tf_string hour = tf_known_string(STR("1h"));
    assert_int_equal(timeouts_deadline_ms(fake_call_of(fixture->fake), &hour, 1), CLOCK_NEVER);
    assert_int_equal(timeouts_deadline_ms(fake_call_of(fixture->fake), &never, 1), INT64_MAX - 9);
}

static const char *said_of(struct fixture *fixture, const char *text)
{
    struct timeouts given = { .update = tf_known_string(str_from(text)) };
    fake_call_again(fixture->fake);
    validate_rows(fake_call_of(fixture->fake), &model, &given);
    return fake_call_said(fixture->fake);
}

static void durations_are_checked_with_the_configuration(void **state)
{
    static const char *const bad[] = { "",
                                       " ",
                                       "5",
                                       "h",
                                       "1d",
                                       "-5m",
                                       "5m ",
                                       "1.2.3s",
                                       "0s",
                                       "0h0m",
                                       "1h30",
                                       "1e3s",
                                       "NaNs",
                                       "infh",
                                       "5\xc2\xb5",
                                       "%s%n",
                                       "10000000000000000000000h" };
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
        if (!str_starts_with(str_from(said_of(*state, bad[i])), STR("error update: Invalid duration: ")))
            fail_msg("\"%s\": said is \"%s\"", bad[i], said_of(*state, bad[i]));
    assert_string_equal(said_of(*state, "90m"), "");
    assert_string_equal(said_of(*state, "1h2m3s4ms5us6ns"), "");
}

static void a_time_of_nothing_is_said_to_be_one(void **state)
{
    assert_non_null(strstr(said_of(*state, "0s"), "\"0s\" leaves no time at all"));
}

static void an_absent_block_is_all_null(void **state)
{
    const struct tf_blocks_timeouts rows[] = {
        { 0 },
        { .state = TF_UNKNOWN },
        { .state = TF_KNOWN },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct timeouts found = timeouts_of(&rows[i]);
        assert_int_equal(found.create.state, TF_NULL);
        assert_int_equal(found.update.state, TF_NULL);
        assert_int_equal(found.delete.state, TF_NULL);
    }
}

static void a_given_block_is_its_item(void **state)
{
    (void)state;
    struct timeouts item = { .delete = tf_known_string(STR("3h")) };
    const struct tf_blocks_timeouts blocks = { .state = TF_KNOWN, .items = &item, .count = 1 };
    assert_str_equal(timeouts_of(&blocks).delete.value, "3h");
}

#define WITH_CALL(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_CALL(a_configured_time_counts_from_now),   WITH_CALL(without_a_usable_time_the_default_counts),
        WITH_CALL(a_deadline_beyond_all_time_is_none),  WITH_CALL(durations_are_checked_with_the_configuration),
        WITH_CALL(a_time_of_nothing_is_said_to_be_one), cmocka_unit_test(an_absent_block_is_all_null),
        cmocka_unit_test(a_given_block_is_its_item),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
