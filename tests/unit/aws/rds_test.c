/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/rds.h"

#include "tests/support/aws_world.h"
#include "tests/support/harness.h"
#include "tests/support/vectors.h"

#define ARN "arn:aws:rds:eu-west-1:222222222222:cluster-snapshot:x"

static struct str body_of(const struct aws_world *world, size_t request)
{
    return world->transport.requests[request].body;
}

/* Describe. */

static void a_cluster_snapshot_is_read_whole(void **state)
{
    struct aws_world *world = *state;
    struct rds_snapshot snapshot;
    aws_world_answers(world,
                      { .status = 200, .body = vector_read(world->arena, "replies/DescribeDBClusterSnapshots.xml") });
    assert_true(rds_describe_snapshot(&world->call, RDS_CLUSTER, STR("migration-1"), &snapshot, &world->err));
    assert_str_equal(snapshot.identifier, "migration-1");
    assert_str_equal(snapshot.arn, "arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:migration-1");
    assert_str_equal(snapshot.database_identifier, "shop");
    assert_str_equal(snapshot.status, "copying");
    assert_true(snapshot.percent_progress.present && snapshot.percent_progress.value == 42);
    assert_str_equal(snapshot.create_time, "2026-03-01T10:20:30.123Z");
    assert_str_equal(snapshot.source_arn, "arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:take-1");
    assert_true(snapshot.encrypted.present && snapshot.encrypted.value);
    assert_str_equal(snapshot.storage_encryption_type, "sse-kms");
    assert_str_equal(snapshot.engine, "aurora-mysql");
    assert_str_equal(snapshot.engine_version, "8.0.mysql_aurora.3.08.0");
    assert_str_equal(snapshot.engine_mode, "provisioned");
    assert_true(snapshot.port.value == 3306);
    assert_false(snapshot.allocated_storage.present);
    assert_str_equal(snapshot.vpc_id, "vpc-1");
    assert_str_equal(snapshot.master_username, "admin");
    assert_str_equal(snapshot.license_model, "aurora-mysql");
    assert_str_equal(snapshot.storage_type, "aurora");
    assert_null(snapshot.option_group_name.ptr);
    assert_int_equal(snapshot.availability_zones.count, 2);
    assert_str_equal(snapshot.availability_zones.items[1], "eu-west-1b");
    assert_int_equal(snapshot.tags.count, 2);
    assert_str_equal(snapshot.tags.items[0].value, "a & b");
    assert_str_equal(snapshot.tags.items[1].value, "");
    assert_str_equal(body_of(world, 0), "Action=DescribeDBClusterSnapshots&Version=2014-10-31"
                                        "&DBClusterSnapshotIdentifier=migration-1");
}

/* Imitations of AWS write an offset. */
static void times_end_with_z_whoever_answers(void **state)
{
    struct aws_world *world = *state;
    struct rds_snapshot found;
    static const char described[] =
        "<DescribeDBSnapshotsResponse><DescribeDBSnapshotsResult><DBSnapshots><DBSnapshot><SnapshotCreateTime>"
        "2026-03-01T10:20:30.123000+00:00</SnapshotCreateTime></DBSnapshot></DBSnapshots></DescribeDBSnapshotsResult>"
        "</DescribeDBSnapshotsResponse>";
    static const char copied[] =
        "<CopyDBSnapshotResponse><CopyDBSnapshotResult><DBSnapshot><SnapshotCreateTime>2026-03-01T10:20:30+00:00"
        "</SnapshotCreateTime></DBSnapshot></CopyDBSnapshotResult></CopyDBSnapshotResponse>";
    const struct rds_copy_options options = { .source = STR("s"), .target = STR("t") };
    aws_world_answers(world, { .status = 200, .text = described }, { .status = 200, .text = copied });
    assert_true(rds_describe_snapshot(&world->call, RDS_INSTANCE, STR("s"), &found, &world->err));
    assert_str_equal(found.create_time, "2026-03-01T10:20:30.123000Z");
    assert_true(rds_copy_snapshot(&world->call, RDS_INSTANCE, &options, &found, &world->err));
    assert_str_equal(found.create_time, "2026-03-01T10:20:30Z");
}

