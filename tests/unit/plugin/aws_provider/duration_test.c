/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/aws_provider/duration.h"

#include "base/clock.h"
#include "tests/support/harness.h"
#include "tests/support/noise.h"

static void durations_are_summed(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
    } rows[] = {
        { "90s",           90 * SECOND_MS               },
        { "2h45m",         2 * HOUR_MS + 45 * MINUTE_MS },
        { "1.5h",          90 * MINUTE_MS               },
        { ".5s",           500                          },
        { "3000us",        3                            },
        { "3000\xc2\xb5s", 3                            },
        { "3000\xce\xbcs", 3                            },
        { "2000000ns",     2                            },
        { "1h1ms",         HOUR_MS + 1                  },
        { "0s",            0                            },
        { "1ns",           0                            },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        int64_t ms = -1;
        CLEANUP(err_clear) struct err err = { 0 };
        assert_true(duration_parse(str_from(rows[i].text), &ms, &err));
        assert_int_equal(ms, rows[i].ms);
    }
}

static void what_is_no_duration_is_refused(void **state)
{
    static const char *const rows[] = {
        "",
        " ",
        "5",
        "h",
        "5 h",
        "-5s",
        "+5s",
        "5x",
        "1.2.3s",
        ".s",
        "5s ",
        "5s5",
        "1e3s",
        "5\xc2s",
        "99999999999999h",
        "9999999999999999999999999999999999999999999999h",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        int64_t ms = -1;
        CLEANUP(err_clear) struct err err = { 0 };
        assert_false(duration_parse(str_from(rows[i]), &ms, &err));
        assert_int_equal(err.kind, ERR_INVALID);
        assert_int_equal(ms, -1);
    }
}

/* "1.000...0UNIT" with that many zeros. */
static bool parse_long_fraction(size_t zeros, struct str unit, int64_t *out_ms)
{
    struct arena *arena = arena_new();
    CLEANUP(err_clear) struct err err = { 0 };
    struct str fraction = noise(arena, 1, zeros, STR("0"));
    struct str text = str_format(arena, "1.%.*s%.*s", STR_ARG(fraction), STR_ARG(unit));
    bool parsed = duration_parse(text, out_ms, &err);
    arena_free(arena);
    return parsed;
}

static void a_fraction_may_be_of_any_length(void **state)
{
    static const size_t lengths[] = { 1, 300, 323, 324, 325, 400, 1000 * 1000 };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(lengths); i++) {
        int64_t ms = -1;
        assert_true(parse_long_fraction(lengths[i], STR("s"), &ms));
        assert_int_equal(ms, SECOND_MS);
        assert_false(parse_long_fraction(lengths[i], STR(".s"), &ms));
    }
}

static void assert_duration_or_refusal(void *self, struct str bytes)
{
    int64_t ms = -1;
    CLEANUP(err_clear) struct err err = { 0 };
    (void)self;
    if (duration_parse(bytes, &ms, &err))
        assert_true(ms >= 0 && ms <= INT64_C(100) * 365 * 24 * HOUR_MS);
    else
        assert_true(ms == -1 && err.kind == ERR_INVALID);
}

static void noise_is_refused_or_a_time_within_100_years(void **state)
{
    static const char *const alphabets[] = { "", "0123456789.numsh", "0.s", "9", "0", "1h" };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(alphabets); i++)
        noise_feed(i, str_from(alphabets[i]), assert_duration_or_refusal, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_are_summed),
        cmocka_unit_test(what_is_no_duration_is_refused),
        cmocka_unit_test(a_fraction_may_be_of_any_length),
        cmocka_unit_test(noise_is_refused_or_a_time_within_100_years),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
