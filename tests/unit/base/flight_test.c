/* SPDX-License-Identifier: MPL-2.0 */
#include "base/flight.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

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

enum { LIMIT_MS = 20 * SECOND_MS }; /* longer than any test but that of the limit */

struct traveller {
    struct airport *airport;
    struct waiter *waiter;
    int64_t until_ms;
    bool success;
    enum err_kind failure;
    char said[64];
    pthread_t thread;
    atomic_bool has_set_out; /* its thread runs, which a busy machine may put off */
};

static bool fetch(void *argument, struct waiter *waiter, int64_t deadline_ms, struct err *err)
{
    struct airport *airport = ((struct traveller *)argument)->airport;
    unsigned number = atomic_fetch_add(&airport->fetches, 1) + 1;
    while (!atomic_load(&airport->may_land)) {
        if (waiter_wait(waiter, clock_after_ms(&airport->clock, 1)) == WAITER_CANCELLED)
            return err_set(err, ERR_CANCELLED, "fetch %u was stopped", number);
        if (clock_monotonic_ms(&airport->clock) >= deadline_ms)
            return err_set(err, ERR_TIMEOUT, "fetch %u took too long", number);
    }
    enum err_kind failure = number == 1 ? airport->first_failure : airport->failure;
    return failure == ERR_NONE || err_set(err, failure, "fetch %u failed", number);
}

static void *travel(void *argument)
{
    struct traveller *traveller = argument;
    CLEANUP(err_clear) struct err err = { 0 };
    atomic_store(&traveller->has_set_out, true);
    traveller->success =
        flight_join(traveller->airport->flight, traveller->waiter, traveller->until_ms, fetch, traveller, &err);
    traveller->failure = err.kind;
    snprintf(traveller->said, sizeof(traveller->said), "%s", err_text(&err));
    return NULL;
}

static void airport_open(struct airport *airport)
{
    airport->scale.factor = 1;
    airport->clock = clock_real(&airport->scale);
    airport->flight = flight_new(LIMIT_MS);
}

static void pause_ms(const struct airport *airport, int64_t delay_ms)
{
    CLEANUP(err_clear) struct err err = { 0 };
    struct waiter *waiter = waiter_new(&airport->clock);
    assert_true(waiter_pause(waiter, clock_after_ms(&airport->clock, delay_ms), &err));
    waiter_free(waiter);
}

static void depart(struct airport *airport, struct traveller *traveller, int64_t until_ms)
{
    *traveller = (struct traveller){ .airport = airport, .waiter = waiter_new(&airport->clock), .until_ms = until_ms };
    assert_int_equal(pthread_create(&traveller->thread, NULL, travel, traveller), 0);
    while (!atomic_load(&traveller->has_set_out))
        pause_ms(airport, 1);
}

static void arrive(struct traveller *traveller)
{
    pthread_join(traveller->thread, NULL);
    waiter_free(traveller->waiter);
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
        assert_int_equal(travellers[i].failure, ERR_DENIED);
        assert_string_equal(travellers[i].said, "fetch 1 failed");
    }
}

/* The pilot's end is not the fetch's: what it has begun for others goes on. */
static void the_stop_of_the_pilot_harms_nobody(void **state)
{
    struct airport airport = { 0 };
    struct traveller pilot, other;
    (void)state;
    airport_open(&airport);
    depart(&airport, &pilot, CLOCK_NEVER);
    wait_for_fetches(&airport, 1);
    depart(&airport, &other, CLOCK_NEVER);
    pause_ms(&airport, 50);
    waiter_cancel(pilot.waiter);
    waiter_cancel(pilot.waiter); /* counts once */
    pause_ms(&airport, 50);
    atomic_store(&airport.may_land, true);
    arrive(&pilot);
    arrive(&other);
    flight_free(airport.flight);
    assert_true(other.success);
    assert_int_equal(airport.fetches, 1);
}

