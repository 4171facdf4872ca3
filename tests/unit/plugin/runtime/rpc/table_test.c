/* SPDX-License-Identifier: MPL-2.0
 *
 * The table, damaged requests, and the short handlers; plan and apply have
 * programs of their own.
 */
#include "plugin/runtime/rpc/table.h"

#include <string.h>

#include "plugin/runtime/model/object.h"
#include "tests/support/fake_call.h"
#include "tests/support/harness.h"
#include "tests/support/noise.h"
#include "tests/unit/plugin/runtime/toy_host.h"

static const struct tf_model *const model = &toy_thing_resource.model;

static int set_up(void **state)
{
    *state = toy_host_new();
    toy_host_configure(*state, "p-");
    return 0;
}

static int tear_down(void **state)
{
    toy_host_free(*state);
    return 0;
}

static ProtobufCBinaryData bytes_of(const char *text)
{
    return (ProtobufCBinaryData){ .data = (uint8_t *)text, .len = strlen(text) };
}

static struct toy_thing existing(const char *outcome)
{
    return (struct toy_thing){ .name = tf_known_string(STR("n")), .outcome = tf_known_string(str_from(outcome)) };
}

/* ---- Table and bytes --------------------------------------------------------- */

static void only_exact_paths_are_found(void **state)
{
    (void)state;
    assert_ptr_equal(rpc_find(STR("/tfplugin6.Provider/ReadResource")), &rpc_read_resource);
    assert_null(rpc_find(STR("/tfplugin5.Provider/ReadResource")));
    assert_null(rpc_find(STR("/tfplugin6.Provider/ReadResources")));
    assert_null(rpc_find(STR("/tfplugin6.Provider/")));
    assert_null(rpc_find(STR("/tfplugin6.Provider/MoveResource")));
    assert_null(rpc_find(STR("")));
}

static void assert_whole_reply_or_none(void *self, struct str bytes)
{
    static const char *const names[] = {
        "GetMetadata",
        "GetProviderSchema",
        "ValidateProviderConfig",
        "ConfigureProvider",
        "ReadResource",
        "ValidateResourceConfig",
        "ValidateDataResourceConfig",
        "UpgradeResourceState",
        "PlanResourceChange",
        "ApplyResourceChange",
        "ImportResourceState",
        "MoveResourceState",
        "ReadDataSource",
        "GetFunctions",
        "CallFunction",
        "StopProvider",
    };
    size_t *calls = self;
    bool is_whole = bytes.len > 64; /* all of them take it; the pieces go round */
    for (size_t i = 0; i < (is_whole ? ARRAY_LENGTH(names) : 1); i++) {
        struct fake_call *fake = fake_call_new(&toy_provider, NULL, NULL);
        struct arena *arena = fake_call_of(fake)->arena;
        struct str path = str_format(arena, "/tfplugin6.Provider/%s", names[(*calls)++ % ARRAY_LENGTH(names)]);
        struct str reply = { 0 };
        bool understood = rpc_run(rpc_find(path), fake_call_of(fake), bytes, &reply);
        assert_true(understood == (reply.ptr != NULL));
        fake_call_free(fake);
    }
}

static void noise_in_place_of_a_request_is_survived(void **state)
{
    static const char *const alphabets[] = { "", "\x01\x02\x03\x04\x08\x0a\x12\x1a\x22\x2a\x32\xff" };
    size_t calls = 0;
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(alphabets); i++)
        noise_feed(i, str_from(alphabets[i]), assert_whole_reply_or_none, &calls);
}

static void flood_of_tiny_fields_is_refused(void **state)
{
    struct fake_call *fake = fake_call_new(&toy_provider, NULL, NULL);
    size_t length = 4 * 1024 * 1024;
    char *flood = mem_alloc(length);
    for (size_t i = 0; i + 1 < length; i += 2) {
        flood[i] = 0x12;  /* CallFunction.arguments ... */
        flood[i + 1] = 0; /* ... empty */
    }
    struct str reply;
    bool taken = rpc_run(&rpc_call_function, fake_call_of(fake), (struct str){ flood, length }, &reply);
    mem_free(flood);
    fake_call_free(fake);
    (void)state;
    assert_false(taken);
}

/* ---- Provider ---------------------------------------------------------------- */

