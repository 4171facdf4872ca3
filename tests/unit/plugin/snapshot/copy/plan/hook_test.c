/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/unit/plugin/snapshot/copy/plan/fixture.h"

/* ---- Create ---------------------------------------------------------------- */

static void the_arn_of_a_new_copy_is_known(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy config = copy_config();
    config.target_snapshot_identifier = text("My-T");
    ANSWERS(world, is_caller(world->arena, "111111111111"));
    const struct reencrypt_copy *planned = plan(world, &config, NULL);
    assert_str_equal(planned->arn.value, SNAPSHOT("my-t"));
    assert_str_equal(planned->id.value, SNAPSHOT("my-t"));
    assert_str_equal(planned->account_id.value, "111111111111");
    assert_str_equal(planned->snapshot_kind.value, "cluster");
    assert_str_equal(planned->region.value, "eu-west-1");
    assert_str_equal(planned->source_snapshot_arn.value, SNAPSHOT("a"));
    assert_int_equal(planned->holder_id.state, TF_UNKNOWN);
    assert_int_equal(planned->source_snapshot_create_time.state, TF_UNKNOWN);
    assert_int_equal(planned->engine.state, TF_UNKNOWN);
    assert_asked(world, "GetCallerIdentity DescribeDBClusterSnapshots DescribeKey"); /* for the keys' sake */
    assert_string_equal(fake_call_said(world->fake), "");
}

static void a_resource_may_have_a_region_and_kind_of_its_own(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy config = copy_config();
    config.region = text("us-east-1");
    config.snapshot_kind = text("instance");
    config.kms_key_id = text("k1");
    ANSWERS(world, is_caller(world->arena, "111111111111"));
    assert_str_equal(plan(world, &config, NULL)->arn.value, "arn:aws:rds:us-east-1:111111111111:snapshot:t");
}

static void the_partition_is_the_region_s_and_the_credentials_must_be_of_it(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy config = copy_config();
    config.region = text("cn-north-1");
    config.kms_key_id = text("k1");
    ANSWERS(world, is_caller_of(world->arena, "aws-cn", "111111111111"));
    assert_str_equal(plan(world, &config, NULL)->arn.value,
                     "arn:aws-cn:rds:cn-north-1:111111111111:cluster-snapshot:t");
    world_configure(world);
    ANSWERS(world, is_caller(world->arena, "111111111111"));
    refuse_plan(world, &config, NULL);
    assert_err(world, ERR_INVALID, "\"cn-north-1\" is one of the partition aws-cn");
    assert_string_equal(err_path(&world->err), "region");
}

static void what_is_not_known_leaves_the_arn_unknown(void **state)
{
    struct snapshot_world *world = *state;
    for (int row = 0; row < 3; row++) {
        struct reencrypt_copy config = copy_config();
        *(row == 0   ? &config.target_snapshot_identifier
          : row == 1 ? &config.snapshot_kind
                     : &config.region) = unknown_text;
        world_configure(world);
        ANSWERS(world, is_caller(world->arena, "111111111111"));
        const struct reencrypt_copy *planned = plan(world, &config, NULL);
        assert_int_equal(planned->arn.state, TF_UNKNOWN);
        assert_int_equal(planned->id.state, TF_UNKNOWN);
        assert_int_equal(planned->account_id.state, row == 0 ? TF_KNOWN : TF_UNKNOWN);
    }
}

static void without_an_identity_the_arn_is_unknown(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    world->block.skip_requesting_account_id = tf_known_bool(true);
    world_configure(world);
    no_answers(world);
    const struct reencrypt_copy *planned = plan(world, &config, NULL);
    assert_int_equal(planned->arn.state, TF_UNKNOWN);
    assert_int_equal(planned->source_snapshot_arn.state, TF_UNKNOWN);
}

static void while_the_provider_is_not_known_nothing_is_asked(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config(), prior = copy_state();
    world->block.secret_key = unknown_text;
    world_configure(world);
    no_answers(world);
    assert_int_equal(plan(world, &config, NULL)->arn.state, TF_UNKNOWN);
    assert_true(is_empty_plan(&prior, plan(world, &config, &prior)));
    world->block.region = unknown_text;
    world_configure(world);
    assert_int_equal(plan(world, &config, NULL)->region.state, TF_UNKNOWN);
    assert_asked(world, "");
}

