/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/model/msgpack.h"

#include <string.h>

#include "plugin/runtime/model/object.h"
#include "tests/support/harness.h"
#include "tests/support/model_check.h"
#include "tests/unit/plugin/runtime/toy_provider.h"

#define RAW(literal) { "" literal, sizeof(literal) - 1 } /* in static tables */
#define BYTES(literal) ((struct str)RAW(literal))

static const struct tf_model *const model = &toy_thing_resource.model;

/* One member of each kind, for single values. */
struct values {
    struct tf_string text;
    struct tf_bool flag;
    struct tf_int64 number;
    struct tf_string_list list;
    struct tf_string_set set;
    struct tf_string_map map;
};

static const struct tf_attribute text_row = TF_ATTR(struct values, text, .flags = TF_OPTIONAL);
static const struct tf_attribute flag_row = TF_ATTR(struct values, flag, .flags = TF_OPTIONAL);
static const struct tf_attribute number_row = TF_ATTR(struct values, number, .flags = TF_OPTIONAL);
static const struct tf_attribute list_row = TF_ATTR(struct values, list, .flags = TF_OPTIONAL);
static const struct tf_attribute set_row = TF_ATTR(struct values, set, .flags = TF_OPTIONAL);
static const struct tf_attribute map_row = TF_ATTR(struct values, map, .flags = TF_OPTIONAL);

struct pair {
    struct tf_string a;
    struct tf_int64 b;
};
static const struct tf_attribute pair_rows[] = { TF_ATTR(struct pair, a, .flags = TF_OPTIONAL),
                                                 TF_ATTR(struct pair, b, .flags = TF_OPTIONAL), TF_END };
static const struct tf_model pair_model = TF_MODEL(struct pair, pair_rows);

static int set_up(void **state)
{
    *state = arena_new();
    return 0;
}

static int tear_down(void **state)
{
    arena_free(*state);
    return 0;
}

static void decode(struct arena *arena, const struct tf_attribute *row, struct str bytes, struct values *out)
{
    CLEANUP(err_clear) struct err err = { 0 };
    *out = (struct values){ 0 };
    if (!member_from_msgpack(arena, row, bytes, member_of(row, out), &err))
        fail_msg("%s is refused: %s", row->name, err_text(&err));
}

static void assert_refused(struct arena *arena, const struct tf_attribute *row, struct str bytes, const char *text)
{
    CLEANUP(err_clear) struct err err = { 0 };
    struct values out = { 0 };
    if (member_from_msgpack(arena, row, bytes, member_of(row, &out), &err))
        fail_msg("%s takes what should be refused with \"%s\"", row->name, text);
    if (str_find(str_from(err_text(&err)), str_from(text)) < 0)
        fail_msg("\"%s\" does not say \"%s\"", err_text(&err), text);
    assert_true(strncmp(err_path(&err), row->name, strlen(row->name)) == 0);
}

