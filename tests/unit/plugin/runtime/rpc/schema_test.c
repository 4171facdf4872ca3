/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/rpc/schema.h"

#include "plugin/runtime/model/object.h"
#include "proto/tfplugin6.pb-c.h"
#include "tests/support/harness.h"
#include "tests/unit/plugin/runtime/toy_provider.h"

static int set_up(void **state)
{
    *state = arena_new();
    return 0;
}

static int tear_down(void **state)
{
    arena_free(*state);
    return 0;
}

static const Tfplugin6__Schema__Attribute *attribute(const Tfplugin6__Schema__Block *block, const char *name)
{
    for (size_t i = 0; i < block->n_attributes; i++)
        if (str_equal(str_from(block->attributes[i]->name), str_from(name)))
            return block->attributes[i];
    fail_msg("no attribute %s", name);
    return NULL;
}

static void types_are_compact_json(void **state)
{
    static const struct {
        const char *name;
        const char *type;
    } rows[] = {
        { "name",     "\"string\""                                                         },
        { "flag",     "\"bool\""                                                           },
        { "size",     "\"number\""                                                         },
        { "steps",    "[\"list\",\"string\"]"                                              },
        { "labels",   "[\"set\",\"string\"]"                                               },
        { "tags",     "[\"map\",\"string\"]"                                               },
        { "timeouts", "[\"object\",{\"create\":\"string\"}]"                               },
        { "piece",    "[\"set\",[\"object\",{\"name\":\"string\",\"serial\":\"string\"}]]" },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        assert_str_equal(schema_type(*state, model_find(&toy_thing_resource.model, str_from(rows[i].name))),
                         rows[i].type);
}

static void flags_and_descriptions_are_carried(void **state)
{
    const Tfplugin6__Schema *schema = schema_of(*state, &toy_thing_resource.model, "About.", 3);
    const Tfplugin6__Schema__Attribute *name = attribute(schema->block, "name");
    const Tfplugin6__Schema__Attribute *zone = attribute(schema->block, "zone");
    assert_int_equal(schema->version, 3);
    assert_string_equal(schema->block->description, "About.");
    assert_int_equal(schema->block->description_kind, TFPLUGIN6__STRING_KIND__MARKDOWN);
    assert_true(name->required && !name->optional && !name->computed && !name->sensitive);
    assert_true(zone->optional && zone->computed && !zone->required);
    assert_true(attribute(schema->block, "password")->sensitive);
    assert_string_equal(name->description, "Name.");
}

static void blocks_have_their_nesting_and_limits(void **state)
{
    const Tfplugin6__Schema *schema = schema_of(*state, &toy_thing_resource.model, "About.", 0);
    assert_int_equal(schema->block->n_block_types, 3);
    const Tfplugin6__Schema__NestedBlock *single = schema->block->block_types[0];
    const Tfplugin6__Schema__NestedBlock *list = schema->block->block_types[1];
    assert_int_equal(single->nesting, TFPLUGIN6__SCHEMA__NESTED_BLOCK__NESTING_MODE__SINGLE);
    assert_int_equal(single->max_items, 0);
    assert_int_equal(list->nesting, TFPLUGIN6__SCHEMA__NESTED_BLOCK__NESTING_MODE__LIST);
    assert_int_equal(list->max_items, 3);
    assert_string_equal(list->type_name, "part");
    assert_int_equal(list->block->n_attributes, 3);
    assert_int_equal(schema->block->block_types[2]->nesting, TFPLUGIN6__SCHEMA__NESTED_BLOCK__NESTING_MODE__SET);
}

static void empty_block_is_there(void **state)
{
    static const struct tf_attribute none[] = { TF_END };
    const struct tf_model empty = { .attributes = none, .size = 0 };
    const Tfplugin6__Schema *schema = schema_of(*state, &empty, NULL, 0);
    assert_non_null(schema->block);
    assert_string_equal(schema->block->description, "");
}

static void deprecation_comes_with_its_message(void **state)
{
    struct old {
        struct tf_string gone;
    };
    const struct tf_attribute rows[] = { TF_ATTR(struct old, gone, .flags = TF_OPTIONAL, .deprecation = "Use another."),
                                         TF_END };
    const struct tf_model model = TF_MODEL(struct old, rows);
    const Tfplugin6__Schema *schema = schema_of(*state, &model, NULL, 0);
    assert_true(schema->block->attributes[0]->deprecated);
    assert_string_equal(schema->block->attributes[0]->deprecation_message, "Use another.");
}

static void functions_have_parameters_and_a_result(void **state)
{
    const Tfplugin6__Function *join = schema_of_function(*state, toy_provider.functions[0]);
    const Tfplugin6__Function *split = schema_of_function(*state, toy_provider.functions[1]);
    assert_int_equal(join->n_parameters, 2);
    assert_string_equal(join->parameters[0]->name, "parts");
    assert_false(join->parameters[0]->allow_null_value);
    assert_true(join->parameters[1]->allow_null_value);
    assert_false(join->parameters[1]->allow_unknown_values);
    assert_str_equal(((struct str){ (const char *)join->return_->type.data, join->return_->type.len }), "\"string\"");
    assert_str_equal(((struct str){ (const char *)split->return_->type.data, split->return_->type.len }),
                     "[\"object\",{\"head\":\"string\",\"tail\":\"string\"}]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(types_are_compact_json, set_up, tear_down),
        cmocka_unit_test_setup_teardown(flags_and_descriptions_are_carried, set_up, tear_down),
        cmocka_unit_test_setup_teardown(blocks_have_their_nesting_and_limits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(empty_block_is_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(deprecation_comes_with_its_message, set_up, tear_down),
        cmocka_unit_test_setup_teardown(functions_have_parameters_and_a_result, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
