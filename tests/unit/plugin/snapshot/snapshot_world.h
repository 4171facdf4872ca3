/* SPDX-License-Identifier: MPL-2.0
 *
 * One connection of the provider: configured, in account 111111111111, with a
 * scripted AWS and a clock moved by hand. Hooks are called as the runtime does.
 */
#ifndef TESTS_UNIT_PLUGIN_SNAPSHOT_SNAPSHOT_WORLD_H
#define TESTS_UNIT_PLUGIN_SNAPSHOT_SNAPSHOT_WORLD_H

#include <string.h>

#include "plugin/aws_provider/configuration.h"
#include "plugin/runtime/call/plan.h"
#include "plugin/runtime/call/validate.h"
#include "plugin/runtime/model/object.h"
#include "plugin/snapshot/account.h"
#include "plugin/snapshot/registry.h"
#include "tests/support/fake_call.h"
#include "tests/unit/plugin/snapshot/rds_answers.h"

struct snapshot_world {
    struct fake_clock clock;
    struct fake_transport transport;
    struct aws_provider_block block;
    struct fake_call *fake;
    struct tf_call *call; /* of the fake */
    struct arena *arena;  /* of the call */
    struct err err;
};

/* A provider with the block as it is now; the former one is released. */
static inline void world_configure(struct snapshot_world *world)
{
    void *provider = NULL;
    snapshot_provider.release(world->call->provider);
    if (!snapshot_provider.configure(world->call, &world->block, &provider, &world->err))
        fail_msg("%s", err_text(&world->err));
    world->call->provider = provider;
    account_aws(world->call)->transport = &world->transport.transport;
}

static inline struct snapshot_world *world_new(const struct tf_model *model)
{
    struct snapshot_world *world = mem_alloc(sizeof(*world));
    if (!aws_init(&world->err))
        fail_msg("%s", err_text(&world->err));
    fake_clock_init(&world->clock, 1700000000000);
    world->fake = fake_call_new(NULL, model, &world->clock.clock);
    world->call = fake_call_of(world->fake);
    world->arena = world->call->arena;
    fake_transport_init(&world->transport, &world->clock, world->arena);
    world->block.region = tf_known_string(STR("eu-west-1"));
    world->block.access_key = tf_known_string(STR("AKIA"));
    world->block.secret_key = tf_known_string(STR("secret"));
    world_configure(world);
    return world;
}

static inline int world_teardown(void **state)
{
    struct snapshot_world *world = *state;
    err_clear(&world->err);
    snapshot_provider.release(world->call->provider);
    fake_call_free(world->fake);
    mem_free(world);
    return 0;
}

static inline void script_answers(struct snapshot_world *world, const struct fake_answer *answers, size_t count)
{
    const struct fake_answer *kept = arena_copy(world->arena, answers, count * sizeof(*answers));
    fake_transport_script(&world->transport, kept, count);
}

/* Scripts what AWS answers from now on; `...` are struct fake_answer. */
#define ANSWERS(world, ...)                                                                                            \
    script_answers((world), (const struct fake_answer[]){ __VA_ARGS__ },                                               \
                   ARRAY_LENGTH(((const struct fake_answer[]){ __VA_ARGS__ })))

static inline void no_answers(struct snapshot_world *world)
{
    fake_transport_script(&world->transport, NULL, 0);
}

static inline void assert_asked(struct snapshot_world *world, const char *wanted)
{
    assert_str_equal(operations(&world->transport, world->arena), wanted);
}

static inline bool is_said(struct snapshot_world *world, const char *part)
{
    return strstr(fake_call_said(world->fake), part) != NULL;
}

static inline void assert_said(struct snapshot_world *world, const char *part)
{
    if (!is_said(world, part))
        fail_msg("\"%s\" is not in what is said: \"%s\"", part, fake_call_said(world->fake));
}

static inline void assert_err(const struct snapshot_world *world, enum err_kind kind, const char *part)
{
    if (world->err.kind != kind || !strstr(err_text(&world->err), part))
        fail_msg("%s, \"%s\", without \"%s\"", err_kind_name(world->err.kind), err_text(&world->err), part);
}

static inline struct str body_of(const struct snapshot_world *world, size_t request)
{
    return world->transport.requests[request].body;
}

static inline bool is_in_body(const struct snapshot_world *world, size_t request, const char *part)
{
    return str_find(body_of(world, request), str_from(part)) >= 0;
}

/* ---- Members by name, where a struct is its file's own ---------------------- */

static inline void *member_named(const struct tf_model *model, void *object, const char *name)
{
    for (const struct tf_attribute *row = model->attributes; row->name; row++)
        if (strcmp(row->name, name) == 0)
            return (char *)object + row->offset;
    fail_msg("there is no %s", name);
    return NULL;
}

static inline void set_text(const struct tf_model *model, void *object, const char *name, const char *text)
{
    struct tf_string *string = member_named(model, object, name);
    *string = text ? tf_known_string(str_from(text)) : (struct tf_string){ 0 };
}

static inline struct str text_of(const struct tf_model *model, const void *object, const char *name)
{
    const struct tf_string *string = member_named(model, (void *)(uintptr_t)object, name);
    return string->state == TF_UNKNOWN ? STR("(unknown)") : tf_text(*string, STR("(null)"));
}

/* ---- As the runtime: propose, plan, apply, report ---------------------------- */

static inline bool is_done(struct snapshot_world *world, bool success)
{
    if (!success)
        snapshot_provider.explain(&world->err);
    return success;
}

/* Core's merge: what the configuration sets, and prior computed values. */
static inline void *propose(struct snapshot_world *world, const struct tf_model *model, const void *config,
                            const void *prior)
{
    void *proposed = model_copy(world->arena, model, config);
    for (const struct tf_attribute *row = model->attributes; prior && row->name; row++)
        if (row->flags & TF_COMPUTED && member_state((const char *)config + row->offset) == TF_NULL)
            memcpy((char *)proposed + row->offset, (const char *)prior + row->offset, row->size);
    return proposed;
}

static inline bool run_plan(struct snapshot_world *world, const struct tf_resource *resource, const void *config,
                            const void *prior, struct tf_plan *out)
{
    void *proposed = propose(world, &resource->model, config, prior);
    out->config = config;
    out->prior = prior;
    out->planned = plan_compute(world->call, &resource->model, config, prior, proposed);
    err_clear(&world->err);
    return is_done(world, resource->plan(world->call, out, &world->err));
}

static inline bool run_apply(struct snapshot_world *world, const struct tf_resource *resource, const void *config,
                             const void *prior, const void *planned, struct tf_apply *out)
{
    *out = (struct tf_apply){ .config = config, .prior = prior, .planned = planned, .note = out->note };
    out->state = model_copy(world->arena, &resource->model, planned ? planned : prior);
    err_clear(&world->err);
    return is_done(world, !prior     ? resource->create(world->call, out, &world->err)
                          : !planned ? resource->delete(world->call, out, &world->err)
                                     : resource->update(world->call, out, &world->err));
}

static inline bool run_read(struct snapshot_world *world, const struct tf_resource *resource, const void *prior,
                            struct tf_read *out)
{
    *out = (struct tf_read){ .prior = prior, .state = model_copy(world->arena, &resource->model, prior) };
    err_clear(&world->err);
    return is_done(world, resource->read(world->call, out, &world->err));
}

#endif
