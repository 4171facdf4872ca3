/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/provider.h"
#include "tests/support/every_kind.h"
#include "tests/support/fake_call.h"
#include "tests/support/harness.h"

static void refuse_number(struct tf_call *call, const void *config)
{
    const struct every_kind *block = config;
    if (block->number.state == TF_KNOWN)
        tf_error(call, "number", "Not now", "It is %lld.", (long long)block->number.value);
}

static bool keep_config(struct tf_call *call, const void *config, void **out_provider, struct err *err)
{
    (void)call;
    const struct every_kind *block = config;
    if (block->flag.state == TF_KNOWN)
        return err_set(err, ERR_IO, "the flag is up");
    *out_provider = (void *)config;
    return true;
}

static const struct tf_provider provider = { .model = &every_kind_model,
                                             .validate = refuse_number,
                                             .configure = keep_config };

static int set_up(void **state)
{
    *state = fake_call_new(&provider, &every_kind_model, NULL);
    return 0;
}

static int tear_down(void **state)
{
    fake_call_free(*state);
    return 0;
}

static void rows_and_provider_check_a_block(void **state)
{
    struct every_kind block = { .text = tf_known_string(STR("x")) };
    assert_true(tf_validate(fake_call_of(*state), &block));
    block.number = tf_known_int64(7);
    assert_false(tf_validate(fake_call_of(*state), &block));
    assert_string_equal(fake_call_said(*state), "error number: Not now: It is 7.\n");
    fake_call_again(*state);
    block = (struct every_kind){ 0 }; /* `text` is required */
    assert_false(tf_validate(fake_call_of(*state), &block));
}

static void what_the_provider_makes_of_it_is_the_calls(void **state)
{
    struct tf_call *call = fake_call_of(*state);
    CLEANUP(err_clear) struct err err = { 0 };
    struct every_kind block = { .flag = tf_known_bool(true) };
    assert_false(tf_configure(call, &block, &err));
    assert_string_equal(err_text(&err), "the flag is up");
    assert_null(call->provider);
    block.flag = (struct tf_bool){ 0 };
    assert_true(tf_configure(call, &block, &err));
    assert_ptr_equal(call->provider, &block);
}

static void diagnostics_are_moved_out(void **state)
{
    struct tf_call *call = fake_call_of(*state);
    struct tf_diagnostic *said;
    tf_warn(call, "item[0].name", "Look", "out %d", 1);
    tf_error(call, NULL, "Bad", "luck");
    assert_int_equal(tf_take_diagnostics(call, &said), 2);
    assert_false(said[0].is_error);
    assert_str_equal(said[0].summary, "Look");
    assert_str_equal(said[0].detail, "out 1");
    assert_str_equal(said[0].path, "item[0].name");
    assert_true(said[1].is_error);
    assert_str_equal(said[1].path, "");
    assert_false(tf_has_errors(call));
    assert_int_equal(tf_take_diagnostics(call, &said), 0);
    tf_warn(call, NULL, "Again", "x");
    assert_int_equal(tf_take_diagnostics(call, &said), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_and_provider_check_a_block, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_the_provider_makes_of_it_is_the_calls, set_up, tear_down),
        cmocka_unit_test_setup_teardown(diagnostics_are_moved_out, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
