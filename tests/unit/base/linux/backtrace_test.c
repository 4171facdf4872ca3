/* SPDX-License-Identifier: MPL-2.0 */
#include "base/linux/backtrace.h"

#include <string.h>
#include <unistd.h>

#include "tests/support/harness.h"

static void each_call_is_a_line(void **state)
{
    char text[16 * 1024] = { 0 };
    int ends[2];
    (void)state;
    assert_int_equal(pipe(ends), 0);
    os_backtrace_prepare();
    os_backtrace_write(ends[1]);
    close(ends[1]);
    ssize_t length = read(ends[0], text, sizeof(text) - 1);
    close(ends[0]);
    assert_true(length > 0);
    assert_non_null(strchr(text, '\n'));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_call_is_a_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
