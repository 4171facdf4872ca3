/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/model/config_json.h"

#include "tests/support/every_kind.h"
#include "tests/support/harness.h"

static const char *const names[] = { "toy", "doll", NULL };

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

struct answer {
    const struct every_kind *block;
    const char *name;
};

static struct answer read_alias(struct arena *arena, const char *json, const char *alias)
{
    const struct config_json_wanted wanted = { .names = names, .alias = str_from(alias) };
    CLEANUP(err_clear) struct err err = { 0 };
    void *block = NULL;
    const char *name = NULL;
    if (!config_json_provider(arena, &every_kind_model, str_from(json), &wanted, &block, &name, &err))
        fail_msg("%s is refused: %s at %s", json, err_text(&err), err_path(&err));
    return (struct answer){ block, name };
}

static const struct every_kind *read(struct arena *arena, const char *json)
{
    return read_alias(arena, json, "").block;
}

static void assert_refused_alias(struct arena *arena, const char *json, const char *alias, enum err_kind kind,
                                 const char *path, const char *text)
{
    const struct config_json_wanted wanted = { .names = names, .alias = str_from(alias) };
    CLEANUP(err_clear) struct err err = { 0 };
    void *block = NULL;
    const char *name = NULL;
    if (config_json_provider(arena, &every_kind_model, str_from(json), &wanted, &block, &name, &err))
        fail_msg("%s is accepted", json);
    assert_int_equal(err.kind, kind);
    assert_string_equal(err_path(&err), path);
    assert_string_equal(err_text(&err), text);
    assert_null(block);
}

static void assert_refused(struct arena *arena, const char *json, const char *path, const char *text)
{
    assert_refused_alias(arena, json, "", ERR_INVALID, path, text);
}

static void every_kind_of_argument_is_read(void **state)
{
    const struct every_kind *block = read(
        *state, "{\"terraform\": {\"required_providers\": {}}, \"provider\": {\"toy\": {"
                "\"text\": \"t\", \"flag\": true, \"number\": 7, \"list\": [\"b\", \"a\"], \"set\": [\"b\", \"a\", "
                "\"b\"], \"map\": {\"k\": \"v\", \"//\": \"kept\"}, \"//\": \"a comment\", "
                "\"item\": [{\"name\": \"one\", \"inner\": {\"flag\": \"true\"}}, null, {\"number\": \"2\"}]}}}");
    assert_str_equal(block->text.value, "t");
    assert_true(tf_is_true(block->flag));
    assert_int_equal(block->number.value, 7);
    assert_str_equal(block->list.items[0].value, "b");
    assert_int_equal(block->set.count, 2);
    assert_int_equal(block->map.count, 2);
    assert_str_equal(tf_string_map_find(&block->map, STR("//"))->value, "kept");
    assert_int_equal(block->item.count, 2);
    assert_str_equal(block->item.items[0].name.value, "one");
    assert_true(tf_is_true(block->item.items[0].inner.items[0].flag));
    assert_int_equal(block->item.items[1].number.value, 2);
    assert_int_equal(block->single.state, TF_NULL);
}

static void a_block_is_an_object_or_a_list_of_objects(void **state)
{
    static const char *const ways[] = {
        "{\"provider\": {\"toy\": {\"single\": {\"text\": \"x\"}}}}",
        "{\"provider\": {\"toy\": {\"single\": [{\"text\": \"x\"}]}}}",
        "{\"provider\": {\"toy\": [{\"single\": [null, {\"text\": \"x\"}]}]}}",
        "{\"provider\": [{\"other\": {}}, {\"toy\": {\"single\": {\"text\": \"x\"}}}]}",
        "{\"provider\": [{\"toy\": {\"alias\": \"b\"}}, {\"toy\": [{\"single\": {\"text\": \"x\"}}]}]}",
        "{\"provider\": {\"toy\": {\"alias\": null, \"version\": \"~> 1\", \"single\": {\"text\": \"x\"}}}}",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(ways); i++) {
        const struct every_kind *block = read(*state, ways[i]);
        assert_int_equal(block->single.count, 1);
        assert_str_equal(block->single.items[0].text.value, "x");
    }
}

