/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/model/number.h"

#include <math.h>

#include "tests/support/harness.h"

static void whole_numbers_in_every_form_are_read(void **state)
{
    static const struct {
        const char *text;
        int64_t value;
    } rows[] = {
        { "5",                                     5         },
        { "-0",                                    0         },
        { "+7",                                    7         },
        { "5.0",                                   5         },
        { "-3.000",                                -3        },
        { "1e3",                                   1000      },
        { "1.5e1",                                 15        },
        { "1200e-2",                               12        },
        { "0e99999",                               0         },
        { "0.0",                                   0         },
        { "0.05e2",                                5         },
        { "100",                                   100       },
        { "9223372036854775807",                   INT64_MAX },
        { "-9223372036854775808",                  INT64_MIN },
        { "-9223372036854775808.0",                INT64_MIN },
        { "92233720368547758.07e2",                INT64_MAX },
        { "0000000000000000000000000000000000012", 12        },
        { "1000000000000000000000000e-24",         1         },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        CLEANUP(err_clear) struct err err = { 0 };
        int64_t value = 99;
        if (!number_from_text(str_from(rows[i].text), &value, &err))
            fail_msg("%s: %s", rows[i].text, err_text(&err));
        if (value != rows[i].value)
            fail_msg("%s is read as %lld", rows[i].text, (long long)value);
    }
}

static void what_would_be_rounded_is_refused(void **state)
{
    static const char *const texts[] = { "1.5",
                                         "0.1",
                                         "1e-1",
                                         "9223372036854775808",
                                         "-9223372036854775809",
                                         "1e400",
                                         "-1e19",
                                         "18446744073709551615",
                                         "12345678901234567890.5",
                                         "1.00000000000000000000000000000000000001" };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        CLEANUP(err_clear) struct err err = { 0 };
        int64_t value = 99;
        if (number_from_text(str_from(texts[i]), &value, &err))
            fail_msg("%s is read as %lld", texts[i], (long long)value);
        assert_int_equal(err.kind, ERR_INVALID);
        assert_int_equal(value, 99);
    }
}

static void what_is_no_number_is_refused(void **state)
{
    static const char *const texts[] = { "",     "-",  "+",  ".",   "e1",    "1e",  "1e+", "1.e1x",
                                         "0x10", "1 ", " 1", "--1", "1.2.3", "Inf", "nan", "1e999999999999",
                                         "5e1.0" };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        CLEANUP(err_clear) struct err err = { 0 };
        int64_t value;
        if (number_from_text(str_from(texts[i]), &value, &err))
            fail_msg("\"%s\" is read as %lld", texts[i], (long long)value);
    }
}

static void noise_is_never_taken_for_a_number_by_accident(void **state)
{
    unsigned seed = 7;
    (void)state;
    for (int round = 0; round < 100000; round++) {
        static const char alphabet[] = "0123456789.-+eE";
        char text[24];
        size_t length = 0;
        for (; length < sizeof(text); length++) {
            seed = seed * 1664525u + 1013904223u;
            text[length] = alphabet[(seed >> 16) % (sizeof(alphabet) - 1)];
        }
        CLEANUP(err_clear) struct err err = { 0 };
        int64_t value;
        if (!number_from_text((struct str){ text, length }, &value, &err))
            assert_int_equal(err.kind, ERR_INVALID);
    }
}

static void doubles_must_be_whole_finite_and_fit(void **state)
{
    CLEANUP(err_clear) struct err err = { 0 };
    int64_t value = 0;
    (void)state;
    assert_true(number_from_double(-3.0, &value, &err));
    assert_int_equal(value, -3);
    assert_true(number_from_double(-0x1p63, &value, &err));
    assert_int_equal(value, INT64_MIN);
    assert_false(number_from_double(0x1p63, &value, &err));
    assert_false(number_from_double(0.5, &value, &err));
    assert_false(number_from_double(1e-300, &value, &err));
    assert_false(number_from_double((double)INFINITY, &value, &err));
    assert_false(number_from_double((double)NAN, &value, &err));
    assert_false(number_from_uint64(UINT64_MAX, &value, &err));
    assert_true(number_from_uint64(INT64_MAX, &value, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_numbers_in_every_form_are_read),
        cmocka_unit_test(what_would_be_rounded_is_refused),
        cmocka_unit_test(what_is_no_number_is_refused),
        cmocka_unit_test(noise_is_never_taken_for_a_number_by_accident),
        cmocka_unit_test(doubles_must_be_whole_finite_and_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
