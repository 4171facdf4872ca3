/* SPDX-License-Identifier: MPL-2.0
 *
 * A configuration and a state of snapshot_share, to change in a test: snapshot
 * "a" of 111111111111, shared with 222222222222.
 */
#ifndef TESTS_UNIT_PLUGIN_SNAPSHOT_SHARE_FIXTURE_H
#define TESTS_UNIT_PLUGIN_SNAPSHOT_SHARE_FIXTURE_H

#include "plugin/snapshot/share.h"
#include "tests/unit/plugin/snapshot/snapshot_world.h"

static const struct tf_string unknown_text = { .state = TF_UNKNOWN };

static inline struct tf_string text(const char *value)
{
    return value ? tf_known_string(str_from(value)) : (struct tf_string){ 0 };
}

static inline struct tf_string_set accounts(struct snapshot_world *world, const char *comma_separated)
{
    struct str items[32];
    size_t count = 0;
    struct str rest = str_from(comma_separated);
    while (*comma_separated && str_next(&rest, ',', &items[count]))
        count++;
    return tf_string_set_from(world->arena, items, count);
}

static inline struct str joined(struct snapshot_world *world, const struct tf_string_set *set)
{
    struct str all = STR("");
    for (size_t i = 0; i < set->count; i++)
        all = str_format(world->arena, "%.*s%s%.*s", STR_ARG(all), i ? "," : "", STR_ARG(set->items[i].value));
    return all;
}

static inline struct share share_config(struct snapshot_world *world)
{
    return (struct share){ .snapshot_identifier = text("a"), .account_ids = accounts(world, "222222222222") };
}

static inline struct share share_state(struct snapshot_world *world)
{
    struct share state = share_config(world);
    state.snapshot_kind = text("cluster");
    state.region = text("eu-west-1");
    state.id = state.snapshot_arn = text(SNAPSHOT("a"));
    return state;
}

static inline int share_setup(void **state)
{
    struct snapshot_world *world = world_new(&share_resource.model);
    world->block.max_retries = tf_known_int64(1);
    world_configure(world);
    *state = world;
    return 0;
}

#define IN_A_WORLD(test) cmocka_unit_test_setup_teardown(test, share_setup, world_teardown)

#endif
