/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/watch/look.h"

#include <string.h>

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

static const char *explained(struct aws_world *world, struct str account, struct str id)
{
    struct rds_snapshot found;
    world->call.account = account;
    assert_false(look_at_snapshot(&world->call, RDS_CLUSTER, id, &found, &world->err));
    look_explain_absent(&world->call, RDS_CLUSTER, id, &world->err);
    return err_remedy(&world->err);
}

static void what_is_not_there_is_told_with_its_place_and_asked_for_as_the_other_kind(void **state)
{
    struct aws_world *world = *state;
    aws_world_answers(world, knows_nothing(world->arena), refuses(world->arena, 404, "DBSnapshotNotFound", "no"));
    assert_non_null(strstr(explained(world, STR("111111111111"), STR("t")), "Check the name"));
    assert_string_equal(err_text(&world->err),
                        "account 111111111111 sees no cluster snapshot \"t\" in the Region eu-west-1: "
                        "DBClusterSnapshot not found");
    assert_str_equal(operations(&world->transport, world->arena), "DescribeDBClusterSnapshots DescribeDBSnapshots");
}

static void a_shared_one_has_other_causes_than_an_own_one(void **state)
{
    static const struct {
        const char *id, *told;
    } rows[] = {
        { SNAPSHOT("t"),       "Region in the ARN"                },
        { FOREIGN("t"),        "account_ids = [\"111111111111\"]" },
        { FOREIGN("rds:t-01"), "In account 222222222222, copy it" },
    };
    struct aws_world *world = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        aws_world_answers(world, knows_nothing(world->arena), knows_nothing(world->arena));
        if (!strstr(explained(world, STR("111111111111"), str_from(rows[i].id)), rows[i].told))
            fail_msg("row %zu: %s", i, err_remedy(&world->err));
        assert_null(strstr(err_remedy(&world->err), "snapshot_kind"));
    }
}

static void one_of_the_other_kind_is_named(void **state)
{
    struct aws_world *world = *state;
    const struct fake_answer instance = {
        .status = 200,
        .text = "<DescribeDBSnapshotsResponse><DescribeDBSnapshotsResult><DBSnapshots><DBSnapshot><DBSnapshotArn>arn:x"
                "</DBSnapshotArn></DBSnapshot></DBSnapshots></DescribeDBSnapshotsResult></DescribeDBSnapshotsResponse>"
    };
    aws_world_answers(world, knows_nothing(world->arena), instance);
    assert_string_equal(explained(world, STR("111111111111"), STR("t")),
                        "The instance snapshot arn:x exists. If you mean it, set snapshot_kind = \"instance\".");
    aws_world_answers(world, knows_nothing(world->arena), instance);
    assert_non_null(strstr(explained(world, STR("111111111111"), STR(SNAPSHOT("t"))), "and write this ARN"));
    assert_true(str_find(world->transport.requests[1].body, STR("%3Asnapshot%3At")) >= 0);
}

static void a_denial_without_a_reason_has_two_causes(void **state)
{
    struct aws_world *world = *state;
    aws_world_answers(world, refuses(world->arena, 403, "AccessDenied", "Unknown"), knows_nothing(world->arena));
    const char *told = explained(world, STR("111111111111"), STR(FOREIGN("t")));
    assert_non_null(strstr(told, "account_ids = [\"111111111111\"]"));
    assert_non_null(strstr(told, "Or no IAM policy"));
    assert_non_null(strstr(err_text(&world->err), "account 111111111111 sees no cluster snapshot"));
}

static void other_failures_and_an_unknown_account_are_left_alone(void **state)
{
    struct aws_world *world = *state;
    aws_world_answers(world, refuses(world->arena, 403, "AccessDenied", "no"));
    assert_string_equal(explained(world, STR("111111111111"), STR(FOREIGN("t"))), "");
    aws_world_answers(world, refuses(world->arena, 403, "AccessDenied", "Unknown"));
    assert_string_equal(explained(world, STR("111111111111"), STR(SNAPSHOT("t"))), "");
    aws_world_answers(world, knows_nothing(world->arena));
    assert_string_equal(explained(world, STR(""), STR("t")), "");
}

