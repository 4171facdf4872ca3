/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/call/diagnostic.h"

#include <string.h>

#include "plugin/runtime/limits.h"
#include "proto/tfplugin6.pb-c.h"
#include "tests/support/fake_call.h"
#include "tests/support/harness.h"
#include "tests/unit/plugin/runtime/toy_provider.h"

static int set_up(void **state)
{
    *state = fake_call_new(&toy_provider, &toy_thing_resource.model, NULL);
    return 0;
}

static int tear_down(void **state)
{
    fake_call_free(*state);
    return 0;
}

static Tfplugin6__Diagnostic *only(struct tf_call *call)
{
    size_t count;
    Tfplugin6__Diagnostic **all;
    diagnostics_encode(call, &count, &all);
    assert_int_equal(count, 1);
    return all[0];
}

static void severity_text_and_path_are_sent(void **state)
{
    struct tf_call *call = fake_call_of(*state);
    tf_warn(call, "tags[\"k\"]", "Short", "A %s.", "detail");
    const Tfplugin6__Diagnostic *sent = only(call);
    assert_int_equal(sent->severity, TFPLUGIN6__DIAGNOSTIC__SEVERITY__WARNING);
    assert_string_equal(sent->summary, "Short");
    assert_string_equal(sent->detail, "A detail.");
    assert_int_equal(sent->attribute->n_steps, 2);
    assert_string_equal(sent->attribute->steps[0]->attribute_name, "tags");
    assert_string_equal(sent->attribute->steps[1]->element_key_string, "k");
    assert_false(tf_has_errors(call));
}

static void indices_are_sent_as_numbers(void **state)
{
    struct tf_call *call = fake_call_of(*state);
    tf_error(call, "part[1].name", "S", "d");
    const Tfplugin6__AttributePath *path = only(call)->attribute;
    assert_int_equal(path->steps[1]->selector_case, TFPLUGIN6__ATTRIBUTE_PATH__STEP__SELECTOR_ELEMENT_KEY_INT);
    assert_int_equal(path->steps[1]->element_key_int, 1);
    assert_true(tf_has_errors(call));
}

static void no_path_means_the_whole_block(void **state)
{
    struct tf_call *call = fake_call_of(*state);
    tf_error(call, NULL, "S", "d");
    assert_null(only(call)->attribute);
}

static void invalid_utf8_and_control_characters_are_replaced(void **state)
{
    struct tf_call *call = fake_call_of(*state);
    tf_error(call, "tags[\"\xff\"]", "bad \xff", "bad \xc3\x28 \x1b[31m");
    const Tfplugin6__Diagnostic *sent = only(call);
    assert_true(str_is_utf8(str_from(sent->summary)));
    assert_true(str_is_utf8(str_from(sent->detail)));
    assert_true(str_is_utf8(str_from(sent->attribute->steps[1]->element_key_string)));
    assert_null(strchr(sent->detail, '\x1b'));
}

static void texts_are_cut_between_characters(void **state)
{
    struct tf_call *call = fake_call_of(*state);
    char summary[2 * SUMMARY_MAX_BYTES];
    for (size_t i = 0; i + 2 < sizeof(summary); i += 2)
        memcpy(summary + i, "\xc3\xa9", 3);
    summary[0] = 'x';
    summary[1] = 'x';
    tf_error(call, NULL, summary + 1, "%s", summary + 1);
    const Tfplugin6__Diagnostic *sent = only(call);
    assert_true(strlen(sent->summary) <= SUMMARY_MAX_BYTES);
    assert_true(str_is_utf8(str_from(sent->summary)));
}

static void an_error_tells_origin_and_remedy(void **state)
{
    CLEANUP(err_clear) struct err err = { 0 };
    err_set(&err, ERR_DENIED, "no access");
    err_set_remedy(&err, "Ask.");
    err_set_path(&err, "name");
    err_set_part(&err, ERR_CODE, "AccessDenied");
    err_set_part(&err, ERR_ACCOUNT, "123456789012");
    tf_report(fake_call_of(*state), "Failed", &err);
    assert_string_equal(fake_call_said(*state), "error name: Failed: no access\n\nAsk.\n\n(code AccessDenied, account "
                                                "123456789012)\n");
}

static void explain(struct err *err)
{
    if (!err_remedy(err)[0])
        err_set_remedy(err, "Try %s.", err_code(err));
}

