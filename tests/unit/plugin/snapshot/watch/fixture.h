/* SPDX-License-Identifier: MPL-2.0
 *
 * A world for waits.
 */
#ifndef TESTS_UNIT_PLUGIN_SNAPSHOT_WATCH_FIXTURE_H
#define TESTS_UNIT_PLUGIN_SNAPSHOT_WATCH_FIXTURE_H

#include <string.h>

#include "tests/support/aws_world.h"
#include "tests/unit/plugin/snapshot/rds_answers.h"

#define IN_A_WORLD(test) cmocka_unit_test_setup_teardown(test, aws_world_setup, aws_world_teardown)

static inline struct aws_world *world_of(void **state)
{
    return *state;
}

#define ANSWERS(world, ...) aws_world_answers(world, __VA_ARGS__)

static inline int64_t passed_ms(const struct aws_world *world)
{
    return world->clock.monotonic_ms - 1000000; /* where a fake clock begins */
}

#endif
