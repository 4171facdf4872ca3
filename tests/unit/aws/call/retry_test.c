/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/call/retry.h"

#include "tests/support/harness.h"

static void the_longest_pause_doubles_from_its_base_up_to_the_cap(void **state)
{
    static const int64_t plain[] = { 50, 100, 200, 400, 800, 1600, 3200, 6400, 12800, 20000, 20000 };
    static const int64_t throttled[] = { 1000, 2000, 4000, 8000, 16000, 20000, 20000 };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(plain); i++)
        assert_int_equal(retry_pause_ms((int)i + 1, false, RETRY_NO_HINT, UINT32_MAX), plain[i]);
    for (size_t i = 0; i < ARRAY_LENGTH(throttled); i++)
        assert_int_equal(retry_pause_ms((int)i + 1, true, RETRY_NO_HINT, UINT32_MAX), throttled[i]);
    assert_int_equal(retry_pause_ms(1000000, true, RETRY_NO_HINT, UINT32_MAX), 20000);
}

static void the_jitter_is_full(void **state)
{
    (void)state;
    assert_int_equal(retry_pause_ms(9, false, RETRY_NO_HINT, 0), 0);
    assert_between(retry_pause_ms(9, false, RETRY_NO_HINT, UINT32_MAX / 2), 6390, 6400);
}

static void a_hint_lengthens_the_pause_by_five_seconds_at_most(void **state)
{
    (void)state;
    assert_int_equal(retry_pause_ms(1, false, 3000, 0), 3000);
    assert_int_equal(retry_pause_ms(1, false, 3600 * 1000, UINT32_MAX), 5050);
    assert_int_equal(retry_pause_ms(1, true, 20, UINT32_MAX), 1000); /* it never shortens */
    assert_int_equal(retry_pause_ms(1, true, INT64_MAX, 0), 5000);
}

static void a_hint_is_a_number_that_is_not_negative(void **state)
{
    static const char *const invalid[] = { "", "-1", "1.5", "soon", "99999999999999999999" };
    (void)state;
    assert_int_equal(retry_hint_ms(STR(" 1500 ")), 1500);
    assert_int_equal(retry_hint_ms(STR("0")), 0);
    for (size_t i = 0; i < ARRAY_LENGTH(invalid); i++)
        assert_int_equal(retry_hint_ms(str_from(invalid[i])), RETRY_NO_HINT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_longest_pause_doubles_from_its_base_up_to_the_cap),
        cmocka_unit_test(the_jitter_is_full),
        cmocka_unit_test(a_hint_lengthens_the_pause_by_five_seconds_at_most),
        cmocka_unit_test(a_hint_is_a_number_that_is_not_negative),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
