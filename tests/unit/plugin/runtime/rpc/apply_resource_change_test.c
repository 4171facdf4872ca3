/* SPDX-License-Identifier: MPL-2.0 */
#include <string.h>

#include "plugin/runtime/model/object.h"
#include "tests/support/harness.h"
#include "tests/unit/plugin/runtime/toy_host.h"

typedef Tfplugin6__ApplyResourceChange__Request apply_request;
typedef Tfplugin6__ApplyResourceChange__Response apply_response;

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

static const apply_response *apply(void **state, const void *config, const void *prior, const void *planned)
{
    apply_request request = TFPLUGIN6__APPLY_RESOURCE_CHANGE__REQUEST__INIT;
    request.type_name = (char *)"toy_thing";
    request.config = toy_value(*state, model, config);
    request.prior_state = toy_value(*state, model, prior);
    request.planned_state = toy_value(*state, model, planned);
    request.planned_private = (ProtobufCBinaryData){ .data = (uint8_t *)"tf-note-1:x", .len = 11 };
    return toy_host_call(*state, "ApplyResourceChange", &request);
}

static const char *said(void **state, const apply_response *response)
{
    return toy_said(*state, response->n_diagnostics, response->diagnostics);
}

static const struct toy_thing *state_of(void **state, const apply_response *response)
{
    return toy_object(*state, model, response->new_state);
}

static struct toy_thing wanted(const char *outcome)
{
    return (struct toy_thing){ .name = tf_known_string(STR("n")), .outcome = tf_known_string(str_from(outcome)) };
}

static struct toy_thing planned_of(struct toy_thing config)
{
    config.id.state = TF_UNKNOWN;
    config.zone.state = TF_UNKNOWN;
    config.revision.state = TF_UNKNOWN;
    return config;
}

static struct toy_thing existing(void)
{
    struct toy_thing thing = wanted("");
    thing.id = tf_known_string(STR("p-n"));
    thing.zone = tf_known_string(STR("here"));
    thing.revision = tf_known_int64(4);
    return thing;
}

static void create_fills_what_was_unknown(void **state)
{
    struct toy_thing config = wanted("");
    struct toy_thing planned = planned_of(config);
    const apply_response *response = apply(state, &config, NULL, &planned);
    const struct toy_thing *made = state_of(state, response);
    assert_string_equal(said(state, response), "");
    assert_str_equal(made->id.value, "p-n");
    assert_int_equal(made->revision.value, 1);
    assert_true(model_is_known(model, made));
    assert_int_equal(response->private_.len, 0);
}

/* A host refuses a state with anything unknown in it, and would not store it. */
static void what_an_operation_leaves_unknown_is_null(void **state)
{
    struct toy_thing config = wanted("leave-unknown");
    struct toy_thing planned = planned_of(config);
    const apply_response *response = apply(state, &config, NULL, &planned);
    const struct toy_thing *made = state_of(state, response);
    assert_string_equal(said(state, response), "");
    assert_true(model_is_known(model, made));
    assert_int_equal(made->id.state, TF_NULL);
}

static void values_planned_known_are_held(void **state)
{
    struct toy_thing config = wanted("");
    struct toy_thing planned = planned_of(config);
    planned.id = tf_known_string(STR("promised"));
    assert_str_equal(state_of(state, apply(state, &config, NULL, &planned))->id.value, "promised");
}

static void failed_create_leaves_nothing(void **state)
{
    struct toy_thing config = wanted("fail");
    struct toy_thing planned = planned_of(config);
    const apply_response *response = apply(state, &config, NULL, &planned);
    assert_null(state_of(state, response));
    assert_string_equal(said(state, response), "error: The object cannot be created: failed as asked\n");
}

static void hook_may_say_what_an_error_is_about(void **state)
{
    struct toy_thing config = wanted("fail-named");
    struct toy_thing planned = planned_of(config);
    assert_string_equal(said(state, apply(state, &config, NULL, &planned)), "error: It was begun: failed as asked\n");
}

