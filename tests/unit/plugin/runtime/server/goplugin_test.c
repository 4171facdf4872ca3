/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/server/goplugin.h"

#include "proto/go_plugin.pb-c.h"
#include "tests/support/harness.h"

static void side_services_are_found_by_path(void **state)
{
    (void)state;
    assert_int_equal(goplugin_find(STR("/plugin.GRPCController/Shutdown")), GOPLUGIN_SHUTDOWN);
    assert_int_equal(goplugin_find(STR("/plugin.GRPCStdio/StreamStdio")), GOPLUGIN_STDIO);
    assert_int_equal(goplugin_find(STR("/plugin.GRPCBroker/StartStream")), GOPLUGIN_BROKER);
    assert_int_equal(goplugin_find(STR("/grpc.health.v1.Health/Check")), GOPLUGIN_HEALTH);
}

static void strangers_are_not_served(void **state)
{
    (void)state;
    assert_int_equal(goplugin_find(STR("/grpc.health.v1.Health/Watch")), GOPLUGIN_NONE);
    assert_int_equal(goplugin_find(STR("/plugin.GRPCController/Shutdown ")), GOPLUGIN_NONE);
    assert_int_equal(goplugin_find(STR("")), GOPLUGIN_NONE);
}

static void health_is_serving(void **state)
{
    struct arena *arena = arena_new();
    struct str reply = goplugin_reply(arena, GOPLUGIN_HEALTH);
    Plugin__HealthCheckResponse *health =
        plugin__health_check_response__unpack(NULL, reply.len, (const uint8_t *)reply.ptr);
    int status = health ? (int)health->status : -1;
    plugin__health_check_response__free_unpacked(health, NULL);
    arena_free(arena);
    (void)state;
    assert_int_equal(status, PLUGIN__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVING);
}

static void other_replies_have_no_bytes(void **state)
{
    (void)state;
    assert_int_equal(goplugin_reply(NULL, GOPLUGIN_SHUTDOWN).len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(side_services_are_found_by_path),
        cmocka_unit_test(strangers_are_not_served),
        cmocka_unit_test(health_is_serving),
        cmocka_unit_test(other_replies_have_no_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
