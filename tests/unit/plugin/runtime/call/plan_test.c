/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/call/plan.h"

#include <string.h>

#include "plugin/runtime/limits.h"
#include "plugin/runtime/model/object.h"
#include "tests/support/fake_call.h"
#include "tests/support/harness.h"
#include "tests/support/model_check.h"
#include "tests/unit/plugin/runtime/toy_provider.h"

static const struct tf_model *const model = &toy_thing_resource.model;

static int set_up(void **state)
{
    *state = fake_call_new(&toy_provider, model, NULL);
    return 0;
}

static int tear_down(void **state)
{
    fake_call_free(*state);
    return 0;
}

static struct arena *arena_of(void **state)
{
    return fake_call_of(*state)->arena;
}

/* A configuration, and the state that it has led to. */
static struct toy_thing *configured(void **state)
{
    struct toy_thing *thing = model_new(arena_of(state), model);
    thing->name = tf_known_string(STR("n"));
    thing->note = tf_known_string(STR("Hello"));
    thing->part.state = TF_KNOWN;
    thing->part.count = 1;
    thing->part.items = arena_array(arena_of(state), 1, sizeof(*thing->part.items));
    thing->part.items[0].name = tf_known_string(STR("p"));
    return thing;
}

static struct toy_thing *applied(void **state, const struct toy_thing *config)
{
    struct toy_thing *thing = model_copy(arena_of(state), model, config);
    if (thing->zone.state == TF_NULL)
        thing->zone = tf_known_string(STR("here"));
    thing->id = tf_known_string(STR("toy-n"));
    thing->revision = tf_known_int64(1);
    for (size_t i = 0; i < thing->part.count; i++)
        thing->part.items[i].serial = tf_known_string(STR("serial"));
    return thing;
}

/* Core's merge: the configuration where it says something, the state for computed values. */
static struct toy_thing *proposed(void **state, const struct toy_thing *config, const struct toy_thing *prior)
{
    struct toy_thing *thing = model_copy(arena_of(state), model, config);
    if (thing->zone.state == TF_NULL)
        thing->zone = prior->zone;
    thing->id = prior->id;
    thing->revision = prior->revision;
    for (size_t i = 0; i < thing->part.count && i < prior->part.count; i++)
        thing->part.items[i].serial = prior->part.items[i].serial;
    return thing;
}

static const struct toy_thing *update(void **state, const struct toy_thing *config, const struct toy_thing *prior)
{
    return plan_compute(fake_call_of(*state), model, config, prior, proposed(state, config, prior));
}

static void create_leaves_computed_values_unknown(void **state)
{
    const struct toy_thing *config = configured(state);
    const struct toy_thing *planned = plan_compute(fake_call_of(*state), model, config, NULL, config);
    assert_str_equal(planned->name.value, "n");
    assert_int_equal(planned->id.state, TF_UNKNOWN);
    assert_int_equal(planned->zone.state, TF_UNKNOWN);
    assert_int_equal(planned->part.items[0].serial.state, TF_UNKNOWN);
    assert_int_equal(planned->size.state, TF_NULL);
    assert_string_equal(fake_call_replaced(*state), "");
}

static void configured_value_of_a_computed_argument_is_planned(void **state)
{
    struct toy_thing *config = configured(state);
    config->zone = tf_known_string(STR("there"));
    const struct toy_thing *planned = plan_compute(fake_call_of(*state), model, config, NULL, config);
    assert_str_equal(planned->zone.value, "there");
}

static void unchanged_object_has_an_empty_plan(void **state)
{
    const struct toy_thing *config = configured(state);
    const struct toy_thing *prior = applied(state, config);
    assert_true(model_equal(model, update(state, config, prior), prior));
}

static void a_change_makes_computed_values_unknown_but_not_stable_ones(void **state)
{
    struct toy_thing *config = configured(state);
    const struct toy_thing *prior = applied(state, config);
    config->size = tf_known_int64(3);
    const struct toy_thing *planned = update(state, config, prior);
    assert_int_equal(planned->revision.state, TF_UNKNOWN);
    assert_int_equal(planned->part.items[0].serial.state, TF_UNKNOWN);
    assert_int_equal(planned->zone.state, TF_UNKNOWN);
    assert_int_equal(planned->id.state, TF_KNOWN);
    assert_str_equal(planned->id.value, "toy-n");
    assert_string_equal(fake_call_replaced(*state), ""); /* an unknown zone is no change of an argument */
}

