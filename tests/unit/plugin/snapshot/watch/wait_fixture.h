/* SPDX-License-Identifier: MPL-2.0
 *
 * A world for wait.h, and the copy that is waited for in it.
 */
#ifndef TESTS_UNIT_PLUGIN_SNAPSHOT_WATCH_WAIT_FIXTURE_H
#define TESTS_UNIT_PLUGIN_SNAPSHOT_WATCH_WAIT_FIXTURE_H

#include <string.h>

#include "plugin/snapshot/watch/wait.h"
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

static const struct holding held = {
    .kind = RDS_CLUSTER, .holder_id = { "hhhh",        4                         },
         .source_arn = { SNAPSHOT("a"), sizeof(SNAPSHOT("a")) - 1 }
};

static inline enum wait_end wait_copy(struct aws_world *world, struct rds_snapshot *last)
{
    world->err = (struct err){ 0 };
    return wait_copy_available(&world->call, &held, STR("t"), last, &world->err);
}

static inline struct fake_answer copy_is(struct aws_world *world, const char *status, int percent)
{
    return describes(world->arena, (struct shown){ "t", .status = status, .percent = percent, .mark = "1 hhhh - - -",
                                                   .source = SNAPSHOT("a") });
}

#endif
