/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/standin_aws/registry.h"
#include "tests/support/harness.h"

/* Every byte of the struct belongs to one row; alignment is the only gap. */
static void assert_tiled(const struct tf_model *model)
{
    size_t at = 0;
    for (bool found = true; found;) {
        found = false;
        for (const struct tf_attribute *row = model->attributes; row->name && !found; row++)
            if (row->offset >= at && row->offset < at + sizeof(void *)) {
                at = row->offset + row->size;
                found = true;
            }
    }
    assert_int_equal((at + sizeof(void *) - 1) / sizeof(void *) * sizeof(void *), model->size);
}

static void assert_sound(const char *type_name, const struct tf_model *model)
{
    assert_tiled(model);
    for (const struct tf_attribute *row = model->attributes; row->name; row++) {
        const unsigned ways = row->flags & (TF_REQUIRED | TF_OPTIONAL | TF_COMPUTED);
        if (!row->description || (!row->element && (!ways || ((ways & TF_REQUIRED) && ways != TF_REQUIRED))))
            fail_msg("%s.%s", type_name, row->name);
        if (row->element)
            assert_sound(row->name, row->element);
    }
}

static void rows_tile_the_structs_and_are_described(void **state)
{
    (void)state;
    for (size_t i = 0; standin_provider.resources[i]; i++)
        assert_sound(standin_provider.resources[i]->type_name, &standin_provider.resources[i]->model);
    for (size_t i = 0; standin_provider.data_sources[i]; i++)
        assert_sound(standin_provider.data_sources[i]->type_name, &standin_provider.data_sources[i]->model);
}

static void every_resource_has_every_operation(void **state)
{
    (void)state;
    for (size_t i = 0; standin_provider.resources[i]; i++) {
        const struct tf_resource *resource = standin_provider.resources[i];
        assert_true(resource->plan && resource->create && resource->read && resource->update && resource->delete &&
                    resource->import);
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
        cmocka_unit_test(rows_tile_the_structs_and_are_described),
        cmocka_unit_test(every_resource_has_every_operation),
        cmocka_unit_test(policies_may_differ_in_blanks_outside_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
