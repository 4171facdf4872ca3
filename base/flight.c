/* SPDX-License-Identifier: MPL-2.0 */
#include "base/flight.h"

#include "base/arena.h"

/* Somebody who waits; lives on the stack of its thread while it does. */
struct passenger {
    struct passenger *next;
    struct waiter *waiter;
    bool landed;
    bool success;
    struct err err;
};

struct flight {
    pthread_mutex_t lock;
    bool flying;
    struct passenger *passengers;
};

struct flight *flight_new(void)
{
    struct flight *flight = mem_alloc(sizeof(*flight));
    pthread_mutex_init(&flight->lock, NULL);
    return flight;
}

void flight_free(struct flight *flight)
{
    if (!flight)
        return;
    pthread_mutex_destroy(&flight->lock);
    mem_free(flight);
}

static void land(struct flight *flight, bool success, const struct err *err)
{
    pthread_mutex_lock(&flight->lock);
    flight->flying = false;
    for (struct passenger *passenger = flight->passengers; passenger; passenger = passenger->next) {
        passenger->landed = true;
        passenger->success = success;
        if (!success)
            passenger->err = *err;
        waiter_wake(passenger->waiter);
    }
    flight->passengers = NULL;
    pthread_mutex_unlock(&flight->lock);
}

static void leave(struct flight *flight, struct passenger *leaving)
{
    for (struct passenger **link = &flight->passengers; *link; link = &(*link)->next)
        if (*link == leaving) {
            *link = leaving->next;
            return;
        }
}

/* Takes the pilot's seat, or boards and waits. True: `passenger` has landed. */
static bool board(struct flight *flight, struct passenger *passenger, int64_t until_ms, bool *out_pilot,
                  struct err *err)
{
    pthread_mutex_lock(&flight->lock);
    *out_pilot = !flight->flying;
    if (*out_pilot) {
        flight->flying = true;
    } else {
        passenger->next = flight->passengers;
        flight->passengers = passenger;
    }
    pthread_mutex_unlock(&flight->lock);
    if (*out_pilot)
        return true;

    for (;;) {
        enum waiter_result woke = waiter_wait(passenger->waiter, until_ms);
        pthread_mutex_lock(&flight->lock);
        bool landed = passenger->landed;
        if (!landed && woke != WAITER_WOKEN)
            leave(flight, passenger);
        pthread_mutex_unlock(&flight->lock);
        if (landed)
            return true;
        if (woke == WAITER_CANCELLED)
            return err_set(err, ERR_CANCELLED, "stopped while another call fetched what this one needs");
        if (woke == WAITER_TIMEOUT)
            return err_set(err, ERR_TIMEOUT, "no time left while another call fetched what this one needs");
    }
}

bool flight_join(struct flight *flight, struct waiter *waiter, int64_t until_ms, flight_fetch_fn *fetch, void *argument,
                 struct err *err)
{
    for (;;) {
        struct passenger passenger = { .waiter = waiter };
        bool pilot;
        if (!board(flight, &passenger, until_ms, &pilot, err))
            return false;
        if (pilot) {
            struct err own = { 0 };
            bool success = fetch(argument, &own);
            land(flight, success, &own);
            if (!success)
                *err = own;
            return success;
        }
        if (passenger.success)
            return true;
        if (passenger.err.kind == ERR_CANCELLED || passenger.err.kind == ERR_TIMEOUT)
            continue; /* the pilot's own stop or limit is not this caller's */
        *err = passenger.err;
        return false;
    }
}
