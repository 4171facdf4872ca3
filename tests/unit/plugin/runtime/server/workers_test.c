/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/server/workers.h"

#include <pthread.h>

#include "base/arena.h"
#include "plugin/runtime/limits.h"
#include "tests/support/harness.h"

/* Jobs that meet: each waits until `wanted` of them run at the same time, or until the gate opens. */
struct meeting {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned inside, most, done, wanted;
    bool open;
};

static int set_up(void **state)
{
    struct meeting *meeting = mem_alloc(sizeof(*meeting));
    pthread_mutex_init(&meeting->lock, NULL);
    pthread_cond_init(&meeting->changed, NULL);
    *state = meeting;
    return 0;
}

static int tear_down(void **state)
{
    struct meeting *meeting = *state;
    pthread_cond_destroy(&meeting->changed);
    pthread_mutex_destroy(&meeting->lock);
    mem_free(meeting);
    return 0;
}

static void meet(void *argument)
{
    struct meeting *meeting = argument;
    pthread_mutex_lock(&meeting->lock);
    meeting->inside++;
    if (meeting->inside > meeting->most)
        meeting->most = meeting->inside;
    if (meeting->inside >= meeting->wanted)
        meeting->open = true;
    pthread_cond_broadcast(&meeting->changed);
    while (!meeting->open)
        pthread_cond_wait(&meeting->changed, &meeting->lock);
    meeting->inside--;
    meeting->done++;
    pthread_mutex_unlock(&meeting->lock);
}

static void run_jobs(struct meeting *meeting, size_t threads, size_t jobs)
{
    struct workers *workers = workers_new(threads, WORKER_STACK_BYTES, 1000);
    struct job *all = mem_array(jobs, sizeof(*all));
    for (size_t i = 0; i < jobs; i++) {
        all[i] = (struct job){ .run = meet, .argument = meeting };
        assert_true(workers_submit(workers, &all[i]));
    }
    workers_free(workers);
    mem_free(all);
}

static void slow_jobs_run_side_by_side(void **state)
{
    struct meeting *meeting = *state;
    meeting->wanted = 50;
    run_jobs(meeting, 64, 50);
    assert_int_equal(meeting->most, 50);
    assert_int_equal(meeting->done, 50);
}

static void no_more_threads_than_allowed_and_every_job_runs(void **state)
{
    struct meeting *meeting = *state;
    meeting->wanted = 4;
    run_jobs(meeting, 4, 1000);
    assert_int_equal(meeting->most, 4);
    assert_int_equal(meeting->done, 1000);
}

static void threads_come_back_after_they_have_gone(void **state)
{
    struct meeting *meeting = *state;
    meeting->wanted = 1;
    struct workers *workers = workers_new(2, WORKER_STACK_BYTES, 1);
    for (unsigned round = 1; round <= 5; round++) {
        struct job job = { .run = meet, .argument = meeting };
        assert_true(workers_submit(workers, &job));
        pthread_mutex_lock(&meeting->lock);
        while (meeting->done < round) {
            pthread_mutex_unlock(&meeting->lock);
            const struct timespec pause = { .tv_nsec = 5000000 }; /* longer than they linger */
            nanosleep(&pause, NULL);
            pthread_mutex_lock(&meeting->lock);
        }
        pthread_mutex_unlock(&meeting->lock);
    }
    workers_free(workers);
}

static void without_any_thread_a_job_is_refused(void **state)
{
    struct workers *workers = workers_new(0, WORKER_STACK_BYTES, 1);
    struct job job = { .run = meet, .argument = *state };
    assert_false(workers_submit(workers, &job));
    workers_free(workers);
    workers_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(slow_jobs_run_side_by_side, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_more_threads_than_allowed_and_every_job_runs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(threads_come_back_after_they_have_gone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_any_thread_a_job_is_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