static void the_block_is_chosen_by_its_alias(void **state)
{
    static const char json[] = "{\"provider\": {\"toy\": [{\"alias\": \"a\", \"text\": \"1\"}, {\"text\": \"2\"}, "
                               "{\"alias\": \"$${b\", \"text\": \"3\"}]}}";
    assert_str_equal(read(*state, json)->text.value, "2");
    assert_str_equal(read_alias(*state, json, "a").block->text.value, "1");
    assert_str_equal(read_alias(*state, json, "${b").block->text.value, "3");
    assert_refused_alias(*state, json, "c", ERR_NOT_FOUND, "",
                         "no provider block \"toy\" has the alias \"c\"; there is \"a\", \"${b\"");
}

static void the_first_name_that_the_file_has_is_meant(void **state)
{
    struct answer both =
        read_alias(*state, "{\"provider\": {\"doll\": {\"text\": \"d\"}, \"toy\": {\"text\": \"t\"}}}", "");
    struct answer second = read_alias(*state, "{\"provider\": {\"doll\": {\"text\": \"d\"}}}", "");
    assert_string_equal(both.name, "toy");
    assert_str_equal(both.block->text.value, "t");
    assert_string_equal(second.name, "doll");
    assert_str_equal(second.block->text.value, "d");
    assert_refused_alias(*state, "{\"provider\": {\"doll\": {}, \"toy\": {\"alias\": \"x\"}}}", "", ERR_NOT_FOUND, "",
                         "each provider block \"toy\" has an alias: \"x\"");
}

static void a_file_without_the_block_is_refused(void **state)
{
    static const char *const without[] = { "{}", "{\"provider\": {}}", "{\"provider\": [{}, null, 3]}",
                                           "{\"provider\": \"toy\"}", "{\"provider\": {\"toys\": {}, \"toy\": null}}" };
    for (size_t i = 0; i < ARRAY_LENGTH(without); i++)
        assert_refused_alias(*state, without[i], "", ERR_NOT_FOUND, "", "there is no provider block \"toy\"");
    assert_refused_alias(*state, "{\"provider\": {\"toy\": {}}}", "x", ERR_NOT_FOUND, "",
                         "no provider block \"toy\" has an alias");
}

static void an_escaped_sign_is_the_sign(void **state)
{
    static const char *const rows[][2] = {
        { "$${x}",           "${x}"   },
        { "%%{if}",          "%{if}"  },
        { "a$b%c",           "a$b%c"  },
        { "$",               "$"      },
        { "$$",              "$$"     },
        { "$$$${x}",         "$$${x}" },
        { "$ {x}",           "$ {x}"  },
        { "{$}",             "{$}"    },
        { "%%%{",            "%%{"    },
        { "\\u0024\\u0024{", "${"     },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const char *json = str_format(*state, "{\"provider\": {\"toy\": {\"text\": \"%s\"}}}", rows[i][0]).ptr;
        assert_str_equal(read(*state, json)->text.value, rows[i][1]);
    }
    const struct every_kind *block = read(*state, "{\"provider\": {\"toy\": {\"map\": {\"$${k\": \"%%{v\"}}}}");
    assert_str_equal(block->map.items[0].key, "${k");
    assert_str_equal(block->map.items[0].value.value, "%{v");
}

