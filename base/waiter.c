/* SPDX-License-Identifier: MPL-2.0 */
#include "base/waiter.h"

#include "base/arena.h"

struct waiter {
    struct clock clock;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool woken;
    bool cancelled;
    waiter_cancel_fn *on_cancel;
    void *argument;
};

struct waiter *waiter_new(const struct clock *clock)
{
    struct waiter *waiter = mem_alloc(sizeof(*waiter));
    waiter->clock = *clock;
    pthread_mutex_init(&waiter->lock, NULL);
    pthread_cond_init(&waiter->changed, NULL);
    return waiter;
}

void waiter_free(struct waiter *waiter)
{
    if (!waiter)
        return;
    pthread_cond_destroy(&waiter->changed);
    pthread_mutex_destroy(&waiter->lock);
    mem_free(waiter);
}

void waiter_wake(struct waiter *waiter)
{
    pthread_mutex_lock(&waiter->lock);
    waiter->woken = true;
    pthread_cond_broadcast(&waiter->changed);
    pthread_mutex_unlock(&waiter->lock);
}

static void tell_locked(struct waiter *waiter)
{
    waiter_cancel_fn *on_cancel = waiter->on_cancel;
    waiter->on_cancel = NULL;
    if (on_cancel)
        on_cancel(waiter->argument);
}

void waiter_cancel(struct waiter *waiter)
{
    pthread_mutex_lock(&waiter->lock);
    waiter->cancelled = true;
    pthread_cond_broadcast(&waiter->changed);
    tell_locked(waiter);
    pthread_mutex_unlock(&waiter->lock);
}

void waiter_on_cancel(struct waiter *waiter, waiter_cancel_fn *on_cancel, void *argument)
{
    pthread_mutex_lock(&waiter->lock);
    waiter->on_cancel = on_cancel;
    waiter->argument = argument;
    if (waiter->cancelled)
        tell_locked(waiter);
    pthread_mutex_unlock(&waiter->lock);
}

bool waiter_is_cancelled(struct waiter *waiter)
{
    pthread_mutex_lock(&waiter->lock);
    bool cancelled = waiter->cancelled;
    pthread_mutex_unlock(&waiter->lock);
    return cancelled;
}

const struct clock *waiter_clock(const struct waiter *waiter)
{
    return &waiter->clock;
}

int64_t waiter_now_ms(const struct waiter *waiter)
{
    return clock_monotonic_ms(&waiter->clock);
}

static enum waiter_result wait_locked(struct waiter *waiter, int64_t until_ms, bool hears_cancel)
{
    for (;;) {
        if (hears_cancel && waiter->cancelled)
            return WAITER_CANCELLED;
        if (waiter->woken) {
            waiter->woken = false;
            return WAITER_WOKEN;
        }
        if (until_ms != CLOCK_NEVER && clock_monotonic_ms(&waiter->clock) >= until_ms)
            return WAITER_TIMEOUT;
        waiter->clock.wait(waiter->clock.self, &waiter->changed, &waiter->lock, until_ms);
    }
}

static enum waiter_result wait_for(struct waiter *waiter, int64_t until_ms, bool hears_cancel)
{
    pthread_mutex_lock(&waiter->lock);
    enum waiter_result result = wait_locked(waiter, until_ms, hears_cancel);
    pthread_mutex_unlock(&waiter->lock);
    return result;
}

enum waiter_result waiter_wait(struct waiter *waiter, int64_t until_ms)
{
    return wait_for(waiter, until_ms, true);
}

enum waiter_result waiter_wait_wake(struct waiter *waiter, int64_t until_ms)
{
    return wait_for(waiter, until_ms, false);
}

bool waiter_pause(struct waiter *waiter, int64_t until_ms, struct err *err)
{
    for (;;) {
        switch (waiter_wait(waiter, until_ms)) {
        case WAITER_WOKEN:
            break;
        case WAITER_TIMEOUT:
            return true;
        case WAITER_CANCELLED:
            return err_set(err, ERR_CANCELLED, "stopped while waiting");
        }
    }
}
