/* SPDX-License-Identifier: MPL-2.0 */
#include <string.h>

#include "plugin/runtime/model/object.h"
#include "tests/support/harness.h"
#include "tests/unit/plugin/runtime/toy_host.h"

typedef Tfplugin6__PlanResourceChange__Request plan_request;
typedef Tfplugin6__PlanResourceChange__Response plan_response;

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

static plan_request request_of(void **state, const void *config, const void *prior, const void *proposed)
{
    plan_request request = TFPLUGIN6__PLAN_RESOURCE_CHANGE__REQUEST__INIT;
    request.type_name = (char *)"toy_thing";
    request.config = toy_value(*state, model, config);
    request.prior_state = toy_value(*state, model, prior);
    request.proposed_new_state = toy_value(*state, model, proposed);
    return request;
}

static const char *said(void **state, const plan_response *response)
{
    return toy_said(*state, response->n_diagnostics, response->diagnostics);
}

static struct toy_thing named(const char *name)
{
    return (struct toy_thing){ .name = tf_known_string(str_from(name)) };
}

static void create_is_planned_with_a_note(void **state)
{
    struct toy_thing config = named("n");
    plan_request request = request_of(state, &config, NULL, &config);
    const plan_response *response = toy_host_call(*state, "PlanResourceChange", &request);
    const struct toy_thing *planned = toy_object(*state, model, response->planned_state);
    assert_string_equal(said(state, response), "");
    assert_int_equal(planned->id.state, TF_UNKNOWN);
    assert_str_equal(toy_bytes(response->planned_private), "tf-note-1:note of n after \"\"");
    assert_int_equal(response->n_requires_replace, 0);
}

static void replacement_is_planned_twice(void **state)
{
    struct toy_thing prior = named("n");
    struct toy_thing config = named("m");
    plan_request request = request_of(state, &config, &prior, &config);
    const plan_response *first = toy_host_call(*state, "PlanResourceChange", &request);
    assert_int_equal(first->n_requires_replace, 1);
    assert_string_equal(first->requires_replace[0]->steps[0]->attribute_name, "name");
    request = request_of(state, &config, NULL, &config);
    request.prior_private = first->planned_private;
    const plan_response *second = toy_host_call(*state, "PlanResourceChange", &request);
    assert_str_equal(toy_bytes(second->planned_private), "tf-note-1:note of m after \"\"");
    assert_int_equal(second->n_requires_replace, 0);
}

static void plan_inside_an_apply_gets_the_note_of_the_first_from_a_host_that_keeps_it(void **state)
{
    struct toy_thing config = named("n");
    Tfplugin6__ClientCapabilities capabilities = TFPLUGIN6__CLIENT_CAPABILITIES__INIT;
    capabilities.store_planned_private = true;
    plan_request request = request_of(state, &config, &config, &config);
    request.client_capabilities = &capabilities;
    const plan_response *response = toy_host_call(*state, "PlanResourceChange", &request);
    assert_str_equal(toy_bytes(response->planned_private), "tf-note-1:note of n after \"\", handed over");
    request.planned_private = (ProtobufCBinaryData){ .data = (uint8_t *)"tf-note-1:x", .len = 11 };
    response = toy_host_call(*state, "PlanResourceChange", &request);
    assert_str_equal(toy_bytes(response->planned_private), "tf-note-1:note of n after \"x\", handed over");
}

static void destroy_is_planned_as_null_and_without_note(void **state)
{
    struct toy_thing prior = named("n");
    plan_request request = request_of(state, NULL, &prior, NULL);
    request.prior_private = (ProtobufCBinaryData){ .data = (uint8_t *)"foreign", .len = 7 };
    const plan_response *response = toy_host_call(*state, "PlanResourceChange", &request);
    assert_null(toy_object(*state, model, response->planned_state));
    assert_int_equal(response->planned_private.len, 0);
}

