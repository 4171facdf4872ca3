/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/call/connection.h"

#include "plugin/runtime/limits.h"
#include "tests/support/fake_clock.h"
#include "tests/support/harness.h"

/* What a provider's release has been called with. */
static unsigned released;

static void count_release(void *provider)
{
    released += provider != NULL;
}

static const struct tf_provider provider = { .name = "x", .release = count_release };

struct world {
    struct fake_clock fake;
    struct connections *connections;
    struct ongoing calls[3];
};

static int set_up(void **state)
{
    struct world *world = mem_alloc(sizeof(*world));
    fake_clock_init(&world->fake, 0);
    world->connections = connections_new(&provider);
    for (size_t i = 0; i < ARRAY_LENGTH(world->calls); i++)
        world->calls[i].waiter = waiter_new(&world->fake.clock);
    released = 0;
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    connections_free(world->connections);
    for (size_t i = 0; i < ARRAY_LENGTH(world->calls); i++)
        waiter_free(world->calls[i].waiter);
    mem_free(world);
    return 0;
}

static void enter(struct world *world, size_t call, struct str peer)
{
    connections_enter(world->connections, peer, &world->calls[call]);
}

static void leave(struct world *world, size_t call)
{
    connections_leave(world->connections, &world->calls[call]);
}

static void stop_reaches_the_calls_of_its_connection_only(void **state)
{
    struct world *world = *state;
    enter(world, 0, STR("fd:1"));
    enter(world, 1, STR("fd:1"));
    enter(world, 2, STR("fd:2"));
    connections_stop(world->connections, world->calls[0].connection);
    assert_true(waiter_is_cancelled(world->calls[0].waiter));
    assert_true(waiter_is_cancelled(world->calls[1].waiter));
    assert_false(waiter_is_cancelled(world->calls[2].waiter));
    for (size_t i = 0; i < 3; i++)
        leave(world, i);
}

static void calls_after_a_stop_run_normally(void **state)
{
    struct world *world = *state;
    enter(world, 0, STR(""));
    connections_stop(world->connections, world->calls[0].connection);
    enter(world, 1, STR(""));
    assert_ptr_equal(world->calls[0].connection, world->calls[1].connection);
    assert_false(waiter_is_cancelled(world->calls[1].waiter));
    leave(world, 1);
    leave(world, 0);
}

static void calls_after_the_end_are_cancelled_at_once(void **state)
{
    struct world *world = *state;
    connections_stop_all(world->connections);
    enter(world, 0, STR(""));
    assert_true(waiter_is_cancelled(world->calls[0].waiter));
    leave(world, 0);
}

static void idle_means_no_call_and_streams_do_not_count(void **state)
{
    struct world *world = *state;
    world->calls[0].is_stream = true;
    enter(world, 0, STR(""));
    assert_true(connections_wait_idle(world->connections, 0));
    enter(world, 1, STR(""));
    assert_false(connections_wait_idle(world->connections, 20));
    leave(world, 1);
    assert_true(connections_wait_idle(world->connections, 0));
    leave(world, 0);
}

static void stream_is_a_use(void **state)
{
    struct world *world = *state;
    assert_false(connections_are_in_use(world->connections));
    world->calls[0].is_stream = true;
    enter(world, 0, STR("fd:1"));
    enter(world, 1, STR("fd:2"));
    leave(world, 1);
    assert_true(connections_are_in_use(world->connections));
    leave(world, 0);
    assert_false(connections_are_in_use(world->connections));
}

static void each_connection_has_its_configuration(void **state)
{
    struct world *world = *state;
    int one = 1;
    int two = 2;
    enter(world, 0, STR("fd:1"));
    enter(world, 1, STR("fd:2"));
    assert_false(connection_is_configured(world->connections, world->calls[0].connection));
    connection_configure(world->connections, world->calls[0].connection, &one, NULL);
    connection_configure(world->connections, world->calls[1].connection, &two, NULL);
    assert_ptr_equal(connection_provider(world->connections, world->calls[0].connection), &one);
    assert_ptr_equal(connection_provider(world->connections, world->calls[1].connection), &two);
    leave(world, 0);
    leave(world, 1);
}

