/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/aws_provider/duration.h"

#include "base/clock.h"
#include "tests/support/harness.h"

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
        struct err err = { 0 };
        assert_true(go_duration_parse(str_from(rows[i].text), &ms, &err));
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
        struct err err = { 0 };
        assert_false(go_duration_parse(str_from(rows[i]), &ms, &err));
        assert_int_equal(err.kind, ERR_INVALID);
        assert_int_equal(ms, -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_are_summed),
        cmocka_unit_test(what_is_no_duration_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
