/* SPDX-License-Identifier: MPL-2.0 */
#include "base/linux/condition.h"

#include "tests/support/harness.h"

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Monotonic time counts from the start of the machine: a wait by the wall clock would end at once. */
static void a_wait_lasts_until_its_moment(void **state)
{
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
    const int64_t until_ns = now_ns() + 30 * 1000 * 1000;
    const struct timespec until = { .tv_sec = until_ns / 1000000000, .tv_nsec = until_ns % 1000000000 };
    unsigned waits = 0;
    (void)state;
    pthread_mutex_lock(&lock);
    for (; now_ns() < until_ns; waits++)
        os_condition_wait(&changed, &lock, &until);
    pthread_mutex_unlock(&lock);
    assert_between(waits, 1, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wait_lasts_until_its_moment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
