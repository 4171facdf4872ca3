/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/policy/decision.h"
#include "tests/unit/plugin/snapshot/snapshot_world.h"

#define OLD_KEY "arn:aws:kms:eu-west-1:111111111111:key/old"
#define NEW_KEY "arn:aws:kms:eu-west-1:222222222222:key/new"
#define SOURCE_ARN "arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:orders"
#define SHARED_ARN "arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:orders-shared"
#define COPY_ARN "arn:aws:rds:eu-west-1:222222222222:cluster-snapshot:copy"

#define MODEL (&caller_policy_data_source.model)

static void set_texts(struct snapshot_world *world, void *config, const char *name, const char *text)
{
    struct tf_string_set *set = member_named(MODEL, config, name);
    const struct str value = str_from(text);
    *set = text ? tf_string_set_from(world->arena, &value, 1) : (struct tf_string_set){ 0 };
}

static void *config_of(struct snapshot_world *world, bool is_source)
{
    void *config = arena_alloc(world->arena, MODEL->size);
    set_text(MODEL, config, "side", is_source ? "source" : "target");
    set_text(MODEL, config, "account_id", is_source ? "111111111111" : "222222222222");
    set_text(MODEL, config, "source_account_id", is_source ? NULL : "111111111111");
    set_text(MODEL, config, "region", "eu-west-1");
    set_texts(world, config, "source_snapshot_names", is_source ? "orders" : "Orders-Shared");
    set_texts(world, config, "snapshot_names", is_source ? "orders-*" : "copy");
    set_texts(world, config, "source_kms_key_arns", is_source ? NULL : OLD_KEY);
    set_texts(world, config, "kms_key_arns", is_source ? OLD_KEY : NEW_KEY);
    return config;
}

static struct str json_of(struct snapshot_world *world, const void *config)
{
    void *state = model_copy(world->arena, MODEL, config);
    validate_rows(world->call, MODEL, config);
    caller_policy_data_source.validate(world->call, config);
    assert_string_equal(fake_call_said(world->fake), "");
    assert_true(caller_policy_data_source.read(world->call, config, state, &world->err));
    return text_of(MODEL, state, "json");
}

struct row {
    const char *action, *resource;
    bool is_direct; /* not through RDS */
    bool is_allowed;
};

static void check(struct snapshot_world *world, struct str json, const struct row *row)
{
    const struct str host = STR("rds.eu-west-1.amazonaws.com"), is_true = STR("true");
    const bool is_grant = str_ends_with(str_from(row->action), STR("CreateGrant"));
    const struct aws_policy_key keys[] = {
        { "kms:ViaService",            &host,    row->is_direct ? 0 : 1              },
        { "kms:GrantIsForAWSResource", &is_true, is_grant && !row->is_direct ? 1 : 0 },
    };
    const struct aws_policy_question question = { .action = str_from(row->action),
                                                  .resource = str_from(row->resource),
                                                  .keys = keys,
                                                  .key_count = ARRAY_LENGTH(keys),
                                                  .is_own_policy = true };
    struct aws_policy policy;
    struct str reason;
    assert_true(aws_policy_read(world->arena, json, &policy, &world->err));
    enum aws_policy_verdict verdict = aws_policy_decide(world->arena, &policy, &question, &reason);
    if (verdict != (row->is_allowed ? AWS_POLICY_ALLOWED : AWS_POLICY_NOT_ALLOWED))
        fail_msg("%s on %s: %d", row->action, row->resource, (int)verdict);
}