static void failed_create_that_keeps_its_state_stores_it(void **state)
{
    struct toy_thing config = wanted("fail-late");
    struct toy_thing planned = planned_of(config);
    planned.id = tf_known_string(STR("promised"));
    const apply_response *response = apply(state, &config, NULL, &planned);
    assert_string_equal(said(state, response), "error: The object cannot be created: failed late as asked\n");
    assert_str_equal(state_of(state, response)->id.value, "p-n"); /* with an error, what is, not what was promised */
}

static void failed_update_keeps_the_prior_state(void **state)
{
    struct toy_thing prior = existing();
    struct toy_thing config = wanted("fail");
    struct toy_thing planned = planned_of(config);
    const apply_response *response = apply(state, &config, &prior, &planned);
    assert_true(model_equal(model, state_of(state, response), &prior));
    assert_string_equal(said(state, response), "error: The object cannot be changed: failed as asked\n");
}

static void update_returns_the_new_state(void **state)
{
    struct toy_thing prior = existing();
    struct toy_thing config = wanted("");
    struct toy_thing planned = planned_of(config);
    assert_int_equal(state_of(state, apply(state, &config, &prior, &planned))->revision.value, 5);
}

static void delete_returns_null_and_a_failed_one_the_prior_state(void **state)
{
    struct toy_thing prior = existing();
    assert_null(state_of(state, apply(state, NULL, &prior, NULL)));
    prior.outcome = tf_known_string(STR("fail-delete"));
    const apply_response *response = apply(state, NULL, &prior, NULL);
    assert_true(model_equal(model, state_of(state, response), &prior));
    assert_string_equal(said(state, response), "error: The object cannot be deleted: not deleted, as asked\n");
}

static void unconfigured_provider_changes_nothing(void **state)
{
    struct toy_host *host = toy_host_new();
    void *unconfigured = host;
    struct toy_thing prior = existing();
    struct toy_thing planned = wanted("");
    const apply_response *response = apply(&unconfigured, &planned, &prior, &planned);
    const bool refused = strstr(said(&unconfigured, response), "not configured") != NULL;
    const int64_t revision = state_of(&unconfigured, response)->revision.value;
    toy_host_free(host);
    (void)state;
    assert_true(refused);
    assert_int_equal(revision, 4);
}

static void damaged_plan_leaves_the_prior_state(void **state)
{
    struct toy_thing prior = existing();
    apply_request request = TFPLUGIN6__APPLY_RESOURCE_CHANGE__REQUEST__INIT;
    request.type_name = (char *)"toy_thing";
    request.prior_state = toy_value(*state, model, &prior);
    request.planned_state = toy_value(*state, model, &prior);
    request.planned_state->msgpack.len--;
    const apply_response *response = toy_host_call(*state, "ApplyResourceChange", &request);
    assert_true(model_equal(model, state_of(state, response), &prior));
    assert_int_equal(response->n_diagnostics, 1);
    Tfplugin6__ApplyResourceChange__Request empty = TFPLUGIN6__APPLY_RESOURCE_CHANGE__REQUEST__INIT;
    empty.type_name = (char *)"toy_thing";
    response = toy_host_call(*state, "ApplyResourceChange", &empty);
    assert_non_null(strstr(said(state, response), "makes no sense"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(create_fills_what_was_unknown, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_an_operation_leaves_unknown_is_null, set_up, tear_down),
        cmocka_unit_test_setup_teardown(values_planned_known_are_held, set_up, tear_down),
        cmocka_unit_test_setup_teardown(failed_create_leaves_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(hook_may_say_what_an_error_is_about, set_up, tear_down),
        cmocka_unit_test_setup_teardown(failed_create_that_keeps_its_state_stores_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(failed_update_keeps_the_prior_state, set_up, tear_down),
        cmocka_unit_test_setup_teardown(update_returns_the_new_state, set_up, tear_down),
        cmocka_unit_test_setup_teardown(delete_returns_null_and_a_failed_one_the_prior_state, set_up, tear_down),
        cmocka_unit_test(unconfigured_provider_changes_nothing),
        cmocka_unit_test_setup_teardown(damaged_plan_leaves_the_prior_state, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
