/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/model/json.h"

#include <string.h>

#include "plugin/runtime/limits.h"
#include "tests/support/harness.h"
#include "tests/support/model_check.h"
#include "tests/unit/plugin/runtime/toy_provider.h"

static const struct tf_model *const model = &toy_thing_resource.model;

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

static const struct toy_thing *read(struct arena *arena, const char *json)
{
    CLEANUP(err_clear) struct err err = { 0 };
    void *object = NULL;
    if (!model_from_json(arena, model, str_from(json), &object, &err))
        fail_msg("%s is refused: %s at %s", json, err_text(&err), err_path(&err));
    return object;
}

static void assert_refused(struct arena *arena, const char *json, const char *path, const char *text)
{
    CLEANUP(err_clear) struct err err = { 0 };
    void *object = NULL;
    if (model_from_json(arena, model, str_from(json), &object, &err))
        fail_msg("%s is taken", json);
    assert_string_equal(err_path(&err), path);
    if (str_find(str_from(err_text(&err)), str_from(text)) < 0)
        fail_msg("\"%s\" does not say \"%s\"", err_text(&err), text);
}

static void missing_and_unknown_names_are_tolerated(void **state)
{
    const struct toy_thing *thing = read(*state, "{ \"name\": \"n\",\n \"gone\": [1, {\"x\": 1.5}], \"id\": null }");
    assert_str_equal(thing->name.value, "n");
    assert_int_equal(thing->id.state, TF_NULL);
    assert_int_equal(thing->size.state, TF_NULL);
}

static void scalars_of_another_type_are_converted(void **state)
{
    const struct toy_thing *thing =
        read(*state, "{\"name\": 12, \"note\": true, \"flag\": \"true\", \"size\": \"42\", \"revision\": 7.0}");
    assert_str_equal(thing->name.value, "12");
    assert_str_equal(thing->note.value, "true");
    assert_true(tf_is_true(thing->flag));
    assert_int_equal(thing->size.value, 42);
    assert_int_equal(thing->revision.value, 7);
}

static void collections_and_blocks_are_read(void **state)
{
    const struct toy_thing *thing = read(
        *state, "{\"steps\": [\"x\", null], \"labels\": [\"b\", \"a\", \"b\"], \"tags\": {\"z\": \"1\", \"a\": null},"
                "\"timeouts\": {\"create\": \"1h\"}, \"part\": [{\"name\": \"p\", \"count\": 2}], \"piece\": []}");
    assert_int_equal(thing->steps.count, 2);
    assert_int_equal(thing->labels.count, 2);
    assert_str_equal(thing->labels.items[0].value, "a");
    assert_str_equal(thing->tags.items[0].key, "a");
    assert_str_equal(thing->timeouts.items[0].create.value, "1h");
    assert_int_equal(thing->part.items[0].count.value, 2);
    assert_int_equal(thing->piece.state, TF_KNOWN);
    assert_int_equal(thing->piece.count, 0);
}

static void null_is_no_object(void **state)
{
    assert_null(read(*state, " null "));
}

static void escapes_and_zero_bytes_are_kept(void **state)
{
    const struct toy_thing *thing = read(*state, "{\"name\": \"a\\u0000b\\u00e9\\\"[{\"}");
    assert_int_equal(thing->name.value.len, 8);
    assert_memory_equal(thing->name.value.ptr, "a\0b\xc3\xa9\"[{", 8);
}

static void wrong_values_are_refused_with_their_path(void **state)
{
    assert_refused(*state, "{\"size\": 1.5}", "size", "not a whole number");
    assert_refused(*state, "{\"size\": \"many\"}", "size", "not a number");
    assert_refused(*state, "{\"size\": []}", "size", "a number is expected");
    assert_refused(*state, "{\"flag\": 1}", "flag", "true or false");
    assert_refused(*state, "{\"name\": {}}", "name", "a string is expected");
    assert_refused(*state, "{\"steps\": [\"a\", []]}", "steps[1]", "a string is expected");
    assert_refused(*state, "{\"tags\": {\"k\": []}}", "tags[\"k\"]", "a string is expected");
    assert_refused(*state, "{\"part\": [{}, {\"count\": \"x\"}]}", "part[1].count", "not a number");
    assert_refused(*state, "{\"part\": {}}", "part", "a list of blocks");
    assert_refused(*state, "{\"timeouts\": []}", "timeouts", "an object is expected");
    assert_refused(*state, "[]", "", "an object is expected");
}