static void metadata_lists_everything(void **state)
{
    Tfplugin6__GetMetadata__Request request = TFPLUGIN6__GET_METADATA__REQUEST__INIT;
    const Tfplugin6__GetMetadata__Response *response = toy_host_call(*state, "GetMetadata", &request);
    assert_int_equal(response->n_resources, 1);
    assert_string_equal(response->resources[0]->type_name, "toy_thing");
    assert_string_equal(response->data_sources[0]->type_name, "toy_echo");
    assert_int_equal(response->n_functions, 2);
    assert_true(response->server_capabilities->plan_destroy);
}

static void schema_has_every_type_and_the_capabilities(void **state)
{
    Tfplugin6__GetProviderSchema__Request request = TFPLUGIN6__GET_PROVIDER_SCHEMA__REQUEST__INIT;
    const Tfplugin6__GetProviderSchema__Response *response = toy_host_call(*state, "GetProviderSchema", &request);
    assert_non_null(response->provider->block);
    assert_string_equal(response->resource_schemas[0]->key, "toy_thing");
    assert_int_equal(response->resource_schemas[0]->value->block->n_block_types, 3);
    assert_string_equal(response->data_source_schemas[0]->key, "toy_echo");
    assert_string_equal(response->functions[0]->key, "join");
    assert_true(response->server_capabilities->get_provider_schema_optional);
    assert_true(response->server_capabilities->move_resource_state);
    Tfplugin6__GetFunctions__Request functions = TFPLUGIN6__GET_FUNCTIONS__REQUEST__INIT;
    const Tfplugin6__GetFunctions__Response *listed = toy_host_call(*state, "GetFunctions", &functions);
    assert_int_equal(listed->n_functions, 2);
}

static void refused_configuration_is_a_diagnostic(void **state)
{
    struct toy_host *host = *state;
    struct toy_block block = { .prefix = tf_known_string(STR("refused")) };
    Tfplugin6__ConfigureProvider__Request request = TFPLUGIN6__CONFIGURE_PROVIDER__REQUEST__INIT;
    request.config = toy_value(host, toy_provider.model, &block);
    const Tfplugin6__ConfigureProvider__Response *response = toy_host_call(host, "ConfigureProvider", &request);
    assert_string_equal(toy_said(host, response->n_diagnostics, response->diagnostics),
                        "error: The provider cannot be configured: this prefix is refused\n");
}

static void later_configuration_is_used_by_later_calls(void **state)
{
    Tfplugin6__ReadDataSource__Request request = TFPLUGIN6__READ_DATA_SOURCE__REQUEST__INIT;
    struct {
        struct tf_string text, prefixed;
    } echo = { .text = tf_known_string(STR("x")) }, *read;
    request.type_name = (char *)"toy_echo";
    request.config = toy_value(*state, &toy_echo_data_source.model, &echo);
    const Tfplugin6__ReadDataSource__Response *response = toy_host_call(*state, "ReadDataSource", &request);
    read = toy_object(*state, &toy_echo_data_source.model, response->state);
    assert_str_equal(read->prefixed.value, "p-x");
    toy_host_configure(*state, "q-");
    response = toy_host_call(*state, "ReadDataSource", &request);
    read = toy_object(*state, &toy_echo_data_source.model, response->state);
    assert_str_equal(read->prefixed.value, "q-x");
}

static void provider_configuration_is_validated(void **state)
{
    Tfplugin6__ValidateProviderConfig__Request request = TFPLUGIN6__VALIDATE_PROVIDER_CONFIG__REQUEST__INIT;
    const Tfplugin6__ValidateProviderConfig__Response *response =
        toy_host_call(*state, "ValidateProviderConfig", &request);
    assert_int_equal(response->n_diagnostics, 1); /* null */
    request.config = toy_value(*state, toy_provider.model, &(struct toy_block){ .prefix = { .state = TF_UNKNOWN } });
    response = toy_host_call(*state, "ValidateProviderConfig", &request);
    assert_int_equal(response->n_diagnostics, 0);
}

/* ---- Resources --------------------------------------------------------------- */

static void rows_and_resource_validate_a_configuration(void **state)
{
    struct toy_thing config = { .name = tf_known_string(STR("invalid")), .size = tf_known_int64(-1) };
    Tfplugin6__ValidateResourceConfig__Request request = TFPLUGIN6__VALIDATE_RESOURCE_CONFIG__REQUEST__INIT;
    request.type_name = (char *)"toy_thing";
    request.config = toy_value(*state, model, &config);
    const Tfplugin6__ValidateResourceConfig__Response *response =
        toy_host_call(*state, "ValidateResourceConfig", &request);
    assert_string_equal(toy_said(*state, response->n_diagnostics, response->diagnostics),
                        "error: Negative: -1 is below zero.\nerror: Refused name: Another name, please.\n");
}

