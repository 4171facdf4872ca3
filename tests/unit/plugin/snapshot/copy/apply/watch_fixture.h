/* SPDX-License-Identifier: MPL-2.0
 *
 * The copy that is waited for.
 */
#ifndef TESTS_UNIT_PLUGIN_SNAPSHOT_COPY_APPLY_WATCH_FIXTURE_H
#define TESTS_UNIT_PLUGIN_SNAPSHOT_COPY_APPLY_WATCH_FIXTURE_H

#include "plugin/snapshot/copy/apply/outcome.h"
#include "tests/unit/plugin/snapshot/watch/fixture.h"

static const struct holding held = {
    .kind = RDS_CLUSTER, .holder_id = { "hhhh",        4                         },
         .source_arn = { SNAPSHOT("a"), sizeof(SNAPSHOT("a")) - 1 }
};

static inline enum copy_end wait_copy(struct aws_world *world, struct rds_snapshot *last)
{
    err_clear(&world->err);
    return outcome_watch(&world->call, &held, STR("t"), last, &world->err);
}

static inline struct fake_answer copy_is(struct aws_world *world, const char *status, int percent)
{
    return describes(world->arena, (struct shown){ "t", .status = status, .percent = percent, .mark = "1 hhhh - - -",
                                                   .source = SNAPSHOT("a") });
}

#endif
