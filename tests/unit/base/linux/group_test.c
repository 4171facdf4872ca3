/* SPDX-License-Identifier: MPL-2.0 */
#include "base/linux/group.h"

#include "tests/support/harness.h"

static void a_group_has_its_number(void **state)
{
    gid_t group = 99;
    (void)state;
    assert_true(os_group_find("root", &group));
    assert_int_equal(group, 0);
}

static void what_is_no_group_is_not_found(void **state)
{
    static const char *const names[] = { "", "ro", "roots", "root:x:0", "no-such-group" };
    gid_t group = 99;
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
        assert_false(os_group_find(names[i], &group));
    assert_int_equal(group, 99);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_group_has_its_number),
        cmocka_unit_test(what_is_no_group_is_not_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
