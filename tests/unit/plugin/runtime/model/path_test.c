/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/model/path.h"

#include <string.h>

#include "tests/support/harness.h"
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

static void names_of_the_model_are_steps(void **state)
{
    struct path path = path_parse(*state, model, "timeouts.create");
    assert_int_equal(path.count, 2);
    assert_int_equal(path.steps[1].kind, PATH_NAME);
    assert_str_equal(path.steps[1].text, "create");
}

static void items_of_block_lists_have_an_index(void **state)
{
    struct path path = path_parse(*state, model, "part[12].count");
    assert_int_equal(path.count, 3);
    assert_int_equal(path.steps[1].kind, PATH_INDEX);
    assert_int_equal(path.steps[1].index, 12);
    assert_str_equal(path.steps[2].text, "count");
}

static void keys_of_maps_may_hold_anything(void **state)
{
    struct path path = path_parse(*state, model, "tags[\"a.b[0] \\\"c\\\" \\\\\"]");
    assert_int_equal(path.count, 2);
    assert_int_equal(path.steps[1].kind, PATH_KEY);
    assert_str_equal(path.steps[1].text, "a.b[0] \"c\" \\");
}

static void paths_end_at_a_set(void **state)
{
    assert_int_equal(path_parse(*state, model, "labels[0]").count, 1);
    assert_int_equal(path_parse(*state, model, "piece[0].name").count, 1);
}

static void paths_end_where_they_make_no_sense(void **state)
{
    static const struct {
        const char *text;
        size_t count;
    } rows[] = {
        { "",                           0 },
        { "nothing",                    0 },
        { "name.more",                  1 },
        { "part.name",                  1 },
        { "part[x].name",               1 },
        { "part[-1]",                   1 },
        { "part[0",                     1 },
        { "part[99999999999999999999]", 1 },
        { "part[0].none",               2 },
        { "tags[\"open",                1 },
        { "tags[\"open\"",              1 },
        { "tags[0]",                    1 },
        { "timeouts[0].create",         1 },
        { "[0]",                        0 },
        { "..name",                     0 },
        { "steps[1].x",                 2 },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        size_t count = path_parse(*state, model, rows[i].text).count;
        if (count != rows[i].count)
            fail_msg("\"%s\" has %zu steps", rows[i].text, count);
    }
    assert_int_equal(path_parse(*state, NULL, "name").count, 0);
    assert_int_equal(path_parse(*state, model, NULL).count, 0);
}

static void noise_ends_somewhere(void **state)
{
    static const char *const pieces[] = {
        "part", "[", "0", "]", ".", "name", "tags", "\"", "\\", "timeouts", "create"
    };
    unsigned seed = 3;
    (void)state;
    for (int round = 0; round < 20000; round++) {
        struct arena *arena = arena_new();
        struct str text = STR("");
        for (int i = 0; i < 8; i++) {
            seed = seed * 1664525u + 1013904223u;
            text = str_format(arena, "%.*s%s", STR_ARG(text), pieces[(seed >> 16) % ARRAY_LENGTH(pieces)]);
        }
        assert_true(path_parse(arena, model, str_c(arena, text)).count <= text.len);
        arena_free(arena);
    }
}

static void errors_collect_their_path_from_the_inside_out(void **state)
{
    CLEANUP(err_clear) struct err err = { 0 };
    (void)state;
    path_before_key(&err, STR("a\"b"));
    path_before_name(&err, "tags");
    path_before_index(&err, 3);
    path_before_name(&err, "part");
    assert_string_equal(err_path(&err), "part[3].tags[\"a\\\"b\"]");
}

static void error_paths_that_are_too_long_are_cut(void **state)
{
    CLEANUP(err_clear) struct err err = { 0 };
    char key[300];
    memset(key, '"', sizeof(key));
    path_before_key(&err, (struct str){ key, sizeof(key) });
    for (int i = 0; i < 50; i++)
        path_before_name(&err, "part");
    assert_true(strlen(err_path(&err)) <= err_part_limit(ERR_PATH));
    assert_int_equal(path_parse(*state, model, err_path(&err)).count, 1);
}

static void texts_are_put_together_from_the_outside_in(void **state)
{
    const struct tf_attribute single = { .name = "timeouts", .kind = TF_BLOCK_SINGLE };
    const struct tf_attribute list = { .name = "part", .kind = TF_BLOCK_LIST };
    assert_string_equal(path_member(*state, NULL, "name"), "name");
    assert_string_equal(path_item(*state, NULL, &single, 0), "timeouts");
    assert_string_equal(path_item(*state, "a", &list, 2), "a.part[2]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(names_of_the_model_are_steps, set_up, tear_down),
        cmocka_unit_test_setup_teardown(items_of_block_lists_have_an_index, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keys_of_maps_may_hold_anything, set_up, tear_down),
        cmocka_unit_test_setup_teardown(paths_end_at_a_set, set_up, tear_down),
        cmocka_unit_test_setup_teardown(paths_end_where_they_make_no_sense, set_up, tear_down),
        cmocka_unit_test(noise_ends_somewhere),
        cmocka_unit_test(errors_collect_their_path_from_the_inside_out),
        cmocka_unit_test_setup_teardown(error_paths_that_are_too_long_are_cut, set_up, tear_down),
        cmocka_unit_test_setup_teardown(texts_are_put_together_from_the_outside_in, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
