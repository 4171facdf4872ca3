/* SPDX-License-Identifier: MPL-2.0
 *
 * Calls, and how much of them; who is let in: server_door_test.
 */
#include "tests/unit/plugin/runtime/server/grpc_fixture.h"

static void request_comes_back_as_reply(void **state)
{
    struct world *world = *state;
    grpc_channel *channel = plain_channel(world);
    struct str reply = STR("");
    grpc_status_code status =
        client_finish(client_start(channel, "/test/Echo", STR("hello"), true), world->arena, &reply);
    struct str empty = STR("x");
    grpc_status_code status_of_empty =
        client_finish(client_start(channel, "/test/Echo", STR(""), true), world->arena, &empty);
    grpc_channel_destroy(channel);
    assert_int_equal(status, GRPC_STATUS_OK);
    assert_str_equal(reply, "hello");
    assert_int_equal(status_of_empty, GRPC_STATUS_OK);
    assert_int_equal(empty.len, 0);
    wait_until(world, &world->ended, 2);
}

static void unknown_methods_are_unimplemented_always(void **state)
{
    struct world *world = *state;
    grpc_channel *channel = plain_channel(world);
    grpc_status_code worst = GRPC_STATUS_UNIMPLEMENTED;
    for (int i = 0; i < 200; i++) {
        grpc_status_code status = client_finish(client_start(channel, "/other/Call", STR("x"), i % 2 != 0), NULL, NULL);
        if (status != GRPC_STATUS_UNIMPLEMENTED)
            worst = status;
    }
    grpc_channel_destroy(channel);
    assert_int_equal(worst, GRPC_STATUS_UNIMPLEMENTED);
}

static void refusals_carry_their_status(void **state)
{
    struct world *world = *state;
    grpc_channel *channel = plain_channel(world);
    grpc_status_code status = client_finish(client_start(channel, "/test/Refuse", STR("x"), true), NULL, NULL);
    grpc_channel_destroy(channel);
    assert_int_equal(status, GRPC_STATUS_INVALID_ARGUMENT);
}

static void slow_calls_run_side_by_side_and_stall_nobody(void **state)
{
    struct world *world = *state;
    grpc_channel *channel = plain_channel(world);
    struct client_call *slow[100];
    struct str reply = STR("");
    for (size_t i = 0; i < ARRAY_LENGTH(slow); i++)
        slow[i] = client_start(channel, "/test/Wait", STR("x"), true);
    wait_until(world, &world->running, ARRAY_LENGTH(slow));
    grpc_status_code echo =
        client_finish(client_start(channel, "/test/Echo", STR("quick"), true), world->arena, &reply);
    grpc_status_code unknown = client_finish(client_start(channel, "/other/Call", STR(""), true), NULL, NULL);
    open_gate(world);
    grpc_status_code worst = GRPC_STATUS_OK;
    for (size_t i = 0; i < ARRAY_LENGTH(slow); i++) {
        grpc_status_code status = client_finish(slow[i], NULL, NULL);
        worst = status ? status : worst;
    }
    grpc_channel_destroy(channel);
    assert_int_equal(echo, GRPC_STATUS_OK);
    assert_str_equal(reply, "quick");
    assert_int_equal(unknown, GRPC_STATUS_UNIMPLEMENTED);
    assert_int_equal(worst, GRPC_STATUS_OK);
    assert_int_equal(world->most_running, 100);
}

static void at_once_needs_neither_worker_nor_request(void **state)
{
    struct world *world = *state;
    grpc_channel *channel = plain_channel(world);
    struct client_call *slow[WORKERS_MAX + 20]; /* more than there are workers */
    struct str reply = STR("");
    for (size_t i = 0; i < ARRAY_LENGTH(slow); i++)
        slow[i] = client_start(channel, "/test/Wait", STR("x"), true);
    wait_until(world, &world->running, WORKERS_MAX);
    grpc_status_code status =
        client_finish(client_start(channel, "/test/AtOnce", STR(""), false), world->arena, &reply);
    open_gate(world);
    for (size_t i = 0; i < ARRAY_LENGTH(slow); i++)
        client_finish(slow[i], NULL, NULL);
    grpc_channel_destroy(channel);
    assert_int_equal(status, GRPC_STATUS_OK);
    assert_str_equal(reply, "at once");
    assert_int_equal(world->most_running, WORKERS_MAX);
}

static void cancelled_call_is_noticed_while_it_runs(void **state)
{
    struct world *world = *state;
    grpc_channel *channel = plain_channel(world);
    struct client_call *slow = client_start(channel, "/test/Wait", STR("x"), true);
    wait_until(world, &world->running, 1);
    grpc_call_cancel(slow->call, NULL);
    wait_until(world, &world->cancelled, 1);
    open_gate(world);
    client_finish(slow, NULL, NULL);
    grpc_channel_destroy(channel);
    wait_until(world, &world->ended, 1);
}