static void an_expression_is_refused_wherever_it_is(void **state)
{
    static const struct {
        const char *body, *path;
    } rows[] = {
        { "{\"text\": \"${var.x}\"}",                  "provider.toy.text"              },
        { "{\"number\": \"${1 + 1}\"}",                "provider.toy.number"            },
        { "{\"list\": [\"a\", \"${var.x}\"]}",         "provider.toy.list[1]"           },
        { "{\"set\": [\"x ${var.x}\"]}",               "provider.toy.set[0]"            },
        { "{\"map\": {\"a\": \"${var.x}\"}}",          "provider.toy.map[\"a\"]"        },
        { "{\"map\": {\"${var.x}\": \"a\"}}",          "provider.toy.map[\"${var.x}\"]" },
        { "{\"alias\": \"${var.x}\"}",                 "provider.toy.alias"             },
        { "[{}, {\"alias\": \"b${x}\"}]",              "provider.toy[1].alias"          },
        { "{\"item\": [{}, {\"name\": \"$${${x}\"}]}", "provider.toy.item[1].name"      },
        { "[{\"single\": {\"text\": \"${x}\"}}]",      "provider.toy[0].single.text"    },
        { "{\"single\": [{\"text\": \"${x}\"}]}",      "provider.toy.single[0].text"    },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        assert_refused(*state, str_format(*state, "{\"provider\": {\"toy\": %s}}", rows[i].body).ptr, rows[i].path,
                       "an expression, ${...}, and only constants can be read here");
    assert_refused(*state, "{\"provider\": [{}, {\"toy\": {\"text\": \"%{if x}\"}}]}", "provider[1].toy.text",
                   "an expression, %{...}, and only constants can be read here");
}

static void an_argument_that_the_model_lacks_is_refused(void **state)
{
    static const char unknown[] = "not an argument of this block";
    assert_refused(*state, "{\"provider\": {\"toy\": {\"texts\": \"x\"}}}", "provider.toy.texts", unknown);
    assert_refused(*state, "{\"provider\": {\"toy\": {\"item\": {\"inner\": {\"x\": 1}}}}}",
                   "provider.toy.item.inner.x", unknown);
    assert_refused(*state, "{\"provider\": {\"toy\": {\"dynamic\": {}}}}", "provider.toy.dynamic", unknown);
}

static void values_of_another_type_are_refused(void **state)
{
    assert_refused(*state, "{\"provider\": {\"toy\": {\"text\": {}}}}", "provider.toy.text",
                   "a string is expected here");
    assert_refused(*state, "{\"provider\": {\"toy\": {\"list\": \"x\"}}}", "provider.toy.list",
                   "a list is expected here");
    assert_refused(*state, "{\"provider\": {\"toy\": {\"map\": []}}}", "provider.toy.map", "a map is expected here");
    assert_refused(*state, "{\"provider\": {\"toy\": {\"item\": \"x\"}}}", "provider.toy.item",
                   "an object is expected here");
    assert_refused(*state, "{\"provider\": {\"toy\": [\"x\"]}}", "provider.toy[0]", "an object is expected here");
    assert_refused(*state, "{\"provider\": {\"toy\": {\"alias\": 1}}}", "provider.toy.alias",
                   "a string is expected here");
    assert_refused(*state, "{\"provider\": {\"toy\": {\"single\": [{}, {}]}}}", "provider.toy.single",
                   "2 blocks, and 1 is the most");
    assert_refused(*state, "{\"provider\": {\"toy\": [{}, {}]}}", "provider.toy[1]",
                   "a second block with the same alias");
}

static void what_is_not_json_is_refused_by_its_place_alone(void **state)
{
    assert_refused(*state, "", "", "line 1, column 0: this is not JSON");
    assert_refused(*state, "{\n\"provider\": {\"toy\": {\"text\": \"hush\"", "", "line 2, column 35: this is not JSON");
    assert_refused(*state, "[]", "", "a JSON object is expected, with \"provider\" in it");
    assert_refused(*state, "{\"provider\": {\"toy\": {},\n\"toy\": {}}}", "",
                   "line 2: the same name twice in one object");
    assert_refused(*state, "provider \"toy\" {\n}\n", "", "line 1, column 8: this is not JSON");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_kind_of_argument_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_block_is_an_object_or_a_list_of_objects, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_block_is_chosen_by_its_alias, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_first_name_that_the_file_has_is_meant, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_without_the_block_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_escaped_sign_is_the_sign, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_expression_is_refused_wherever_it_is, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_argument_that_the_model_lacks_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(values_of_another_type_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_not_json_is_refused_by_its_place_alone, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
