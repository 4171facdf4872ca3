/* SPDX-License-Identifier: MPL-2.0
 *
 * One copy under two addresses of a plan: what is deleted at one and made at the other would be gone
 * before it can be made, whichever of the two core plans first.
 */
#include "tests/unit/plugin/snapshot/copy_plan_fixture.h"

static bool plan_create(struct snapshot_world *world, const struct reencrypt_copy *prior)
{
    const struct reencrypt_copy config = copy_config();
    struct tf_plan out = { 0 };
    fake_call_again(world->fake);
    ANSWERS(world, is_caller(world->arena, "111111111111"));
    return run_plan(world, &reencrypt_copy_resource, &config, prior, &out);
}

static bool plan_destroy_of(struct snapshot_world *world, const char *status)
{
    struct reencrypt_copy prior = copy_state();
    prior.status = text(status);
    struct tf_plan out = { .prior = &prior, .destroy = true };
    fake_call_again(world->fake);
    return reencrypt_copy_resource.plan(world->call, &out, &world->err);
}

static bool plan_destroy(struct snapshot_world *world)
{
    return plan_destroy_of(world, "available");
}

static void a_create_and_a_destroy_of_one_copy_are_refused_in_either_order(void **state)
{
    struct snapshot_world *world = *state;
    assert_true(plan_create(world, NULL));
    assert_false(plan_destroy(world));
    assert_err(world, ERR_CONFLICT, "deletes " SNAPSHOT("t") " at one address and makes it at another");
    assert_non_null(strstr(world->err.remedy, "moved { from = OLD_ADDRESS, to = NEW_ADDRESS }"));
    world_configure(world);
    assert_true(plan_destroy(world));
    assert_false(plan_create(world, NULL));
    assert_err(world, ERR_CONFLICT, "at one address and makes it at another");
}

/* An object that create_before_destroy has deposed is deleted after the create of its address. */
static void a_deposed_object_of_the_same_address_is_not_meant(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    assert_true(plan_create(world, &prior)); /* the first of the two passes of -replace */
    assert_true(plan_create(world, NULL));
    assert_true(plan_destroy(world));
    world_configure(world);
    assert_true(plan_destroy(world));
    assert_true(plan_create(world, &prior));
    assert_true(plan_create(world, NULL));
}

/* In an apply: the create has run when core plans once more to delete what it deposed. */
static void what_a_create_of_this_apply_has_made_is_not_meant(void **state)
{
    struct snapshot_world *world = *state;
    assert_true(plan_create(world, NULL));
    assert_true(memory_learn(account_memory(world->call), MEMORY_CLAIMED, STR(SNAPSHOT("t"))));
    assert_true(plan_destroy(world));
}

/* An apply that would replace it was killed: the next one goes on. */
static void a_failed_copy_and_one_that_another_holds_are_not_meant(void **state)
{
    struct snapshot_world *world = *state;
    assert_true(plan_destroy_of(world, "failed"));
    assert_true(plan_create(world, NULL));
    assert_true(plan_destroy_of(world, "failed"));
    world_configure(world);
    memory_learn(account_memory(world->call), MEMORY_OTHER_HOLDER, STR(SNAPSHOT("t")));
    assert_true(plan_destroy(world));
    assert_true(plan_create(world, NULL));
    assert_true(plan_destroy(world));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_WORLD(a_create_and_a_destroy_of_one_copy_are_refused_in_either_order),
        IN_A_WORLD(a_deposed_object_of_the_same_address_is_not_meant),
        IN_A_WORLD(what_a_create_of_this_apply_has_made_is_not_meant),
        IN_A_WORLD(a_failed_copy_and_one_that_another_holds_are_not_meant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