static void every_page_is_read(void **state)
{
    struct aws_world *world = *state;
    struct rds_snapshots all;
    static const char last[] = "<DescribeDBSnapshotsResponse><DescribeDBSnapshotsResult><DBSnapshots><DBSnapshot>"
                               "<DBSnapshotIdentifier>third</DBSnapshotIdentifier></DBSnapshot></DBSnapshots>"
                               "</DescribeDBSnapshotsResult></DescribeDBSnapshotsResponse>";
    static const char empty[] = "<DescribeDBSnapshotsResponse><DescribeDBSnapshotsResult><Marker>more</Marker>"
                                "</DescribeDBSnapshotsResult></DescribeDBSnapshotsResponse>";
    aws_world_answers(world, { .status = 200, .body = vector_read(world->arena, "replies/DescribeDBSnapshots.xml") },
                      { .status = 200, .text = empty }, { .status = 200, .text = last });
    assert_true(rds_list_snapshots(&world->call, RDS_INSTANCE, &all, &world->err));
    assert_int_equal(all.count, 3);
    assert_str_equal(all.items[0].availability_zones.items[0], "eu-west-1c");
    assert_str_equal(all.items[0].option_group_name, "default:mysql-8-0");
    assert_str_equal(all.items[0].tde_credential_arn, "arn:tde");
    assert_str_equal(all.items[0].original_create_time, "2026-03-01T10:20:30.123Z");
    assert_null(all.items[1].tde_credential_arn.ptr);
    assert_false(all.items[0].encrypted.value);
    assert_null(all.items[1].create_time.ptr);
    assert_str_equal(all.items[2].identifier, "third");
    assert_str_equal(body_of(world, 0), "Action=DescribeDBSnapshots&Version=2014-10-31");
    assert_str_equal(body_of(world, 1), "Action=DescribeDBSnapshots&Version=2014-10-31&Marker=next-page");
    assert_str_equal(body_of(world, 2), "Action=DescribeDBSnapshots&Version=2014-10-31&Marker=more");
}

static void pages_without_end_are_an_error(void **state)
{
    struct aws_world *world = *state;
    struct rds_snapshots all;
    aws_world_answers(world, { .status = 200,
                               .body = vector_read(world->arena, "replies/DescribeDBSnapshots.xml"),
                               .repeats = REPEATS_FOR_EVER });
    assert_false(rds_list_snapshots(&world->call, RDS_INSTANCE, &all, &world->err));
    assert_int_equal(world->err.kind, ERR_INVALID);
    assert_int_equal(world->transport.request_count, 2); /* the second names itself as the next one */
}

static void an_empty_list_is_not_found(void **state)
{
    struct aws_world *world = *state;
    struct rds_snapshot snapshot;
    aws_world_answers(world, { .status = 200,
                               .text = "<DescribeDBClusterSnapshotsResponse><DescribeDBClusterSnapshotsResult>"
                                       "<DBClusterSnapshots/></DescribeDBClusterSnapshotsResult>"
                                       "</DescribeDBClusterSnapshotsResponse>" });
    assert_false(rds_describe_snapshot(&world->call, RDS_CLUSTER, STR("x"), &snapshot, &world->err));
    assert_int_equal(world->err.kind, ERR_NOT_FOUND);
}

static void an_arn_is_asked_for_among_shared_ones_too(void **state)
{
    struct aws_world *world = *state;
    struct rds_snapshot snapshot;
    aws_world_answers(world,
                      { .status = 200, .body = vector_read(world->arena, "replies/DescribeDBClusterSnapshots.xml") });
    assert_true(rds_describe_snapshot(&world->call, RDS_CLUSTER, STR(ARN), &snapshot, &world->err));
    assert_str_equal(body_of(world, 0), "Action=DescribeDBClusterSnapshots&Version=2014-10-31"
                                        "&DBClusterSnapshotIdentifier=arn%3Aaws%3Ards%3Aeu-west-1%3A222222222222"
                                        "%3Acluster-snapshot%3Ax&IncludeShared=true");
}

/* Changes. */

