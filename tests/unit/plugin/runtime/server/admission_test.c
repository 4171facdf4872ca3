/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/server/admission.h"

#include "tests/support/harness.h"

enum { MESSAGE = 100, BUDGET = 200, PATIENCE = 10 };

static int set_up(void **state)
{
    *state = admission_new(MESSAGE, BUDGET, PATIENCE);
    return 0;
}

static int tear_down(void **state)
{
    admission_free(*state);
    return 0;
}

static void as_many_are_read_as_the_budget_could_hold(void **state)
{
    struct admission_entry entries[3] = { 0 };
    for (size_t i = 0; i < 3; i++)
        admission_ask(*state, &entries[i]);
    assert_ptr_equal(admission_next(*state, 0), &entries[0]);
    assert_ptr_equal(admission_next(*state, 0), &entries[1]);
    assert_null(admission_next(*state, 0));
}

static void small_requests_make_room_for_the_next(void **state)
{
    struct admission_entry entries[20] = { 0 };
    for (size_t i = 0; i < 20; i++)
        admission_ask(*state, &entries[i]);
    for (size_t i = 0; i < 20; i++) {
        assert_ptr_equal(admission_next(*state, 0), &entries[i]);
        admission_arrived(*state, &entries[i], 1);
    }
    assert_null(admission_next(*state, 0));
}

static void arrived_bytes_count_until_they_are_done(void **state)
{
    struct admission_entry big = { 0 };
    struct admission_entry bigger = { 0 };
    struct admission_entry third = { 0 };
    admission_ask(*state, &big);
    admission_ask(*state, &bigger);
    admission_ask(*state, &third);
    assert_non_null(admission_next(*state, 0));
    assert_non_null(admission_next(*state, 0));
    admission_arrived(*state, &big, 100);
    admission_arrived(*state, &bigger, 100);
    assert_null(admission_next(*state, 1000));
    admission_done(*state, &big);
    assert_ptr_equal(admission_next(*state, 1000), &third);
}

static void half_a_request_holds_others_up_only_for_a_while(void **state)
{
    struct admission_entry slow[2] = { 0 };
    struct admission_entry other = { 0 };
    admission_ask(*state, &slow[0]);
    admission_ask(*state, &slow[1]);
    assert_non_null(admission_next(*state, 5));
    assert_non_null(admission_next(*state, 5));
    assert_true(admission_look_again_ms(*state) == INT64_MAX);
    admission_ask(*state, &other);
    assert_null(admission_next(*state, 14));
    assert_int_equal(admission_look_again_ms(*state), 15);
    assert_ptr_equal(admission_next(*state, 15), &other);
    admission_arrived(*state, &slow[0], 100); /* counts again, now that it is there */
    admission_arrived(*state, &slow[1], 100);
    admission_arrived(*state, &other, 1);
    admission_ask(*state, &(struct admission_entry){ 0 });
    assert_null(admission_next(*state, 15));
}

static void a_call_that_ends_without_a_request_frees_its_place(void **state)
{
    struct admission_entry gone = { 0 };
    struct admission_entry next[2] = { 0 };
    admission_ask(*state, &gone);
    assert_ptr_equal(admission_next(*state, 0), &gone);
    admission_arrived(*state, &gone, 0);
    admission_done(*state, &gone);
    admission_ask(*state, &next[0]);
    admission_ask(*state, &next[1]);
    assert_non_null(admission_next(*state, 0));
    assert_non_null(admission_next(*state, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(as_many_are_read_as_the_budget_could_hold, set_up, tear_down),
        cmocka_unit_test_setup_teardown(small_requests_make_room_for_the_next, set_up, tear_down),
        cmocka_unit_test_setup_teardown(arrived_bytes_count_until_they_are_done, set_up, tear_down),
        cmocka_unit_test_setup_teardown(half_a_request_holds_others_up_only_for_a_while, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_call_that_ends_without_a_request_frees_its_place, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