static void the_source_may_copy_keep_and_share_its_own(void **state)
{
    static const struct row rows[] = {
        { "rds:CopyDBClusterSnapshot",               SOURCE_ARN, false, true  },
        { "rds:CopyDBClusterSnapshot",               SHARED_ARN, false, true  },
        { "rds:DescribeDBClusterSnapshots",          SOURCE_ARN, false, true  },
        { "rds:DescribeDBClusterSnapshots",          SHARED_ARN, false, true  },
        { "rds:DeleteDBClusterSnapshot",             SHARED_ARN, false, true  },
        { "rds:DeleteDBClusterSnapshot",             SOURCE_ARN, false, false },
        { "rds:AddTagsToResource",                   SHARED_ARN, false, true  },
        { "rds:RemoveTagsFromResource",              SHARED_ARN, false, true  },
        { "rds:ModifyDBClusterSnapshotAttribute",    SHARED_ARN, false, true  },
        { "rds:ModifyDBClusterSnapshotAttribute",    SOURCE_ARN, false, false },
        { "rds:DescribeDBClusterSnapshotAttributes", SHARED_ARN, false, true  },
        { "rds:CopyDBSnapshot",                      SHARED_ARN, false, false },
        { "rds:RestoreDBClusterFromSnapshot",        SHARED_ARN, false, false },
        { "kms:DescribeKey",                         OLD_KEY,    true,  true  },
        { "kms:CreateGrant",                         OLD_KEY,    false, true  },
        { "kms:CreateGrant",                         OLD_KEY,    true,  false },
        { "kms:Decrypt",                             OLD_KEY,    false, false },
        { "kms:CreateGrant",                         NEW_KEY,    false, false },
        { "kms:ScheduleKeyDeletion",                 OLD_KEY,    true,  false },
    };
    struct snapshot_world *world = *state;
    const struct str json = json_of(world, config_of(world, true));
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        check(world, json, &rows[i]);
}

static void the_target_may_read_what_is_shared_and_use_both_keys(void **state)
{
    static const struct row rows[] = {
        { "rds:CopyDBClusterSnapshot",            SHARED_ARN, false, true  },
        { "rds:CopyDBClusterSnapshot",            COPY_ARN,   false, true  },
        { "rds:DescribeDBClusterSnapshots",       SHARED_ARN, false, true  },
        { "rds:DeleteDBClusterSnapshot",          COPY_ARN,   false, true  },
        { "rds:DeleteDBClusterSnapshot",          SHARED_ARN, false, false },
        { "rds:ModifyDBClusterSnapshotAttribute", COPY_ARN,   false, false },
        { "kms:DescribeKey",                      OLD_KEY,    false, true  },
        { "kms:CreateGrant",                      OLD_KEY,    false, true  },
        { "kms:Decrypt",                          OLD_KEY,    false, true  },
        { "kms:Decrypt",                          OLD_KEY,    true,  false },
        { "kms:ReEncryptFrom",                    OLD_KEY,    false, true  },
        { "kms:DescribeKey",                      NEW_KEY,    true,  true  },
        { "kms:CreateGrant",                      NEW_KEY,    false, true  },
        { "kms:Decrypt",                          NEW_KEY,    false, false },
    };
    struct snapshot_world *world = *state;
    const struct str json = json_of(world, config_of(world, false));
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        check(world, json, &rows[i]);
}

#define ALL_KEYS "arn:aws:kms:eu-west-1:222222222222:key/*"
#define CLUSTER_ARN "arn:aws:rds:eu-west-1:222222222222:cluster:orders"
#define INSTANCE_ARN "arn:aws:rds:eu-west-1:222222222222:db:orders-1"
#define OLD_CLUSTER_ARN "arn:aws:rds:eu-west-1:111111111111:cluster:orders"

static void check_all(struct snapshot_world *world, const void *config, const struct row *rows, size_t count)
{
    const struct str json = json_of(world, config);
    for (size_t i = 0; i < count; i++)
        check(world, json, &rows[i]);
}

static void a_target_that_restores_may_keep_its_databases_alone(void **state)
{
    static const struct row rows[] = {
        { "rds:RestoreDBClusterFromSnapshot", CLUSTER_ARN,                                         false, true  },
        { "rds:RestoreDBClusterFromSnapshot", COPY_ARN,                                            false, true  },
        { "rds:RestoreDBClusterFromSnapshot", "arn:aws:rds:eu-west-1:222222222222:subgrp:private", false, true  },
        { "rds:RestoreDBClusterFromSnapshot", SHARED_ARN,                                          false, true  },
        { "rds:CreateDBInstance",             INSTANCE_ARN,                                        false, true  },
        { "rds:DeleteDBCluster",              CLUSTER_ARN,                                         false, true  },
        { "rds:DeleteDBCluster",              "arn:aws:rds:eu-west-1:222222222222:cluster:other",  false, false },
        { "rds:AddTagsToResource",            INSTANCE_ARN,                                        false, true  },
        { "rds:AddTagsToResource",            "arn:aws:rds:eu-west-1:222222222222:subgrp:private", false, false },
        { "rds:DescribeGlobalClusters",       "arn:aws:rds::222222222222:global-cluster:any",      false, true  },
        { "rds:CreateDBClusterSnapshot",      CLUSTER_ARN,                                         false, true  },
        { "rds:CreateDBClusterSnapshot",      COPY_ARN,                                            false, true  },
        { "rds:CreateDBClusterSnapshot",      "arn:aws:rds:eu-west-1:222222222222:cluster:other",  false, false },
        { "kms:Decrypt",                      NEW_KEY,                                             false, true  },
        { "kms:CreateKey",                    "*",                                                 true,  false },
        { "kms:PutKeyPolicy",                 NEW_KEY,                                             true,  false },
    };
    struct snapshot_world *world = *state;
    void *config = config_of(world, false);
    set_texts(world, config, "cluster_names", "Orders");
    set_texts(world, config, "instance_names", "orders-*");
    check_all(world, config, rows, ARRAY_LENGTH(rows));
}