static void nobody_waits_for_an_explanation_of_a_stop(void **state)
{
    struct aws_world *world = *state;
    world->call.account = STR("111111111111");
    err_fill(&world->err, ERR_CANCELLED, "Unknown"); /* what AWS said before the stop */
    err_set_part(&world->err, ERR_CODE, "AccessDenied");
    look_explain_absent(&world->call, RDS_CLUSTER, STR(FOREIGN("t")), &world->err);
    assert_string_equal(err_text(&world->err), "Unknown");
    assert_int_equal(world->transport.request_count, 0);
}

#define IN_A_WORLD(test) cmocka_unit_test_setup_teardown(test, aws_world_setup, aws_world_teardown)

/* ---- A source that several copies are made from -------------------------------- */

struct looking {
    struct aws_world *world;
    struct look_cache *cache;
    struct rds_snapshot found;
};

/* In an arena of its own, as calls have it: what is kept outlives that. */
static bool look(struct looking *looking, const char *arn)
{
    struct aws_world *world = looking->world;
    struct aws_call call = world->call;
    struct snapshot_ref ref;
    assert_true(snapshot_ref_parse(world->arena, str_from(arn), &ref, &world->err));
    call.arena = arena_new();
    const bool is_seen = look_at_source(looking->cache, &call, &ref, str_from(arn), &looking->found, &world->err);
    if (is_seen)
        rds_keep_snapshot(world->arena, &looking->found);
    arena_free(call.arena);
    return is_seen;
}

static struct fake_answer source(struct aws_world *world, const char *name, const char *status)
{
    return describes(world->arena, (struct shown){ .name = name, .status = status, .time = "T", .mark = "1 h - - -" });
}

static void a_source_is_looked_at_once_in_half_a_minute(void **state)
{
    struct aws_world *world = *state;
    struct looking looking = { .world = world, .cache = look_cache_new() };
    aws_world_answers(world, source(world, "a", "available"), source(world, "b", "available"),
                      source(world, "a", "available"));
    for (size_t i = 0; i < 3; i++) {
        assert_true(look(&looking, SNAPSHOT("a")));
        assert_str_equal(looking.found.create_time, "T");
        assert_int_equal(looking.found.tags.count, 1);
    }
    assert_int_equal(world->transport.request_count, 1);
    assert_true(look(&looking, SNAPSHOT("b")));
    assert_int_equal(world->transport.request_count, 2);
    fake_clock_advance(&world->clock, 30 * SECOND_MS);
    assert_true(look(&looking, SNAPSHOT("a")));
    assert_int_equal(world->transport.request_count, 3);
    look_cache_free(looking.cache);
}

static void a_source_that_is_not_available_is_looked_at_each_time(void **state)
{
    struct aws_world *world = *state;
    struct looking looking = { .world = world, .cache = look_cache_new() };
    aws_world_answers(world, source(world, "a", "creating"), source(world, "a", "deleting"),
                      knows_nothing(world->arena), source(world, "a", "available"));
    assert_true(look(&looking, SNAPSHOT("a")));
    assert_true(look(&looking, SNAPSHOT("a")));
    assert_false(look(&looking, SNAPSHOT("a")));
    assert_true(look(&looking, SNAPSHOT("a")));
    assert_int_equal(world->transport.request_count, 4);
    look_cache_free(looking.cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_WORLD(rds_sends_tags_along),
        IN_A_WORLD(neptune_and_docdb_are_asked_for_theirs),
        IN_A_WORLD(tags_that_cannot_be_read_are_an_error),
        IN_A_WORLD(what_is_not_there_is_not_found),
        IN_A_WORLD(what_is_not_there_is_told_with_its_place_and_asked_for_as_the_other_kind),
        IN_A_WORLD(a_shared_one_has_other_causes_than_an_own_one),
        IN_A_WORLD(one_of_the_other_kind_is_named),
        IN_A_WORLD(a_denial_without_a_reason_has_two_causes),
        IN_A_WORLD(other_failures_and_an_unknown_account_are_left_alone),
        IN_A_WORLD(nobody_waits_for_an_explanation_of_a_stop),
        IN_A_WORLD(a_source_is_looked_at_once_in_half_a_minute),
        IN_A_WORLD(a_source_that_is_not_available_is_looked_at_each_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
