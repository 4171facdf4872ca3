/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/unit/plugin/snapshot/snapshot_world.h"

static int setup(void **state)
{
    *state = world_new(NULL);
    return 0;
}

static struct snapshot_ref ref_of(const char *account, const char *partition)
{
    return (struct snapshot_ref){
        .partition = str_from(partition), .region = STR("us-east-1"), .account = str_from(account), .name = STR("a")
    };
}

static void releasing_nothing_is_allowed(void **state)
{
    (void)state;
    snapshot_provider.release(NULL);
}

/* ---- The right account ------------------------------------------------------ */

static void a_call_goes_to_the_region_of_the_snapshot(void **state)
{
    struct snapshot_world *world = *state;
    struct snapshot_ref ref = ref_of("111111111111", "aws");
    struct aws_call aws;
    ANSWERS(world, is_caller(world->arena, "111111111111"));
    assert_true(account_call(world->call, &ref, 12345, &aws, &world->err));
    assert_str_equal(aws.region, "us-east-1");
    assert_str_equal(aws.account, "111111111111");
    assert_int_equal(aws.deadline_ms, 12345);
    assert_asked(world, "GetCallerIdentity");
}

static void another_account_is_refused_naming_both(void **state)
{
    struct snapshot_world *world = *state;
    struct snapshot_ref ref = ref_of("222222222222", "aws");
    struct aws_call aws;
    ANSWERS(world, is_caller(world->arena, "111111111111"));
    assert_false(account_call(world->call, &ref, CLOCK_NEVER, &aws, &world->err));
    assert_err(world, ERR_DENIED, "belongs to account 222222222222");
    assert_err(world, ERR_DENIED, "of account 111111111111");
    assert_err(world, ERR_DENIED, "arn:aws:iam::111111111111:user/me");
    assert_non_null(strstr(err_remedy(&world->err), "account 222222222222"));
}

static void what_a_state_holds_in_another_account_can_be_parted_from(void **state)
{
    struct snapshot_world *world = *state;
    struct snapshot_ref theirs = ref_of("222222222222", "aws"), own = ref_of("111111111111", "aws");
    struct aws_call aws;
    ANSWERS(world, is_caller(world->arena, "111111111111"));
    assert_false(account_held_call(world->call, &theirs, CLOCK_NEVER, &aws, &world->err));
    assert_err(world, ERR_DENIED, "belongs to account 222222222222");
    assert_non_null(strstr(err_remedy(&world->err), "back to account 222222222222"));
    assert_non_null(strstr(err_remedy(&world->err), "terraform state rm"));
    assert_non_null(strstr(err_remedy(&world->err), "give account 111111111111 one of its own"));
    assert_true(account_held_call(world->call, &own, CLOCK_NEVER, &aws, &world->err));
    assert_str_equal(aws.account, "111111111111");
}

static void another_partition_is_refused(void **state)
{
    struct snapshot_world *world = *state;
    struct snapshot_ref ref = ref_of("111111111111", "aws-cn");
    struct aws_call aws;
    ANSWERS(world, is_caller(world->arena, "111111111111"));
    assert_false(account_call(world->call, &ref, CLOCK_NEVER, &aws, &world->err));
    assert_err(world, ERR_DENIED, "partition aws-cn");
}

static void an_account_that_is_not_known_is_filled_in(void **state)
{
    struct snapshot_world *world = *state;
    struct snapshot_ref ref = ref_of("", "");
    struct aws_call aws;
    ANSWERS(world, is_caller(world->arena, "111111111111"));
    assert_true(account_call(world->call, &ref, CLOCK_NEVER, &aws, &world->err));
    assert_str_equal(ref.account, "111111111111");
    assert_str_equal(ref.partition, "aws");
}

static void without_an_identity_nothing_is_checked_or_filled_in(void **state)
{
    struct snapshot_world *world = *state;
    struct snapshot_ref ref = ref_of("222222222222", "aws"), open = ref_of("", "");
    struct aws_call aws;
    world->block.skip_requesting_account_id = tf_known_bool(true);
    world_configure(world);
    no_answers(world);
    assert_true(account_call(world->call, &ref, CLOCK_NEVER, &aws, &world->err));
    assert_true(account_call(world->call, &open, CLOCK_NEVER, &aws, &world->err));
    assert_true(str_is_empty(open.account));
    assert_asked(world, "");
}

static void a_failed_identity_is_an_error(void **state)
{
    struct snapshot_world *world = *state;
    struct snapshot_ref ref = ref_of("111111111111", "aws");
    struct aws_call aws;
    ANSWERS(world, refuses(world->arena, 403, "InvalidClientTokenId", "no"));
    assert_false(account_call(world->call, &ref, CLOCK_NEVER, &aws, &world->err));
    assert_err(world, ERR_DENIED, "no");
}

#define IN_A_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(releasing_nothing_is_allowed),
        IN_A_WORLD(a_call_goes_to_the_region_of_the_snapshot),
        IN_A_WORLD(another_account_is_refused_naming_both),
        IN_A_WORLD(what_a_state_holds_in_another_account_can_be_parted_from),
        IN_A_WORLD(another_partition_is_refused),
        IN_A_WORLD(an_account_that_is_not_known_is_filled_in),
        IN_A_WORLD(without_an_identity_nothing_is_checked_or_filled_in),
        IN_A_WORLD(a_failed_identity_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
