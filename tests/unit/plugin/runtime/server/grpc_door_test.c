/* SPDX-License-Identifier: MPL-2.0
 *
 * Who is let in, and where the server cannot listen.
 */
#include "tests/support/noise.h"
#include "tests/unit/plugin/runtime/server/grpc_fixture.h"

static grpc_status_code call_with(struct world *world, const struct tls_identity *server,
                                  const struct tls_identity *own)
{
    grpc_ssl_pem_key_cert_pair pair = { 0 };
    if (own)
        pair = (grpc_ssl_pem_key_cert_pair){ own->key_pem.ptr, own->certificate_pem.ptr };
    grpc_channel *channel =
        channel_to(world, grpc_ssl_credentials_create(server->certificate_pem.ptr, own ? &pair : NULL, NULL, NULL));
    grpc_status_code status = client_finish(client_start(channel, "/test/Echo", STR("x"), true), NULL, NULL);
    grpc_channel_destroy(channel);
    return status;
}

static void only_the_announced_client_is_let_in(void **state)
{
    struct world *world = *state;
    struct tls_identity server;
    struct tls_identity client;
    struct tls_identity stranger;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(tls_identity_init(&server, world->arena, &world->clock, &err));
    assert_true(tls_identity_init(&client, world->arena, &world->clock, &err));
    assert_true(tls_identity_init(&stranger, world->arena, &world->clock, &err));
    assert_true(start(world, &server, client.certificate_pem.ptr));
    assert_int_equal(call_with(world, &server, &client), GRPC_STATUS_OK);
    assert_int_equal(call_with(world, &server, &stranger), GRPC_STATUS_UNAVAILABLE);
    assert_int_equal(call_with(world, &server, NULL), GRPC_STATUS_UNAVAILABLE);
    assert_int_equal(call_with(world, &stranger, &client), GRPC_STATUS_UNAVAILABLE);
    grpc_channel *channel = plain_channel(world);
    grpc_status_code plain = client_finish(client_start(channel, "/test/Echo", STR("x"), true), NULL, NULL);
    grpc_channel_destroy(channel);
    assert_int_equal(plain, GRPC_STATUS_UNAVAILABLE);
    assert_int_equal(world->accepted, 1);
}

static void noise_for_a_certificate_opens_no_door(void **state)
{
    static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    static const struct {
        const char *before, *alphabet, *after;
    } rows[] = {
        { "",                              "",          ""                              },
        { "",                              "-BEGIN \n", ""                              },
        { "-----BEGIN CERTIFICATE-----\n", "",          "\n-----END CERTIFICATE-----\n" },
        { "-----BEGIN CERTIFICATE-----\n", base64,      "\n-----END CERTIFICATE-----\n" },
    };
    struct world *world = *state;
    struct tls_identity server;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(tls_identity_init(&server, world->arena, &world->clock, &err));
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct str bytes = noise(world->arena, i, 1000 * 1000, str_from(rows[i].alphabet));
        struct str pem = str_format(world->arena, "%s%.*s%s", rows[i].before, STR_ARG(bytes), rows[i].after);
        assert_false(start(world, &server, pem.ptr));
        assert_null(world->server);
    }
}

static void address_that_cannot_be_had_is_an_error(void **state)
{
    struct world *world = *state;
    const struct server_service service = { .self = world };
    const struct server_options options = {
        .address = "unix:/nowhere/at/all/x.sock", .service = &service, .workers = world->workers, .pollers = 1
    };
    struct server *server = NULL;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_false(server_new(&options, &server, &err));
    assert_int_equal(err.kind, ERR_IO);
    assert_null(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(only_the_announced_client_is_let_in, set_up_world, tear_down),
        cmocka_unit_test_setup_teardown(noise_for_a_certificate_opens_no_door, set_up_world, tear_down),
        cmocka_unit_test_setup_teardown(address_that_cannot_be_had_is_an_error, set_up_world, tear_down),
    };
    return cmocka_run_group_tests(tests, start_library, NULL);
}