static void a_failed_identity_is_a_plan_error(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    ANSWERS(world, refuses(world->arena, 403, "ExpiredToken", "expired"),
            refuses(world->arena, 403, "ExpiredToken", "expired"));
    refuse_plan(world, &config, NULL);
    assert_err(world, ERR_DENIED, "expired");
}

static void without_any_region_there_is_no_plan(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    world->block.region = (struct tf_string){ 0 };
    world_configure(world);
    refuse_plan(world, &config, NULL);
    assert_string_equal(err_path(&world->err), "region");
}

/* ---- Nothing changes ------------------------------------------------------- */

static void an_unchanged_configuration_changes_nothing_and_asks_nothing(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config(), prior = copy_state();
    no_answers(world);
    assert_true(is_empty_plan(&prior, plan(world, &config, &prior)));
    assert_asked(world, "");
    assert_string_equal(fake_call_said(world->fake), "");
}

static void another_spelling_of_the_same_changes_nothing(void **state)
{
    static const struct {
        const char *source, *target, *key;
    } rows[] = {
        { SNAPSHOT("a"), "t", KEY("k1") },
        { "A",           "t", KEY("k1") },
        { SNAPSHOT("A"), "T", KEY("k1") },
        { "a",           "t", "k1"      },
    };
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    no_answers(world);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct reencrypt_copy config = copy_config();
        config.source_snapshot_identifier = text(rows[i].source);
        config.target_snapshot_identifier = text(rows[i].target);
        config.kms_key_id = text(rows[i].key);
        if (!is_empty_plan(&prior, plan(world, &config, &prior)))
            fail_msg("row %zu", i);
    }
    assert_asked(world, "");
}

static void an_alias_of_the_same_key_changes_nothing(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    struct reencrypt_copy config = copy_config();
    config.kms_key_id = text("alias/mine");
    ANSWERS(world, is_caller(world->arena, "111111111111"), is_key(world->arena, KEY("k1"), "CUSTOMER", "Enabled"));
    assert_true(is_empty_plan(&prior, plan(world, &config, &prior)));
    assert_asked(world, "GetCallerIdentity DescribeKey");
}

static void an_alias_that_was_moved_is_a_warning_only(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy prior = copy_state(), config = copy_config();
    config.kms_key_id = prior.kms_key_id = text("alias/mine");
    ANSWERS(world, is_caller(world->arena, "111111111111"), is_key(world->arena, OTHER_KEY, "CUSTOMER", "Enabled"));
    assert_true(is_empty_plan(&prior, plan(world, &config, &prior)));
    assert_said(world, "warning kms_key_id: The alias points to another key now: ");
    assert_said(world, KEY("k1"));
    assert_said(world, OTHER_KEY);
}

static void a_denied_describe_key_is_a_warning_and_no_change(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    struct reencrypt_copy config = copy_config();
    config.kms_key_id = text("alias/mine");
    ANSWERS(world, is_caller(world->arena, "111111111111"), no_key("AccessDeniedException"));
    assert_true(is_empty_plan(&prior, plan(world, &config, &prior)));
    assert_said(world, "warning kms_key_id: Cannot tell whether this is another key: ");
}

static void a_failure_to_compare_keys_is_an_error_not_a_guess(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    struct reencrypt_copy config = copy_config();
    config.kms_key_id = text("alias/mine");
    ANSWERS(world, is_caller(world->arena, "111111111111"),
            { .status = 400, .text = "{\"__type\":\"ValidationException\",\"message\":\"bad\"}" });
    refuse_plan(world, &config, &prior);
    assert_err(world, ERR_INVALID, "alias/mine");
}

static void arguments_that_name_no_data_change_only_themselves(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    struct reencrypt_copy config = copy_config();
    const struct str reader = STR("222222222222");
    config.deletion_policy = text("retain");
    config.copy_tags = tf_known_bool(true);
    config.reader_account_ids = tf_string_set_from(world->arena, &reader, 1);
    tf_string_map_put(world->arena, &config.tags, STR("Name"), text("x"));
    no_answers(world);
    const struct reencrypt_copy *planned = plan(world, &config, &prior);
    assert_str_equal(planned->holder_id.value, "hhhh");
    assert_str_equal(planned->status.value, "available");
    assert_str_equal(planned->deletion_policy.value, "retain");
    assert_str_equal(planned->tags_all.items[0].value.value, "x");
    assert_string_equal(fake_call_replaced(world->fake), "");
}