/* Bytes that another encoder wrote, and back (object-wire-format.md of hashicorp/terraform). */
static void published_vectors_hold_both_ways(void **state)
{
    static struct tf_string ab[2] = {
        { TF_KNOWN, { "a", 1 } },
        { TF_KNOWN, { "b", 1 } }
    };
    static struct tf_string_pair kv[1] = {
        { { "k", 1 }, { TF_KNOWN, { "v", 1 } } }
    };
    static const struct {
        const struct tf_attribute *row;
        struct str bytes;
        struct values value;
    } rows[] = {
        { &text_row,   RAW("\xa5hello"),                            { .text = { TF_KNOWN, { "hello", 5 } } } },
        { &number_row, RAW("\x05"),                                 { .number = { TF_KNOWN, 5 } }            },
        { &number_row, RAW("\xff"),                                 { .number = { TF_KNOWN, -1 } }           },
        { &number_row, RAW("\xcd\x01\x2c"),                         { .number = { TF_KNOWN, 300 } }          },
        { &number_row, RAW("\xcf\x7f\xff\xff\xff\xff\xff\xff\xff"), { .number = { TF_KNOWN, INT64_MAX } }    },
        { &number_row, RAW("\xd3\x80\x00\x00\x00\x00\x00\x00\x00"), { .number = { TF_KNOWN, INT64_MIN } }    },
        { &text_row,   RAW("\xd4\x00\x00"),                         { .text = { .state = TF_UNKNOWN } }      },
        { &set_row,    RAW("\xd4\x00\x00"),                         { .set = { .state = TF_UNKNOWN } }       },
        { &text_row,   RAW("\xc0"),                                 { .text = { .state = TF_NULL } }         },
        { &flag_row,   RAW("\xc2"),                                 { .flag = { TF_KNOWN, false } }          },
        { &flag_row,   RAW("\xc3"),                                 { .flag = { TF_KNOWN, true } }           },
        { &list_row,
         RAW("\x92\xa1"
              "a\xa1"
              "b"),
         { .list = { TF_KNOWN, ab, 2 } }                                                                     },
        { &set_row,
         RAW("\x92\xa1"
              "a\xa1"
              "b"),
         { .set = { TF_KNOWN, ab, 2 } }                                                                      },
        { &map_row,    RAW("\x81\xa1k\xa1v"),                       { .map = { TF_KNOWN, kv, 1 } }           },
        { &map_row,    RAW("\x80"),                                 { .map = { .state = TF_KNOWN } }         },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct values value;
        decode(*state, rows[i].row, rows[i].bytes, &value);
        if (!member_equal(rows[i].row, member_of(rows[i].row, &value), member_in(rows[i].row, &rows[i].value)))
            fail_msg("vector %zu is read wrongly", i);
        struct str back = member_to_msgpack(*state, rows[i].row, member_in(rows[i].row, &rows[i].value));
        if (!str_equal(back, rows[i].bytes))
            fail_msg("vector %zu is written wrongly", i);
    }
}

static void objects_of_the_published_vectors_hold(void **state)
{
    CLEANUP(err_clear) struct err err = { 0 };
    void *object;
    assert_true(model_from_msgpack(*state, &pair_model,
                                   BYTES("\x82\xa1"
                                         "a\xa1x\xa1"
                                         "b\x01"),
                                   &object, &err));
    assert_str_equal(((struct pair *)object)->a.value, "x");
    assert_int_equal(((struct pair *)object)->b.value, 1);
    assert_true(model_from_msgpack(*state, &pair_model,
                                   BYTES("\x82\xa1"
                                         "b\x01\xa1"
                                         "a\xc0"),
                                   &object, &err));
    assert_int_equal(((struct pair *)object)->a.state, TF_NULL);
    assert_true(model_from_msgpack(*state, &pair_model, BYTES("\xc0"), &object, &err));
    assert_null(object);
}

static void numbers_come_in_many_forms(void **state)
{
    static const struct {
        struct str bytes;
        int64_t value;
    } rows[] = {
        { RAW("\xcc\x05"),                             5 },
        { RAW("\xd3\x00\x00\x00\x00\x00\x00\x00\x05"), 5 },
        { RAW("\xcb\x40\x14\x00\x00\x00\x00\x00\x00"), 5 },
        { RAW("\xca\x40\xa0\x00\x00"),                 5 },
        { RAW("\xa1"
              "5"),
         5                                               },
        { RAW("\xa3"
              "5e0"),
         5                                               },
        { RAW("\xcf\x00\x00\x00\x00\x00\x00\x00\x05"), 5 },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct values value;
        decode(*state, &number_row, rows[i].bytes, &value);
        assert_int_equal(value.number.value, rows[i].value);
    }
}

static void fractions_and_large_numbers_are_errors_with_their_path(void **state)
{
    assert_refused(*state, &number_row, BYTES("\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00"), "1.5 is not a whole number");
    assert_refused(*state, &number_row,
                   BYTES("\xa3"
                         "0.1"),
                   "0.1 is not a whole number");
    assert_refused(*state, &number_row, BYTES("\xcf\xff\xff\xff\xff\xff\xff\xff\xff"), "does not fit");
    assert_refused(*state, &number_row,
                   BYTES("\xb4"
                         "18446744073709551615"),
                   "does not fit");
    assert_refused(*state, &number_row, BYTES("\xcb\x7f\xf0\x00\x00\x00\x00\x00\x00"), "not finite");
    assert_refused(*state, &number_row, BYTES("\xc3"), "a number is expected");
}

