/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/time.h"

#include "tests/support/harness.h"
#include "tests/support/noise.h"

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

static void times_are_read_with_and_without_fractions(void **state)
{
    static const struct {
        const char *text;
        int64_t expected_ms;
    } rows[] = {
        { "1970-01-01T00:00:00Z",        0             },
        { "2026-01-01T00:00:00Z",        1767225600000 },
        { "2026-01-01T00:00:00.5Z",      1767225600500 },
        { "2026-01-01T00:00:00.123Z",    1767225600123 },
        { "2026-01-01T00:00:00.123999Z", 1767225600123 },
        { "2026-01-01T00:00:00+00:00",   1767225600000 },
        { "2024-02-29T12:30:45Z",        1709209845000 },
        { "2026-01-01t00:00:00z",        1767225600000 },
        { "1969-12-31T23:59:59Z",        -1000         },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        int64_t wall_ms = 7;
        assert_true(aws_time_parse(str_from(rows[i].text), &wall_ms));
        assert_true(wall_ms == rows[i].expected_ms);
    }
}

static void times_of_files_have_any_offset(void **state)
{
    static const struct {
        const char *text;
        int64_t expected_ms;
    } rows[] = {
        { "2026-01-01T00:00:00Z",                1767225600000 },
        { "2026-01-01T00:00:00UTC",              1767225600000 },
        { "2026-01-01T01:30:00+01:30",           1767225600000 },
        { "2025-12-31T19:00:00.123456789-05:00", 1767225600123 },
    };
    static const char *const refused[] = {
        "2026-01-01T00:00:00",       "2026-01-01T00:00:00GMT",    "2026-01-01T00:00:00+1:00",
        "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+01:60", "2026-01-01T00:00:00+-1:00",
        "2026-01-01T00:00:00+01 00", "2026-01-01T00:00:00*01:00", "",
    };
    int64_t wall_ms = 7;
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        assert_true(aws_time_parse_zoned(str_from(rows[i].text), &wall_ms));
        assert_true(wall_ms == rows[i].expected_ms);
    }
    wall_ms = 7;
    for (size_t i = 0; i < ARRAY_LENGTH(refused); i++)
        assert_false(aws_time_parse_zoned(str_from(refused[i]), &wall_ms));
    assert_int_equal(wall_ms, 7);
}

static void a_time_is_written_with_four_digits_of_the_year(void **state)
{
    assert_str_equal(aws_time_text(*state, 1767225600123), "2026-01-01T00:00:00Z");
    assert_str_equal(aws_time_text(*state, -1), "1970-01-01T00:00:00Z");
    assert_str_equal(aws_time_text(*state, 253402300800000), "9999-12-31T23:59:59Z");
    assert_str_equal(aws_time_text(*state, INT64_MAX), "9999-12-31T23:59:59Z");
    assert_str_equal(aws_time_text(*state, INT64_MIN), "1970-01-01T00:00:00Z");
}

static void an_offset_of_zero_is_written_as_z(void **state)
{
    assert_str_equal(aws_time_with_z(*state, STR("2026-01-01T00:00:00.5+00:00")), "2026-01-01T00:00:00.5Z");
    assert_str_equal(aws_time_with_z(*state, STR("2026-01-01T00:00:00.5Z")), "2026-01-01T00:00:00.5Z");
    assert_str_equal(aws_time_with_z(*state, STR("2026-01-01T00:00:00+01:00")), "2026-01-01T00:00:00+01:00");
    assert_null(aws_time_with_z(*state, (struct str){ 0 }).ptr);
}

static void what_is_no_time_is_refused(void **state)
{
    static const char *const refused[] = {
        "",
        "2026-01-01",
        "2026-01-01T00:00:00",
        "2026-01-01 00:00:00Z",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00+01:00",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2025-02-29T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:60Z",
        "2026-01-01T00:00:00Zx",
        "-026-01-01T00:00:00Z",
        "2026--1-01T00:00:00Z",
        "2026-01-01T00:00:0xZ",
        "1767225600",
        "Thu, 01 Jan 2026 00:00:00 GMT",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(refused); i++) {
        int64_t wall_ms = 7;
        assert_false(aws_time_parse(str_from(refused[i]), &wall_ms));
        assert_true(wall_ms == 7);
    }
}

static void noise_is_no_time(void **state)
{
    struct str text = noise(*state, 5, 1000 * 1000, STR("0123456789-T:.Z"));
    for (size_t from = 0; from + 20 <= text.len; from++) {
        int64_t wall_ms = 7;
        if (!aws_time_parse(str_slice(text, from, from + 20), &wall_ms))
            assert_true(wall_ms == 7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_read_with_and_without_fractions),
        cmocka_unit_test(times_of_files_have_any_offset),
        cmocka_unit_test(a_time_is_written_with_four_digits_of_the_year),
        cmocka_unit_test(an_offset_of_zero_is_written_as_z),
        cmocka_unit_test(what_is_no_time_is_refused),
        cmocka_unit_test(noise_is_no_time),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
