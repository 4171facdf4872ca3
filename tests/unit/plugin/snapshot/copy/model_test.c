/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/unit/plugin/snapshot/copy/fixture.h"

static void assert_valid(struct snapshot_world *world, const struct reencrypt_copy *config, const char *says)
{
    fake_call_again(world->fake);
    validate_rows(world->call, &reencrypt_copy_resource.model, config);
    reencrypt_copy_resource.validate(world->call, config);
    const char *said = fake_call_said(world->fake);
    if (*says ? !strstr(said, says) : *said)
        fail_msg("\"%s\" without \"%s\"", said, says);
}

static void a_usual_configuration_is_valid(void **state)
{
    const struct reencrypt_copy config = copy_config();
    assert_valid(*state, &config, "");
}

#define KMS_ARN(resource) "arn:aws:kms:eu-west-1:111111111111:" resource

static void wrong_texts_are_named_by_their_path(void **state)
{
    static const size_t target = offsetof(struct reencrypt_copy, target_snapshot_identifier),
                        kind = offsetof(struct reencrypt_copy, snapshot_kind),
                        region = offsetof(struct reencrypt_copy, region),
                        source = offsetof(struct reencrypt_copy, source_snapshot_identifier),
                        key = offsetof(struct reencrypt_copy, kms_key_id),
                        policy = offsetof(struct reencrypt_copy, deletion_policy),
                        group = offsetof(struct reencrypt_copy, option_group_name);
    const struct {
        size_t member;
        const char *value, *says;
    } rows[] = {
        { target, "",                                                       "error target_snapshot_identifier"                        },
        { target, "1a",                                                     "error target_snapshot_identifier: Invalid snapshot name" },
        { target, "a--b",                                                   "error target_snapshot_identifier"                        },
        { target, "rds:a",                                                  "error target_snapshot_identifier"                        },
        { target, SNAPSHOT("a"),                                            "error target_snapshot_identifier"                        },
        { kind,   "Cluster",                                                "error snapshot_kind"                                     },
        { region, "",                                                       "error region"                                            },
        { region, "EU-WEST-1",                                              "error region"                                            },
        { region, "eu west",                                                "error region"                                            },
        { source, "",                                                       "error source_snapshot_identifier"                        },
        { source, "arn:aws:rds:eu-west-1:111111111111:db:a",                "error source_snapshot_identifier"                        },
        { source, "arn:aws:rds:eu-west-1:111111111111:snapshot:a",
         "error source_snapshot_identifier: The source is of the other kind"                                                          },
        { key,    "",                                                       "error kms_key_id: Empty argument"                        },
        { key,    "arn:aws:rds:eu-west-1:111111111111:key/a",               "not of \"kms\""                                          },
        { key,    "arn:aws:kms",                                            "error kms_key_id: Invalid key: "                         },
        { key,    KMS_ARN("grant/1"),                                       "neither the ARN of a key nor of an alias"                },
        { key,    "arn:aws:kms:eu-west-1:1:key/a",                          "12-digit account"                                        },
        { key,    "arn:aws:kms::111111111111:key/a",                        "lacks a Region"                                          },
        { key,    "arn:aws-cn:kms:eu-west-1:111111111111:key/a",            "\"eu-west-1\" is one of the partition \"aws\""           },
        { source, "arn:aws:rds:cn-north-1:111111111111:cluster-snapshot:a",
         "error source_snapshot_identifier: Invalid snapshot: "                                                                       },
        { policy, "keep",                                                   "error deletion_policy"                                   },
        { group,  "og",                                                     "error option_group_name: Instance snapshots only"        },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct reencrypt_copy config = copy_config();
        *(struct tf_string *)((char *)&config + rows[i].member) = text(rows[i].value);
        assert_valid(*state, &config, rows[i].says);
    }
}

static void automatic_snapshots_are_welcome_as_source(void **state)
{
    struct reencrypt_copy config = copy_config();
    config.source_snapshot_identifier = text("rds:db-2026-01-01-00-00");
    assert_valid(*state, &config, "");
    config.source_snapshot_identifier = text(SNAPSHOT("awsbackup:job-1"));
    assert_valid(*state, &config, "");
}

static void instance_only_arguments_fit_an_instance(void **state)
{
    struct reencrypt_copy config = copy_config();
    config.copy_option_group = tf_known_bool(false);
    assert_valid(*state, &config, "error copy_option_group: Instance snapshots only");
    config.target_custom_availability_zone = text("az");
    assert_valid(*state, &config, "error target_custom_availability_zone: Instance snapshots only");
    config.snapshot_kind = text("instance");
    assert_valid(*state, &config, "");
    config.snapshot_kind = unknown_text;
    assert_valid(*state, &config, "");
}