static void the_deadline_of_the_pilot_harms_nobody(void **state)
{
    struct airport airport = { 0 };
    struct traveller pilot, other;
    (void)state;
    airport_open(&airport);
    depart(&airport, &pilot, clock_after_ms(&airport.clock, 5));
    wait_for_fetches(&airport, 1);
    depart(&airport, &other, CLOCK_NEVER);
    pause_ms(&airport, 50);
    atomic_store(&airport.may_land, true);
    arrive(&pilot);
    arrive(&other);
    flight_free(airport.flight);
    assert_true(other.success);
    assert_int_equal(airport.fetches, 1);
}

/* As the provider's stop does to all calls at once. */
static void what_nobody_wants_any_more_is_stopped(void **state)
{
    struct airport airport = { 0 };
    struct traveller travellers[THREADS];
    struct traveller later;
    (void)state;
    airport_open(&airport);
    for (size_t i = 0; i < THREADS; i++)
        depart(&airport, &travellers[i], CLOCK_NEVER);
    wait_for_fetches(&airport, 1);
    pause_ms(&airport, 50);
    int64_t began_ms = clock_monotonic_ms(&airport.clock);
    for (size_t i = 0; i < THREADS; i++)
        waiter_cancel(travellers[i].waiter);
    for (size_t i = 0; i < THREADS; i++)
        arrive(&travellers[i]);
    assert_true(clock_monotonic_ms(&airport.clock) - began_ms < LIMIT_MS / 2);
    atomic_store(&airport.may_land, true);
    depart(&airport, &later, CLOCK_NEVER);
    arrive(&later);
    flight_free(airport.flight);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(travellers[i].failure, ERR_CANCELLED);
    assert_true(later.success);
}

/* A caller who comes while a stopped fetch is ending is not stopped with it. */
static void who_boards_a_stopped_fetch_starts_another(void **state)
{
    struct airport airport = { .first_failure = ERR_CANCELLED };
    struct traveller travellers[THREADS];
    (void)state;
    fly_together(&airport, travellers);
    for (size_t i = 1; i < THREADS; i++)
        assert_true(travellers[i].success);
    assert_true(airport.fetches >= 2);
}

static void a_hung_fetch_ends_at_its_own_limit_for_all(void **state)
{
    static const int64_t factors[] = { 1, 1000 };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(factors); i++) {
        struct airport airport = { .scale.factor = factors[i] };
        struct traveller pilot, other;
        airport.clock = clock_real(&airport.scale);
        airport.flight = flight_new(300);
        int64_t began_ms = clock_monotonic_ms(&airport.clock);
        depart(&airport, &pilot, CLOCK_NEVER);
        wait_for_fetches(&airport, 1);
        depart(&airport, &other, CLOCK_NEVER);
        arrive(&pilot);
        arrive(&other);
        assert_true((clock_monotonic_ms(&airport.clock) - began_ms) / factors[i] >= 299);
        flight_free(airport.flight);
        assert_int_equal(airport.fetches, 1);
        assert_int_equal(pilot.failure, ERR_IO); /* nobody's own deadline */
        assert_int_equal(other.failure, ERR_IO);
        assert_non_null(strstr(other.said, "given up"));
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
    assert_int_equal(stopped.failure, ERR_CANCELLED);
    assert_int_equal(late.failure, ERR_TIMEOUT);
    assert_true(pilot.success);
}

static void *travel_often(void *argument)
{
    struct traveller *traveller = argument;
    CLEANUP(err_clear) struct err err = { 0 };
    traveller->success = true;
    for (unsigned i = 0; i < 500; i++)
        if (!flight_join(traveller->airport->flight, traveller->waiter, CLOCK_NEVER, fetch, traveller, &err))
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
        cmocka_unit_test(the_stop_of_the_pilot_harms_nobody),
        cmocka_unit_test(the_deadline_of_the_pilot_harms_nobody),
        cmocka_unit_test(what_nobody_wants_any_more_is_stopped),
        cmocka_unit_test(who_boards_a_stopped_fetch_starts_another),
        cmocka_unit_test(a_hung_fetch_ends_at_its_own_limit_for_all),
        cmocka_unit_test(a_failure_is_not_remembered),
        cmocka_unit_test(a_passenger_leaves_at_its_own_stop_or_deadline),
        cmocka_unit_test(many_flights_in_a_row_lose_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