static void a_source_that_takes_snapshots_may_keep_these(void **state)
{
    static const struct row rows[] = {
        { "rds:CreateDBClusterSnapshot",             OLD_CLUSTER_ARN, false, true  },
        { "rds:CreateDBClusterSnapshot",             SOURCE_ARN,      false, true  },
        { "rds:DeleteDBClusterSnapshot",             SOURCE_ARN,      false, true  },
        { "rds:DescribeDBClusterSnapshotAttributes", SOURCE_ARN,      false, true  },
        { "rds:ModifyDBClusterSnapshotAttribute",    SOURCE_ARN,      false, false },
        { "rds:DeleteDBCluster",                     OLD_CLUSTER_ARN, false, false },
        { "kms:Decrypt",                             OLD_KEY,         false, false },
    };
    struct snapshot_world *world = *state;
    void *config = config_of(world, true);
    set_texts(world, config, "cluster_names", "orders");
    check_all(world, config, rows, ARRAY_LENGTH(rows));
}

static void who_makes_the_keys_may_keep_and_name_them(void **state)
{
    static const struct row rows[] = {
        { "kms:CreateKey",           "*",                                             true,  true  },
        { "kms:PutKeyPolicy",        NEW_KEY,                                         true,  true  },
        { "kms:ScheduleKeyDeletion", NEW_KEY,                                         true,  true  },
        { "kms:ScheduleKeyDeletion", OLD_KEY,                                         true,  false },
        { "kms:CreateAlias",         NEW_KEY,                                         true,  true  },
        { "kms:CreateAlias",         "arn:aws:kms:eu-west-1:222222222222:alias/mine", true,  true  },
        { "kms:CreateGrant",         NEW_KEY,                                         false, true  },
        { "kms:CreateGrant",         NEW_KEY,                                         true,  false },
        { "kms:Decrypt",             NEW_KEY,                                         false, false },
        { "kms:Encrypt",             NEW_KEY,                                         true,  false },
    };
    struct snapshot_world *world = *state;
    void *config = config_of(world, false);
    set_texts(world, config, "kms_key_arns", ALL_KEYS);
    *(struct tf_bool *)member_named(MODEL, config, "manages_keys") = tf_known_bool(true);
    check_all(world, config, rows, ARRAY_LENGTH(rows));
}

static void instances_other_partitions_and_two_regions_have_their_names(void **state)
{
    struct snapshot_world *world = *state;
    void *config = config_of(world, true);
    set_text(MODEL, config, "snapshot_kind", "instance");
    set_text(MODEL, config, "region", "cn-north-1");
    set_text(MODEL, config, "source_region", "cn-northwest-1");
    set_texts(world, config, "source_kms_key_arns", "arn:aws-cn:kms:cn-northwest-1:111111111111:key/s");
    const struct str json = json_of(world, config);
    static const char *const parts[] = {
        "\"rds:CopyDBSnapshot\"",
        "\"rds:DeleteDBSnapshot\"",
        "\"arn:aws-cn:rds:cn-northwest-1:111111111111:snapshot:orders\"",
        "\"arn:aws-cn:rds:cn-north-1:111111111111:snapshot:orders-*\"",
        "{\"kms:ViaService\":\"rds.cn-north-1.amazonaws.com.cn\"}",
        "{\"kms:ViaService\":[\"rds.cn-north-1.amazonaws.com.cn\",\"rds.cn-northwest-1.amazonaws.com.cn\"]}",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(parts); i++)
        if (str_find(json, str_from(parts[i])) < 0)
            fail_msg("%s is not in %.*s", parts[i], STR_ARG(json));
    assert_true(str_find(json, STR("Cluster")) < 0);
}

