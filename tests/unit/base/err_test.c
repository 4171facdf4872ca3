/* SPDX-License-Identifier: MPL-2.0 */
#include "base/err.h"

#include <string.h>

#include "tests/support/harness.h"

static void raising_says_no_and_forgets_what_was_there(void **state)
{
    struct err err = { .unanswered = true, .code = "Old", .remedy = "old" };
    (void)state;
    assert_false(err_set(&err, ERR_NOT_FOUND, "no snapshot %s", "x"));
    assert_int_equal(err.kind, ERR_NOT_FOUND);
    assert_string_equal(err.text, "no snapshot x");
    assert_false(err.unanswered);
    assert_string_equal(err.code, "");
    assert_string_equal(err.remedy, "");
}

static void wrapping_adds_context_and_keeps_the_rest(void **state)
{
    struct err err = { 0 };
    (void)state;
    (void)err_set(&err, ERR_DENIED, "refused");
    err.unanswered = true;
    memcpy(err.code, "AccessDenied", sizeof("AccessDenied"));
    err_set_remedy(&err, "ask %s", "them");
    assert_false(err_wrap(&err, "copying %d", 7));
    assert_false(err_wrap(&err, "step 3"));
    assert_string_equal(err.text, "step 3: copying 7: refused");
    assert_int_equal(err.kind, ERR_DENIED);
    assert_string_equal(err.code, "AccessDenied");
    assert_string_equal(err.remedy, "ask them");
    assert_true(err.unanswered);
}

static void an_error_may_quote_itself(void **state)
{
    struct err err = { 0 };
    (void)state;
    (void)err_set(&err, ERR_IO, "inner");
    (void)err_set(&err, ERR_IO, "outer of %s", err.text);
    assert_string_equal(err.text, "outer of inner");
}

static void long_texts_are_cut_between_characters(void **state)
{
    struct err err = { 0 };
    char text[3 * sizeof(err.text)];
    (void)state;
    for (size_t shift = 0; shift < 4; shift++) {
        size_t used = shift;
        memset(text, 'x', shift);
        for (; used + 4 < sizeof(text); used += 4)
            memcpy(text + used, "\xf0\x9f\x98\x80", 4);
        text[used] = '\0';
        (void)err_set(&err, ERR_IO, "%s", text);
        assert_true(strlen(err.text) + 4 >= sizeof(err.text));
        assert_true(str_is_utf8(str_from(err.text)));
        (void)err_wrap(&err, "a");
        assert_true(str_is_utf8(str_from(err.text)));
        (void)err_wrap(&err, "%s", text);
        assert_true(str_is_utf8(str_from(err.text)));
        err_set_remedy(&err, "%s", text);
        assert_true(str_is_utf8(str_from(err.remedy)));
        err_set_path(&err, text);
        assert_true(str_is_utf8(str_from(err.path)));
        assert_true(strlen(err.path) + 4 >= sizeof(err.path));
    }
}

static void each_kind_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int i = ERR_NONE; i <= ERR_INTERNAL; i++)
        for (int j = ERR_NONE; j < i; j++)
            assert_string_not_equal(err_kind_name((enum err_kind)i), err_kind_name((enum err_kind)j));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(raising_says_no_and_forgets_what_was_there),
        cmocka_unit_test(wrapping_adds_context_and_keeps_the_rest),
        cmocka_unit_test(an_error_may_quote_itself),
        cmocka_unit_test(long_texts_are_cut_between_characters),
        cmocka_unit_test(each_kind_has_a_name_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
