/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/memory.h"

#include "base/arena.h"
#include "tests/support/harness.h"

static int set_up(void **state)
{
    *state = memory_new();
    return 0;
}

static int tear_down(void **state)
{
    memory_free(*state);
    return 0;
}

static void a_fact_is_new_once(void **state)
{
    assert_true(memory_learn(*state, MEMORY_CLAIMED, STR("arn-1")));
    assert_false(memory_learn(*state, MEMORY_CLAIMED, STR("arn-1")));
    assert_true(memory_learn(*state, MEMORY_CLAIMED, STR("arn-2")));
    assert_true(memory_knows(*state, MEMORY_CLAIMED, STR("arn-1")));
    assert_false(memory_knows(*state, MEMORY_CLAIMED, STR("arn-")));
    assert_false(memory_knows(*state, MEMORY_CLAIMED, (struct str){ 0 }));
}

static void facts_of_two_kinds_are_not_taken_for_each_other(void **state)
{
    assert_true(memory_learn(*state, MEMORY_TO_CREATE, STR("arn")));
    assert_false(memory_knows(*state, MEMORY_TO_DESTROY, STR("arn")));
    assert_true(memory_learn(*state, MEMORY_TO_DESTROY, STR("arn")));
}

/* More than there are buckets: some share one. */
static void of_many_facts_each_is_known_and_can_be_forgotten(void **state)
{
    enum { MANY = 1000 };
    struct arena *arena = arena_new();
    for (int i = 0; i < MANY; i++)
        assert_true(memory_learn(*state, MEMORY_READ, str_format(arena, "arn-%d", i)));
    for (int i = 0; i < MANY; i += 2)
        memory_forget(*state, MEMORY_READ, str_format(arena, "arn-%d", i));
    memory_forget(*state, MEMORY_READ, STR("nobody"));
    for (int i = 0; i < MANY; i++)
        assert_int_equal(memory_knows(*state, MEMORY_READ, str_format(arena, "arn-%d", i)), i % 2);
    arena_free(arena);
}

static void a_fact_outlives_the_text_that_it_was_told_by(void **state)
{
    struct arena *arena = arena_new();
    assert_true(memory_learn(*state, MEMORY_GRANTED, memory_pair(arena, STR("arn"), STR("222222222222"))));
    arena_free(arena);
    assert_true(memory_knows(*state, MEMORY_GRANTED, STR("arn 222222222222")));
    assert_false(memory_knows(*state, MEMORY_GRANTED, STR("arn 333333333333")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_fact_is_new_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(facts_of_two_kinds_are_not_taken_for_each_other, set_up, tear_down),
        cmocka_unit_test_setup_teardown(of_many_facts_each_is_known_and_can_be_forgotten, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_fact_outlives_the_text_that_it_was_told_by, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
