/* SPDX-License-Identifier: MPL-2.0
 *
 * Reads and deletes of snapshot_reencrypt_copy, with one retry only.
 */
#ifndef TESTS_UNIT_PLUGIN_SNAPSHOT_COPY_APPLY_HOOKS_FIXTURE_H
#define TESTS_UNIT_PLUGIN_SNAPSHOT_COPY_APPLY_HOOKS_FIXTURE_H

#include "tests/unit/plugin/snapshot/copy/fixture.h"

#define CALLER is_caller(world->arena, "111111111111")
#define NOTHING knows_nothing(world->arena)
#define FOUND(shown) describes(world->arena, shown)
#define DELETED done(world->arena, "DeleteDBClusterSnapshot")

static inline int setup(void **state)
{
    struct snapshot_world *world = world_new(&reencrypt_copy_resource.model);
    world->block.max_retries = tf_known_int64(1);
    world_configure(world);
    *state = world;
    return 0;
}

#define HERE(test) cmocka_unit_test_setup_teardown(test, setup, world_teardown)

static inline bool read_copy(struct snapshot_world *world, const struct reencrypt_copy *prior, struct tf_read *out)
{
    fake_call_again(world->fake);
    return run_read(world, &reencrypt_copy_resource, prior, out);
}

static inline bool is_unchanged(const struct tf_read *read)
{
    return model_equal(&reencrypt_copy_resource.model, read->prior, read->state);
}

static inline bool delete_copy(struct snapshot_world *world, const struct reencrypt_copy *prior, struct str note)
{
    struct tf_apply apply = { .note = note };
    fake_call_again(world->fake);
    return run_apply(world, &reencrypt_copy_resource, NULL, prior, NULL, &apply);
}

static inline bool was_deleted(struct snapshot_world *world)
{
    return str_find(operations(&world->transport, world->arena), STR("DeleteDBClusterSnapshot")) >= 0;
}

#endif
