/* SPDX-License-Identifier: MPL-2.0 */
#include "base/err.h"

#include <string.h>

#include "tests/support/harness.h"

static void raising_says_no_and_forgets_what_was_there(void **state)
{
    CLEANUP(err_clear) struct err err = { .unanswered = true };
    (void)state;
    err_set_part(&err, ERR_CODE, "Old");
    err_set_remedy(&err, "old");
    assert_false(err_set(&err, ERR_NOT_FOUND, "no snapshot %s", "x"));
    assert_int_equal(err.kind, ERR_NOT_FOUND);
    assert_string_equal(err_text(&err), "no snapshot x");
    assert_false(err.unanswered);
    assert_string_equal(err_code(&err), "");
    assert_string_equal(err_remedy(&err), "");
}

static void wrapping_adds_context_and_keeps_the_rest(void **state)
{
    CLEANUP(err_clear) struct err err = { 0 };
    (void)state;
    (void)err_set(&err, ERR_DENIED, "refused");
    err.unanswered = true;
    err_set_part(&err, ERR_CODE, "AccessDenied");
    err_set_remedy(&err, "ask %s", "them");
    assert_false(err_wrap(&err, "copying %d", 7));
    assert_false(err_wrap(&err, "step 3"));
    assert_string_equal(err_text(&err), "step 3: copying 7: refused");
    assert_int_equal(err.kind, ERR_DENIED);
    assert_string_equal(err_code(&err), "AccessDenied");
    assert_string_equal(err_remedy(&err), "ask them");
    assert_true(err.unanswered);
}

static void an_error_may_quote_itself(void **state)
{
    CLEANUP(err_clear) struct err err = { 0 };
    (void)state;
    (void)err_set(&err, ERR_IO, "inner");
    (void)err_set(&err, ERR_IO, "outer of %s", err_text(&err));
    assert_string_equal(err_text(&err), "outer of inner");
}

static void long_texts_are_cut_between_characters(void **state)
{
    CLEANUP(err_clear) struct err err = { 0 };
    char text[3 * 4096];
    (void)state;
    for (size_t shift = 0; shift < 4; shift++) {
        size_t used = shift;
        memset(text, 'x', shift);
        for (; used + 4 < sizeof(text); used += 4)
            memcpy(text + used, "\xf0\x9f\x98\x80", 4);
        text[used] = '\0';
        (void)err_set(&err, ERR_IO, "%s", text);
        assert_true(strlen(err_text(&err)) + 3 >= err_part_limit(ERR_TEXT));
        assert_true(str_is_utf8(str_from(err_text(&err))));
        (void)err_wrap(&err, "a");
        assert_true(str_is_utf8(str_from(err_text(&err))));
        (void)err_wrap(&err, "%s", text);
        assert_true(str_is_utf8(str_from(err_text(&err))));
        err_set_remedy(&err, "%s", text);
        assert_true(str_is_utf8(str_from(err_remedy(&err))));
        err_set_path(&err, text);
        assert_true(str_is_utf8(str_from(err_path(&err))));
        assert_true(strlen(err_path(&err)) + 3 >= err_part_limit(ERR_PATH));
    }
}

static void a_copy_is_on_its_own_and_a_move_leaves_nothing(void **state)
{
    CLEANUP(err_clear) struct err from = { 0 };
    CLEANUP(err_clear) struct err to = { 0 };
    (void)state;
    (void)err_set(&to, ERR_IO, "what was there before");
    (void)err_set(&from, ERR_DENIED, "refused");
    err_set_part(&from, ERR_REGION, "eu-west-1");
    from.unanswered = true;
    err_copy(&to, &from);
    (void)err_wrap(&from, "later");
    assert_string_equal(err_text(&to), "refused");
    assert_string_equal(err_part(&to, ERR_REGION), "eu-west-1");
    assert_int_equal(to.kind, ERR_DENIED);
    assert_true(to.unanswered);
    err_move(&to, &from);
    assert_string_equal(err_text(&to), "later: refused");
    assert_int_equal(from.kind, ERR_NONE);
    assert_false(from.unanswered);
    assert_string_equal(err_text(&from), "");
    err_clear(&to);
    assert_int_equal(to.kind, ERR_NONE);
    assert_string_equal(err_part(&to, ERR_REGION), "");
}

static void each_kind_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int i = ERR_NONE; i <= ERR_INTERNAL; i++)
        for (int j = ERR_NONE; j < i; j++)
            assert_string_not_equal(err_kind_name((enum err_kind)i), err_kind_name((enum err_kind)j));
}

static void a_paragraph_comes_behind_a_remedy_or_is_the_first(void **state)
{
    (void)state;
    CLEANUP(err_clear) struct err err = { 0 };
    err_add_remedy(&err, "ask %s", "them");
    assert_string_equal(err_remedy(&err), "ask them");
    err_add_remedy(&err, "%s twice", err_remedy(&err));
    assert_string_equal(err_remedy(&err), "ask them\n\nask them twice");
    char *full = mem_alloc(err_part_limit(ERR_REMEDY) + 1);
    memset(full, 'x', err_part_limit(ERR_REMEDY));
    full[err_part_limit(ERR_REMEDY)] = '\0';
    err_set_remedy(&err, "%s", full);
    err_add_remedy(&err, "more");
    assert_int_equal(strlen(err_remedy(&err)), err_part_limit(ERR_REMEDY));
    mem_free(full);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(raising_says_no_and_forgets_what_was_there),
        cmocka_unit_test(a_paragraph_comes_behind_a_remedy_or_is_the_first),
        cmocka_unit_test(wrapping_adds_context_and_keeps_the_rest),
        cmocka_unit_test(an_error_may_quote_itself),
        cmocka_unit_test(long_texts_are_cut_between_characters),
        cmocka_unit_test(a_copy_is_on_its_own_and_a_move_leaves_nothing),
        cmocka_unit_test(each_kind_has_a_name_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
