/* SPDX-License-Identifier: MPL-2.0
 *
 * Plans of snapshot_reencrypt_copy: one that must be made, one that must not.
 */
#ifndef TESTS_UNIT_PLUGIN_SNAPSHOT_COPY_PLAN_FIXTURE_H
#define TESTS_UNIT_PLUGIN_SNAPSHOT_COPY_PLAN_FIXTURE_H

#include "tests/unit/plugin/snapshot/copy_fixture.h"

static inline const struct reencrypt_copy *plan(struct snapshot_world *world, const struct reencrypt_copy *config,
                                                const struct reencrypt_copy *prior)
{
    struct tf_plan out = { 0 };
    fake_call_again(world->fake);
    if (!run_plan(world, &reencrypt_copy_resource, config, prior, &out))
        fail_msg("%s", world->err.text);
    return out.planned;
}

static inline void refuse_plan(struct snapshot_world *world, const struct reencrypt_copy *config,
                               const struct reencrypt_copy *prior)
{
    struct tf_plan out = { 0 };
    fake_call_again(world->fake);
    assert_false(run_plan(world, &reencrypt_copy_resource, config, prior, &out));
}

static inline bool is_empty_plan(const struct reencrypt_copy *prior, const struct reencrypt_copy *planned)
{
    return model_equal(&reencrypt_copy_resource.model, prior, planned);
}

#endif