static void any_ext_is_unknown(void **state)
{
    static const struct str rows[] = {
        RAW("\xc7\x03\x0c\x81\x01\xc2"),
        RAW("\xc7\x09\x0c\x82\x01\xc2\x02\xa4pre-"),
        RAW("\xc7\x07\x0c\x82\x01\xc2\x03\x92\x00\xc3"),
        RAW("\xd4\x63\x00"),
        RAW("\xc7\x00\x00"),
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct values value;
        decode(*state, &text_row, rows[i], &value);
        assert_int_equal(value.text.state, TF_UNKNOWN);
        decode(*state, &number_row, rows[i], &value);
        assert_int_equal(value.number.state, TF_UNKNOWN);
    }
}

static void wrong_types_are_refused(void **state)
{
    assert_refused(*state, &text_row, BYTES("\x05"), "a string is expected");
    assert_refused(*state, &text_row, BYTES("\xc4\x01z"), "a string is expected");
    assert_refused(*state, &text_row, BYTES("\xa2\xff\xfe"), "not UTF-8");
    assert_refused(*state, &flag_row, BYTES("\xa4true"), "true or false");
    assert_refused(*state, &list_row, BYTES("\x80"), "a list is expected");
    assert_refused(*state, &set_row, BYTES("\xa0"), "a list is expected");
    assert_refused(*state, &map_row, BYTES("\x90"), "a map is expected");
    assert_refused(*state, &map_row, BYTES("\x81\x01\xa1v"), "a string is expected");
}

static void objects_need_exactly_their_attributes(void **state)
{
    static const struct {
        struct str bytes;
        const char *text;
    } rows[] = {
        { RAW("\x81\xa1"
              "a\xa1x"),
         "an object with 2 attributes is required, 1 are given" },
        { RAW("\x83\xa1"
              "a\xa1x\xa1"
              "b\x01\xa1"
              "c\x01"),
         "2 attributes is required, 3 are given"                },
        { RAW("\x82\xa1"
              "a\xa1x\xa1"
              "c\x01"),
         "\"c\" that does not belong here"                      },
        { RAW("\x82\xa1"
              "a\xa1x\xa1"
              "a\xa1x"),
         "\"a\" that does not belong here"                      },
        { RAW("\x92\x01\x02"),    "an object is expected"       },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        CLEANUP(err_clear) struct err err = { 0 };
        void *object;
        assert_false(model_from_msgpack(*state, &pair_model, rows[i].bytes, &object, &err));
        if (str_find(str_from(err_text(&err)), str_from(rows[i].text)) < 0)
            fail_msg("\"%s\" does not say \"%s\"", err_text(&err), rows[i].text);
    }
}

static void error_path_leads_into_blocks(void **state)
{
    CLEANUP(err_clear) struct err err = { 0 };
    struct toy_thing *thing = model_new(*state, model);
    void *object;
    thing->part.state = TF_KNOWN;
    thing->part.count = 2;
    thing->part.items = arena_array(*state, 2, sizeof(*thing->part.items));
    thing->part.items[1].name = tf_known_string(STR("marker"));
    struct str bytes = model_to_msgpack(*state, model, thing);
    ptrdiff_t at = str_find(bytes, STR("\xa6marker"));
    memcpy((char *)bytes.ptr + at, "\x96\x01\x02\x03\x04\x05\x06", 7); /* an array in its place */
    assert_false(model_from_msgpack(*state, model, bytes, &object, &err));
    assert_string_equal(err_path(&err), "part[1].name");
}

static void unknown_block_item_has_unknown_attributes(void **state)
{
    CLEANUP(err_clear) struct err err = { 0 };
    struct toy_thing *thing = model_new(*state, model);
    void *object;
    thing->part.state = TF_KNOWN;
    struct str empty = model_to_msgpack(*state, model, thing);
    ptrdiff_t at = str_find(empty, STR("\xa4part\x90"));
    char *bytes = arena_alloc(*state, empty.len + 3);
    memcpy(bytes, empty.ptr, (size_t)at);
    memcpy(bytes + at, "\xa4part\x91\xd4\x00\x00", 9);
    memcpy(bytes + at + 9, empty.ptr + at + 6, empty.len - (size_t)at - 6);
    assert_true(model_from_msgpack(*state, model, (struct str){ bytes, empty.len + 3 }, &object, &err));
    const struct toy_thing *back = object;
    assert_int_equal(back->part.count, 1);
    assert_int_equal(back->part.items[0].name.state, TF_UNKNOWN);
}