static void respelled_argument_keeps_its_prior_text_and_changes_nothing(void **state)
{
    struct toy_thing *config = configured(state);
    const struct toy_thing *prior = applied(state, config);
    config->note = tf_known_string(STR("HELLO"));
    assert_true(model_equal(model, update(state, config, prior), prior));
    config->note = tf_known_string(STR("other"));
    assert_str_equal(update(state, config, prior)->note.value, "other");
}

static void respelled_argument_keeps_its_prior_text_when_others_change(void **state)
{
    struct toy_thing *config = configured(state);
    const struct toy_thing *prior = applied(state, config);
    config->note = tf_known_string(STR("HELLO"));
    config->size = tf_known_int64(3);
    const struct toy_thing *planned = update(state, config, prior);
    assert_str_equal(planned->note.value, "Hello");
    assert_int_equal(planned->size.value, 3);
}

static void unknown_argument_is_never_a_spelling(void **state)
{
    struct toy_thing *config = configured(state);
    const struct toy_thing *prior = applied(state, config);
    config->note = (struct tf_string){ .state = TF_UNKNOWN };
    const struct toy_thing *planned = update(state, config, prior);
    assert_int_equal(planned->note.state, TF_UNKNOWN);
    assert_int_equal(planned->revision.state, TF_UNKNOWN);
}

static void changed_and_unknown_force_new_arguments_replace(void **state)
{
    struct toy_thing *config = configured(state);
    const struct toy_thing *prior = applied(state, config);
    config->name = tf_known_string(STR("m"));
    config->zone = (struct tf_string){ .state = TF_UNKNOWN };
    update(state, config, prior);
    assert_string_equal(fake_call_replaced(*state), "name\nzone\n");
}

static void replacement_inside_a_block_has_its_path(void **state)
{
    struct toy_thing *config = configured(state);
    const struct toy_thing *prior = applied(state, config);
    config->part.items[0].name = tf_known_string(STR("q"));
    update(state, config, prior);
    assert_string_equal(fake_call_replaced(*state), "part[0].name\n");
}

static void block_that_goes_replaces_by_a_path_of_the_prior_state(void **state)
{
    struct toy_thing *config = configured(state);
    const struct toy_thing *prior = applied(state, config);
    config->part.count = 0;
    update(state, config, prior);
    assert_string_equal(fake_call_replaced(*state), "part[0].name\n");
}

static void removed_argument_becomes_null(void **state)
{
    struct toy_thing *config = configured(state);
    struct toy_thing *prior = applied(state, config);
    config->note = (struct tf_string){ 0 };
    struct toy_thing *wrong = proposed(state, config, prior);
    wrong->note = prior->note; /* even if a host should propose it */
    const struct toy_thing *planned = plan_compute(fake_call_of(*state), model, config, prior, wrong);
    assert_int_equal(planned->note.state, TF_NULL);
    assert_int_equal(planned->revision.state, TF_UNKNOWN);
}

static void new_item_of_a_list_has_unknown_computed_values(void **state)
{
    struct toy_thing *config = configured(state);
    const struct toy_thing *prior = applied(state, config);
    struct toy_part items[2] = { config->part.items[0], { .name = tf_known_string(STR("q")) } };
    config->part.items = items;
    config->part.count = 2;
    const struct toy_thing *planned = update(state, config, prior);
    assert_int_equal(planned->part.items[1].serial.state, TF_UNKNOWN);
    assert_string_equal(fake_call_replaced(*state), "part[1].name\n");
}

static void unknown_list_of_blocks_stays_unknown(void **state)
{
    struct toy_thing *config = configured(state);
    const struct toy_thing *prior = applied(state, config);
    config->part.state = TF_UNKNOWN;
    assert_int_equal(update(state, config, prior)->part.state, TF_UNKNOWN);
}

static void unchanged_random_objects_have_empty_plans(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 20; seed++)
        model_check_empty_plan("toy_thing", model, seed);
}

static void random_plans_keep_what_is_configured(void **state)
{
    unsigned seed = 9;
    for (int round = 0; round < 500; round++) {
        const struct toy_thing *config = model_random(arena_of(state), model, &seed, false);
        const struct toy_thing *prior = model_random(arena_of(state), model, &seed, true);
        const struct toy_thing *planned = update(state, config, prior);
        assert_true(tf_string_equal(planned->name, config->name));
        assert_true(member_equal(model_find(model, STR("labels")), &planned->labels, &config->labels));
        fake_call_again(*state);
    }
}

