/* SPDX-License-Identifier: MPL-2.0 */
#include "base/linux/error_text.h"

#include <errno.h>
#include <limits.h>

#include "tests/support/harness.h"

static void an_error_has_the_systems_words(void **state)
{
    (void)state;
    assert_string_equal(os_error_text(ENOENT), "No such file or directory");
    assert_string_equal(os_error_text(EACCES), "Permission denied");
}

static void a_number_that_is_no_error_has_a_text_too(void **state)
{
    static const int numbers[] = { -1, 4095, INT_MAX, INT_MIN };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++)
        assert_string_equal(os_error_text(numbers[i]), "unknown error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_has_the_systems_words),
        cmocka_unit_test(a_number_that_is_no_error_has_a_text_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