static void warning_of_the_hook_comes_once_per_object(void **state)
{
    struct toy_thing config = named("n");
    config.outcome = tf_known_string(STR("warn-plan"));
    plan_request request = request_of(state, &config, NULL, &config);
    const plan_response *response = toy_host_call(*state, "PlanResourceChange", &request);
    assert_string_equal(said(state, response), "warning: Asked for: A warning of the plan.\n");
    response = toy_host_call(*state, "PlanResourceChange", &request);
    assert_string_equal(said(state, response), "");
    config.name = tf_known_string(STR("other"));
    request = request_of(state, &config, NULL, &config);
    response = toy_host_call(*state, "PlanResourceChange", &request);
    assert_string_equal(said(state, response), "warning: Asked for: A warning of the plan.\n");
}

static void failing_hook_is_an_error_with_its_path(void **state)
{
    struct toy_thing config = named("n");
    config.outcome = tf_known_string(STR("fail-plan"));
    plan_request request = request_of(state, &config, NULL, &config);
    const plan_response *response = toy_host_call(*state, "PlanResourceChange", &request);
    assert_string_equal(said(state, response), "error: The change cannot be planned: the plan fails as asked\n");
    assert_string_equal(response->diagnostics[0]->attribute->steps[0]->attribute_name, "outcome");
}

static void hook_may_ask_for_replacement(void **state)
{
    struct toy_thing prior = named("n");
    struct toy_thing config = named("n");
    config.outcome = tf_known_string(STR("replace"));
    plan_request request = request_of(state, &config, &prior, &config);
    const plan_response *response = toy_host_call(*state, "PlanResourceChange", &request);
    assert_int_equal(response->n_requires_replace, 1);
    assert_string_equal(response->requires_replace[0]->steps[0]->attribute_name, "outcome");
}

static void unknown_type_and_damaged_values_are_diagnostics(void **state)
{
    struct toy_thing config = named("n");
    plan_request request = request_of(state, &config, NULL, &config);
    request.type_name = (char *)"toy_\xff";
    const plan_response *response = toy_host_call(*state, "PlanResourceChange", &request);
    assert_non_null(strstr(said(state, response), "error: Unknown type: "));
    assert_true(str_is_utf8(str_from(response->diagnostics[0]->detail)));

    request = request_of(state, &config, NULL, &config);
    request.config->msgpack.len /= 2;
    response = toy_host_call(*state, "PlanResourceChange", &request);
    assert_non_null(strstr(said(state, response), "does not fit the provider's schema"));

    request = request_of(state, &config, NULL, NULL);
    response = toy_host_call(*state, "PlanResourceChange", &request);
    assert_non_null(strstr(said(state, response), "A plan that makes no sense"));
    plan_request empty = TFPLUGIN6__PLAN_RESOURCE_CHANGE__REQUEST__INIT;
    empty.type_name = (char *)"toy_thing";
    response = toy_host_call(*state, "PlanResourceChange", &empty);
    assert_non_null(strstr(said(state, response), "A plan that makes no sense"));
}

static void unconfigured_provider_plans_nothing(void **state)
{
    struct toy_host *host = toy_host_new();
    struct toy_thing config = named("n");
    plan_request request = request_of(state, &config, NULL, &config);
    const plan_response *response = toy_host_call(host, "PlanResourceChange", &request);
    bool refused = strstr(toy_said(host, response->n_diagnostics, response->diagnostics), "not configured") != NULL;
    toy_host_free(host);
    assert_true(refused);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(create_is_planned_with_a_note, set_up, tear_down),
        cmocka_unit_test_setup_teardown(replacement_is_planned_twice, set_up, tear_down),
        cmocka_unit_test_setup_teardown(plan_inside_an_apply_gets_the_note_of_the_first_from_a_host_that_keeps_it,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(destroy_is_planned_as_null_and_without_note, set_up, tear_down),
        cmocka_unit_test_setup_teardown(warning_of_the_hook_comes_once_per_object, set_up, tear_down),
        cmocka_unit_test_setup_teardown(failing_hook_is_an_error_with_its_path, set_up, tear_down),
        cmocka_unit_test_setup_teardown(hook_may_ask_for_replacement, set_up, tear_down),
        cmocka_unit_test_setup_teardown(unknown_type_and_damaged_values_are_diagnostics, set_up, tear_down),
        cmocka_unit_test_setup_teardown(unconfigured_provider_plans_nothing, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