static void what_an_error_lacks_the_provider_explains_once_it_is_reported(void **state)
{
    static const struct tf_provider provider = { .explain = explain };
    struct fake_call *fake = fake_call_new(&provider, NULL, NULL);
    CLEANUP(err_clear) struct err err = { 0 };
    (void)state;
    err_set(&err, ERR_DENIED, "no");
    err_set_part(&err, ERR_CODE, "C");
    tf_report(fake_call_of(fake), "Failed", &err);
    err_set(&err, ERR_DENIED, "no");
    err_set_remedy(&err, "Ask.");
    tf_report(fake_call_of(fake), "Failed", &err);
    assert_string_equal(fake_call_said(fake), "error: Failed: no\n\nTry C.\n\n(code C)\nerror: Failed: no\n\nAsk.\n");
    fake_call_free(fake);
}

static void an_error_without_text_is_our_mistake(void **state)
{
    tf_report(fake_call_of(*state), "Failed", &(struct err){ 0 });
    assert_non_null(strstr(fake_call_said(*state), "a mistake in the provider"));
}

static void equal_warnings_of_plan_hooks_are_given_once(void **state)
{
    struct tf_call *call = fake_call_of(*state);
    fake_call_in_plan(*state, STR("object 1"));
    tf_warn(call, "name", "S", "d");
    tf_warn(call, "name", "S", "d");
    tf_warn(call, "note", "S", "d");
    assert_string_equal(fake_call_said(*state), "warning name: S: d\nwarning note: S: d\n");
    fake_call_again(*state);
    tf_warn(call, "name", "S", "d");
    assert_string_equal(fake_call_said(*state), "");
    fake_call_in_plan(*state, STR("object 2"));
    tf_warn(call, "name", "S", "d");
    assert_string_equal(fake_call_said(*state), "warning name: S: d\n");
}

static void errors_are_always_given(void **state)
{
    struct tf_call *call = fake_call_of(*state);
    fake_call_in_plan(*state, STR("object 1"));
    tf_error(call, NULL, "S", "d");
    tf_error(call, NULL, "S", "d");
    assert_string_equal(fake_call_said(*state), "error: S: d\nerror: S: d\n");
}

static void a_flood_is_bounded_but_an_error_in_it_counts(void **state)
{
    struct tf_call *call = fake_call_of(*state);
    size_t count;
    Tfplugin6__Diagnostic **all;
    for (int i = 0; i < DIAGNOSTICS_MAX + 50; i++)
        tf_warn(call, NULL, "S", "%d", i);
    tf_error(call, NULL, "S", "d");
    diagnostics_encode(call, &count, &all);
    assert_int_equal(count, DIAGNOSTICS_MAX);
    assert_int_equal(all[count - 1]->severity, TFPLUGIN6__DIAGNOSTIC__SEVERITY__ERROR);
    assert_true(tf_has_errors(call));
}

static void replaced_paths_are_sent_once_and_in_order(void **state)
{
    struct tf_call *call = fake_call_of(*state);
    size_t count;
    Tfplugin6__AttributePath **paths;
    tf_replace(call, "name");
    tf_replace(call, "part[0].name");
    tf_replace(call, "name");
    tf_replace(call, "nothing");
    tf_replace(call, NULL);
    replaced_encode(call, &count, &paths);
    assert_int_equal(count, 2);
    assert_string_equal(paths[0]->steps[0]->attribute_name, "name");
    assert_int_equal(paths[1]->n_steps, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(severity_text_and_path_are_sent, set_up, tear_down),
        cmocka_unit_test_setup_teardown(indices_are_sent_as_numbers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_path_means_the_whole_block, set_up, tear_down),
        cmocka_unit_test_setup_teardown(invalid_utf8_and_control_characters_are_replaced, set_up, tear_down),
        cmocka_unit_test_setup_teardown(texts_are_cut_between_characters, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_error_tells_origin_and_remedy, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_an_error_lacks_the_provider_explains_once_it_is_reported, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_error_without_text_is_our_mistake, set_up, tear_down),
        cmocka_unit_test_setup_teardown(equal_warnings_of_plan_hooks_are_given_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(errors_are_always_given, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_flood_is_bounded_but_an_error_in_it_counts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(replaced_paths_are_sent_once_and_in_order, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