static void the_same_input_gives_the_same_bytes(void **state)
{
    struct snapshot_world *world = *state;
    const struct str once = json_of(world, config_of(world, false));
    assert_true(str_equal(once, json_of(world, config_of(world, false))));
    assert_true(str_starts_with(
        once, STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"Copy\",\"Effect\":\"Allow\","
                  "\"Action\":\"rds:CopyDBClusterSnapshot\",\"Resource\":[\"" SHARED_ARN "\",\"" COPY_ARN "\"]},")));
    assert_true(str_find(once, STR("Principal")) < 0);
}

static void bad_input_is_named(void **state)
{
    static const struct {
        bool is_source;
        const char *name, *value; /* NULL: not set */
        bool is_set;
        const char *said;
    } rows[] = {
        { true,  "side",                  "both",                                       false, "Invalid side"                 },
        { true,  "account_id",            "11111111111",                                false, "Invalid account id"           },
        { true,  "source_account_id",     "111111111111",                               false, "Unexpected source_account_id" },
        { false, "source_account_id",     NULL,                                         false, "Missing source_account_id"    },
        { false, "source_kms_key_arns",   NULL,                                         true,  "Missing source_kms_key_arns"  },
        { true,  "kms_key_arns",          "alias/x",                                    true,  "Invalid key ARN"              },
        { true,  "kms_key_arns",          "arn:aws:kms:eu-west-1:111111111111:alias/x", true,  "Invalid key ARN"              },
        { true,  "kms_key_arns",          "arn:",                                       true,  "Invalid key ARN"              },
        { true,  "snapshot_names",        SHARED_ARN,                                   true,  "Invalid name"                 },
        { true,  "source_snapshot_names", "",                                           true,  "Invalid name"                 },
        { true,  "cluster_names",         CLUSTER_ARN,                                  true,  "Invalid name"                 },
        { true,  "instance_names",        "orders-1",                                   true,  "Unexpected instance_names"    },
        { false, "instance_names",        "orders-1",                                   true,  "Unexpected instance_names"    },
        { false, "cluster_names",         "orders",                                     true,  "Missing instance_names"       },
        { true,  "region",                "europe",                                     false, "region"                       },
        { true,  "snapshot_kind",         "disk",                                       false, "kind"                         },
    };
    struct snapshot_world *world = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        void *config = config_of(world, rows[i].is_source);
        fake_call_again(world->fake);
        if (rows[i].is_set)
            set_texts(world, config, rows[i].name, rows[i].value);
        else
            set_text(MODEL, config, rows[i].name, rows[i].value);
        validate_rows(world->call, MODEL, config);
        caller_policy_data_source.validate(world->call, config);
        assert_said(world, rows[i].said);
    }
}

static void clusters_have_no_part_where_instances_are_copied(void **state)
{
    struct snapshot_world *world = *state;
    void *config = config_of(world, true);
    set_text(MODEL, config, "snapshot_kind", "instance");
    set_texts(world, config, "cluster_names", "orders");
    caller_policy_data_source.validate(world->call, config);
    assert_said(world, "Unexpected cluster_names");
}

static int setup(void **state)
{
    *state = world_new(MODEL);
    return 0;
}

#define IN_A_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_WORLD(the_source_may_copy_keep_and_share_its_own),
        IN_A_WORLD(the_target_may_read_what_is_shared_and_use_both_keys),
        IN_A_WORLD(a_target_that_restores_may_keep_its_databases_alone),
        IN_A_WORLD(a_source_that_takes_snapshots_may_keep_these),
        IN_A_WORLD(who_makes_the_keys_may_keep_and_name_them),
        IN_A_WORLD(clusters_have_no_part_where_instances_are_copied),
        IN_A_WORLD(instances_other_partitions_and_two_regions_have_their_names),
        IN_A_WORLD(the_same_input_gives_the_same_bytes),
        IN_A_WORLD(bad_input_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
