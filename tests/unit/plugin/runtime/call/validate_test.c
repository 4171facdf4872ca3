/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/call/validate.h"

#include "tests/support/fake_call.h"
#include "tests/support/harness.h"
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

static void known_values_are_checked_with_their_path(void **state)
{
    const struct toy_thing config = { .name = tf_known_string(STR("n")), .size = tf_known_int64(-5) };
    validate_rows(fake_call_of(*state), model, &config);
    assert_string_equal(fake_call_said(*state), "error size: Negative: -5 is below zero.\n");
}

static void null_and_unknown_values_are_skipped(void **state)
{
    const struct toy_thing config = {
        .name = tf_known_string(STR("n")), .size = { .state = TF_UNKNOWN, .value = -5 },
             .part = { .state = TF_UNKNOWN }
    };
    validate_rows(fake_call_of(*state), model, &config);
    assert_string_equal(fake_call_said(*state), "");
}

static void items_of_blocks_are_checked(void **state)
{
    const struct tf_string name = tf_known_string(STR("n"));
    struct toy_part parts[3] = {
        { .name = name, .count = tf_known_int64(1)                    },
        { .name = name, .count = tf_known_int64(-1)                   },
        { .name = name, .count = { .state = TF_UNKNOWN, .value = -1 } },
    };
    const struct toy_thing config = {
        .name = name, .part = { .state = TF_KNOWN, .items = parts, .count = 3 }
    };
    validate_rows(fake_call_of(*state), model, &config);
    assert_string_equal(fake_call_said(*state), "error part[1].count: Negative: -1 is below zero.\n");
}

static void null_for_a_required_argument_is_refused(void **state)
{
    struct toy_part parts[1] = { 0 };
    const struct toy_thing config = {
        .part = { .state = TF_KNOWN, .items = parts, .count = 1 }
    };
    validate_rows(fake_call_of(*state), model, &config);
    assert_string_equal(
        fake_call_said(*state),
        "error name: Missing required argument: The argument \"name\" is required and must not be null.\n"
        "error part[0].name: Missing required argument: The argument \"name\" is required and must not be null.\n");
}

static void unknown_is_enough_for_a_required_argument(void **state)
{
    const struct toy_thing config = { .name = { .state = TF_UNKNOWN } };
    validate_rows(fake_call_of(*state), model, &config);
    assert_string_equal(fake_call_said(*state), "");
}

static void computed_argument_cannot_be_set(void **state)
{
    const struct toy_thing config = { .name = tf_known_string(STR("n")),
                                      .zone = tf_known_string(STR("optional too")),
                                      .revision = { .state = TF_UNKNOWN } };
    validate_rows(fake_call_of(*state), model, &config);
    assert_string_equal(fake_call_said(*state), "error revision: Read-only attribute: \"revision\" is decided by the "
                                                "provider and cannot be set: remove it.\n");
}

static unsigned calls;

static void count_calls(struct tf_call *call, const char *path, const void *member)
{
    (void)call;
    (void)path;
    (void)member;
    calls++;
}

static void collections_with_an_unknown_element_are_skipped(void **state)
{
    struct holder {
        struct tf_string_set set;
    };
    const struct tf_attribute rows[] = {
        TF_ATTR(struct holder, set, .flags = TF_OPTIONAL, .validate = count_calls, .description = "A set."), TF_END
    };
    const struct tf_model holder_model = TF_MODEL(struct holder, rows);
    struct tf_string items[1] = { { .state = TF_UNKNOWN } };
    struct holder config = {
        .set = { .state = TF_KNOWN, .items = items, .count = 1 }
    };
    calls = 0;
    validate_rows(fake_call_of(*state), &holder_model, &config);
    assert_int_equal(calls, 0);
    items[0] = tf_known_string(STR("x"));
    validate_rows(fake_call_of(*state), &holder_model, &config);
    assert_int_equal(calls, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(known_values_are_checked_with_their_path, set_up, tear_down),
        cmocka_unit_test_setup_teardown(null_and_unknown_values_are_skipped, set_up, tear_down),
        cmocka_unit_test_setup_teardown(items_of_blocks_are_checked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(null_for_a_required_argument_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(unknown_is_enough_for_a_required_argument, set_up, tear_down),
        cmocka_unit_test_setup_teardown(computed_argument_cannot_be_set, set_up, tear_down),
        cmocka_unit_test_setup_teardown(collections_with_an_unknown_element_are_skipped, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
