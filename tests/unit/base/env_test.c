/* SPDX-License-Identifier: MPL-2.0 */
#include "base/env.h"

#include "tests/support/harness.h"

static const char *const entries[] = { "A=1", "AB=2", "EMPTY=", "EQUALS=a=b", "no-sign", "=odd", "A=second", NULL };
static const struct env env = { entries };

static void a_value_is_found_by_its_whole_name(void **state)
{
    (void)state;
    assert_str_equal(env_get(&env, "A", STR("?")), "1"); /* the first counts */
    assert_str_equal(env_get(&env, "AB", STR("?")), "2");
    assert_str_equal(env_get(&env, "ABC", STR("?")), "?");
    assert_str_equal(env_get(&env, "EQUALS", STR("?")), "a=b");
    assert_str_equal(env_get(&env, "no-sign", STR("?")), "?");
}

static void an_empty_variable_is_got_but_not_found(void **state)
{
    struct str value = STR("untouched");
    (void)state;
    assert_str_equal(env_get(&env, "EMPTY", STR("?")), "");
    assert_false(env_find(&env, "EMPTY", &value));
    assert_false(env_find(&env, "MISSING", &value));
    assert_str_equal(value, "untouched");
    assert_true(env_find(&env, "AB", &value));
    assert_str_equal(value, "2");
}

static void an_environment_may_be_empty(void **state)
{
    static const char *const nothing[] = { NULL };
    (void)state;
    assert_str_equal(env_get(&(struct env){ nothing }, "A", STR("?")), "?");
    assert_str_equal(env_get(&(struct env){ NULL }, "A", STR("?")), "?");
}

static void the_process_has_one(void **state)
{
    struct env own = env_process();
    struct str path;
    (void)state;
    assert_true(env_find(&own, "PATH", &path));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_is_found_by_its_whole_name),
        cmocka_unit_test(an_empty_variable_is_got_but_not_found),
        cmocka_unit_test(an_environment_may_be_empty),
        cmocka_unit_test(the_process_has_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
