/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/watch/status.h"

#include "tests/support/harness.h"

static void statuses_are_told_apart(void **state)
{
    static const struct {
        const char *status;
        bool available, failed, lost, leaving;
    } rows[] = {
        { "available",               true,  false, false, false },
        { "failed",                  false, true,  true,  false },
        { "failed ",                 false, false, false, false },
        { "Failed",                  false, false, false, false },
        { "incompatible-restore",    false, false, true,  false },
        { "incompatible-parameters", false, false, true,  false },
        { "deleting",                false, false, false, true  },
        { "deleted",                 false, false, false, true  },
        { "creating",                false, false, false, false },
        { "copying",                 false, false, false, false },
        { "pending",                 false, false, false, false },
        { "Available",               false, false, false, false },
        { "",                        false, false, false, false },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct str status = str_from(rows[i].status);
        assert_int_equal(status_is_available(status), rows[i].available);
        assert_int_equal(status_is_failed(status), rows[i].failed);
        assert_int_equal(status_is_lost(status), rows[i].lost);
        assert_int_equal(status_is_leaving(status), rows[i].leaving);
        assert_int_equal(status_is_under_way(status), !rows[i].available && !rows[i].lost && !rows[i].leaving);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statuses_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
