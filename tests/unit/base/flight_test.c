/* SPDX-License-Identifier: MPL-2.0 */
#include "base/flight.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/arena.h"
#include "tests/support/harness.h"

enum { THREADS = 12 };

/* A flight, its fetch, and what the fetch is to do. */
struct airport {
    struct clock_scale scale;
    struct clock clock;
    struct flight *flight;
    atomic_uint fetches;
    atomic_bool may_land;
    enum err_kind first_failure; /* of the first fetch only */
    enum err_kind failure;       /* of the others */
};

struct traveller {
    struct airport *airport;
    struct waiter *waiter;
    int64_t until_ms;
    bool success;
    struct err err;
    pthread_t thread;
};

static bool fetch(void *argument, struct err *err)
{
    struct traveller *pilot = argument;
    struct airport *airport = pilot->airport;
    unsigned number = atomic_fetch_add(&airport->fetches, 1) + 1;
    while (!atomic_load(&airport->may_land))
        (void)waiter_wait_wake(pilot->waiter, clock_after_ms(&airport->clock, 1));
    enum err_kind failure = number == 1 ? airport->first_failure : airport->failure;
    return failure == ERR_NONE || err_set(err, failure, "fetch %u failed", number);
}

static void *travel(void *argument)
{
    struct traveller *traveller = argument;
    traveller->success = flight_join(traveller->airport->flight, traveller->waiter, traveller->until_ms, fetch,
                                     traveller, &traveller->err);
    return NULL;
}

static void airport_open(struct airport *airport)
{
    airport->scale.factor = 1;
    airport->clock = clock_real(&airport->scale);
    airport->flight = flight_new();
}

static void depart(struct airport *airport, struct traveller *traveller, int64_t until_ms)
{
    *traveller = (struct traveller){ .airport = airport, .waiter = waiter_new(&airport->clock), .until_ms = until_ms };
    assert_int_equal(pthread_create(&traveller->thread, NULL, travel, traveller), 0);
}

static void arrive(struct traveller *traveller)
{
    pthread_join(traveller->thread, NULL);
    waiter_free(traveller->waiter);
}

static void pause_ms(const struct airport *airport, int64_t delay_ms)
{
    struct err err = { 0 };
    struct waiter *waiter = waiter_new(&airport->clock);
    assert_true(waiter_pause(waiter, clock_after_ms(&airport->clock, delay_ms), &err));
    waiter_free(waiter);
}

static void wait_for_fetches(const struct airport *airport, unsigned count)
{
    while (atomic_load(&airport->fetches) < count)
        pause_ms(airport, 1);
}

/* Everybody is on board before it lands. */
static void fly_together(struct airport *airport, struct traveller *travellers)
{
    airport_open(airport);
    depart(airport, &travellers[0], CLOCK_NEVER);
    wait_for_fetches(airport, 1);
    for (size_t i = 1; i < THREADS; i++)
        depart(airport, &travellers[i], CLOCK_NEVER);
    pause_ms(airport, 50);
    atomic_store(&airport->may_land, true);
    for (size_t i = 0; i < THREADS; i++)
        arrive(&travellers[i]);
    flight_free(airport->flight);
}

static void one_fetches_and_all_have_its_result(void **state)
{
    struct airport airport = { 0 };
    struct traveller travellers[THREADS];
    (void)state;
    fly_together(&airport, travellers);
    assert_int_equal(airport.fetches, 1);
    for (size_t i = 0; i < THREADS; i++)
        assert_true(travellers[i].success);
}

static void a_failure_is_shared_by_those_who_waited(void **state)
{
    struct airport airport = { .first_failure = ERR_DENIED };
    struct traveller travellers[THREADS];
    (void)state;
    fly_together(&airport, travellers);
    assert_int_equal(airport.fetches, 1);
    for (size_t i = 0; i < THREADS; i++) {
        assert_false(travellers[i].success);
        assert_int_equal(travellers[i].err.kind, ERR_DENIED);
        assert_string_equal(travellers[i].err.text, "fetch 1 failed");
    }
}

static void another_takes_over_when_the_pilot_was_stopped(void **state)
{
    static const enum err_kind own_ends[] = { ERR_CANCELLED, ERR_TIMEOUT };
    (void)state;
    for (size_t round = 0; round < ARRAY_LENGTH(own_ends); round++) {
        struct airport airport = { .first_failure = own_ends[round] };
        struct traveller travellers[THREADS];
        fly_together(&airport, travellers);
        assert_false(travellers[0].success);
        assert_int_equal(travellers[0].err.kind, own_ends[round]);
        for (size_t i = 1; i < THREADS; i++)
            assert_true(travellers[i].success);
        assert_true(airport.fetches >= 2);
    }
}

static void a_failure_is_not_remembered(void **state)
{
    struct airport airport = { .first_failure = ERR_IO, .may_land = true };
    struct traveller traveller;
    (void)state;
    airport_open(&airport);
    depart(&airport, &traveller, CLOCK_NEVER);
    arrive(&traveller);
    assert_false(traveller.success);
    depart(&airport, &traveller, CLOCK_NEVER);
    arrive(&traveller);
    assert_true(traveller.success);
    flight_free(airport.flight);
    flight_free(NULL);
}

static void a_passenger_leaves_at_its_own_stop_or_deadline(void **state)
{
    struct airport airport = { 0 };
    struct traveller pilot;
    struct traveller stopped;
    struct traveller late;
    (void)state;
    airport_open(&airport);
    depart(&airport, &pilot, CLOCK_NEVER);
    wait_for_fetches(&airport, 1);
    depart(&airport, &stopped, CLOCK_NEVER);
    depart(&airport, &late, clock_after_ms(&airport.clock, 20));
    waiter_cancel(stopped.waiter);
    arrive(&stopped);
    arrive(&late);
    atomic_store(&airport.may_land, true); /* with nobody left but the pilot */
    arrive(&pilot);
    flight_free(airport.flight);
    assert_int_equal(stopped.err.kind, ERR_CANCELLED);
    assert_int_equal(late.err.kind, ERR_TIMEOUT);
    assert_true(pilot.success);
}

static void *travel_often(void *argument)
{
    struct traveller *traveller = argument;
    traveller->success = true;
    for (unsigned i = 0; i < 500; i++)
        if (!flight_join(traveller->airport->flight, traveller->waiter, CLOCK_NEVER, fetch, traveller, &traveller->err))
            traveller->success = false;
    return NULL;
}

static void many_flights_in_a_row_lose_nobody(void **state)
{
    struct airport airport = { .may_land = true };
    struct traveller travellers[THREADS];
    (void)state;
    airport_open(&airport);
    for (size_t i = 0; i < THREADS; i++) {
        travellers[i] = (struct traveller){ .airport = &airport, .waiter = waiter_new(&airport.clock) };
        assert_int_equal(pthread_create(&travellers[i].thread, NULL, travel_often, &travellers[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++)
        arrive(&travellers[i]);
    flight_free(airport.flight);
    for (size_t i = 0; i < THREADS; i++)
        assert_true(travellers[i].success);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_fetches_and_all_have_its_result),
        cmocka_unit_test(a_failure_is_shared_by_those_who_waited),
        cmocka_unit_test(another_takes_over_when_the_pilot_was_stopped),
        cmocka_unit_test(a_failure_is_not_remembered),
        cmocka_unit_test(a_passenger_leaves_at_its_own_stop_or_deadline),
        cmocka_unit_test(many_flights_in_a_row_lose_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
