/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/aws_provider/configuration.h"
#include "tests/unit/plugin/aws_provider/block_fixture.h"

static void default_tags_join_the_environments(void **state)
{
    struct block_fixture *fixture = *state;
    struct default_tags tags = { .tags.state = TF_KNOWN };
    tf_string_map_put(fixture->call->arena, &tags.tags, STR("team"), text("block"));
    fixture->block.default_tags = (struct tf_blocks_default_tags){ TF_KNOWN, &tags, 1 };
    set_variable(fixture, "TF_AWS_DEFAULT_TAGS_team=environment");
    set_variable(fixture, "TF_AWS_DEFAULT_TAGS_stage=test=1");
    set_variable(fixture, "TF_AWS_DEFAULT_TAGS_=nothing");
    configure(fixture);
    const struct tf_string_map *all = aws_configuration_default_tags(fixture->configuration);
    assert_int_equal(all->count, 2);
    assert_str_equal(tf_string_map_find(all, STR("team"))->value, "block");
    assert_str_equal(tf_string_map_find(all, STR("stage"))->value, "test=1");
}

static void a_default_tag_that_is_null_is_none(void **state)
{
    struct block_fixture *fixture = *state;
    struct default_tags tags = { .tags.state = TF_KNOWN };
    tf_string_map_put(fixture->call->arena, &tags.tags, STR("stage"), (struct tf_string){ 0 });
    tf_string_map_put(fixture->call->arena, &tags.tags, STR("team"), (struct tf_string){ 0 });
    fixture->block.default_tags = (struct tf_blocks_default_tags){ TF_KNOWN, &tags, 1 };
    set_variable(fixture, "TF_AWS_DEFAULT_TAGS_team=environment");
    configure(fixture);
    const struct tf_string_map *all = aws_configuration_default_tags(fixture->configuration);
    assert_int_equal(all->count, 1);
    assert_str_equal(tf_string_map_find(all, STR("team"))->value, "environment");
}

static void tags_are_ignored_by_key_and_by_prefix(void **state)
{
    struct block_fixture *fixture = *state;
    struct ignore_tags ignored = { .keys = set_of(fixture, "exact", NULL),
                                   .key_prefixes = set_of(fixture, "kubernetes.io/", NULL) };
    fixture->block.ignore_tags = (struct tf_blocks_ignore_tags){ TF_KNOWN, &ignored, 1 };
    set_variable(fixture, "TF_AWS_IGNORE_TAGS_KEYS=one, two,");
    configure(fixture);
    static const char *const yes[] = { "exact", "kubernetes.io/cluster", "one", "two" };
    static const char *const no[] = { "", "exactly", "kubernetes", "three" };
    for (size_t i = 0; i < ARRAY_LENGTH(yes); i++)
        assert_true(aws_configuration_ignores_tag(fixture->configuration, str_from(yes[i])));
    for (size_t i = 0; i < ARRAY_LENGTH(no); i++)
        assert_false(aws_configuration_ignores_tag(fixture->configuration, str_from(no[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BLOCK_TEST(default_tags_join_the_environments),
        BLOCK_TEST(a_default_tag_that_is_null_is_none),
        BLOCK_TEST(tags_are_ignored_by_key_and_by_prefix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
