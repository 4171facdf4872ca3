/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/wire/json.h"

#include <string.h>

#include "aws/limits.h"
#include "tests/support/harness.h"
#include "tests/support/heap.h"
#include "tests/support/noise.h"
#include "tests/support/vectors.h"

enum { NOISE_BYTES = 1000 * 1000 };

struct item {
    struct str name;
};

struct sample {
    struct str text;
    struct wire_bool flag;
    struct wire_int64 number;
    struct wire_strings strings;
    struct aws_tags tags;
    struct {
        struct item *items;
        size_t count;
    } items;
    struct item nested;
};

static const struct wire_row item_rows[] = {
    WIRE_BOTH(struct item, name, "Name"),
    WIRE_END,
};

static const struct wire_row rows[] = {
    WIRE(struct sample, text, "Text", "OtherText"),
    WIRE_BOTH(struct sample, flag, "Flag"),
    WIRE_BOTH(struct sample, number, "Number"),
    WIRE_LIST(struct sample, strings, "Strings", NULL),
    WIRE_LIST(struct sample, tags, "Tags", NULL),
    WIRE_ITEMS(struct sample, items, item_rows, "Items", NULL, "Items", NULL),
    WIRE_NESTED(struct sample, nested, item_rows, "Nested"),
    WIRE_END,
};

static int open_arena(void **state)
{
    wire_json_init();
    *state = arena_new();
    return 0;
}

static int close_arena(void **state)
{
    arena_free(*state);
    return 0;
}

static bool read_text(void **state, struct str text, struct sample *out, struct err *err)
{
    const struct wire_json shape = { .rows = rows, .out_size = sizeof(*out) };
    return wire_json_read(*state, text, &shape, out, err);
}

static struct str written(void **state, const struct sample *sample, int column)
{
    const struct wire_json shape = { .rows = rows, .column = column };
    struct str text = { 0 };
    CLEANUP(err_clear) struct err err = { 0 };
    if (!wire_json_write(*state, &shape, sample, &text, &err))
        fail_msg("%s", err_text(&err));
    return text;
}

static void what_is_written_is_read_again(void **state)
{
    struct str strings[] = { STR("a\"\\\n\xc3\xa9"), STR("") };
    struct aws_tag tags[] = {
        { STR("k"), STR("") }
    };
    struct item items[] = { { STR("n") } };
    const struct sample given = {
        .text = STR("t"),
        .flag = { .present = true },
        .number = { .present = true, .value = INT64_MIN },
        .strings = { strings, 2 },
        .tags = { tags, 1 },
        .items = { items, 1 },
        .nested = { STR("deep") }
    };
    struct sample got;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(read_text(state, written(state, &given, 0), &got, &err));
    assert_str_equal(got.text, "t");
    assert_true(got.flag.present && !got.flag.value);
    assert_true(got.number.value == INT64_MIN);
    assert_int_equal(got.strings.count, 2);
    assert_str_equal(got.strings.items[0], "a\"\\\n\xc3\xa9");
    assert_str_equal(got.tags.items[0].key, "k");
    assert_str_equal(got.items.items[0].name, "n");
    assert_str_equal(got.nested.name, "deep");
}

static void what_is_absent_is_not_written(void **state)
{
    const struct sample empty = { .text = STR("") };
    assert_str_equal(written(state, &empty, 0), "{\"Nested\":{}}");
    const struct sample text = { .text = STR("t") };
    assert_str_equal(written(state, &text, 1), "{\"OtherText\":\"t\",\"Nested\":{}}");
}

static void an_object_is_changed_in_what_the_rows_name(void **state)
{
    const struct sample change = {
        .text = STR("new"), .number = { .present = true, .value = 7 }
    };
    const struct wire_json shape = { .rows = rows };
    struct str text;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(wire_json_change(*state,
                                 STR("{\"Theirs\": {\"a\": [1, null]}, \"Text\": \"old\", \"Flag\": true, "
                                     "\"Count\": 1.5, \"Big\": 9007199254740993}"),
                                 &shape, &change, &text, &err));
    assert_str_equal(text, "{\"Theirs\":{\"a\":[1,null]},\"Text\":\"new\",\"Count\":1.5,"
                           "\"Big\":9007199254740993,\"Number\":7,\"Nested\":{}}");
    assert_false(wire_json_change(*state, STR("[]"), &shape, &change, &text, &err));
    assert_int_equal(err.kind, ERR_IO);
    const struct sample foreign = { .text = STR("\xff") };
    assert_false(wire_json_change(*state, STR("{}"), &shape, &foreign, &text, &err));
    assert_int_equal(err.kind, ERR_INVALID);
}

