/* SPDX-License-Identifier: MPL-2.0 */
#include "base/flight.h"

#include <stdatomic.h>

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
    int64_t limit_ms;
    pthread_mutex_t lock;
    struct waiter *fetching; /* what the running fetch waits on; NULL: none is running */
    atomic_uint wanted;      /* by how many who have not been stopped */
    struct passenger *passengers;
};

struct flight *flight_new(int64_t limit_ms)
{
    struct flight *flight = mem_alloc(sizeof(*flight));
    flight->limit_ms = limit_ms;
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
    flight->fetching = NULL;
    for (struct passenger *passenger = flight->passengers; passenger; passenger = passenger->next) {
        passenger->landed = true;
        passenger->success = success;
        if (!success)
            err_copy(&passenger->err, err);
        waiter_wake(passenger->waiter);
    }
    flight->passengers = NULL;
    pthread_mutex_unlock(&flight->lock);
}

/* One fewer wants the result. Without the flight's lock: a waiter may be locked. */
static void give_up(void *argument)
{
    struct flight *flight = argument;
    if (atomic_fetch_sub(&flight->wanted, 1) == 1)
        waiter_cancel(flight->fetching);
}

static void leave(struct flight *flight, struct passenger *leaving)
{
    for (struct passenger **link = &flight->passengers; *link; link = &(*link)->next)
        if (*link == leaving) {
            *link = leaving->next;
            give_up(flight);
            return;
        }
}

/* True: this caller is the pilot and fetches on `own`. */
static bool board(struct flight *flight, struct passenger *passenger, struct waiter *own)
{
    pthread_mutex_lock(&flight->lock);
    bool is_pilot = !flight->fetching;
    if (is_pilot) {
        flight->fetching = own;
        atomic_store(&flight->wanted, 1);
    } else {
        passenger->next = flight->passengers;
        flight->passengers = passenger;
        atomic_fetch_add(&flight->wanted, 1);
    }
    pthread_mutex_unlock(&flight->lock);
    return is_pilot;
}

/* True: `passenger` has landed. */
static bool ride(struct flight *flight, struct passenger *passenger, int64_t until_ms, struct err *err)
{
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

static bool fly(struct flight *flight, struct waiter *pilot, flight_fetch_fn *fetch, void *argument, struct err *err)
{
    struct waiter *fetching = flight->fetching;
    CLEANUP(err_clear) struct err failure = { 0 };
    waiter_on_cancel(pilot, give_up, flight);
    bool success = fetch(argument, fetching, clock_after_real_ms(waiter_clock(fetching), flight->limit_ms), &failure);
    waiter_on_cancel(pilot, NULL, NULL);
    if (!success && failure.kind == ERR_TIMEOUT) {
        failure.kind = ERR_IO; /* nobody's deadline but its own */
        err_wrap(&failure, "given up after %lld s", (long long)(flight->limit_ms / SECOND_MS));
    }
    land(flight, success, &failure);
    if (!success)
        err_move(err, &failure);
    return success;
}

bool flight_join(struct flight *flight, struct waiter *waiter, int64_t until_ms, flight_fetch_fn *fetch, void *argument,
                 struct err *err)
{
    struct waiter *own = waiter_new(waiter_clock(waiter));
    struct passenger passenger;
    bool success;
    do {
        passenger = (struct passenger){ .waiter = waiter };
        if (board(flight, &passenger, own)) {
            success = fly(flight, waiter, fetch, argument, err);
            break;
        }
        success = ride(flight, &passenger, until_ms, err) && passenger.success;
        if (passenger.landed && !success)
            err_move(err, &passenger.err);
        /* Nobody wanted that fetch any more when this caller came. */
    } while (passenger.landed && !success && err->kind == ERR_CANCELLED);
    waiter_free(own);
    return success;
}