static void older_configuration_lives_until_the_connection_goes(void **state)
{
    struct world *world = *state;
    int one = 1;
    int two = 2;
    enter(world, 0, STR(""));
    connection_configure(world->connections, world->calls[0].connection, &one, arena_new());
    connection_configure(world->connections, world->calls[0].connection, &two, arena_new());
    assert_ptr_equal(connection_provider(world->connections, world->calls[0].connection), &two);
    assert_int_equal(released, 0);
    leave(world, 0);
    connections_clear(world->connections);
    assert_int_equal(released, 2);
}

static void closed_connection_is_released_after_its_last_call(void **state)
{
    struct world *world = *state;
    int one = 1;
    enter(world, 0, STR("fd:1"));
    connection_configure(world->connections, world->calls[0].connection, &one, NULL);
    connections_close(world->connections, world->calls[0].connection);
    assert_false(connections_reap(world->connections));
    assert_int_equal(released, 0);
    leave(world, 0);
    assert_true(connections_reap(world->connections));
    assert_int_equal(released, 1);
    assert_false(connections_reap(world->connections));
}

static void reused_peer_name_is_a_new_connection(void **state)
{
    struct world *world = *state;
    int one = 1;
    connections_open(world->connections, STR("fd:7"));
    enter(world, 0, STR("fd:7"));
    connection_configure(world->connections, world->calls[0].connection, &one, NULL);
    connections_open(world->connections, STR("fd:7"));
    enter(world, 1, STR("fd:7"));
    assert_ptr_not_equal(world->calls[0].connection, world->calls[1].connection);
    assert_false(connection_is_configured(world->connections, world->calls[1].connection));
    leave(world, 0);
    leave(world, 1);
    connections_reap(world->connections);
    assert_int_equal(released, 1);
}

static void nothing_is_released_under_a_call(void **state)
{
    struct world *world = *state;
    int one = 1;
    enter(world, 0, STR(""));
    connection_configure(world->connections, world->calls[0].connection, &one, NULL);
    connections_clear(world->connections);
    assert_int_equal(released, 0);
    leave(world, 0);
    connections_clear(world->connections);
    assert_int_equal(released, 1);
    enter(world, 1, STR(""));
    assert_null(connection_provider(world->connections, world->calls[1].connection));
    leave(world, 1);
}

static void news_are_told_once_per_subject_and_without_end(void **state)
{
    struct world *world = *state;
    enter(world, 0, STR(""));
    struct connection *connection = world->calls[0].connection;
    assert_true(connection_is_news(world->connections, connection, STR("a"), STR("x")));
    assert_false(connection_is_news(world->connections, connection, STR("a"), STR("x")));
    assert_true(connection_is_news(world->connections, connection, STR("b"), STR("x")));
    struct arena *arena = arena_new();
    for (int i = 0; i < WARNINGS_REMEMBERED_MAX + 10; i++)
        assert_true(connection_is_news(world->connections, connection, STR("n"), str_format(arena, "%d", i)));
    arena_free(arena);
    leave(world, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(stop_reaches_the_calls_of_its_connection_only, set_up, tear_down),
        cmocka_unit_test_setup_teardown(calls_after_a_stop_run_normally, set_up, tear_down),
        cmocka_unit_test_setup_teardown(calls_after_the_end_are_cancelled_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(idle_means_no_call_and_streams_do_not_count, set_up, tear_down),
        cmocka_unit_test_setup_teardown(stream_is_a_use, set_up, tear_down),
        cmocka_unit_test_setup_teardown(each_connection_has_its_configuration, set_up, tear_down),
        cmocka_unit_test_setup_teardown(older_configuration_lives_until_the_connection_goes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(closed_connection_is_released_after_its_last_call, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reused_peer_name_is_a_new_connection, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_is_released_under_a_call, set_up, tear_down),
        cmocka_unit_test_setup_teardown(news_are_told_once_per_subject_and_without_end, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
