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

static void what_would_end_a_header_line_is_no_value_of_one(void **state)
{
    static const char *const refused[] = { "a\nb", "a\r", "\t", "a\x7f", "caf\xc3\xa9" };
    (void)state;
    assert_true(http_is_header_value(STR("!Bearer ey.J~")));
    assert_true(http_is_header_word(STR("!ey.J~")));
    assert_false(http_is_header_word(STR("Bearer ey")));
    assert_true(http_is_header_value(STR("")) && http_is_header_word(STR("")));
    assert_false(http_is_header_value((struct str){ "a\0b", 3 }));
    for (size_t i = 0; i < ARRAY_LENGTH(refused); i++) {
        assert_false(http_is_header_value(str_from(refused[i])));
        assert_false(http_is_header_word(str_from(refused[i])));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_are_found_without_case_and_the_first_one_wins),
        cmocka_unit_test(a_missing_header_is_the_empty_text),
        cmocka_unit_test(what_would_end_a_header_line_is_no_value_of_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
