/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/look.h"

#include "tests/support/aws_world.h"
#include "tests/unit/plugin/snapshot/rds_answers.h"

#define LISTED                                                                                                         \
    { .status = 200,                                                                                                   \
      .text = "<ListTagsForResourceResponse><ListTagsForResourceResult><TagList><Tag><Key>k</Key>"                     \
              "<Value>v</Value></Tag></TagList></ListTagsForResourceResult>"                                           \
              "</ListTagsForResourceResponse>" }

static void rds_sends_tags_along(void **state)
{
    struct aws_world *world = *state;
    struct rds_snapshot found;
    aws_world_answers(world, describes(world->arena, (struct shown){ .name = "t", .engine = "aurora-mysql" }));
    assert_true(look_at_snapshot(&world->call, RDS_CLUSTER, STR("t"), &found, &world->err));
    assert_int_equal(found.tags.count, 0);
    assert_str_equal(operations(&world->transport, world->arena), "DescribeDBClusterSnapshots");
}

static void neptune_and_docdb_are_asked_for_theirs(void **state)
{
    static const char *const engines[] = { "neptune", "docdb" };
    struct aws_world *world = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(engines); i++) {
        struct rds_snapshot found;
        aws_world_answers(world, describes(world->arena, (struct shown){ .name = "t", .engine = engines[i] }), LISTED);
        assert_true(look_at_snapshot(&world->call, RDS_CLUSTER, STR("t"), &found, &world->err));
        assert_str_equal(found.tags.items[0].key, "k");
        assert_true(str_find(world->transport.requests[1].body, STR("cluster-snapshot%3At")) >= 0);
    }
}

/* Without its tags a copy would look as if it bore no mark. */
static void tags_that_cannot_be_read_are_an_error(void **state)
{
    struct aws_world *world = *state;
    struct rds_snapshot found = { .arn = STR("untouched") };
    aws_world_answers(world, describes(world->arena, (struct shown){ .name = "t", .engine = "docdb" }),
                      refuses(world->arena, 403, "AccessDenied", "no"));
    assert_false(look_at_snapshot(&world->call, RDS_CLUSTER, STR("t"), &found, &world->err));
    assert_int_equal(world->err.kind, ERR_DENIED);
    assert_str_equal(found.arn, "untouched");
}

static void what_is_not_there_is_not_found(void **state)
{
    struct aws_world *world = *state;
    struct rds_snapshot found;
    aws_world_answers(world, knows_nothing(world->arena));
    assert_false(look_at_snapshot(&world->call, RDS_CLUSTER, STR("t"), &found, &world->err));
    assert_int_equal(world->err.kind, ERR_NOT_FOUND);
}

#define IN_A_WORLD(test) cmocka_unit_test_setup_teardown(test, aws_world_setup, aws_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_WORLD(rds_sends_tags_along),
        IN_A_WORLD(neptune_and_docdb_are_asked_for_theirs),
        IN_A_WORLD(tags_that_cannot_be_read_are_an_error),
        IN_A_WORLD(what_is_not_there_is_not_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
