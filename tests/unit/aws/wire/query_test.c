/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/wire/query.h"

#include "aws/limits.h"
#include "tests/support/bounded.h"
#include "tests/support/harness.h"
#include "tests/support/noise.h"

struct filter {
    struct str name;
    struct wire_strings values;
};

struct sample {
    struct str text, only_first;
    struct wire_bool flag;
    struct wire_int64 number;
    struct wire_strings strings;
    struct aws_tags tags;
    struct {
        struct filter *items;
        size_t count;
    } filters;
    struct filter nested;
};

static const struct wire_row filter_rows[] = {
    WIRE_BOTH(struct filter, name, "Name"),
    WIRE_LIST(struct filter, values, "Values", "Value"),
    WIRE_END,
};

static const struct wire_row rows[] = {
    WIRE(struct sample, text, "TextA", "TextB"),
    WIRE(struct sample, only_first, "OnlyFirst", NULL),
    WIRE_BOTH(struct sample, flag, "Flag"),
    WIRE_BOTH(struct sample, number, "Number"),
    WIRE_LIST(struct sample, strings, "TagKeys", "member"),
    WIRE_LIST(struct sample, tags, "Tags", "Tag"),
    WIRE_ITEMS(struct sample, filters, filter_rows, "Filters", "Filter", "Filters", NULL),
    WIRE_NESTED(struct sample, nested, filter_rows, "Nested"),
    WIRE_END,
};

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

static struct str written(struct arena *arena, const struct sample *sample, int column)
{
    const struct wire_query query = {
        .action = "Act", .version = "2014-10-31", .rows = rows, .column = column, .input = sample
    };
    struct str body = { 0 };
    CLEANUP(err_clear) struct err err = { 0 };
    if (!wire_query_write(arena, &query, &body, &err))
        fail_msg("%s", err_text(&err));
    return body;
}

static void what_is_absent_is_not_sent(void **state)
{
    const struct sample empty = { .text = STR("") };
    assert_str_equal(written(*state, &empty, 0), "Action=Act&Version=2014-10-31");
}

static void false_and_zero_are_sent_when_present(void **state)
{
    const struct sample sample = { .flag = { .present = true }, .number = { .present = true } };
    assert_str_equal(written(*state, &sample, 0), "Action=Act&Version=2014-10-31&Flag=false&Number=0");
}

static void lists_count_from_one_under_their_item_names(void **state)
{
    struct str strings[] = { STR("a"), STR("") };
    struct aws_tag tags[] = {
        { STR("k"), STR("v") },
        { STR("e"), STR("")  }
    };
    struct filter filters[] = {
        { STR("f"), { strings, 2 } }
    };
    const struct sample sample = {
        .strings = { strings, 2 },
          .tags = { tags,    2 },
          .filters = { filters, 1 }
    };
    assert_str_equal(written(*state, &sample, 0),
                     "Action=Act&Version=2014-10-31&TagKeys.member.1=a&TagKeys.member.2="
                     "&Tags.Tag.1.Key=k&Tags.Tag.1.Value=v&Tags.Tag.2.Key=e&Tags.Tag.2.Value="
                     "&Filters.Filter.1.Name=f&Filters.Filter.1.Values.Value.1=a"
                     "&Filters.Filter.1.Values.Value.2=");
    assert_true(str_find(written(*state, &sample, 1), STR("&Filters.1.Name=f")) > 0);
}

static void the_column_picks_the_name_or_leaves_the_member_out(void **state)
{
    const struct sample sample = { .text = STR("t"), .only_first = STR("o"), .nested = { .name = STR("n") } };
    assert_str_equal(written(*state, &sample, 0), "Action=Act&Version=2014-10-31&TextA=t&OnlyFirst=o&Nested.Name=n");
    assert_str_equal(written(*state, &sample, 1), "Action=Act&Version=2014-10-31&TextB=t&Nested.Name=n");
}

static void everything_but_unreserved_characters_is_encoded(void **state)
{
    const struct sample sample = { .text = STR("aZ09-_.~ +&=%/:\n\xc3\xa9") };
    assert_str_equal(written(*state, &sample, 0),
                     "Action=Act&Version=2014-10-31&TextA=aZ09-_.~%20%2B%26%3D%25%2F%3A%0A%C3%A9");
    const struct sample nul = {
        .text = { "a\0b", 3 }
    };
    assert_str_equal(written(*state, &nul, 0), "Action=Act&Version=2014-10-31&TextA=a%00b");
}

static void arbitrary_bytes_leave_only_safe_characters(void **state)
{
    const struct sample sample = { .text = noise(*state, 1, 300 * 1000, STR("")) };
    struct str body = written(*state, &sample, 0);
    for (size_t i = 0; i < body.len; i++)
        assert_true(body.ptr[i] > ' ' && body.ptr[i] < 0x7f && body.ptr[i] != '+');
}

static void a_body_that_is_too_long_is_refused(void **state)
{
    const struct sample sample = { .text = noise(*state, 1, AWS_BODY_MAX_BYTES, STR("a")) };
    const struct wire_query query = { .action = "Act", .version = "1", .rows = rows, .input = &sample };
    struct str body;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_false(wire_query_write(*state, &query, &body, &err));
    assert_int_equal(err.kind, ERR_INVALID);
}

/* Such as a marker that a server makes up. */
static bool is_refused(void *self)
{
    const struct sample *sample = self;
    const struct wire_query query = { .action = "Act", .version = "1", .rows = rows, .input = sample };
    struct str body;
    CLEANUP(err_clear) struct err err = { 0 };
    return !wire_query_write(arena_new(), &query, &body, &err) && err.kind == ERR_INVALID;
}

static void a_text_that_is_too_long_is_refused_before_it_is_encoded(void **state)
{
    struct sample sample = { .text = noise(*state, 1, 8 * AWS_BODY_MAX_BYTES, STR("a")) };
    bounded_run(AWS_BODY_MAX_BYTES, is_refused, &sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_absent_is_not_sent),
        cmocka_unit_test(false_and_zero_are_sent_when_present),
        cmocka_unit_test(lists_count_from_one_under_their_item_names),
        cmocka_unit_test(the_column_picks_the_name_or_leaves_the_member_out),
        cmocka_unit_test(everything_but_unreserved_characters_is_encoded),
        cmocka_unit_test(arbitrary_bytes_leave_only_safe_characters),
        cmocka_unit_test(a_body_that_is_too_long_is_refused),
        cmocka_unit_test(a_text_that_is_too_long_is_refused_before_it_is_encoded),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
