/* SPDX-License-Identifier: MPL-2.0 */
#include "base/linux/path.h"

#include "tests/support/harness.h"

static bool is_null(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && os_is_null_device(&status);
}

static void only_the_null_device_is_it(void **state)
{
    (void)state;
    assert_true(is_null("/dev/null"));
    assert_true(is_null("/dev/../dev/null"));
    assert_false(is_null("/dev/zero"));
    assert_false(is_null("/dev"));
    assert_false(is_null("/proc/self/exe"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_null_device_is_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
