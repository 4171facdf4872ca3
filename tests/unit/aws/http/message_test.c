/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/http/message.h"

#include "tests/support/harness.h"

static void headers_are_found_without_case_and_the_first_one_wins(void **state)
{
    (void)state;
    const struct http_header headers[] = {
        { STR("Date"), STR("a") },
        { STR("X-Y"),  STR("b") },
        { STR("DATE"), STR("c") }
    };
    assert_str_equal(http_header_find(headers, ARRAY_LENGTH(headers), STR("date")), "a");
    assert_str_equal(http_header_find(headers, ARRAY_LENGTH(headers), STR("x-y")), "b");
}

static void a_missing_header_is_the_empty_text(void **state)
{
    (void)state;
    const struct http_header headers[] = {
        { STR("Date"), STR("a") }
    };
    assert_str_equal(http_header_find(headers, ARRAY_LENGTH(headers), STR("Dat")), "");
    assert_str_equal(http_header_find(NULL, 0, STR("Date")), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_are_found_without_case_and_the_first_one_wins),
        cmocka_unit_test(a_missing_header_is_the_empty_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
