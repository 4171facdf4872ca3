/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/model/object.h"

#include "tests/support/every_kind.h"
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

static struct toy_thing *thing_with_parts(struct arena *arena)
{
    struct toy_thing *thing = model_new(arena, model);
    thing->name = tf_known_string(STR("n"));
    thing->part.state = TF_KNOWN;
    thing->part.count = 2;
    thing->part.items = arena_array(arena, 2, sizeof(*thing->part.items));
    thing->part.items[0].name = tf_known_string(STR("p0"));
    thing->part.items[1].name.state = TF_UNKNOWN;
    return thing;
}

static void every_model_of_the_toy_is_sound(void **state)
{
    (void)state;
    provider_check(&toy_provider);
}

static void model_of_every_kind_is_sound(void **state)
{
    (void)state;
    model_check_rows("every_kind", &every_kind_model);
    for (unsigned seed = 0; seed < 5; seed++) {
        model_check_round_trip("every_kind", &every_kind_model, seed);
        model_check_hostile_input("every_kind", &every_kind_model, seed);
        model_check_empty_plan("every_kind", &every_kind_model, seed);
    }
}

static void new_object_is_all_null_and_known(void **state)
{
    const struct toy_thing *thing = model_new(*state, model);
    assert_int_equal(thing->name.state, TF_NULL);
    assert_true(model_is_known(model, thing));
}

static void copy_shares_nothing(void **state)
{
    struct toy_thing *thing = thing_with_parts(*state);
    struct toy_thing *copy = model_copy(*state, model, thing);
    assert_true(model_equal(model, thing, copy));
    assert_ptr_not_equal(copy->part.items, thing->part.items);
    assert_ptr_not_equal(copy->name.value.ptr, thing->name.value.ptr);
    copy->part.items[0].name = tf_known_string(STR("other"));
    assert_false(model_equal(model, thing, copy));
}

static void unknown_inside_a_block_is_found(void **state)
{
    struct toy_thing *thing = thing_with_parts(*state);
    assert_false(model_is_known(model, thing));
    model_unknown_to_null(model, thing);
    assert_true(model_is_known(model, thing));
    assert_int_equal(thing->part.items[1].name.state, TF_NULL);
    assert_int_equal(thing->part.items[0].name.state, TF_KNOWN);
}

static void missing_block_equals_no_blocks(void **state)
{
    struct toy_thing *a = model_new(*state, model);
    struct toy_thing *b = model_new(*state, model);
    b->part.state = TF_KNOWN;
    assert_true(model_equal(model, a, b));
    b->part.state = TF_UNKNOWN;
    assert_false(model_equal(model, a, b));
}

static void sets_of_blocks_have_no_order(void **state)
{
    struct toy_piece one[2] = { { .name = tf_known_string(STR("x")) }, { .name = tf_known_string(STR("y")) } };
    struct toy_piece other[2] = { one[1], one[0] };
    struct toy_thing *a = model_new(*state, model);
    struct toy_thing *b = model_new(*state, model);
    a->piece.state = b->piece.state = TF_KNOWN;
    a->piece.count = b->piece.count = 2;
    a->piece.items = one;
    b->piece.items = other;
    assert_true(model_equal(model, a, b));
    other[0].name = other[1].name;
    assert_false(model_equal(model, a, b));
}

static void lists_have_an_order(void **state)
{
    struct tf_string one[2] = { tf_known_string(STR("x")), tf_known_string(STR("y")) };
    struct tf_string other[2] = { one[1], one[0] };
    struct toy_thing *a = model_new(*state, model);
    struct toy_thing *b = model_new(*state, model);
    a->steps.state = b->steps.state = TF_KNOWN;
    a->steps.count = b->steps.count = 2;
    a->steps.items = one;
    b->steps.items = other;
    assert_false(model_equal(model, a, b));
}

static void unknown_element_of_a_set_becomes_one_null(void **state)
{
    struct toy_thing *thing = model_new(*state, model);
    struct tf_string items[3] = { tf_known_string(STR("x")), { .state = TF_UNKNOWN }, { .state = TF_UNKNOWN } };
    thing->labels.state = TF_KNOWN;
    thing->labels.count = 3;
    thing->labels.items = items;
    assert_false(model_is_known(model, thing));
    model_unknown_to_null(model, thing);
    assert_int_equal(thing->labels.count, 2);
    assert_true(model_is_known(model, thing));
}

static void rows_are_found_by_their_name_only(void **state)
{
    (void)state;
    assert_string_equal(model_find(model, STR("zone"))->name, "zone");
    assert_null(model_find(model, STR("zon")));
    assert_null(model_find(model, STR("zone\0")));
    assert_null(model_find(model, STR("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_model_of_the_toy_is_sound),
        cmocka_unit_test(model_of_every_kind_is_sound),
        cmocka_unit_test_setup_teardown(new_object_is_all_null_and_known, set_up, tear_down),
        cmocka_unit_test_setup_teardown(copy_shares_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(unknown_inside_a_block_is_found, set_up, tear_down),
        cmocka_unit_test_setup_teardown(missing_block_equals_no_blocks, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sets_of_blocks_have_no_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lists_have_an_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(unknown_element_of_a_set_becomes_one_null, set_up, tear_down),
        cmocka_unit_test(rows_are_found_by_their_name_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
