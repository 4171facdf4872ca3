/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/wire/rows.h"

#include <string.h>

#include "tests/support/harness.h"

struct item {
    struct str name;
};

struct items {
    struct item *items;
    size_t count;
};

struct inner {
    struct str text;
};

struct all {
    struct str text, absent, empty;
    struct wire_bool flag;
    struct wire_int64 number;
    struct wire_strings strings;
    struct aws_tags tags;
    struct inner inner;
    struct items items;
};

static const struct wire_row inner_rows[] = { WIRE_BOTH(struct inner, text, "Text"), WIRE_END };
static const struct wire_row item_rows[] = { WIRE_BOTH(struct item, name, "Name"), WIRE_END };
static const struct wire_row rows[] = {
    WIRE_BOTH(struct all, text, "Text"),
    WIRE_BOTH(struct all, absent, "Absent"),
    WIRE_BOTH(struct all, empty, "Empty"),
    WIRE_BOTH(struct all, flag, "Flag"),
    WIRE_BOTH(struct all, number, "Number"),
    WIRE_LIST(struct all, strings, "Strings", "String"),
    WIRE_LIST(struct all, tags, "Tags", "Tag"),
    WIRE_NESTED(struct all, inner, inner_rows, "Inner"),
    WIRE_ITEMS(struct all, items, item_rows, "Items", "Item", "Items", "Item"),
    WIRE_END,
};

static struct str fresh(struct arena *arena, const char *text)
{
    return str_copy(arena, str_from(text));
}

/* Read into an arena that goes: every byte of it is overwritten first. */
static void what_is_kept_outlives_what_it_was_read_into(void **state)
{
    (void)state;
    struct arena *read = arena_new(), *arena = arena_new();
    struct str *strings = arena_array(read, 2, sizeof(*strings));
    struct aws_tag *tags = arena_array(read, 1, sizeof(*tags));
    struct item *items = arena_array(read, 2, sizeof(*items));
    strings[0] = fresh(read, "one");
    strings[1] = fresh(read, "two");
    tags[0] = (struct aws_tag){ fresh(read, "key"), (struct str){ 0 } };
    items[0].name = fresh(read, "first");
    items[1].name = fresh(read, "second");
    struct all all = {
        .text = fresh(read, "text"),
        .empty = fresh(read, ""),
        .flag = { true,       true     },
        .number = { true,       7        },
        .strings = { strings,    2        },
        .tags = { tags,       1        },
        .inner = { fresh(read, "inner") },
        .items = { items,      2        },
    };
    wire_keep(arena, rows, &all);
    strings[1] = tags[0].key = items[1].name = STR("gone");
    arena_free(read);
    assert_str_equal(all.text, "text");
    assert_null(all.absent.ptr);
    assert_non_null(all.empty.ptr);
    assert_true(all.flag.value);
    assert_int_equal(all.number.value, 7);
    assert_str_equal(all.strings.items[1], "two");
    assert_str_equal(all.tags.items[0].key, "key");
    assert_null(all.tags.items[0].value.ptr);
    assert_str_equal(all.inner.text, "inner");
    assert_str_equal(all.items.items[0].name, "first");
    assert_str_equal(all.items.items[1].name, "second");
    arena_free(arena);
}

static void an_empty_list_stays_empty(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct all all = { 0 };
    wire_keep(arena, rows, &all);
    assert_int_equal(all.strings.count + all.tags.count + all.items.count, 0);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_kept_outlives_what_it_was_read_into),
        cmocka_unit_test(an_empty_list_stays_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