static void a_copy_sends_what_its_kind_has_and_reads_the_new_snapshot(void **state)
{
    struct aws_world *world = *state;
    struct aws_tag tags[] = {
        { STR("k"), STR("v w") }
    };
    const struct rds_copy_options options = {
        .source = STR("s"),
        .target = STR("t"),
        .kms_key_id = STR("alias/k"),
        .tags = { tags,            1             },
        .option_group_name = STR("og"),
        .copy_option_group = { .present = true, .value = true }
    };
    struct rds_snapshot made;
    aws_world_answers(
        world,
        { .status = 200,
          .text = "<CopyDBClusterSnapshotResponse><CopyDBClusterSnapshotResult><DBClusterSnapshot><Status>copying"
                  "</Status></DBClusterSnapshot></CopyDBClusterSnapshotResult></CopyDBClusterSnapshotResponse>" },
        { .status = 200,
          .text = "<CopyDBSnapshotResponse><CopyDBSnapshotResult><DBSnapshot><Status>pending</Status></DBSnapshot>"
                  "</CopyDBSnapshotResult></CopyDBSnapshotResponse>" });
    assert_true(rds_copy_snapshot(&world->call, RDS_CLUSTER, &options, &made, &world->err));
    assert_str_equal(made.status, "copying");
    assert_str_equal(body_of(world, 0),
                     "Action=CopyDBClusterSnapshot&Version=2014-10-31&SourceDBClusterSnapshotIdentifier=s"
                     "&TargetDBClusterSnapshotIdentifier=t&KmsKeyId=alias%2Fk&Tags.Tag.1.Key=k"
                     "&Tags.Tag.1.Value=v%20w");
    assert_true(rds_copy_snapshot(&world->call, RDS_INSTANCE, &options, &made, &world->err));
    assert_str_equal(made.status, "pending");
    assert_str_equal(body_of(world, 1),
                     "Action=CopyDBSnapshot&Version=2014-10-31&SourceDBSnapshotIdentifier=s"
                     "&TargetDBSnapshotIdentifier=t&KmsKeyId=alias%2Fk&Tags.Tag.1.Key=k&Tags.Tag.1.Value=v%20w"
                     "&OptionGroupName=og&CopyOptionGroup=true");
}

static void the_accounts_of_the_restore_attribute_are_the_shares(void **state)
{
    struct aws_world *world = *state;
    struct wire_strings accounts;
    aws_world_answers(
        world, { .status = 200, .body = vector_read(world->arena, "replies/DescribeDBClusterSnapshotAttributes.xml") },
        { .status = 200,
          .text = "<DescribeDBSnapshotAttributesResponse><DescribeDBSnapshotAttributesResult>"
                  "<DBSnapshotAttributesResult/></DescribeDBSnapshotAttributesResult>"
                  "</DescribeDBSnapshotAttributesResponse>" });
    assert_true(rds_describe_shares(&world->call, RDS_CLUSTER, STR("migration-1"), &accounts, &world->err));
    assert_int_equal(accounts.count, 2);
    assert_str_equal(accounts.items[1], "333333333333");
    assert_true(rds_describe_shares(&world->call, RDS_INSTANCE, STR("x"), &accounts, &world->err));
    assert_int_equal(accounts.count, 0);
}

static void shares_are_added_and_removed_in_one_call(void **state)
{
    struct aws_world *world = *state;
    struct str add[] = { STR("222222222222"), STR("333333333333") }, remove[] = { STR("444444444444") };
    aws_world_answers(world, { .status = 200, .text = "<ModifyDBSnapshotAttributeResponse/>" });
    assert_true(rds_modify_shares(&world->call, RDS_INSTANCE, STR("x"), (struct wire_strings){ add, 2 },
                                  (struct wire_strings){ remove, 1 }, &world->err));
    assert_str_equal(body_of(world, 0),
                     "Action=ModifyDBSnapshotAttribute&Version=2014-10-31&DBSnapshotIdentifier=x&AttributeName=restore"
                     "&ValuesToAdd.AttributeValue.1=222222222222&ValuesToAdd.AttributeValue.2=333333333333"
                     "&ValuesToRemove.AttributeValue.1=444444444444");
}