static void state_of_the_same_version_is_read_leniently(void **state)
{
    Tfplugin6__RawState raw = TFPLUGIN6__RAW_STATE__INIT;
    Tfplugin6__UpgradeResourceState__Request request = TFPLUGIN6__UPGRADE_RESOURCE_STATE__REQUEST__INIT;
    request.type_name = (char *)"toy_thing";
    request.raw_state = &raw;
    raw.json = bytes_of("{\"name\": \"n\",\n \"size\": \"3\", \"removed\": true}");
    const Tfplugin6__UpgradeResourceState__Response *response = toy_host_call(*state, "UpgradeResourceState", &request);
    const struct toy_thing *thing = toy_object(*state, model, response->upgraded_state);
    assert_str_equal(thing->name.value, "n");
    assert_int_equal(thing->size.value, 3);
    assert_int_equal(response->n_diagnostics, 0);
}

static void state_of_other_versions_or_forms_is_refused_in_words(void **state)
{
    Tfplugin6__RawState raw = TFPLUGIN6__RAW_STATE__INIT;
    Tfplugin6__UpgradeResourceState__Request request = TFPLUGIN6__UPGRADE_RESOURCE_STATE__REQUEST__INIT;
    request.type_name = (char *)"toy_thing";
    request.raw_state = &raw;
    const Tfplugin6__UpgradeResourceState__Response *response = toy_host_call(*state, "UpgradeResourceState", &request);
    assert_non_null(strstr(toy_said(*state, response->n_diagnostics, response->diagnostics), "before 0.12"));
    raw.json = bytes_of("{\"size\": 1.5}");
    response = toy_host_call(*state, "UpgradeResourceState", &request);
    assert_string_equal(response->diagnostics[0]->attribute->steps[0]->attribute_name, "size");
    for (int64_t version = -1; version <= 1; version += 2) {
        request.version = version;
        response = toy_host_call(*state, "UpgradeResourceState", &request);
        assert_non_null(strstr(toy_said(*state, response->n_diagnostics, response->diagnostics), "another version"));
        assert_null(response->upgraded_state);
    }
}

static const Tfplugin6__ReadResource__Response *read_thing(void **state, const struct toy_thing *thing)
{
    Tfplugin6__ReadResource__Request request = TFPLUGIN6__READ_RESOURCE__REQUEST__INIT;
    request.type_name = (char *)"toy_thing";
    request.current_state = toy_value(*state, model, thing);
    request.private_ = bytes_of("kept");
    return toy_host_call(*state, "ReadResource", &request);
}

static void read_echoes_private_data(void **state)
{
    struct toy_thing thing = existing("");
    const Tfplugin6__ReadResource__Response *response = read_thing(state, &thing);
    assert_str_equal(toy_bytes(response->private_), "kept");
    assert_true(model_equal(model, toy_object(*state, model, response->new_state), &thing));
}

static void vanished_object_is_null(void **state)
{
    struct toy_thing thing = existing("vanish");
    assert_null(toy_object(*state, model, read_thing(state, &thing)->new_state));
}

static void failed_read_keeps_the_state(void **state)
{
    struct toy_thing thing = existing("fail-read");
    const Tfplugin6__ReadResource__Response *response = read_thing(state, &thing);
    assert_true(model_equal(model, toy_object(*state, model, response->new_state), &thing));
    assert_int_equal(response->n_diagnostics, 1);
}

static void import_fills_what_a_read_needs(void **state)
{
    Tfplugin6__ImportResourceState__Request request = TFPLUGIN6__IMPORT_RESOURCE_STATE__REQUEST__INIT;
    request.type_name = (char *)"toy_thing";
    request.id = (char *)"toy-x";
    const Tfplugin6__ImportResourceState__Response *response = toy_host_call(*state, "ImportResourceState", &request);
    assert_int_equal(response->n_imported_resources, 1);
    const struct toy_thing *thing = toy_object(*state, model, response->imported_resources[0]->state);
    assert_str_equal(thing->name.value, "x");
    request.id = (char *)"\xff";
    response = toy_host_call(*state, "ImportResourceState", &request);
    assert_int_equal(response->n_imported_resources, 0);
    assert_int_equal(response->n_diagnostics, 1);
}