static void known_values_of_the_plan_are_held_after_apply(void **state)
{
    struct toy_thing *planned = configured(state);
    planned->id.state = TF_UNKNOWN;
    planned->part.items[0].serial.state = TF_UNKNOWN;
    struct toy_thing *result = applied(state, planned);
    result->name = tf_known_string(STR("drifted"));
    result->id = tf_known_string(STR("fresh"));
    result->part.items[0].name = tf_known_string(STR("drifted"));
    plan_hold(arena_of(state), model, planned, result);
    assert_str_equal(result->name.value, "n");
    assert_str_equal(result->id.value, "fresh");
    assert_str_equal(result->part.items[0].name.value, "p");
    assert_str_equal(result->part.items[0].serial.value, "serial");
    assert_int_equal(result->size.state, TF_NULL);
}

static void blocks_lost_by_an_operation_are_not_touched(void **state)
{
    struct toy_thing *planned = configured(state);
    planned->part.items[0].serial.state = TF_UNKNOWN;
    struct toy_thing *result = applied(state, planned);
    result->part.count = 0;
    plan_hold(arena_of(state), model, planned, result);
    assert_int_equal(result->part.count, 0);
}

static void notes_survive_wrapping(void **state)
{
    struct str wrapped = plan_note_wrap(arena_of(state), STR("a\0b"));
    struct str note = plan_note_unwrap(wrapped);
    assert_int_equal(note.len, 3);
    assert_memory_equal(note.ptr, "a\0b", 3);
    assert_int_equal(plan_note_wrap(arena_of(state), STR("")).len, 0);
}

static void foreign_private_data_is_no_note(void **state)
{
    char *large = arena_alloc(arena_of(state), NOTE_MAX_BYTES + 20);
    memcpy(large, "tf-note-1:", 10);
    assert_int_equal(plan_note_unwrap(STR("")).len, 0);
    assert_int_equal(plan_note_unwrap(STR("{\"schema_version\":\"0\"}")).len, 0);
    assert_int_equal(plan_note_unwrap(STR("tf-note-2:x")).len, 0);
    assert_int_equal(plan_note_unwrap((struct str){ large, NOTE_MAX_BYTES + 20 }).len, 0);
    assert_int_equal(plan_note_wrap(arena_of(state), (struct str){ large, NOTE_MAX_BYTES + 1 }).len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(create_leaves_computed_values_unknown, set_up, tear_down),
        cmocka_unit_test_setup_teardown(configured_value_of_a_computed_argument_is_planned, set_up, tear_down),
        cmocka_unit_test_setup_teardown(unchanged_object_has_an_empty_plan, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_change_makes_computed_values_unknown_but_not_stable_ones, set_up, tear_down),
        cmocka_unit_test_setup_teardown(respelled_argument_keeps_its_prior_text_and_changes_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(respelled_argument_keeps_its_prior_text_when_others_change, set_up, tear_down),
        cmocka_unit_test_setup_teardown(unknown_argument_is_never_a_spelling, set_up, tear_down),
        cmocka_unit_test_setup_teardown(changed_and_unknown_force_new_arguments_replace, set_up, tear_down),
        cmocka_unit_test_setup_teardown(replacement_inside_a_block_has_its_path, set_up, tear_down),
        cmocka_unit_test_setup_teardown(block_that_goes_replaces_by_a_path_of_the_prior_state, set_up, tear_down),
        cmocka_unit_test_setup_teardown(removed_argument_becomes_null, set_up, tear_down),
        cmocka_unit_test_setup_teardown(new_item_of_a_list_has_unknown_computed_values, set_up, tear_down),
        cmocka_unit_test_setup_teardown(unknown_list_of_blocks_stays_unknown, set_up, tear_down),
        cmocka_unit_test(unchanged_random_objects_have_empty_plans),
        cmocka_unit_test_setup_teardown(random_plans_keep_what_is_configured, set_up, tear_down),
        cmocka_unit_test_setup_teardown(known_values_of_the_plan_are_held_after_apply, set_up, tear_down),
        cmocka_unit_test_setup_teardown(blocks_lost_by_an_operation_are_not_touched, set_up, tear_down),
        cmocka_unit_test_setup_teardown(notes_survive_wrapping, set_up, tear_down),
        cmocka_unit_test_setup_teardown(foreign_private_data_is_no_note, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