static void tags_are_listed_added_and_removed_by_arn(void **state)
{
    struct aws_world *world = *state;
    struct aws_tag tag = { STR("k"), STR("") };
    struct str key = STR("k");
    struct aws_tags found;
    aws_world_answers(world,
                      { .status = 200,
                        .text = "<ListTagsForResourceResponse><ListTagsForResourceResult><TagList><Tag><Key>a</Key>"
                                "<Value>b</Value></Tag></TagList></ListTagsForResourceResult>"
                                "</ListTagsForResourceResponse>" },
                      { .status = 200, .text = "<AddTagsToResourceResponse/>" },
                      { .status = 200, .text = "<RemoveTagsFromResourceResponse/>" });
    assert_true(rds_list_tags(&world->call, STR("arn:x"), &found, &world->err));
    assert_str_equal(found.items[0].value, "b");
    assert_true(rds_add_tags(&world->call, STR("arn:x"), (struct aws_tags){ &tag, 1 }, &world->err));
    assert_true(rds_remove_tags(&world->call, STR("arn:x"), (struct wire_strings){ &key, 1 }, &world->err));
    assert_str_equal(body_of(world, 1), "Action=AddTagsToResource&Version=2014-10-31&ResourceName=arn%3Ax"
                                        "&Tags.Tag.1.Key=k&Tags.Tag.1.Value=");
    assert_str_equal(body_of(world, 2), "Action=RemoveTagsFromResource&Version=2014-10-31&ResourceName=arn%3Ax"
                                        "&TagKeys.member.1=k");
}

static void events_and_quotas_are_hints(void **state)
{
    struct aws_world *world = *state;
    struct rds_events events;
    struct rds_quotas quotas;
    aws_world_answers(world,
                      { .status = 200,
                        .text = "<DescribeEventsResponse><DescribeEventsResult><Events><Event><Message>m</Message>"
                                "<Date>2026-01-01T00:00:00Z</Date></Event></Events></DescribeEventsResult>"
                                "</DescribeEventsResponse>" },
                      { .status = 200,
                        .text = "<DescribeAccountAttributesResponse><DescribeAccountAttributesResult><AccountQuotas>"
                                "<AccountQuota><AccountQuotaName>ManualClusterSnapshots</AccountQuotaName>"
                                "<Used>99</Used><Max>100</Max></AccountQuota></AccountQuotas>"
                                "</DescribeAccountAttributesResult></DescribeAccountAttributesResponse>" });
    assert_true(rds_describe_events(&world->call, RDS_CLUSTER, STR("x"), &events, &world->err));
    assert_str_equal(events.items[0].message, "m");
    assert_str_equal(body_of(world, 0), "Action=DescribeEvents&Version=2014-10-31&SourceIdentifier=x"
                                        "&SourceType=db-cluster-snapshot&Duration=20160");
    assert_true(rds_describe_quotas(&world->call, &quotas, &world->err));
    assert_true(quotas.items[0].used.value == 99 && quotas.items[0].max.value == 100);
}

/* Every operation. */

typedef bool operation_fn(struct aws_world *world, enum rds_kind kind);

static bool run_describe(struct aws_world *world, enum rds_kind kind)
{
    struct rds_snapshot out;
    return rds_describe_snapshot(&world->call, kind, STR("x"), &out, &world->err);
}

static bool run_list(struct aws_world *world, enum rds_kind kind)
{
    struct rds_snapshots out;
    return rds_list_snapshots(&world->call, kind, &out, &world->err);
}

static bool run_copy(struct aws_world *world, enum rds_kind kind)
{
    const struct rds_copy_options options = { .source = STR("s"), .target = STR("t") };
    struct rds_snapshot out;
    return rds_copy_snapshot(&world->call, kind, &options, &out, &world->err);
}

static bool run_delete(struct aws_world *world, enum rds_kind kind)
{
    return rds_delete_snapshot(&world->call, kind, STR("x"), &world->err);
}

static bool run_shares(struct aws_world *world, enum rds_kind kind)
{
    struct wire_strings out;
    return rds_describe_shares(&world->call, kind, STR("x"), &out, &world->err);
}

static bool run_modify(struct aws_world *world, enum rds_kind kind)
{
    const struct wire_strings none = { 0 };
    return rds_modify_shares(&world->call, kind, STR("x"), none, none, &world->err);
}