static const Tfplugin6__MoveResourceState__Response *move(void **state, const char *provider, const char *type,
                                                          const char *json)
{
    Tfplugin6__MoveResourceState__Request request = TFPLUGIN6__MOVE_RESOURCE_STATE__REQUEST__INIT;
    Tfplugin6__RawState raw = TFPLUGIN6__RAW_STATE__INIT;
    request.target_type_name = (char *)"toy_thing";
    request.source_provider_address = (char *)provider;
    request.source_type_name = (char *)type;
    request.source_state = json ? &raw : NULL;
    raw.json = bytes_of(json ? json : "");
    return toy_host_call(*state, "MoveResourceState", &request);
}

static void moved_object_has_what_its_source_had(void **state)
{
    static const char json[] = "{\"called\": \"n\", \"labels\": [\"b\", \"a\"], \"other\": 1}";
    static const char *const hosts[] = { "registry.terraform.io/tests/older", "registry.opentofu.org/tests/older" };
    for (size_t i = 0; i < ARRAY_LENGTH(hosts); i++) {
        const Tfplugin6__MoveResourceState__Response *response = move(state, hosts[i], "old_thing", json);
        const struct toy_thing *thing = toy_object(*state, model, response->target_state);
        assert_str_equal(thing->name.value, "n");
        assert_int_equal(thing->labels.count, 2);
        assert_int_equal(thing->id.state, TF_NULL);
        assert_string_equal(toy_said(*state, response->n_diagnostics, response->diagnostics),
                            "warning: Labels: 2 labels are taken over.\n");
    }
}

static void what_cannot_be_moved_is_refused_in_words(void **state)
{
    static const struct {
        const char *provider, *type, *json, *said;
    } rows[] = {
        { "a.b/tests/older",    "new_thing", "{}",                 "It takes over: old_thing of tests/older."          },
        { "a.b/tests/older/x",  "old_thing", "{}",                 "It takes over: old_thing of tests/older."          },
        { "a.b/my-tests/older", "old_thing", "{}",                 "It takes over: old_thing of tests/older."          },
        { "tests/older",        "old_thing", "{}",                 "It takes over: old_thing of tests/older."          },
        { "",                   "",          "{}",                 "It takes over: old_thing of tests/older."          },
        { "a.b/tests/older",    "old_thing", "{}",                 "the state of old_thing: it has no name"            },
        { "a.b/tests/older",    "old_thing", "null",               "the state of old_thing: the state is null"         },
        { "a.b/tests/older",    "old_thing", NULL,                 "the state of old_thing: a value that is not JSON"  },
        { "a.b/tests/older",    "old_thing", "{\"called\": []}",   "the state of old_thing: a string is expected here" },
        { "a.b/tests/older",    "old_thing", "{\"called\": \"n\"", "the state of old_thing: a value that is not JSON"  },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const Tfplugin6__MoveResourceState__Response *response =
            move(state, rows[i].provider, rows[i].type, rows[i].json);
        const char *said = toy_said(*state, response->n_diagnostics, response->diagnostics);
        if (response->target_state || !strstr(said, rows[i].said))
            fail_msg("row %zu: %s", i, said);
    }
}

static void failed_data_source_has_no_state(void **state)
{
    struct {
        struct tf_string text, prefixed;
    } echo = { .text = tf_known_string(STR("fail")) };
    Tfplugin6__ReadDataSource__Request request = TFPLUGIN6__READ_DATA_SOURCE__REQUEST__INIT;
    request.type_name = (char *)"toy_echo";
    request.config = toy_value(*state, &toy_echo_data_source.model, &echo);
    const Tfplugin6__ReadDataSource__Response *response = toy_host_call(*state, "ReadDataSource", &request);
    assert_null(response->state);
    assert_int_equal(response->n_diagnostics, 1);
}

/* ---- Functions --------------------------------------------------------------- */

static const Tfplugin6__CallFunction__Response *join(void **state, const char *parts, const char *separator)
{
    Tfplugin6__DynamicValue values[2] = { TFPLUGIN6__DYNAMIC_VALUE__INIT, TFPLUGIN6__DYNAMIC_VALUE__INIT };
    Tfplugin6__DynamicValue *arguments[2] = { &values[0], &values[1] };
    Tfplugin6__CallFunction__Request request = TFPLUGIN6__CALL_FUNCTION__REQUEST__INIT;
    values[0].msgpack = bytes_of(parts);
    values[1].msgpack = bytes_of(separator);
    request.name = (char *)"join";
    request.n_arguments = 2;
    request.arguments = arguments;
    return toy_host_call(*state, "CallFunction", &request);
}

