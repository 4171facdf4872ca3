/* SPDX-License-Identifier: MPL-2.0
 *
 * The service as the server drives it, without gRPC: the toy provider's calls
 * are accepted, run, closed and ended by hand.
 */
#include "plugin/runtime/server/service.h"

#include <string.h>
#include <unistd.h>

#include "plugin/runtime/model/msgpack.h"
#include "tests/support/harness.h"
#include "tests/unit/plugin/runtime/toy_host.h"

#define RPC(name) STR("/tfplugin6.Provider/" name)

struct world {
    struct arena *arena;
    struct env env;
    struct clock_scale scale;
    struct clock clock;
    struct service service;
    struct server_service methods;
    int log_ends[2];
};

static int set_up(void **state)
{
    static const char *const no_entries[] = { NULL };
    struct world *world = mem_alloc(sizeof(*world));
    CLEANUP(err_clear) struct err err = { 0 };
    *state = world;
    world->arena = arena_new();
    world->env.entries = no_entries;
    world->scale.factor = 1;
    world->clock = clock_real(&world->scale);
    if (pipe(world->log_ends) != 0 || !life_new(&world->service.life, &err))
        return 1;
    world->service.provider = &toy_provider;
    world->service.env = &world->env;
    world->service.clock = &world->clock;
    world->service.log = log_new(world->log_ends[1], LOG_TRACE, &world->clock, "test");
    world->service.connections = connections_new(&toy_provider);
    world->service.has_host = true;
    world->methods = service_methods(&world->service);
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    connections_free(world->service.connections);
    life_free(world->service.life);
    log_free(world->service.log);
    close(world->log_ends[0]);
    close(world->log_ends[1]);
    arena_free(world->arena);
    mem_free(world);
    return 0;
}

static struct str packed(struct world *world, const void *message)
{
    uint8_t *bytes = arena_alloc(world->arena, protobuf_c_message_get_packed_size(message));
    return (struct str){ (const char *)bytes, protobuf_c_message_pack(message, bytes) };
}

static void *accept_call(struct world *world, struct str path, const char *peer)
{
    return world->methods.accept(&world->service, path, str_from(peer));
}

static struct server_reply run(struct world *world, void *call, struct str request)
{
    struct server_reply reply = { 0 };
    world->methods.run(call, request, &reply);
    reply.body = str_copy(world->arena, reply.body);
    world->methods.closed(call, false);
    world->methods.end(call);
    return reply;
}

static Tfplugin6__DynamicValue value_of(struct world *world, const struct tf_model *model, const void *object)
{
    struct str bytes = model_to_msgpack(world->arena, model, object);
    Tfplugin6__DynamicValue value = TFPLUGIN6__DYNAMIC_VALUE__INIT;
    value.msgpack = (ProtobufCBinaryData){ .data = (uint8_t *)bytes.ptr, .len = bytes.len };
    return value;
}

static void configure(struct world *world, const char *peer, struct toy_block block)
{
    Tfplugin6__ConfigureProvider__Request request = TFPLUGIN6__CONFIGURE_PROVIDER__REQUEST__INIT;
    Tfplugin6__DynamicValue config = value_of(world, toy_provider.model, &block);
    request.config = &config;
    struct server_reply reply = run(world, accept_call(world, RPC("ConfigureProvider"), peer), packed(world, &request));
    assert_int_equal(reply.body.len, 0); /* no diagnostics */
}

static struct str create_request(struct world *world, const char *password)
{
    const struct tf_model *model = &toy_thing_resource.model;
    struct toy_thing config = { .name = tf_known_string(STR("n")), .password = tf_known_string(str_from(password)) };
    struct toy_thing planned = config;
    planned.id.state = planned.zone.state = TF_UNKNOWN;
    planned.revision.state = TF_UNKNOWN;
    Tfplugin6__DynamicValue values[] = { value_of(world, model, NULL), value_of(world, model, &planned),
                                         value_of(world, model, &config) };
    Tfplugin6__ApplyResourceChange__Request request = TFPLUGIN6__APPLY_RESOURCE_CHANGE__REQUEST__INIT;
    request.type_name = (char *)"toy_thing";
    request.prior_state = &values[0];
    request.planned_state = &values[1];
    request.config = &values[2];
    return packed(world, &request);
}

static void paths_have_their_styles(void **state)
{
    struct world *world = *state;
    enum server_style style;
    assert_true(world->methods.find(&world->service, RPC("ApplyResourceChange"), &style));
    assert_int_equal(style, SERVER_WORKER);
    assert_true(world->methods.find(&world->service, RPC("StopProvider"), &style));
    assert_int_equal(style, SERVER_AT_ONCE);
    assert_true(world->methods.find(&world->service, STR("/plugin.GRPCStdio/StreamStdio"), &style));
    assert_int_equal(style, SERVER_HELD);
    assert_true(world->methods.find(&world->service, STR("/plugin.GRPCController/Shutdown"), &style));
    assert_int_equal(style, SERVER_AT_ONCE);
    assert_true(world->methods.find(&world->service, STR("/plugin.GRPCBroker/StartStream"), &style));
    assert_int_equal(style, SERVER_HELD);
    assert_false(world->methods.find(&world->service, RPC("ListResource"), &style));
}

