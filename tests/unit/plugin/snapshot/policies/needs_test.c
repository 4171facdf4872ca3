/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/policies/needs.h"

#include "tests/support/harness.h"

static void each_part_needs_its_actions(void **state)
{
    static const struct {
        const char *action;
        bool is_targets, is_sources, is_readers, is_grant_action, is_demanded;
    } rows[] = {
        { "kms:DescribeKey",   true,  true,  true, false, true  },
        { "kms:CreateGrant",   true,  true,  true, true,  true  },
        { "kms:Decrypt",       false, false, true, false, false },
        { "kms:ReEncryptFrom", false, false, true, false, false },
    };
    (void)state;
    assert_int_equal(ARRAY_LENGTH(rows), NEEDS_COUNT);
    for (size_t i = 0; i < NEEDS_COUNT; i++) {
        assert_string_equal(needs[i].action, rows[i].action);
        assert_int_equal(need_is_of(&needs[i], KEY_PART_TARGET), rows[i].is_targets);
        assert_int_equal(need_is_of(&needs[i], KEY_PART_SOURCE), rows[i].is_sources);
        assert_int_equal(need_is_of(&needs[i], KEY_PART_READER), rows[i].is_readers);
        assert_false(need_is_of(&needs[i], KEY_PART_NONE));
        assert_int_equal(needs[i].is_grant_action, rows[i].is_grant_action);
        assert_int_equal(needs[i].is_demanded, rows[i].is_demanded);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_part_needs_its_actions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
