/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/unit/plugin/snapshot/share/fixture.h"

static const struct share *plan(struct snapshot_world *world, const struct share *config, const struct share *prior)
{
    struct tf_plan out = { 0 };
    fake_call_again(world->fake);
    if (!run_plan(world, &share_resource, config, prior, &out))
        fail_msg("%s", err_text(&world->err));
    return out.planned;
}

static void refuse_plan(struct snapshot_world *world, const struct share *config, const struct share *prior)
{
    struct tf_plan out = { 0 };
    assert_false(run_plan(world, &share_resource, config, prior, &out));
}

static bool is_empty_plan(const struct share *prior, const struct share *planned)
{
    return model_equal(&share_resource.model, prior, planned);
}

static void an_arn_says_kind_and_region(void **state)
{
    struct snapshot_world *world = *state;
    struct share config = share_config(world);
    config.snapshot_identifier = text("arn:aws:rds:us-east-1:111111111111:snapshot:My-DB");
    ANSWERS(world, is_caller(world->arena, "111111111111"));
    const struct share *planned = plan(world, &config, NULL);
    assert_str_equal(planned->snapshot_arn.value, "arn:aws:rds:us-east-1:111111111111:snapshot:my-db");
    assert_str_equal(planned->id.value, "arn:aws:rds:us-east-1:111111111111:snapshot:my-db");
    assert_str_equal(planned->snapshot_kind.value, "instance");
    assert_str_equal(planned->region.value, "us-east-1");
    assert_str_equal(planned->snapshot_identifier.value, "arn:aws:rds:us-east-1:111111111111:snapshot:My-DB");
}

static void a_name_is_one_of_the_caller(void **state)
{
    struct snapshot_world *world = *state;
    const struct share config = share_config(world);
    ANSWERS(world, is_caller(world->arena, "111111111111"));
    const struct share *planned = plan(world, &config, NULL);
    assert_str_equal(planned->snapshot_arn.value, SNAPSHOT("a"));
    assert_str_equal(planned->snapshot_kind.value, "cluster");
    assert_str_equal(planned->region.value, "eu-west-1");
}

static void what_is_not_known_leaves_the_arn_unknown(void **state)
{
    struct snapshot_world *world = *state;
    struct share config = share_config(world);
    config.region = unknown_text;
    assert_int_equal(plan(world, &config, NULL)->snapshot_arn.state, TF_UNKNOWN);
    config = share_config(world);
    config.snapshot_kind = unknown_text;
    assert_int_equal(plan(world, &config, NULL)->snapshot_arn.state, TF_UNKNOWN);
    config = share_config(world);
    config.snapshot_identifier = unknown_text;
    const struct share *planned = plan(world, &config, NULL);
    assert_int_equal(planned->snapshot_arn.state, TF_UNKNOWN);
    assert_int_equal(planned->id.state, TF_UNKNOWN);
    assert_int_equal(planned->region.state, TF_UNKNOWN);
    config = share_config(world);
    world->block.secret_key = unknown_text;
    world_configure(world);
    assert_int_equal(plan(world, &config, NULL)->snapshot_arn.state, TF_UNKNOWN);
}

static void an_arn_and_a_configured_place_must_agree(void **state)
{
    struct snapshot_world *world = *state;
    struct share config = share_config(world);
    config.snapshot_identifier = text(SNAPSHOT("a"));
    config.region = text("us-east-1");
    refuse_plan(world, &config, NULL);
    assert_string_equal(err_path(&world->err), "region");
    config.region = text(NULL);
    config.snapshot_kind = text("instance");
    refuse_plan(world, &config, NULL);
    assert_string_equal(err_path(&world->err), "snapshot_kind");
    config.snapshot_kind = text("cluster");
    config.region = text("eu-west-1");
    ANSWERS(world, is_caller(world->arena, "111111111111"));
    plan(world, &config, NULL);
}