static void a_drifted_tag_is_put_back(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy prior = copy_state(), config = copy_config();
    tf_string_map_put(world->arena, &config.tags, STR("Name"), text("x"));
    tf_string_map_put(world->arena, &prior.tags, STR("Name"), text("x"));
    const struct reencrypt_copy *planned = plan(world, &config, &prior);
    assert_false(is_empty_plan(&prior, planned));
    assert_int_equal(planned->tags_all.count, 1);
    assert_str_equal(planned->holder_id.value, "hhhh");
}

static void an_import_takes_the_configured_arguments_without_a_new_copy(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy prior = copy_state(), config = copy_config();
    prior.source_snapshot_identifier = prior.source_snapshot_arn = text(NULL);
    prior.kms_key_id = prior.kms_key_arn = text(NULL); /* what AWS did not tell */
    prior.snapshot_kind = config.snapshot_kind = text("instance");
    prior.arn = prior.id = text("arn:aws:rds:eu-west-1:111111111111:snapshot:t");
    config.option_group_name = text("og");
    config.copy_option_group = tf_known_bool(true);
    config.target_custom_availability_zone = text("az");
    const struct reencrypt_copy *planned = plan(world, &config, &prior);
    assert_str_equal(planned->holder_id.value, "hhhh");
    assert_str_equal(planned->status.value, "available");
    assert_str_equal(planned->source_snapshot_identifier.value, "a");
    assert_str_equal(planned->kms_key_id.value, KEY("k1"));
    assert_str_equal(planned->option_group_name.value, "og");
}

static void a_copy_under_way_is_resumed(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct reencrypt_copy prior = copy_state();
    prior.status = text("copying");
    prior.vpc_id = text(NULL);
    const struct reencrypt_copy *planned = plan(world, &config, &prior);
    assert_int_equal(planned->status.state, TF_UNKNOWN);
    assert_int_equal(planned->percent_progress.state, TF_UNKNOWN);
    assert_int_equal(planned->vpc_id.state, TF_UNKNOWN);
    assert_str_equal(planned->engine.value, "aurora-mysql");
    assert_str_equal(planned->holder_id.value, "hhhh");
    assert_str_equal(planned->arn.value, SNAPSHOT("t"));
}

/* ---- What cannot be -------------------------------------------------------- */

static void a_key_of_another_region_is_an_error(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy config = copy_config();
    config.kms_key_id = text("arn:aws:kms:us-east-1:111111111111:key/k1");
    ANSWERS(world, is_caller(world->arena, "111111111111"));
    refuse_plan(world, &config, NULL);
    assert_err(world, ERR_INVALID, "\"us-east-1\"");
    assert_string_equal(err_path(&world->err), "kms_key_id");
    assert_string_equal(err_remedy(&world->err), "Keys are regional: name a key of eu-west-1.");
    config.kms_key_id = text("arn:aws:kms:us-east-1:111111111111:key/mrk-1");
    refuse_plan(world, &config, NULL);
    assert_non_null(
        strstr(err_remedy(&world->err), "arn:aws:kms:eu-west-1:111111111111:key/mrk-1, or its id alone, \"mrk-1\""));
}

static void a_source_of_another_partition_is_an_error(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy config = copy_config();
    config.source_snapshot_identifier = text("arn:aws-cn:rds:cn-north-1:222222222222:cluster-snapshot:a");
    ANSWERS(world, is_caller(world->arena, "111111111111"));
    refuse_plan(world, &config, NULL);
    assert_err(world, ERR_INVALID, "in the partition aws-cn, the copy will be in aws");
    assert_string_equal(err_path(&world->err), "source_snapshot_identifier");
}

static void an_unencrypted_source_is_warned_of_once(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy config = copy_config();
    const struct shown plain = { .name = "a", .status = "available", .is_plain = true };
    ANSWERS(world, is_caller(world->arena, "111111111111"), describes(world->arena, plain),
            repeated(no_key("AccessDeniedException"), 2));
    (void)plan(world, &config, NULL);
    assert_said(world, "warning source_snapshot_identifier: RDS may refuse to copy this source: " SNAPSHOT(
                           "a") " is not encrypted");
    fake_call_again(world->fake);
    config.target_snapshot_identifier = text("another");
    (void)plan(world, &config, NULL);
    assert_string_equal(fake_call_said(world->fake), "");
    assert_asked(world, "GetCallerIdentity DescribeDBClusterSnapshots DescribeKey GetKeyPolicy");
}