static void what_was_read_is_wiped(void **state)
{
    struct sample sample;
    struct str text;
    CLEANUP(err_clear) struct err err = { 0 };
    (void)state;
    if (!heap_is_known())
        skip();
    struct arena *arena = arena_new();
    const struct str secret = heap_secret(arena);
    const struct wire_json shape = { .rows = rows, .out_size = sizeof(sample) };
    text = str_format(arena, "{\"Text\":\"%.*s\",\"Theirs\":\"%.*s\"}", STR_ARG(secret), STR_ARG(secret));
    assert_true(wire_json_read(arena, text, &shape, &sample, &err));
    assert_true(wire_json_change(arena, text, &shape, &sample, &text, &err));
    assert_true(heap_has_secret());
    arena_free(arena);
    assert_false(heap_has_secret());
}

static void null_is_absent_and_numbers_lose_their_fraction(void **state)
{
    struct sample sample;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(
        read_text(state, STR("{\"Text\":null,\"Number\":1767225600.75,\"New\":[{}],\"Flag\":true}"), &sample, &err));
    assert_null(sample.text.ptr);
    assert_true(sample.number.value == 1767225600);
    assert_true(sample.flag.value);
}

static void another_type_than_the_row_says_is_refused(void **state)
{
    static const char *const refused[] = {
        "",
        "[]",
        "\"text\"",
        "{\"Text\":",
        "{} {}",
        "{\"Text\":1}",
        "{\"Flag\":\"true\"}",
        "{\"Number\":\"1\"}",
        "{\"Number\":1e300}",
        "{\"Strings\":\"a\"}",
        "{\"Strings\":[1]}",
        "{\"Tags\":[1]}",
        "{\"Items\":[[]]}",
        "{\"Nested\":[]}",
        "{\"Text\":\"\xff\"}",
        "{\"Text\":\"\\u0000\"}",
        "<R/>",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(refused); i++) {
        struct sample sample = { .text = STR("untouched") };
        CLEANUP(err_clear) struct err err = { 0 };
        if (read_text(state, str_from(refused[i]), &sample, &err))
            fail_msg("accepted: %s", refused[i]);
        assert_int_equal(err.kind, ERR_IO);
        assert_str_equal(sample.text, "untouched");
    }
}

static void texts_that_are_not_utf8_are_not_written(void **state)
{
    struct str strings[] = { STR("ok"), STR("\xff") };
    struct aws_tag tags[] = {
        { STR("k"), STR("\xff") }
    };
    const struct sample refused[] = {
        { .text = STR("\xff") }, { .strings = { strings, 2 } }, { .tags = { tags, 1 } }, { .nested = { STR("\xff") } }
    };
    for (size_t i = 0; i < ARRAY_LENGTH(refused); i++) {
        const struct wire_json shape = { .rows = rows };
        struct str text;
        CLEANUP(err_clear) struct err err = { 0 };
        assert_false(wire_json_write(*state, &shape, &refused[i], &text, &err));
        assert_int_equal(err.kind, ERR_INVALID);
    }
}

static void a_request_that_is_too_long_is_refused(void **state)
{
    const struct sample sample = { .text = noise(*state, 1, AWS_BODY_MAX_BYTES, STR("a")) };
    const struct wire_json shape = { .rows = rows };
    struct str text;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_false(wire_json_write(*state, &shape, &sample, &text, &err));
    assert_int_equal(err.kind, ERR_INVALID);
}

static void deep_nesting_is_refused(void **state)
{
    struct sample sample;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_false(read_text(state, noise(*state, 1, 100 * 1000, STR("[")), &sample, &err));
}

static void noise_is_survived(void **state)
{
    struct sample sample;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_false(read_text(state, noise(*state, 1, NOISE_BYTES, STR("")), &sample, &err));
    for (uint64_t seed = 0; seed < 1000; seed++) {
        struct str part = noise(*state, seed, NOISE_BYTES / 1000, STR("{}[]:,\"\\u0e1.-tfn \n"));
        (void)!read_text(state, str_format(*state, "{\"Text\":\"%.*s", STR_ARG(part)), &sample, &err);
        (void)!read_text(state, str_format(*state, "{\"Items\":[{%.*s", STR_ARG(part)), &sample, &err);
    }
    struct str reply = vector_read(*state, "replies/DescribeKey.json");
    for (size_t length = 0; length + 2 < reply.len; length++)
        assert_false(read_text(state, str_slice(reply, 0, length), &sample, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_again),
        cmocka_unit_test(what_is_absent_is_not_written),
        cmocka_unit_test(an_object_is_changed_in_what_the_rows_name),
        cmocka_unit_test(what_was_read_is_wiped),
        cmocka_unit_test(null_is_absent_and_numbers_lose_their_fraction),
        cmocka_unit_test(another_type_than_the_row_says_is_refused),
        cmocka_unit_test(texts_that_are_not_utf8_are_not_written),
        cmocka_unit_test(a_request_that_is_too_long_is_refused),
        cmocka_unit_test(deep_nesting_is_refused),
        cmocka_unit_test(noise_is_survived),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