static bool run_list_tags(struct aws_world *world, enum rds_kind kind)
{
    struct aws_tags out;
    (void)kind;
    return rds_list_tags(&world->call, STR("x"), &out, &world->err);
}

static bool run_add_tags(struct aws_world *world, enum rds_kind kind)
{
    (void)kind;
    return rds_add_tags(&world->call, STR("x"), (struct aws_tags){ 0 }, &world->err);
}

static bool run_remove_tags(struct aws_world *world, enum rds_kind kind)
{
    (void)kind;
    return rds_remove_tags(&world->call, STR("x"), (struct wire_strings){ 0 }, &world->err);
}

static bool run_events(struct aws_world *world, enum rds_kind kind)
{
    struct rds_events out;
    return rds_describe_events(&world->call, kind, STR("x"), &out, &world->err);
}

static bool run_quotas(struct aws_world *world, enum rds_kind kind)
{
    struct rds_quotas out;
    (void)kind;
    return rds_describe_quotas(&world->call, &out, &world->err);
}

static const struct operation_row {
    operation_fn *run;
    bool mutates;
} operations[] = {
    { run_describe,    false },
    { run_list,        false },
    { run_copy,        true  },
    { run_delete,      true  },
    { run_shares,      false },
    { run_modify,      true  },
    { run_list_tags,   false },
    { run_add_tags,    true  },
    { run_remove_tags, true  },
    { run_events,      false },
    { run_quotas,      false },
};

/* Cut, of another operation, with a number that is none; nine attempts, no longer. */
static void a_damaged_reply_of_any_operation_is_an_error(void **state)
{
    struct aws_world *world = *state;
    static const struct fake_answer damaged[] = {
        { .status = 200, .text = "<DescribeDBClusterSnapshotsResponse><DescribeDBClu", .repeats = REPEATS_FOR_EVER },
        { .status = 200, .text = "<SomethingElseResponse/>",                           .repeats = REPEATS_FOR_EVER },
        { .status = 200, .text = "",                                                   .repeats = REPEATS_FOR_EVER },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(operations); i++)
        for (size_t d = 0; d < ARRAY_LENGTH(damaged); d++)
            for (int kind = RDS_CLUSTER; kind <= RDS_INSTANCE; kind++) {
                fake_transport_script(&world->transport, &damaged[d], 1);
                assert_false(operations[i].run(world, (enum rds_kind)kind));
                assert_int_equal(world->err.kind, ERR_IO);
                assert_int_equal(world->err.unanswered, operations[i].mutates);
                assert_int_equal(world->transport.request_count, 9);
            }
}

static void only_operations_that_change_something_say_so(void **state)
{
    struct aws_world *world = *state;
    static const struct fake_answer refusal[] = {
        { .status = 400, .text = "<ErrorResponse><Error><Code>NoSuchThingNotFound</Code></Error></ErrorResponse>" },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(operations); i++) {
        fake_transport_script(&world->transport, refusal, 1);
        assert_false(operations[i].run(world, RDS_CLUSTER));
        assert_int_equal(world->err.kind, ERR_NOT_FOUND);
        assert_int_equal(world->transport.requests[0].mutates, operations[i].mutates);
    }
}

#define RDS_TEST(function) cmocka_unit_test_setup_teardown(function, aws_world_setup, aws_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RDS_TEST(a_cluster_snapshot_is_read_whole),
        RDS_TEST(times_end_with_z_whoever_answers),
        RDS_TEST(every_page_is_read),
        RDS_TEST(pages_without_end_are_an_error),
        RDS_TEST(an_empty_list_is_not_found),
        RDS_TEST(an_arn_is_asked_for_among_shared_ones_too),
        RDS_TEST(a_copy_sends_what_its_kind_has_and_reads_the_new_snapshot),
        RDS_TEST(the_accounts_of_the_restore_attribute_are_the_shares),
        RDS_TEST(shares_are_added_and_removed_in_one_call),
        RDS_TEST(tags_are_listed_added_and_removed_by_arn),
        RDS_TEST(events_and_quotas_are_hints),
        RDS_TEST(a_damaged_reply_of_any_operation_is_an_error),
        RDS_TEST(only_operations_that_change_something_say_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