static void function_of_one_row_gives_that_value(void **state)
{
    assert_str_equal(toy_bytes(join(state,
                                    "\x92\xa1"
                                    "a\xa1"
                                    "b",
                                    "\xa1+")
                                   ->result->msgpack),
                     "\xa3"
                     "a+b");
    assert_str_equal(toy_bytes(join(state,
                                    "\x92\xa1"
                                    "a\xa1"
                                    "b",
                                    "\xc0")
                                   ->result->msgpack),
                     "\xa3"
                     "a-b");
    assert_str_equal(toy_bytes(join(state,
                                    "\x91\xa1"
                                    "a",
                                    "")
                                   ->result->msgpack),
                     "\xa1"
                     "a"); /* OpenTofu's null */
}

static void errors_of_functions_point_at_the_argument(void **state)
{
    const Tfplugin6__CallFunction__Response *response = join(state, "\x90", "\xc0");
    assert_null(response->result);
    assert_string_equal(response->error->text, "nothing to join");
    assert_int_equal(response->error->argument_case, TFPLUGIN6__FUNCTION_ERROR__ARGUMENT_FUNCTION_ARGUMENT);
    assert_int_equal(response->error->function_argument, 0);
    response = join(state, "\x90", "\x05");
    assert_int_equal(response->error->function_argument, 1);
    response = join(state, "\xc0", "\xc0");
    assert_string_equal(response->error->text, "a value is required");
    assert_int_equal(response->error->function_argument, 0);
}

static void unknown_functions_and_counts_are_errors_without_argument(void **state)
{
    Tfplugin6__CallFunction__Request request = TFPLUGIN6__CALL_FUNCTION__REQUEST__INIT;
    request.name = (char *)"nothing";
    const Tfplugin6__CallFunction__Response *response = toy_host_call(*state, "CallFunction", &request);
    assert_int_equal(response->error->argument_case, TFPLUGIN6__FUNCTION_ERROR__ARGUMENT__NOT_SET);
    request.name = (char *)"join";
    response = toy_host_call(*state, "CallFunction", &request);
    assert_string_equal(response->error->text, "join takes 2 arguments, 0 are given");
}

static void stop_answers_without_words(void **state)
{
    Tfplugin6__StopProvider__Request request = TFPLUGIN6__STOP_PROVIDER__REQUEST__INIT;
    const Tfplugin6__StopProvider__Response *response = toy_host_call(*state, "StopProvider", &request);
    assert_string_equal(response->error, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_exact_paths_are_found),
        cmocka_unit_test(noise_in_place_of_a_request_is_survived),
        cmocka_unit_test(flood_of_tiny_fields_is_refused),
        cmocka_unit_test_setup_teardown(metadata_lists_everything, set_up, tear_down),
        cmocka_unit_test_setup_teardown(schema_has_every_type_and_the_capabilities, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refused_configuration_is_a_diagnostic, set_up, tear_down),
        cmocka_unit_test_setup_teardown(later_configuration_is_used_by_later_calls, set_up, tear_down),
        cmocka_unit_test_setup_teardown(provider_configuration_is_validated, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rows_and_resource_validate_a_configuration, set_up, tear_down),
        cmocka_unit_test_setup_teardown(state_of_the_same_version_is_read_leniently, set_up, tear_down),
        cmocka_unit_test_setup_teardown(state_of_other_versions_or_forms_is_refused_in_words, set_up, tear_down),
        cmocka_unit_test_setup_teardown(read_echoes_private_data, set_up, tear_down),
        cmocka_unit_test_setup_teardown(vanished_object_is_null, set_up, tear_down),
        cmocka_unit_test_setup_teardown(failed_read_keeps_the_state, set_up, tear_down),
        cmocka_unit_test_setup_teardown(moved_object_has_what_its_source_had, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_be_moved_is_refused_in_words, set_up, tear_down),
        cmocka_unit_test_setup_teardown(import_fills_what_a_read_needs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(failed_data_source_has_no_state, set_up, tear_down),
        cmocka_unit_test_setup_teardown(function_of_one_row_gives_that_value, set_up, tear_down),
        cmocka_unit_test_setup_teardown(errors_of_functions_point_at_the_argument, set_up, tear_down),
        cmocka_unit_test_setup_teardown(unknown_functions_and_counts_are_errors_without_argument, set_up, tear_down),
        cmocka_unit_test_setup_teardown(stop_answers_without_words, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