static void an_unchanged_configuration_changes_nothing(void **state)
{
    static const char *const spellings[] = { "a", "A", SNAPSHOT("a"), SNAPSHOT("A") };
    struct snapshot_world *world = *state;
    const struct share prior = share_state(world);
    no_answers(world);
    for (size_t i = 0; i < ARRAY_LENGTH(spellings); i++) {
        struct share config = share_config(world);
        config.snapshot_identifier = text(spellings[i]);
        if (!is_empty_plan(&prior, plan(world, &config, &prior)))
            fail_msg("%s", spellings[i]);
        assert_string_equal(fake_call_replaced(world->fake), "");
    }
    world->block.region = text("us-east-1"); /* of the provider: what is shared stays where it is */
    world_configure(world);
    const struct share config = share_config(world);
    assert_true(is_empty_plan(&prior, plan(world, &config, &prior)));
}

static void accounts_change_in_place(void **state)
{
    struct snapshot_world *world = *state;
    const struct share prior = share_state(world);
    struct share config = share_config(world);
    config.account_ids = accounts(world, "333333333333");
    const struct share *planned = plan(world, &config, &prior);
    assert_str_equal(planned->snapshot_arn.value, SNAPSHOT("a"));
    assert_string_equal(fake_call_replaced(world->fake), "");
}

/* Core heeds a replaced path only if its value changes. */
static void another_snapshot_replaces_by_the_argument_that_changed(void **state)
{
    struct snapshot_world *world = *state;
    const struct share prior = share_state(world);
    struct share config = share_config(world);
    ANSWERS(world, is_caller(world->arena, "111111111111"));
    config.snapshot_identifier = text("b");
    plan(world, &config, &prior);
    assert_string_equal(fake_call_replaced(world->fake), "snapshot_identifier\n");
    config = share_config(world);
    config.region = text("us-east-1");
    plan(world, &config, &prior);
    assert_string_equal(fake_call_replaced(world->fake), "region\n");
    config = share_config(world);
    config.snapshot_kind = text("instance");
    plan(world, &config, &prior);
    assert_string_equal(fake_call_replaced(world->fake), "snapshot_kind\n");
}

static void sharing_with_oneself_is_a_warning(void **state)
{
    struct snapshot_world *world = *state;
    struct share config = share_config(world);
    config.snapshot_identifier = text(SNAPSHOT("a"));
    config.account_ids = accounts(world, "111111111111,222222222222");
    ANSWERS(world, is_caller(world->arena, "111111111111"));
    plan(world, &config, NULL);
    assert_said(world, "warning account_ids: Shared with its own account: ");
}

static struct share share_of(struct snapshot_world *world, const char *name, const char *account_list)
{
    struct share share = share_state(world);
    share.snapshot_identifier = text(name);
    share.id = share.snapshot_arn =
        tf_known_string(str_format(world->arena, "arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:%s", name));
    share.account_ids = accounts(world, account_list);
    return share;
}

static void plan_kept(struct snapshot_world *world, const struct share *prior, const char *account_list)
{
    struct share config = { .snapshot_identifier = prior->snapshot_identifier };
    struct tf_plan out = { 0 };
    config.account_ids = accounts(world, account_list);
    assert_true(run_plan(world, &share_resource, &config, prior, &out));
}

static void plan_deleted(struct snapshot_world *world, const struct share *prior)
{
    struct tf_plan plan = { .prior = prior, .destroy = true };
    assert_true(share_resource.plan(world->call, &plan, &world->err));
}

/* The one that stays has nothing to grant, and the other one's delete revokes it. */
static void an_account_that_a_deleted_share_lists_too_is_a_warning(void **state)
{
    struct snapshot_world *world = *state;
    const struct share kept = share_of(world, "a", "222222222222,333333333333");
    const struct share deleted = share_of(world, "a", "333333333333,444444444444");
    for (int is_kept_first = 0; is_kept_first < 2; is_kept_first++) {
        world_configure(world);
        fake_call_again(world->fake);
        no_answers(world);
        if (is_kept_first)
            plan_kept(world, &kept, "222222222222,333333333333");
        plan_deleted(world, &deleted);
        if (!is_kept_first)
            plan_kept(world, &kept, "222222222222,333333333333");
        assert_string_equal(fake_call_said(world->fake),
                            "warning: Two shares list the same account: Two shares of " SNAPSHOT(
                                "a") " list 333333333333, and this plan deletes one of them. That revokes the access, "
                                     "and the other share grants it again only with the next plan: after this apply, "
                                     "apply again.\n");
        plan_kept(world, &kept, "222222222222,333333333333"); /* core plans more than once */
        assert_null(strstr(strstr(fake_call_said(world->fake), "Two shares list") + 1, "Two shares list"));
    }
}

