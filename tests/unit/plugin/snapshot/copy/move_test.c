/* SPDX-License-Identifier: MPL-2.0 */
#include <string.h>

#include "plugin/runtime/model/json.h"
#include "plugin/runtime/model/object.h"
#include "plugin/snapshot/copy/model.h"
#include "plugin/snapshot/registry.h"
#include "tests/support/fake_call.h"
#include "tests/support/harness.h"

#define CLUSTER_ARN "arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:t"
#define INSTANCE_ARN "arn:aws:rds:eu-west-1:111111111111:snapshot:t"

struct moving {
    struct fake_call *fake;
    struct err err;
    struct reencrypt_copy *copy;
};

static int setup(void **state)
{
    struct moving *moving = mem_alloc(sizeof(*moving));
    moving->fake = fake_call_new(&snapshot_provider, &reencrypt_copy_resource.model, NULL);
    *state = moving;
    return 0;
}

static int teardown(void **state)
{
    struct moving *moving = *state;
    fake_call_free(moving->fake);
    err_clear(&moving->err);
    mem_free(moving);
    return 0;
}

static bool move(struct moving *moving, const char *type, const char *json)
{
    struct tf_call *call = fake_call_of(moving->fake);
    const struct tf_move *found = copy_moves;
    void *source;
    while (strcmp(found->source_type, type) != 0)
        found++;
    moving->copy = model_new(call->arena, &reencrypt_copy_resource.model);
    assert_true(model_from_json(call->arena, &found->source, str_from(json), &source, &moving->err));
    return found->run(call, source, moving->copy, &moving->err);
}

static void a_cluster_copy_keeps_what_it_was_told_and_given(void **state)
{
    struct moving *moving = *state;
    assert_true(move(moving, "aws_rds_cluster_snapshot_copy",
                     "{\"db_cluster_snapshot_arn\": \"" CLUSTER_ARN "\", \"kms_key_id\": \"k\", \"copy_tags\": true,"
                     "\"source_db_cluster_snapshot_identifier\": \"A\", \"shared_accounts\": null,"
                     "\"target_db_cluster_snapshot_identifier\": \"T\", \"tags\": {\"a\": \"1\"},"
                     "\"tags_all\": {\"a\": \"1\", \"b\": \"2\"}, \"timeouts\": {\"create\": \"40m\"}}"));
    const struct reencrypt_copy *copy = moving->copy;
    assert_str_equal(copy->arn.value, CLUSTER_ARN);
    assert_str_equal(copy->id.value, CLUSTER_ARN);
    assert_str_equal(copy->account_id.value, "111111111111");
    assert_str_equal(copy->region.value, "eu-west-1");
    assert_str_equal(copy->snapshot_kind.value, "cluster");
    assert_str_equal(copy->target_snapshot_identifier.value, "T");
    assert_str_equal(copy->source_snapshot_identifier.value, "A");
    assert_str_equal(copy->source_snapshot_arn.value, "arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:a");
    assert_str_equal(copy->kms_key_id.value, "k");
    assert_int_equal(copy->kms_key_arn.state, TF_NULL);
    assert_true(copy->copy_tags.value);
    assert_int_equal(copy->tags.count, 1);
    assert_int_equal(copy->tags_all.count, 2);
    assert_str_equal(copy->timeouts.items[0].create.value, "40m");
    assert_int_equal(copy->holder_id.state, TF_NULL);
    assert_string_equal(fake_call_said(moving->fake), "");
}

static void empty_texts_of_an_instance_copy_are_unset(void **state)
{
    struct moving *moving = *state;
    assert_true(move(moving, "aws_db_snapshot_copy",
                     "{\"db_snapshot_arn\": \"" INSTANCE_ARN "\", \"kms_key_id\": \"\", \"copy_tags\": false,"
                     "\"source_db_snapshot_identifier\": \"\", \"target_custom_availability_zone\": \"\","
                     "\"target_db_snapshot_identifier\": \"t\", \"option_group_name\": \"default:mysql-8-0\","
                     "\"tags\": {}, \"tags_all\": null, \"timeouts\": null}"));
    const struct reencrypt_copy *copy = moving->copy;
    assert_str_equal(copy->snapshot_kind.value, "instance");
    assert_int_equal(copy->kms_key_id.state, TF_NULL);
    assert_int_equal(copy->source_snapshot_identifier.state, TF_NULL);
    assert_int_equal(copy->source_snapshot_arn.state, TF_NULL);
    assert_int_equal(copy->target_custom_availability_zone.state, TF_NULL);
    assert_int_equal(copy->option_group_name.state, TF_NULL);
    assert_int_equal(copy->copy_tags.state, TF_NULL);
    assert_int_equal(copy->tags.state, TF_NULL);
    assert_int_equal(copy->tags_all.state, TF_KNOWN);
    assert_int_equal(copy->timeouts.state, TF_NULL);
}

