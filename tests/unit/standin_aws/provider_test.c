/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/standin_aws/registry.h"
#include "tests/support/harness.h"
#include "tests/support/model_check.h"

static void the_provider_is_sound(void **state)
{
    (void)state;
    provider_check(&standin_provider);
}

static void every_resource_has_every_operation(void **state)
{
    (void)state;
    for (size_t i = 0; standin_provider.resources[i]; i++) {
        const struct tf_resource *resource = standin_provider.resources[i];
        assert_true(resource->create && resource->read && resource->update && resource->delete && resource->import);
        assert_true(str_starts_with(str_from(resource->type_name), STR("aws_")));
    }
}

static const struct tf_attribute *row_of(const struct tf_resource *resource, const char *name)
{
    for (const struct tf_attribute *row = resource->model.attributes; row->name; row++)
        if (str_equal(str_from(row->name), str_from(name)))
            return row;
    fail_msg("%s has no %s", resource->type_name, name);
    return NULL;
}

static bool is_same_policy(const char *a, const char *b)
{
    const struct tf_string prior = { TF_KNOWN, str_from(a) };
    const struct tf_string configured = { TF_KNOWN, str_from(b) };
    return row_of(&kms_key_resource, "policy")->equal(&prior, &configured);
}

static void policies_may_differ_in_blanks_outside_texts(void **state)
{
    (void)state;
    assert_true(is_same_policy("{\"a\": [1,\n 2]}", "{\"a\":[1,2]}"));
    assert_true(is_same_policy("", " \n"));
    assert_false(is_same_policy("{\"a\":\"x y\"}", "{\"a\":\"xy\"}"));
    assert_false(is_same_policy("{\"a\":1}", "{\"a\":1"));
    assert_false(is_same_policy("{\"a\":\"", "{\"a\":\" "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_provider_is_sound),
        cmocka_unit_test(every_resource_has_every_operation),
        cmocka_unit_test(policies_may_differ_in_blanks_outside_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