static void shares_that_do_not_get_in_each_other_s_way_are_not_warned_of(void **state)
{
    struct snapshot_world *world = *state;
    const struct share kept = share_of(world, "a", "222222222222"), deleted = share_of(world, "a", "333333333333");
    const struct share of_old_take = share_of(world, "b", "222222222222");
    struct share config = share_config(world);
    plan_deleted(world, &of_old_take);
    plan_deleted(world, &deleted);
    no_answers(world);
    plan_kept(world, &kept, "222222222222");
    assert_string_equal(fake_call_said(world->fake), "");
    config.account_ids = accounts(world, "333333333333"); /* the delete leaves what a create grants */
    ANSWERS(world, CALLER, knows_nothing(world->arena));
    plan(world, &config, NULL);
    assert_string_equal(fake_call_said(world->fake), "");
}

static void what_has_only_the_name_of_a_copy_is_not_shared(void **state)
{
    struct snapshot_world *world = *state;
    const struct share kept = share_of(world, "a", "222222222222");
    struct share config = share_config(world);
    config.snapshot_identifier = text(SNAPSHOT("a"));
    memory_learn(account_memory(world->call), MEMORY_OTHER_DATA, STR(SNAPSHOT("a")));
    ANSWERS(world, CALLER);
    refuse_plan(world, &config, NULL);
    assert_err(world, ERR_CONFLICT, SNAPSHOT("a") " is not shared");
    assert_string_equal(err_path(&world->err), "snapshot_identifier");
    assert_non_null(strstr(err_remedy(&world->err), "terraform destroy -refresh=false"));
    config.account_ids = accounts(world, "222222222222,333333333333");
    refuse_plan(world, &config, &kept);
    plan_kept(world, &kept, "222222222222"); /* nothing is granted for it */
    config.snapshot_identifier = text(SNAPSHOT("b"));
    ANSWERS(world, knows_nothing(world->arena));
    plan(world, &config, NULL);
}

static void only_the_owner_can_share(void **state)
{
    static const char *const rows[] = { FOREIGN("a"), "arn:aws-cn:rds:cn-north-1:111111111111:snapshot:a" };
    struct snapshot_world *world = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct share config = share_config(world);
        config.snapshot_identifier = text(rows[i]);
        world_configure(world);
        ANSWERS(world, is_caller(world->arena, "111111111111"));
        refuse_plan(world, &config, NULL);
        assert_err(world, ERR_DENIED, i ? "(partition aws-cn)" : "belongs to account 222222222222");
        assert_string_equal(err_path(&world->err), "snapshot_identifier");
        assert_non_null(strstr(err_remedy(&world->err), "provider (alias) of account"));
    }
}

static void damaged_input_is_an_error(void **state)
{
    struct snapshot_world *world = *state;
    struct share config = share_config(world);
    config.snapshot_identifier = text("arn:aws:rds:eu-west-1:1:snapshot:");
    refuse_plan(world, &config, NULL);
    assert_int_equal(world->err.kind, ERR_INVALID);
    config = share_config(world);
    world->block.region = text(NULL);
    world_configure(world);
    refuse_plan(world, &config, NULL);
    assert_err(world, ERR_INVALID, "no Region");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_WORLD(an_arn_says_kind_and_region),
        IN_A_WORLD(a_name_is_one_of_the_caller),
        IN_A_WORLD(what_is_not_known_leaves_the_arn_unknown),
        IN_A_WORLD(an_arn_and_a_configured_place_must_agree),
        IN_A_WORLD(an_unchanged_configuration_changes_nothing),
        IN_A_WORLD(accounts_change_in_place),
        IN_A_WORLD(another_snapshot_replaces_by_the_argument_that_changed),
        IN_A_WORLD(sharing_with_oneself_is_a_warning),
        IN_A_WORLD(an_account_that_a_deleted_share_lists_too_is_a_warning),
        IN_A_WORLD(shares_that_do_not_get_in_each_other_s_way_are_not_warned_of),
        IN_A_WORLD(what_has_only_the_name_of_a_copy_is_not_shared),
        IN_A_WORLD(only_the_owner_can_share),
        IN_A_WORLD(damaged_input_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
