/* SPDX-License-Identifier: MPL-2.0
 *
 * One copy under two addresses of a plan: what is deleted at one and made at the other would be gone
 * before it can be made, whichever of the two core plans first.
 */
#include "tests/unit/plugin/snapshot/copy/plan/fixture.h"

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
    assert_err(world, ERR_CONFLICT, "deletes " SNAPSHOT("t") " at one address and makes or keeps it at another");
    assert_non_null(strstr(err_remedy(&world->err), "moved { from = OLD_ADDRESS, to = NEW_ADDRESS }"));
    world_configure(world);
    assert_true(plan_destroy(world));
    assert_false(plan_create(world, NULL));
    assert_err(world, ERR_CONFLICT, "at one address and makes or keeps it at another");
}

/* An object that create_before_destroy has deposed is deleted after the create of its address. */
static void a_deposed_object_of_the_same_address_is_not_meant(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy prior = copy_state();
    prior.holder_id = text("that the create gave it"); /* so not the deposed object's */
    assert_true(plan_create(world, &prior));           /* the first of the two passes of -replace */
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

/* ---- An address that gets another ARN ---------------------------------------------- */

#define SECOND SNAPSHOT("t-2")

static struct reencrypt_copy named(const char *name, const char *arn)
{
    struct reencrypt_copy copy = copy_state();
    copy.target_snapshot_identifier = text(name);
    copy.arn = copy.id = text(arn);
    copy.holder_id = text(name);
    return copy;
}

static bool plan_name(struct snapshot_world *world, const char *name, const struct reencrypt_copy *prior)
{
    struct reencrypt_copy config = copy_config();
    struct tf_plan out = { 0 };
    config.target_snapshot_identifier = text(name);
    if (prior)
        memory_learn(account_memory(world->call), MEMORY_READ, prior->arn.value);
    fake_call_again(world->fake);
    ANSWERS(world, is_caller(world->arena, "111111111111"));
    return run_plan(world, &reencrypt_copy_resource, &config, prior, &out);
}

static bool plan_destroy_copy(struct snapshot_world *world, const struct reencrypt_copy *prior)
{
    struct tf_plan out = { .prior = prior, .destroy = true };
    fake_call_again(world->fake);
    return reencrypt_copy_resource.plan(world->call, &out, &world->err);
}

#define TAKEN "warning: A copy that is deleted gives its name to another resource: This plan deletes " SECOND

/* copy[0] gets the name of copy[1], which goes: a shorter list with `count`. The names of an interrupted apply that are
 * put back look the same, and core deletes the deposed object after the create. */
static void a_name_that_moves_to_another_address_is_warned_of_in_either_order(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy first = named("t", SNAPSHOT("t")), second = named("t-2", SECOND);
    assert_true(plan_name(world, "t-2", &first));
    assert_false(is_said(world, TAKEN));
    assert_true(plan_destroy_copy(world, &second));
    assert_said(world, TAKEN);
    assert_true(plan_name(world, "t-2", NULL)); /* the second pass of the same address */
    world_configure(world);
    assert_true(plan_destroy_copy(world, &second));
    assert_false(is_said(world, TAKEN));
    assert_true(plan_name(world, "t-2", &first));
    assert_said(world, TAKEN);
    assert_true(plan_name(world, "t-2", NULL));
}

/* It has the holder of the block that it came from: that one's delete would take it. */
static void an_import_beside_a_block_that_goes_is_refused_in_either_order(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy both = named("t", SNAPSHOT("t"));
    assert_true(plan_name(world, "t", &both));
    assert_false(plan_destroy_copy(world, &both));
    assert_err(world, ERR_CONFLICT, "makes or keeps it at another");
    world_configure(world);
    assert_true(plan_destroy_copy(world, &both));
    assert_false(plan_name(world, "t", &both));
    assert_err(world, ERR_CONFLICT, "makes or keeps it at another");
    world_configure(world);
    assert_true(plan_name(world, "t", &both));
    both.holder_id = text("what the create of a replacement deposed");
    assert_true(plan_destroy_copy(world, &both));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_WORLD(a_create_and_a_destroy_of_one_copy_are_refused_in_either_order),
        IN_A_WORLD(a_deposed_object_of_the_same_address_is_not_meant),
        IN_A_WORLD(what_a_create_of_this_apply_has_made_is_not_meant),
        IN_A_WORLD(a_failed_copy_and_one_that_another_holds_are_not_meant),
        IN_A_WORLD(a_name_that_moves_to_another_address_is_warned_of_in_either_order),
        IN_A_WORLD(an_import_beside_a_block_that_goes_is_refused_in_either_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
