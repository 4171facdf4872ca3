/* SPDX-License-Identifier: MPL-2.0 */
#include "base/str.h"

#include <stdlib.h>

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

static void integers_are_taken_whole_or_not_at_all(void **state)
{
    (void)state;
    int64_t value = 7;
    assert_true(str_to_int64(STR("-9223372036854775808"), &value));
    assert_true(value == INT64_MIN);
    assert_true(str_to_int64(STR("9223372036854775807"), &value));
    assert_true(value == INT64_MAX);
    static const char *const refused[] = { "", "-", "9223372036854775808", "1x", " 1", "+1" };
    for (size_t i = 0; i < ARRAY_LENGTH(refused); i++)
        assert_false(str_to_int64(str_from(refused[i]), &value));
    assert_true(value == INT64_MAX);
}

static void pieces_come_in_order_and_include_empty_ones(void **state)
{
    (void)state;
    struct str rest = STR("a::b");
    struct str piece;
    assert_true(str_next(&rest, ':', &piece));
    assert_str_equal(piece, "a");
    assert_true(str_next(&rest, ':', &piece));
    assert_str_equal(piece, "");
    assert_true(str_next(&rest, ':', &piece));
    assert_str_equal(piece, "b");
    assert_false(str_next(&rest, ':', &piece));
}

static void invalid_utf8_and_control_characters_are_replaced(void **state)
{
    struct arena *arena = *state;
    assert_str_equal(str_printable(arena, STR("ok \xc3\xa9\n")), "ok \xc3\xa9\n");
    assert_str_equal(str_printable(arena, STR("a\xff"
                                              "b\x1b")),
                     "a\xef\xbf\xbd"
                     "b\xef\xbf\xbd");
    assert_false(str_is_utf8(STR("\xed\xa0\x80"))); /* a surrogate */
    assert_false(str_is_utf8(STR("\xc0\x80")));     /* overlong */
    assert_false(str_is_utf8(STR("\xe2\x82")));     /* cut short */
    assert_true(str_is_utf8(STR("\xf0\x9f\x98\x80")));
}

static void assert_made_printable(void *self, struct str bytes)
{
    struct arena *arena = arena_new();
    struct str shown = str_printable(arena, bytes);
    int64_t number;
    (void)self;
    assert_true(str_is_utf8(shown));
    assert_true(!str_is_utf8(bytes) || shown.len >= bytes.len);
    assert_true(str_equal(str_printable(arena, shown), shown));
    if (str_to_int64(bytes, &number))
        assert_true(number == strtoll(str_c(arena, bytes), NULL, 10));
    arena_free(arena);
}

static void noise_becomes_text_that_may_be_shown(void **state)
{
    static const char *const alphabets[] = { "", "a\xc2\xe2\x82\xac\xed\xa0\x80\xf0\x9f\x98\x1b\n", "-0123456789" };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(alphabets); i++)
        noise_feed(i, str_from(alphabets[i]), assert_made_printable, NULL);
}

static void a_builder_refuses_what_passes_its_maximum(void **state)
{
    struct str_builder builder;
    CLEANUP(err_clear) struct err err = { 0 };
    str_builder_init(&builder, *state, 5);
    assert_true(str_builder_add(&builder, STR("abc"), &err));
    assert_false(str_builder_add(&builder, STR("def"), &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_true(str_builder_format(&builder, &err, "%d", 42));
    assert_str_equal(str_builder_text(&builder), "abc42");
}

static void searching_and_slicing_stay_inside_the_text(void **state)
{
    struct arena *arena = *state;
    assert_true(str_find(STR("needle in hay"), STR("in")) == 7);
    assert_true(str_find(STR("hay"), STR("needle")) == -1);
    assert_str_equal(str_slice(STR("hay"), 1, 99), "ay");
    assert_str_equal(str_slice(STR("hay"), 9, 99), "");
    assert_str_equal(str_trim(STR(" \t a b\r\n")), "a b");
    assert_true(str_equal_ignore_case(STR("AbC"), STR("aBc")));
    assert_str_equal(str_lower(arena, STR("ARN:Z")), "arn:z");
    assert_true(str_compare(STR("a"), STR("ab")) < 0);
    assert_true(str_ends_with(STR("snapshotFault"), STR("Fault")));
    assert_false(str_starts_with(STR("a"), STR("ab")));
}

static void a_list_has_its_separator_between_items_only(void **state)
{
    struct arena *arena = *state;
    struct str list = STR("");
    str_join(arena, &list, ", ", "%s", "a");
    assert_str_equal(list, "a");
    str_join(arena, &list, ", ", "%s of %d", "b", 2);
    str_join(arena, &list, "; ", "%s", "");
    assert_str_equal(list, "a, b of 2; ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_are_taken_whole_or_not_at_all),
        cmocka_unit_test(pieces_come_in_order_and_include_empty_ones),
        cmocka_unit_test(invalid_utf8_and_control_characters_are_replaced),
        cmocka_unit_test(noise_becomes_text_that_may_be_shown),
        cmocka_unit_test(a_builder_refuses_what_passes_its_maximum),
        cmocka_unit_test(searching_and_slicing_stay_inside_the_text),
        cmocka_unit_test(a_list_has_its_separator_between_items_only),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
