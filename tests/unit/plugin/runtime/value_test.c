/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/model/object.h"

#include "tests/support/harness.h"

static struct arena *arena_of(void **state)
{
    return *state;
}

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

static void empty_text_is_null_only_when_asked(void **state)
{
    (void)state;
    assert_int_equal(tf_string_or_null(STR("")).state, TF_NULL);
    assert_int_equal(tf_known_string(STR("")).state, TF_KNOWN);
    assert_str_equal(tf_text(tf_string_or_null(STR("a")), STR("b")), "a");
    assert_str_equal(tf_text((struct tf_string){ .state = TF_UNKNOWN }, STR("b")), "b");
}

static void only_known_true_is_true(void **state)
{
    (void)state;
    assert_true(tf_is_true(tf_known_bool(true)));
    assert_false(tf_is_true(tf_known_bool(false)));
    assert_false(tf_is_true((struct tf_bool){ .state = TF_UNKNOWN, .value = true }));
}

static void two_unknown_strings_are_equal(void **state)
{
    (void)state;
    struct tf_string unknown = { .state = TF_UNKNOWN, .value = STR("left over") };
    assert_true(tf_string_equal(unknown, (struct tf_string){ .state = TF_UNKNOWN }));
    assert_false(tf_string_equal(unknown, tf_known_string(STR("left over"))));
}

static void set_is_sorted_and_without_duplicates(void **state)
{
    const struct str texts[] = { STR("b"), STR("a"), STR("b"), STR("") };
    struct tf_string_set set = tf_string_set_from(arena_of(state), texts, 4);
    assert_int_equal(set.count, 3);
    assert_str_equal(set.items[0].value, "");
    assert_str_equal(set.items[2].value, "b");
    assert_true(tf_string_set_has(&set, STR("a")));
    assert_false(tf_string_set_has(&set, STR("c")));
}

static void unknown_elements_of_a_set_stay_apart(void **state)
{
    struct tf_string items[] = { { .state = TF_UNKNOWN }, tf_known_string(STR("a")), { .state = TF_UNKNOWN } };
    struct tf_string_set set = { .state = TF_KNOWN, .items = items, .count = 3 };
    (void)state;
    tf_string_set_normalise(&set);
    assert_int_equal(set.count, 3);
    assert_int_equal(set.items[0].state, TF_KNOWN);
}

static void null_set_has_nothing(void **state)
{
    struct tf_string_set null = { 0 };
    (void)state;
    assert_false(tf_string_set_has(&null, STR("")));
}

static void map_keeps_its_order_when_pairs_come_late(void **state)
{
    struct tf_string_map map = { 0 };
    tf_string_map_put(arena_of(state), &map, STR("m"), tf_known_string(STR("1")));
    tf_string_map_put(arena_of(state), &map, STR("a"), tf_known_string(STR("2")));
    tf_string_map_put(arena_of(state), &map, STR("z"), tf_known_string(STR("3")));
    tf_string_map_put(arena_of(state), &map, STR("m"), tf_known_string(STR("4")));
    assert_int_equal(map.count, 3);
    assert_str_equal(map.items[0].key, "a");
    assert_str_equal(map.items[2].key, "z");
    assert_str_equal(tf_string_map_find(&map, STR("m"))->value, "4");
    assert_null(tf_string_map_find(&map, STR("")));
}

static void doubled_keys_of_a_map_become_one(void **state)
{
    struct tf_string_pair items[] = {
        { STR("b"), tf_known_string(STR("1")) },
        { STR("a"), tf_known_string(STR("2")) },
        { STR("b"), tf_known_string(STR("3")) }
    };
    struct tf_string_map map = { .state = TF_KNOWN, .items = items, .count = 3 };
    (void)state;
    tf_string_map_normalise(&map);
    assert_int_equal(map.count, 2);
    assert_str_equal(map.items[0].key, "a");
}

static void maps_with_an_unknown_value_are_not_known(void **state)
{
    struct tf_string_map map = { 0 };
    tf_string_map_put(arena_of(state), &map, STR("a"), (struct tf_string){ .state = TF_UNKNOWN });
    assert_false(tf_string_map_is_known(&map));
    struct tf_string_map other = { 0 };
    tf_string_map_put(arena_of(state), &other, STR("a"), tf_known_string(STR("1")));
    assert_false(tf_string_map_equal(&map, &other));
    assert_true(tf_string_map_equal(&map, &map));
}

static void what_is_null_in_a_map_is_not_added(void **state)
{
    struct tf_string_map map = { 0 };
    struct tf_string_map more = { 0 };
    tf_string_map_put(arena_of(state), &map, STR("a"), tf_known_string(STR("1")));
    tf_string_map_put(arena_of(state), &more, STR("a"), (struct tf_string){ 0 });
    tf_string_map_put(arena_of(state), &more, STR("b"), (struct tf_string){ .state = TF_UNKNOWN });
    tf_string_map_put(arena_of(state), &more, STR("c"), tf_known_string(STR("")));
    tf_string_map_add(arena_of(state), &map, &more);
    assert_int_equal(map.count, 3);
    assert_str_equal(tf_string_map_find(&map, STR("a"))->value, "1");
    assert_int_equal(tf_string_map_find(&map, STR("b"))->state, TF_UNKNOWN);
    assert_int_equal(tf_string_map_find(&map, STR("c"))->state, TF_KNOWN);
}

static void only_texts_that_say_something_are_given(void **state)
{
    const struct tf_string items[] = {
        { 0 }, tf_known_string(STR("a")), { .state = TF_UNKNOWN }, tf_known_string(STR("")), tf_known_string(STR("b")),
    };
    size_t count;
    const struct str *texts = tf_given_texts(arena_of(state), items, ARRAY_LENGTH(items), &count);
    assert_int_equal(count, 2);
    assert_str_equal(texts[0], "a");
    assert_str_equal(texts[1], "b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_text_is_null_only_when_asked),
        cmocka_unit_test(only_known_true_is_true),
        cmocka_unit_test(two_unknown_strings_are_equal),
        cmocka_unit_test_setup_teardown(set_is_sorted_and_without_duplicates, set_up, tear_down),
        cmocka_unit_test(unknown_elements_of_a_set_stay_apart),
        cmocka_unit_test_setup_teardown(only_texts_that_say_something_are_given, set_up, tear_down),
        cmocka_unit_test_setup_teardown(null_set_has_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(map_keeps_its_order_when_pairs_come_late, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_null_in_a_map_is_not_added, set_up, tear_down),
        cmocka_unit_test(doubled_keys_of_a_map_become_one),
        cmocka_unit_test_setup_teardown(maps_with_an_unknown_value_are_not_known, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