/* What is unset is null in a state of the plugin framework, and a zero in one of SDKv2. */
static void either_copy_may_have_been_kept_by_either_framework(void **state)
{
    static const struct {
        const char *type, *by_framework, *by_sdk;
    } rows[] = {
        { "aws_rds_cluster_snapshot_copy",
         "{\"db_cluster_snapshot_arn\": \"" CLUSTER_ARN "\", \"kms_key_id\": null, \"copy_tags\": null,"
          "\"source_db_cluster_snapshot_identifier\": null, \"shared_accounts\": null, \"tags\": null,"
          "\"target_db_cluster_snapshot_identifier\": \"t\", \"timeouts\": null}",          "{\"db_cluster_snapshot_arn\": \"" CLUSTER_ARN "\", \"kms_key_id\": \"\", \"copy_tags\": false,"
          "\"source_db_cluster_snapshot_identifier\": \"\", \"shared_accounts\": [], \"tags\": {},"
          "\"target_db_cluster_snapshot_identifier\": \"t\", \"timeouts\": null}"                   },
        { "aws_db_snapshot_copy",
         "{\"db_snapshot_arn\": \"" INSTANCE_ARN "\", \"kms_key_id\": \"k\", \"copy_tags\": null,"
          "\"source_db_snapshot_identifier\": \"a\", \"target_custom_availability_zone\": null, \"tags\": null,"
          "\"target_db_snapshot_identifier\": \"t\", \"timeouts\": {\"create\": \"20m\"}}", "{\"db_snapshot_arn\": \"" INSTANCE_ARN "\", \"kms_key_id\": \"k\", \"copy_tags\": false,"
          "\"source_db_snapshot_identifier\": \"a\", \"target_custom_availability_zone\": \"\", \"tags\": {},"
          "\"target_db_snapshot_identifier\": \"t\", \"timeouts\": {\"create\": \"20m\"}}" },
    };
    struct moving *moving = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        assert_true(move(moving, rows[i].type, rows[i].by_framework));
        const struct reencrypt_copy *by_framework = moving->copy;
        assert_true(move(moving, rows[i].type, rows[i].by_sdk));
        assert_true(model_equal(&reencrypt_copy_resource.model, by_framework, moving->copy));
    }
    assert_string_equal(fake_call_said(moving->fake), "");
}

static void shares_are_told_and_not_taken(void **state)
{
    struct moving *moving = *state;
    assert_true(move(moving, "aws_rds_cluster_snapshot_copy",
                     "{\"db_cluster_snapshot_arn\": \"" CLUSTER_ARN "\","
                     "\"shared_accounts\": [\"333333333333\", \"222222222222\"]}"));
    assert_non_null(strstr(fake_call_said(moving->fake), CLUSTER_ARN "/222222222222,333333333333"));
    assert_int_equal(moving->copy->reader_account_ids.state, TF_NULL);
    assert_str_equal(moving->copy->target_snapshot_identifier.value, "t");
}

static void a_state_that_does_not_say_which_copy_is_refused(void **state)
{
    static const char *const rows[] = {
        "{}",
        "{\"db_cluster_snapshot_arn\": \"\"}",
        "{\"db_cluster_snapshot_arn\": \"t\"}",
        "{\"db_cluster_snapshot_arn\": \"arn:aws:rds:eu-west-1:111111111111:cluster:t\"}",
        "{\"db_cluster_snapshot_arn\": \"" CLUSTER_ARN "\", \"source_db_cluster_snapshot_identifier\": \"" INSTANCE_ARN
        "\"}",
    };
    struct moving *moving = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        assert_false(move(moving, "aws_rds_cluster_snapshot_copy", rows[i]));
        assert_int_equal(moving->err.kind, ERR_INVALID);
    }
}

#define HERE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        HERE(a_cluster_copy_keeps_what_it_was_told_and_given),    HERE(empty_texts_of_an_instance_copy_are_unset),
        HERE(either_copy_may_have_been_kept_by_either_framework), HERE(shares_are_told_and_not_taken),
        HERE(a_state_that_does_not_say_which_copy_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
