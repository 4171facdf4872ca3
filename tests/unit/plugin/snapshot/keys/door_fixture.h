/* SPDX-License-Identifier: MPL-2.0
 *
 * A key that admits its owner, or a reader too.
 */
#ifndef TESTS_UNIT_PLUGIN_SNAPSHOT_KEYS_DOOR_FIXTURE_H
#define TESTS_UNIT_PLUGIN_SNAPSHOT_KEYS_DOOR_FIXTURE_H

#include "plugin/snapshot/keys/door.h"
#include "tests/unit/plugin/snapshot/copy/apply/fixture.h"

#define OPEN_KEY own_key(world->arena, KEY("k1"), "SYMMETRIC_DEFAULT", "Enabled")
#define CLOSED_TO_READERS admits(world->arena, "111111111111")
#define OPEN_TO_READERS admits(world->arena, "111111111111,222222222222")

static inline struct tf_string_set the_reader(struct snapshot_world *world)
{
    const struct str reader = STR("222222222222");
    return tf_string_set_from(world->arena, &reader, 1);
}

#endif