static void unknown_values_are_never_a_reason_to_fail(void **state)
{
    struct reencrypt_copy config = copy_config();
    model_set_unknown(&reencrypt_copy_resource.model, &config);
    assert_valid(*state, &config, "error"); /* computed ones cannot be set at all */
    config = copy_config();
    config.target_snapshot_identifier = config.snapshot_kind = config.region = config.source_snapshot_identifier =
        config.kms_key_id = config.deletion_policy = config.option_group_name = unknown_text;
    config.reader_account_ids.state = config.tags.state = TF_UNKNOWN;
    config.copy_tags.state = config.copy_option_group.state = TF_UNKNOWN;
    assert_valid(*state, &config, "");
}

static void the_longest_name_depends_on_the_kind(void **state)
{
    char name[80] = { 0 };
    struct reencrypt_copy config = copy_config();
    memset(name, 'a', 64);
    config.target_snapshot_identifier = text(name);
    assert_valid(*state, &config, "1 to 63");
    config.snapshot_kind = text("instance");
    assert_valid(*state, &config, "");
}

static void accounts_and_tags_are_checked(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy config = copy_config();
    const struct str account = STR("12345678901");
    config.reader_account_ids = tf_string_set_from(world->arena, &account, 1);
    assert_valid(world, &config, "error reader_account_ids: Invalid account id");
    config = copy_config();
    tf_string_map_put(world->arena, &config.tags, STR(MARK_TAG), text("x"));
    assert_valid(world, &config, "error tags[\"" MARK_TAG "\"]: Reserved tag");
}

/* ---- State ------------------------------------------------------------------------- */

static void what_aws_tells_enters_the_state_and_what_it_does_not_stays(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy copy = copy_state();
    struct str zones[] = { STR("b"), STR("a") };
    const struct rds_snapshot told = {
        .status = STR("copying"),
        .percent_progress = { true,  0    },
        .port = { true,  3306 },
        .availability_zones = { zones, 2    },
        .engine_mode = STR("provisioned")
    };
    copy_to_state(world->arena, &told, &copy);
    assert_str_equal(copy.status.value, "copying");
    assert_int_equal(copy.percent_progress.value, 0);
    assert_int_equal(copy.port.value, 3306);
    assert_int_equal(copy.availability_zones.count, 2);
    assert_str_equal(copy.availability_zones.items[0].value, "a");
    assert_str_equal(copy.engine.value, "aurora-mysql");
    assert_str_equal(copy.kms_key_arn.value, KEY("k1"));
    assert_int_equal(copy.vpc_id.state, TF_NULL);
    const struct reencrypt_copy before = copy;
    copy_to_state(world->arena, &(const struct rds_snapshot){ 0 }, &copy);
    assert_true(model_equal(&reencrypt_copy_resource.model, &before, &copy));
}

static void a_copy_under_way_makes_unknown_what_was_not_told_yet(void **state)
{
    struct reencrypt_copy copy = copy_state();
    (void)state;
    copy_forget_unreported(&copy);
    assert_int_equal(copy.status.state, TF_UNKNOWN);
    assert_int_equal(copy.percent_progress.state, TF_UNKNOWN);
    assert_int_equal(copy.vpc_id.state, TF_UNKNOWN);
    assert_int_equal(copy.engine.state, TF_KNOWN);
    assert_int_equal(copy.holder_id.state, TF_KNOWN);
}

static void a_holding_is_what_the_state_knows_of_its_copy(void **state)
{
    struct reencrypt_copy copy = copy_state();
    (void)state;
    struct holding held = copy_holding(&copy);
    assert_str_equal(held.holder_id, "hhhh");
    assert_str_equal(held.create_time, COPY_TIME);
    assert_int_equal(held.kind, RDS_CLUSTER);
    copy.status = text("copying"); /* its time may still move */
    copy.snapshot_kind = text("instance");
    held = copy_holding(&copy);
    assert_str_equal(held.create_time, "");
    assert_int_equal(held.kind, RDS_INSTANCE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_WORLD(a_usual_configuration_is_valid),
        IN_A_WORLD(wrong_texts_are_named_by_their_path),
        IN_A_WORLD(automatic_snapshots_are_welcome_as_source),
        IN_A_WORLD(instance_only_arguments_fit_an_instance),
        IN_A_WORLD(unknown_values_are_never_a_reason_to_fail),
        IN_A_WORLD(the_longest_name_depends_on_the_kind),
        IN_A_WORLD(accounts_and_tags_are_checked),
        IN_A_WORLD(what_aws_tells_enters_the_state_and_what_it_does_not_stays),
        IN_A_WORLD(a_copy_under_way_makes_unknown_what_was_not_told_yet),
        IN_A_WORLD(a_holding_is_what_the_state_knows_of_its_copy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