static void stop_reaches_a_call_that_has_no_worker_yet(void **state)
{
    struct world *world = *state;
    configure(world, "", (struct toy_block){ .delay_ms = tf_known_int64(HOUR_MS) });
    void *create = accept_call(world, RPC("ApplyResourceChange"), "");
    run(world, accept_call(world, RPC("StopProvider"), ""), STR(""));
    struct server_reply reply = run(world, create, create_request(world, "p")); /* would take an hour */
    assert_true(str_find(reply.body, STR("The rest comes with the next apply.")) > 0);
    /* and what comes after the stop runs normally */
    configure(world, "", (struct toy_block){ .delay_ms = tf_known_int64(1) });
    reply = run(world, accept_call(world, RPC("ApplyResourceChange"), ""), create_request(world, "p"));
    assert_int_equal(str_find(reply.body, STR("The rest comes")), -1);
}

static void cancelled_call_hears_it(void **state)
{
    struct world *world = *state;
    struct server_reply reply = { 0 };
    configure(world, "", (struct toy_block){ .delay_ms = tf_known_int64(HOUR_MS) });
    void *create = accept_call(world, RPC("ApplyResourceChange"), "");
    world->methods.closed(create, true);
    world->methods.run(create, create_request(world, "p"), &reply);
    assert_true(str_find(reply.body, STR("The rest comes with the next apply.")) > 0);
    world->methods.end(create);
}

static void peers_share_a_configuration_only_under_a_host(void **state)
{
    struct world *world = *state;
    Tfplugin6__ReadResource__Request request = TFPLUGIN6__READ_RESOURCE__REQUEST__INIT;
    request.type_name = (char *)"toy_thing";
    struct str read = packed(world, &request);
    configure(world, "fd:1", (struct toy_block){ 0 });
    struct server_reply reply = run(world, accept_call(world, RPC("ReadResource"), "fd:2"), read);
    assert_int_equal(str_find(reply.body, STR("not configured")), -1);
    world->service.has_host = false;
    reply = run(world, accept_call(world, RPC("ReadResource"), "fd:2"), read);
    assert_true(str_find(reply.body, STR("not configured")) > 0);
}

static void end_of_the_stdio_stream_is_the_end_under_a_host(void **state)
{
    struct world *world = *state;
    const struct life_watch watch = { .parent = -1, .interrupt = -1, .listener = -1 };
    void *stdio = accept_call(world, STR("/plugin.GRPCStdio/StreamStdio"), "");
    world->methods.closed(stdio, true);
    world->methods.end(stdio);
    assert_int_equal(life_wait(world->service.life, &watch), LIFE_HOST_GONE);
}

static void end_of_the_broker_s_stream_is_not(void **state)
{
    struct world *world = *state;
    const struct life_watch watch = { .parent = -1, .interrupt = -1, .listener = -1 };
    void *broker = accept_call(world, STR("/plugin.GRPCBroker/StartStream"), "");
    world->methods.closed(broker, true);
    world->methods.end(broker);
    life_end(world->service.life, LIFE_SHUTDOWN); /* the first end counts */
    assert_int_equal(life_wait(world->service.life, &watch), LIFE_SHUTDOWN);
}

static void shutdown_ends_after_its_reply(void **state)
{
    struct world *world = *state;
    const struct life_watch watch = { .parent = -1, .interrupt = -1, .listener = -1 };
    run(world, accept_call(world, STR("/plugin.GRPCController/Shutdown"), ""), STR(""));
    assert_int_equal(life_wait(world->service.life, &watch), LIFE_SHUTDOWN);
}

static void damaged_request_is_refused_by_status(void **state)
{
    struct world *world = *state;
    struct server_reply reply = run(world, accept_call(world, RPC("ReadResource"), ""), STR("\xff\xff\xff"));
    assert_int_equal(reply.status, SERVER_INVALID_ARGUMENT);
}

static void nothing_of_a_value_reaches_the_log(void **state)
{
    struct world *world = *state;
    char text[32 * 1024] = "";
    configure(world, "", (struct toy_block){ .prefix = tf_known_string(STR("pr3fix-")) });
    run(world, accept_call(world, RPC("ApplyResourceChange"), ""), create_request(world, "s3cret"));
    ssize_t length = read(world->log_ends[0], text, sizeof(text) - 1);
    assert_true(length > 0);
    assert_non_null(strstr(text, "\"tf_rpc\":\"ApplyResourceChange\""));
    assert_non_null(strstr(text, "tf_req_duration_ms"));
    assert_non_null(strstr(text, "\"tf_resource_type\":\"toy_thing\""));
    assert_null(strstr(text, "s3cret"));
    assert_null(strstr(text, "pr3fix"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(paths_have_their_styles, set_up, tear_down),
        cmocka_unit_test_setup_teardown(stop_reaches_a_call_that_has_no_worker_yet, set_up, tear_down),
        cmocka_unit_test_setup_teardown(cancelled_call_hears_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(peers_share_a_configuration_only_under_a_host, set_up, tear_down),
        cmocka_unit_test_setup_teardown(end_of_the_stdio_stream_is_the_end_under_a_host, set_up, tear_down),
        cmocka_unit_test_setup_teardown(end_of_the_broker_s_stream_is_not, set_up, tear_down),
        cmocka_unit_test_setup_teardown(shutdown_ends_after_its_reply, set_up, tear_down),
        cmocka_unit_test_setup_teardown(damaged_request_is_refused_by_status, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_of_a_value_reaches_the_log, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
