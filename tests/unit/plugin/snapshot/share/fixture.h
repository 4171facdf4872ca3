/* SPDX-License-Identifier: MPL-2.0
 *
 * A configuration and a state of snapshot_share, to change in a test: snapshot
 * "a" of 111111111111, shared with 222222222222.
 */
#ifndef TESTS_UNIT_PLUGIN_SNAPSHOT_SHARE_FIXTURE_H
#define TESTS_UNIT_PLUGIN_SNAPSHOT_SHARE_FIXTURE_H

#include "plugin/snapshot/share/model.h"
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

/* ---- Scripts and applies -------------------------------------------------------- */

#define CALLER is_caller(world->arena, "111111111111")
#define MODIFIED done(world->arena, "ModifyDBClusterSnapshotAttribute")

static inline struct fake_answer shared_snapshot(struct snapshot_world *world, const char *key)
{
    return describes(world->arena, (struct shown){ .name = "a", .status = "available", .key = key });
}

static inline bool create(struct snapshot_world *world, const char *account_list, struct tf_apply *out)
{
    struct share *planned = ARENA_NEW(world->arena, struct share);
    *planned = share_state(world);
    planned->account_ids = accounts(world, account_list);
    return run_apply(world, &share_resource, planned, NULL, planned, out);
}

static inline bool update(struct snapshot_world *world, const char *before, const char *after, struct tf_apply *out)
{
    struct share *prior = ARENA_NEW(world->arena, struct share), *planned = ARENA_NEW(world->arena, struct share);
    *prior = share_state(world);
    *planned = *prior;
    prior->account_ids = accounts(world, before);
    planned->account_ids = accounts(world, after);
    return run_apply(world, &share_resource, planned, prior, planned, out);
}

static inline bool delete_share(struct snapshot_world *world, const char *account_list)
{
    struct share prior = share_state(world);
    struct tf_apply apply = { 0 };
    prior.account_ids = accounts(world, account_list);
    return run_apply(world, &share_resource, NULL, &prior, NULL, &apply);
}

#define IN_A_WORLD(test) cmocka_unit_test_setup_teardown(test, share_setup, world_teardown)

#endif
