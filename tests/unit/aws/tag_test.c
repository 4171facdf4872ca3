/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/tag.h"

#include "tests/support/harness.h"

static struct str repeated(struct arena *arena, const char *character, size_t count)
{
    struct str text = STR("");
    while (count--)
        text = str_format(arena, "%.*s%s", STR_ARG(text), character);
    return text;
}

static void tags_are_as_long_as_aws_counts_characters(void **state)
{
    static const char *const characters[] = { "k", "\xc3\xbc", "\xe2\x82\xac", "\xf0\x9f\x9a\x80" };
    struct arena *arena = arena_new();
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(characters); i++) {
        assert_true(aws_is_tag_key(repeated(arena, characters[i], 128)));
        assert_false(aws_is_tag_key(repeated(arena, characters[i], 129)));
        assert_true(aws_is_tag_value(repeated(arena, characters[i], 256)));
        assert_false(aws_is_tag_value(repeated(arena, characters[i], 257)));
    }
    arena_free(arena);
}

static void only_a_value_may_be_empty(void **state)
{
    (void)state;
    assert_false(aws_is_tag_key((struct str){ 0 }));
    assert_true(aws_is_tag_value((struct str){ 0 }));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tags_are_as_long_as_aws_counts_characters),
        cmocka_unit_test(only_a_value_may_be_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
