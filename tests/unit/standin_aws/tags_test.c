/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/standin_aws/tags.h"

#include "plugin/aws_provider/block.h"
#include "plugin/aws_provider/provider_block.h"
#include "tests/support/fake_clock.h"
#include "tests/support/harness.h"

static const char *const variables[] = { "TF_AWS_DEFAULT_TAGS_team=orders", "TF_AWS_IGNORE_TAGS_KEYS=foreign", NULL };
static const struct env environment = { .entries = variables };
static const struct aws_provider_block empty_block;

struct fixture {
    struct fake_clock clock;
    struct tf_call call;
};

static int setup(void **state)
{
    struct fixture *fixture = mem_alloc(sizeof(*fixture));
    struct aws_configuration *configuration = NULL;
    CLEANUP(err_clear) struct err err = { 0 };
    fake_clock_init(&fixture->clock, 0);
    fixture->call =
        (struct tf_call){ .arena = arena_new(), .waiter = waiter_new(&fixture->clock.clock), .env = &environment };
    bool made = aws_configuration_new(&fixture->call, &empty_block, "test/1", &configuration, &err);
    fixture->call.provider = configuration;
    *state = fixture;
    return made ? 0 : -1;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    aws_configuration_free(fixture->call.provider);
    waiter_free(fixture->call.waiter);
    arena_free(fixture->call.arena);
    mem_free(fixture);
    return 0;
}

static struct tf_string_map map_of(struct fixture *fixture, const char *key, const char *value)
{
    struct tf_string_map map = { .state = TF_KNOWN };
    tf_string_map_put(fixture->call.arena, &map, str_from(key), tf_known_string(str_from(value)));
    return map;
}

static void all_tags_are_the_defaults_and_over_them_the_resource_s_own(void **state)
{
    struct fixture *fixture = *state;
    struct tf_string_map own = { 0 };
    struct tf_string_map all = standin_tags_all(&fixture->call, &own);
    assert_int_equal(all.state, TF_KNOWN);
    assert_int_equal(all.count, 1);
    assert_str_equal(tf_string_map_find(&all, STR("team"))->value, "orders");
    own = map_of(fixture, "team", "billing");
    tf_string_map_put(fixture->call.arena, &own, STR("added"), tf_known_string(STR("yes")));
    all = standin_tags_all(&fixture->call, &own);
    assert_int_equal(all.count, 2);
    assert_str_equal(tf_string_map_find(&all, STR("team"))->value, "billing");
    own = (struct tf_string_map){ .state = TF_UNKNOWN };
    assert_int_equal(standin_tags_all(&fixture->call, &own).state, TF_UNKNOWN);
}

static void a_difference_adds_changes_and_removes(void **state)
{
    struct fixture *fixture = *state;
    struct arena *arena = fixture->call.arena;
    struct tf_string_map prior = map_of(fixture, "same", "1");
    struct tf_string_map planned = map_of(fixture, "same", "1");
    tf_string_map_put(arena, &prior, STR("changed"), tf_known_string(STR("1")));
    tf_string_map_put(arena, &planned, STR("changed"), tf_known_string(STR("2")));
    tf_string_map_put(arena, &prior, STR("old"), tf_known_string(STR("1")));
    tf_string_map_put(arena, &planned, STR("new"), tf_known_string(STR("1")));
    const struct tags_change change = standin_tags_difference(arena, &prior, &planned);
    assert_int_equal(change.add.count, 2);
    assert_str_equal(change.add.items[0].key, "changed");
    assert_str_equal(change.add.items[1].key, "new");
    assert_int_equal(change.remove.count, 1);
    assert_str_equal(change.remove.items[0], "old");
}

static void a_read_leaves_out_ignored_ones_and_awss(void **state)
{
    struct fixture *fixture = *state;
    struct aws_tag tags[] = {
        { STR("aws:rds:x"), STR("1")      },
        { STR("foreign"),   STR("1")      },
        { STR("own"),       STR("1")      },
        { STR("team"),      STR("orders") }
    };
    const struct tf_string_map all = standin_tags_from(&fixture->call, &(struct aws_tags){ tags, 4 });
    assert_int_equal(all.count, 2);
    assert_str_equal(all.items[0].key, "own");
    assert_str_equal(all.items[1].key, "team");
}

static void without_tags_the_map_is_empty_and_known(void **state)
{
    struct fixture *fixture = *state;
    const struct tf_string_map all = standin_tags_from(&fixture->call, &(struct aws_tags){ 0 });
    assert_int_equal(all.state, TF_KNOWN);
    assert_int_equal(all.count, 0);
}

#define TAGS_TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TAGS_TEST(all_tags_are_the_defaults_and_over_them_the_resource_s_own),
        TAGS_TEST(a_difference_adds_changes_and_removes),
        TAGS_TEST(a_read_leaves_out_ignored_ones_and_awss),
        TAGS_TEST(without_tags_the_map_is_empty_and_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