static void what_is_no_json_is_refused(void **state)
{
    static const char *const texts[] = { "",
                                         "{",
                                         "{\"a\"}",
                                         "{\"name\": \"\\ud800\"}",
                                         "{\"name\": 'x'}",
                                         "{} {}",
                                         "nul",
                                         "\xff",
                                         "{\"name\": \"\xff\"}",
                                         "{\"size\": 1e400}",
                                         "\"",
                                         "{\"\\",
                                         "]",
                                         "{\"size\": 99999999999999999999}" };
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++)
        assert_refused(*state, texts[i], "", "");
}

static void depth_bombs_are_refused_before_parsing(void **state)
{
    char *bomb = arena_alloc(*state, 1000001);
    CLEANUP(err_clear) struct err err = { 0 };
    void *object;
    memset(bomb, '[', 1000000);
    assert_false(model_from_json(*state, model, (struct str){ bomb, 1000000 }, &object, &err));
    assert_non_null(strstr(err_text(&err), "nested deeper"));
    for (size_t i = 0; i + 5 <= 1000000; i += 5)
        memcpy(bomb + i, "{\"a\":", 5);
    assert_false(model_from_json(*state, model, (struct str){ bomb, 1000000 }, &object, &err));
    assert_non_null(strstr(err_text(&err), "nested deeper"));
}

static void number_of_items_is_limited(void **state)
{
    size_t length = 2 * (size_t)VALUE_MAX_ITEMS + 8;
    char *text = arena_alloc(*state, length);
    CLEANUP(err_clear) struct err err = { 0 };
    void *object;
    for (size_t i = 0; i < length; i++)
        text[i] = i % 2 ? ',' : '1';
    text[0] = '[';
    assert_false(model_from_json(*state, model, (struct str){ text, length }, &object, &err));
    assert_non_null(strstr(err_text(&err), "a value of more than"));
}

static void a_million_bytes_of_noise_are_survived(void **state)
{
    static const char alphabet[] = "{}[]\",:\\ 0123456789eE+-.truefalsn\xc3\xa9";
    char *noise = arena_alloc(*state, 1000000);
    unsigned seed = 5;
    for (size_t i = 0; i < 1000000; i++) {
        seed = seed * 1664525u + 1013904223u;
        noise[i] = i < 500000 ? alphabet[(seed >> 16) % (sizeof(alphabet) - 1)] : (char)(seed >> 24);
    }
    for (size_t at = 0; at < 1000000; at += 211) {
        struct arena *arena = arena_new();
        CLEANUP(err_clear) struct err err = { 0 };
        void *object;
        if (!model_from_json(arena, model, (struct str){ noise + at, 1000000 - at }, &object, &err))
            assert_int_equal(err.kind, ERR_INVALID);
        arena_free(arena);
    }
}

static void single_values_are_read_for_functions(void **state)
{
    const struct tf_attribute row = { .name = "parts", .kind = TF_STRING_LIST, .size = sizeof(struct tf_string_list) };
    struct tf_string_list list = { 0 };
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(member_from_json(*state, &row, STR("[\"a\"]"), &list, &err));
    assert_int_equal(list.count, 1);
    assert_false(member_from_json(*state, &row, STR("{}"), &list, &err));
    assert_string_equal(err_path(&err), "parts");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(missing_and_unknown_names_are_tolerated, set_up, tear_down),
        cmocka_unit_test_setup_teardown(scalars_of_another_type_are_converted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(collections_and_blocks_are_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(null_is_no_object, set_up, tear_down),
        cmocka_unit_test_setup_teardown(escapes_and_zero_bytes_are_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(wrong_values_are_refused_with_their_path, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_json_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(depth_bombs_are_refused_before_parsing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(number_of_items_is_limited, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_million_bytes_of_noise_are_survived, set_up, tear_down),
        cmocka_unit_test_setup_teardown(single_values_are_read_for_functions, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
