/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/copy/apply/quota.h"

#include <string.h>

#include "tests/support/aws_world.h"
#include "tests/unit/plugin/snapshot/rds_answers.h"

static void each_kind_has_its_own_quota(void **state)
{
    struct aws_world *world = *state;
    struct quota found;
    aws_world_answers(world, quota(world->arena, 3, 100), quota(world->arena, 3, 100));
    assert_true(quota_look(&world->call, RDS_CLUSTER, &found));
    assert_int_equal(found.used, 3);
    assert_int_equal(found.max, 100);
    assert_true(quota_look(&world->call, RDS_INSTANCE, &found));
    assert_int_equal(found.used, 7);
    assert_int_equal(found.max, 7);
}

static void what_cannot_be_told_is_left_open(void **state)
{
    struct aws_world *world = *state;
    const struct fake_answer rows[] = {
        refuses(world->arena, 403, "AccessDenied", "no"),
        { .status = 500, .text = "<html>no such operation</html>" },
        { .status = 200,
                                                   .text = "<DescribeAccountAttributesResponse><DescribeAccountAttributesResult/>"
                  "</DescribeAccountAttributesResponse>"                                                    },
        { .status = 200,
                                                   .text = "<DescribeAccountAttributesResponse><DescribeAccountAttributesResult><AccountQuotas>"
                  "<AccountQuota><AccountQuotaName>ManualClusterSnapshots</AccountQuotaName>"
                  "<Max>0</Max></AccountQuota></AccountQuotas></DescribeAccountAttributesResult>"
                  "</DescribeAccountAttributesResponse>"                                                    },
        { .status = 200,
                                                   .text = "<DescribeAccountAttributesResponse><DescribeAccountAttributesResult><AccountQuotas>"
                  "<AccountQuota><AccountQuotaName>ManualClusterSnapshots</AccountQuotaName>"
                  "<Used>many</Used><Max>0</Max></AccountQuota></AccountQuotas>"
                  "</DescribeAccountAttributesResult></DescribeAccountAttributesResponse>"                  },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct quota found = { .used = 1 };
        aws_world_answers(world, repeated(rows[i], REPEATS_FOR_EVER));
        if (quota_look(&world->call, RDS_CLUSTER, &found) || found.used != 1)
            fail_msg("row %zu", i);
    }
}

static void copies_under_way_take_slots_wherever_their_sources_are(void **state)
{
    static const char elsewhere[] = "arn:aws:rds:us-east-1:111111111111:cluster-snapshot:a";
    struct aws_world *world = *state;
    const struct shown shown[] = {
        { .name = "one", .status = "copying", .source = elsewhere },
        { .name = "two", .status = "pending", .source = elsewhere },
        { .name = "done", .status = "available", .source = elsewhere },
        { .name = "broken", .status = "failed", .source = elsewhere },
        { .name = "going", .status = "deleting", .source = elsewhere },
        { .name = "here", .status = "copying", .source = SNAPSHOT("a") },
        { .name = "new", .status = "creating" },
        { .name = "odd", .status = "creating", .source = "not an ARN" },
    };
    struct str items = STR("");
    for (size_t i = 0; i < ARRAY_LENGTH(shown); i++) {
        const struct str item = shown_xml(world->arena, &shown[i]);
        items = str_format(world->arena, "%.*s%.*s", STR_ARG(items), STR_ARG(item));
    }
    aws_world_answers(world, describes_all(world->arena, items));
    assert_int_equal(quota_count_slots(&world->call, RDS_CLUSTER), 4);
    aws_world_answers(world, refuses(world->arena, 403, "AccessDenied", "no"));
    assert_int_equal(quota_count_slots(&world->call, RDS_CLUSTER), -1);
}

#define IN_A_WORLD(test) cmocka_unit_test_setup_teardown(test, aws_world_setup, aws_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_WORLD(each_kind_has_its_own_quota),
        IN_A_WORLD(what_cannot_be_told_is_left_open),
        IN_A_WORLD(copies_under_way_take_slots_wherever_their_sources_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