static void set_default_tag(struct snapshot_world *world, struct default_tags *block, const char *key)
{
    *block = (struct default_tags){ .tags.state = TF_KNOWN };
    tf_string_map_put(world->arena, &block->tags, str_from(key), text("v"));
    world->block.default_tags.state = TF_KNOWN;
    world->block.default_tags.items = block;
    world->block.default_tags.count = 1;
    world_configure(world);
    ANSWERS(world, is_caller(world->arena, "111111111111"));
}

static void tags_of_both_levels_are_counted_together(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy config = copy_config();
    for (int i = 0; i < 49; i++)
        tf_string_map_put(world->arena, &config.tags, str_format(world->arena, "k%d", i), text("v"));
    ANSWERS(world, is_caller(world->arena, "111111111111"));
    plan(world, &config, NULL);
    struct default_tags block = { 0 };
    set_default_tag(world, &block, "more");
    refuse_plan(world, &config, NULL);
    assert_err(world, ERR_INVALID, "50 tags with the provider's default_tags; 49 are allowed");
    assert_string_equal(err_path(&world->err), "tags");
    set_default_tag(world, &block, MARK_TAG);
    config = copy_config();
    refuse_plan(world, &config, NULL);
    assert_err(world, ERR_INVALID, "default_tags");
    assert_non_null(strstr(err_remedy(&world->err), "\"" MARK_TAG "\" is the provider's own mark"));
}

static void the_own_account_among_the_readers_is_a_warning(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy config = copy_config();
    const struct str own = STR("111111111111");
    config.reader_account_ids = tf_string_set_from(world->arena, &own, 1);
    ANSWERS(world, is_caller(world->arena, "111111111111"));
    plan(world, &config, NULL);
    assert_said(world, "warning reader_account_ids: The copy's own account among its readers: ");
}

static void a_copy_of_itself_is_an_error(void **state)
{
    static const char *const rows[] = { "t", "T", SNAPSHOT("t"), SNAPSHOT("T") };
    struct snapshot_world *world = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct reencrypt_copy config = copy_config();
        config.source_snapshot_identifier = text(rows[i]);
        world_configure(world);
        ANSWERS(world, is_caller(world->arena, "111111111111"));
        refuse_plan(world, &config, NULL);
        assert_err(world, ERR_INVALID, "source and target are the same snapshot");
        assert_string_equal(err_path(&world->err), "source_snapshot_identifier");
    }
}

static void a_state_whose_arn_is_damaged_is_an_error(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct reencrypt_copy prior = copy_state();
    prior.arn = text("arn:aws:rds:::");
    refuse_plan(world, &config, &prior);
    assert_err(world, ERR_INVALID, "the ARN in the state");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_WORLD(the_arn_of_a_new_copy_is_known),
        IN_A_WORLD(a_resource_may_have_a_region_and_kind_of_its_own),
        IN_A_WORLD(the_partition_is_the_region_s_and_the_credentials_must_be_of_it),
        IN_A_WORLD(what_is_not_known_leaves_the_arn_unknown),
        IN_A_WORLD(without_an_identity_the_arn_is_unknown),
        IN_A_WORLD(while_the_provider_is_not_known_nothing_is_asked),
        IN_A_WORLD(a_failed_identity_is_a_plan_error),
        IN_A_WORLD(without_any_region_there_is_no_plan),
        IN_A_WORLD(an_unchanged_configuration_changes_nothing_and_asks_nothing),
        IN_A_WORLD(another_spelling_of_the_same_changes_nothing),
        IN_A_WORLD(an_alias_of_the_same_key_changes_nothing),
        IN_A_WORLD(an_alias_that_was_moved_is_a_warning_only),
        IN_A_WORLD(a_denied_describe_key_is_a_warning_and_no_change),
        IN_A_WORLD(a_failure_to_compare_keys_is_an_error_not_a_guess),
        IN_A_WORLD(arguments_that_name_no_data_change_only_themselves),
        IN_A_WORLD(a_drifted_tag_is_put_back),
        IN_A_WORLD(an_import_takes_the_configured_arguments_without_a_new_copy),
        IN_A_WORLD(a_copy_under_way_is_resumed),
        IN_A_WORLD(a_key_of_another_region_is_an_error),
        IN_A_WORLD(a_source_of_another_partition_is_an_error),
        IN_A_WORLD(an_unencrypted_source_is_warned_of_once),
        IN_A_WORLD(tags_of_both_levels_are_counted_together),
        IN_A_WORLD(the_own_account_among_the_readers_is_a_warning),
        IN_A_WORLD(a_copy_of_itself_is_an_error),
        IN_A_WORLD(a_state_whose_arn_is_damaged_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