static void sets_arrive_in_any_order_and_leave_sorted(void **state)
{
    struct values value;
    decode(*state, &set_row,
           BYTES("\x94\xa1"
                 "b\xd4\x00\x00\xa1"
                 "a\xa1"
                 "b"),
           &value);
    assert_int_equal(value.set.count, 3);
    assert_str_equal(value.set.items[0].value, "a");
    assert_int_equal(value.set.items[2].state, TF_UNKNOWN);
}

static void missing_blocks_are_written_as_empty_lists(void **state)
{
    struct toy_thing *thing = model_new(*state, model);
    struct str bytes = model_to_msgpack(*state, model, thing);
    assert_true(str_find(bytes, STR("\xa4part\x90")) > 0);
    assert_true(str_find(bytes, STR("\xa5piece\x90")) > 0);
    assert_true(str_find(bytes, STR("\xa8timeouts\xc0")) > 0);
}

static void invalid_utf8_never_leaves(void **state)
{
    struct values value = { .text = tf_known_string(STR("a\xff\r")) };
    struct str bytes = member_to_msgpack(*state, &text_row, &value.text);
    assert_true(str_is_utf8(str_slice(bytes, 1, bytes.len)));
    value.text = tf_known_string(STR("a\r\x01"));
    assert_str_equal(member_to_msgpack(*state, &text_row, &value.text), "\xa3"
                                                                        "a\r\x01");
}

static void long_texts_and_lists_use_the_longer_forms(void **state)
{
    size_t length = 70000;
    char *text = arena_alloc(*state, length);
    memset(text, 'x', length);
    struct tf_string *items = arena_array(*state, length, sizeof(*items));
    for (size_t i = 0; i < length; i++)
        items[i] = tf_known_string((struct str){ text, i % 300 });
    struct values value = {
        .list = { TF_KNOWN, items, length }
    };
    struct str bytes = member_to_msgpack(*state, &list_row, &value.list);
    struct values back;
    decode(*state, &list_row, bytes, &back);
    assert_true(member_equal(&list_row, &value.list, &back.list));
    value.text = tf_known_string((struct str){ text, length });
    decode(*state, &text_row, member_to_msgpack(*state, &text_row, &value.text), &back);
    assert_int_equal(back.text.value.len, length);
}

static void a_million_bytes_of_noise_are_survived(void **state)
{
    unsigned char *noise = arena_alloc(*state, 1000000);
    unsigned seed = 5;
    for (size_t i = 0; i < 1000000; i++) {
        seed = seed * 1664525u + 1013904223u;
        noise[i] = (unsigned char)(seed >> 24);
    }
    for (size_t at = 0; at < 1000000; at += 97) {
        struct arena *arena = arena_new();
        CLEANUP(err_clear) struct err err = { 0 };
        void *object;
        if (!model_from_msgpack(arena, model, (struct str){ (char *)noise + at, 1000000 - at }, &object, &err))
            assert_int_equal(err.kind, ERR_INVALID);
        arena_free(arena);
    }
}

static void damaged_encodings_are_survived(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 20; seed++)
        model_check_hostile_input("toy_thing", model, seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(published_vectors_hold_both_ways, set_up, tear_down),
        cmocka_unit_test_setup_teardown(objects_of_the_published_vectors_hold, set_up, tear_down),
        cmocka_unit_test_setup_teardown(numbers_come_in_many_forms, set_up, tear_down),
        cmocka_unit_test_setup_teardown(fractions_and_large_numbers_are_errors_with_their_path, set_up, tear_down),
        cmocka_unit_test_setup_teardown(any_ext_is_unknown, set_up, tear_down),
        cmocka_unit_test_setup_teardown(wrong_types_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(objects_need_exactly_their_attributes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(error_path_leads_into_blocks, set_up, tear_down),
        cmocka_unit_test_setup_teardown(unknown_block_item_has_unknown_attributes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sets_arrive_in_any_order_and_leave_sorted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(missing_blocks_are_written_as_empty_lists, set_up, tear_down),
        cmocka_unit_test_setup_teardown(invalid_utf8_never_leaves, set_up, tear_down),
        cmocka_unit_test_setup_teardown(long_texts_and_lists_use_the_longer_forms, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_million_bytes_of_noise_are_survived, set_up, tear_down),
        cmocka_unit_test(damaged_encodings_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
