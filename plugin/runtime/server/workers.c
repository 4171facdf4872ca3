/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/server/workers.h"

#include <pthread.h>

#include "base/arena.h"
#include "base/clock.h"
#include "plugin/runtime/process/crash.h"

struct workers {
    pthread_mutex_t lock;
    pthread_cond_t work;  /* a job, or the end */
    pthread_cond_t ended; /* a thread has */
    pthread_attr_t attributes;
    size_t threads_max;
    struct clock clock;
    int linger_ms;
    struct job *first, **last;
    size_t queued;
    size_t threads;
    size_t idle;
    bool closing;
};

struct workers *workers_new(size_t threads_max, size_t stack_bytes, int linger_ms)
{
    static const struct clock_scale unscaled = { .factor = 1 };
    struct workers *workers = mem_alloc(sizeof(*workers));
    workers->clock = clock_real(&unscaled);
    pthread_mutex_init(&workers->lock, NULL);
    pthread_cond_init(&workers->work, NULL);
    pthread_cond_init(&workers->ended, NULL);
    pthread_attr_init(&workers->attributes);
    pthread_attr_setstacksize(&workers->attributes, stack_bytes);
    pthread_attr_setdetachstate(&workers->attributes, PTHREAD_CREATE_DETACHED);
    workers->threads_max = threads_max;
    workers->linger_ms = linger_ms;
    workers->last = &workers->first;
    return workers;
}

void workers_free(struct workers *workers)
{
    if (!workers)
        return;
    pthread_mutex_lock(&workers->lock);
    workers->closing = true;
    pthread_cond_broadcast(&workers->work);
    while (workers->threads)
        pthread_cond_wait(&workers->ended, &workers->lock);
    pthread_mutex_unlock(&workers->lock);
    pthread_attr_destroy(&workers->attributes);
    pthread_cond_destroy(&workers->ended);
    pthread_cond_destroy(&workers->work);
    pthread_mutex_destroy(&workers->lock);
    mem_free(workers);
}

static struct job *take_job(struct workers *workers)
{
    struct job *job = workers->first;
    if (!job)
        return NULL;
    workers->first = job->next;
    if (!workers->first)
        workers->last = &workers->first;
    workers->queued--;
    return job;
}

/* The next job, or NULL when there has been none for the linger time. */
static struct job *wait_for_job(struct workers *workers)
{
    const struct clock *clock = &workers->clock;
    int64_t until_ms = clock_after_ms(clock, workers->linger_ms);
    workers->idle++;
    while (!workers->first && !workers->closing && clock_monotonic_ms(clock) < until_ms)
        clock->wait(clock->self, &workers->work, &workers->lock, until_ms);
    workers->idle--;
    return take_job(workers);
}

static void *work(void *argument)
{
    struct workers *workers = argument;
    struct crash_stack stack;
    crash_use_stack(&stack);
    pthread_mutex_lock(&workers->lock);
    for (struct job *job = wait_for_job(workers); job; job = wait_for_job(workers)) {
        pthread_mutex_unlock(&workers->lock);
        job->run(job->argument);
        pthread_mutex_lock(&workers->lock);
    }
    workers->threads--;
    pthread_cond_signal(&workers->ended);
    pthread_mutex_unlock(&workers->lock);
    crash_leave_stack();
    return NULL;
}

static void start_thread(struct workers *workers)
{
    pthread_t thread;
    if (workers->threads == workers->threads_max)
        return;
    if (pthread_create(&thread, &workers->attributes, work, workers) == 0)
        workers->threads++;
}

bool workers_submit(struct workers *workers, struct job *job)
{
    pthread_mutex_lock(&workers->lock);
    if (workers->queued >= workers->idle)
        start_thread(workers);
    bool taken = workers->threads > 0;
    if (taken) {
        job->next = NULL;
        *workers->last = job;
        workers->last = &job->next;
        workers->queued++;
        pthread_cond_signal(&workers->work);
    }
    pthread_mutex_unlock(&workers->lock);
    return taken;
}