static void held_stream_stays_open_until_the_peer_goes(void **state)
{
    struct world *world = *state;
    grpc_channel *channel = plain_channel(world);
    struct client_call *held = client_start(channel, "/test/Held", STR(""), true);
    wait_until(world, &world->accepted, 1);
    const struct timespec pause = { .tv_nsec = 50000000 };
    nanosleep(&pause, NULL);
    pthread_mutex_lock(&world->lock);
    unsigned ended = world->ended;
    pthread_mutex_unlock(&world->lock);
    grpc_call_cancel(held->call, NULL);
    client_finish(held, NULL, NULL);
    grpc_channel_destroy(channel);
    assert_int_equal(ended, 0);
    wait_until(world, &world->cancelled, 1);
    wait_until(world, &world->ended, 1);
}

static void half_a_request_holds_others_up_for_seconds_at_most(void **state)
{
    struct world *world = *state;
    grpc_channel *channel = plain_channel(world);
    struct client_call *half[5];
    for (size_t i = 0; i < ARRAY_LENGTH(half); i++)
        half[i] = client_start(channel, "/test/Echo", STR(""), false);
    wait_until(world, &world->accepted, ARRAY_LENGTH(half));
    grpc_status_code status = client_finish(client_start(channel, "/test/Echo", STR("x"), true), NULL, NULL);
    for (size_t i = 0; i < ARRAY_LENGTH(half); i++) {
        grpc_call_cancel(half[i]->call, NULL);
        client_finish(half[i], NULL, NULL);
    }
    grpc_channel_destroy(channel);
    assert_int_equal(status, GRPC_STATUS_OK);
    wait_until(world, &world->ended, 6);
}

static void large_requests_pass_and_larger_ones_are_refused(void **state)
{
    struct world *world = *state;
    grpc_channel *channel = plain_channel(world);
    size_t large = 200u * 1024 * 1024;
    size_t too_large = (size_t)MESSAGE_MAX_BYTES + 1024;
    struct str bytes = { mem_alloc(too_large), large };
    struct str reply = STR("");
    grpc_status_code passes = client_finish(client_start(channel, "/test/Echo", bytes, true), NULL, &reply);
    bytes.len = too_large;
    grpc_status_code refused = client_finish(client_start(channel, "/test/Echo", bytes, true), NULL, NULL);
    mem_free((char *)bytes.ptr);
    grpc_channel_destroy(channel);
    assert_int_equal(passes, GRPC_STATUS_OK);
    assert_int_equal(reply.len, large);
    assert_int_not_equal(refused, GRPC_STATUS_OK);
}

/* Requests of 200 MiB: two at a time fit the budget, the others wait unread. */
static void requests_beyond_the_budget_wait(void **state)
{
    struct world *world = *state;
    grpc_channel *channel = plain_channel(world);
    struct str bytes = { mem_alloc(200u * 1024 * 1024), 200u * 1024 * 1024 };
    struct client_call *large[4];
    struct str reply = STR("");
    for (size_t i = 0; i < ARRAY_LENGTH(large); i++)
        large[i] = client_start(channel, "/test/Wait", bytes, true);
    wait_until(world, &world->running, 2);
    const struct timespec pause = { .tv_nsec = 500000000 };
    nanosleep(&pause, NULL);
    pthread_mutex_lock(&world->lock);
    unsigned running = world->running;
    pthread_mutex_unlock(&world->lock);
    /* a stop still comes through */
    grpc_status_code at_once =
        client_finish(client_start(channel, "/test/AtOnce", STR(""), true), world->arena, &reply);
    open_gate(world);
    grpc_status_code worst = GRPC_STATUS_OK;
    for (size_t i = 0; i < ARRAY_LENGTH(large); i++) {
        grpc_status_code status = client_finish(large[i], NULL, NULL);
        worst = status ? status : worst;
    }
    mem_free((char *)bytes.ptr);
    grpc_channel_destroy(channel);
    assert_int_equal(running, 2);
    assert_int_equal(at_once, GRPC_STATUS_OK);
    assert_int_equal(worst, GRPC_STATUS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(request_comes_back_as_reply, set_up, tear_down),
        cmocka_unit_test_setup_teardown(unknown_methods_are_unimplemented_always, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refusals_carry_their_status, set_up, tear_down),
        cmocka_unit_test_setup_teardown(slow_calls_run_side_by_side_and_stall_nobody, set_up, tear_down),
        cmocka_unit_test_setup_teardown(at_once_needs_neither_worker_nor_request, set_up, tear_down),
        cmocka_unit_test_setup_teardown(cancelled_call_is_noticed_while_it_runs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(held_stream_stays_open_until_the_peer_goes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(half_a_request_holds_others_up_for_seconds_at_most, set_up, tear_down),
        cmocka_unit_test_setup_teardown(large_requests_pass_and_larger_ones_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(requests_beyond_the_budget_wait, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, start_library, NULL);
}
