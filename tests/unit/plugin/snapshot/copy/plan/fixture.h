/* SPDX-License-Identifier: MPL-2.0
 *
 * Plans of snapshot_reencrypt_copy: one that must be made, one that must not, and
 * changes of one argument.
 */
#ifndef TESTS_UNIT_PLUGIN_SNAPSHOT_COPY_PLAN_FIXTURE_H
#define TESTS_UNIT_PLUGIN_SNAPSHOT_COPY_PLAN_FIXTURE_H

#include "tests/unit/plugin/snapshot/copy/fixture.h"

static inline const struct reencrypt_copy *plan(struct snapshot_world *world, const struct reencrypt_copy *config,
                                                const struct reencrypt_copy *prior)
{
    struct tf_plan out = { 0 };
    fake_call_again(world->fake);
    if (!run_plan(world, &reencrypt_copy_resource, config, prior, &out))
        fail_msg("%s", err_text(&world->err));
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

#define INSTANCE_ARN "arn:aws:rds:eu-west-1:111111111111:snapshot:t"

/* A change of one argument. */
struct change {
    const char *path, *value; /* value NULL: unset; unknown: "?" */
};

static const char unknown[] = "?";

static inline void set_argument(struct reencrypt_copy *copy, const struct change *change)
{
    static const struct tf_model *const model = &reencrypt_copy_resource.model;
    void *member = member_named(model, copy, change->path);
    if (strcmp(change->path, "copy_option_group") == 0) {
        struct tf_bool *flag = member;
        *flag = !change->value ? (struct tf_bool){ 0 } : tf_known_bool(strcmp(change->value, "true") == 0);
        if (change->value && strcmp(change->value, unknown) == 0)
            flag->state = TF_UNKNOWN;
        return;
    }
    struct tf_string *string = member;
    *string = change->value && strcmp(change->value, unknown) == 0 ? unknown_text : text(change->value);
}

/* An instance copy, which can have every argument. */
static inline void make_instance(struct reencrypt_copy *copy)
{
    copy->snapshot_kind = text("instance");
    copy->option_group_name = text("og");
    copy->copy_option_group = tf_known_bool(true);
    copy->target_custom_availability_zone = text("az");
}

static inline struct reencrypt_copy instance_state(void)
{
    struct reencrypt_copy state = copy_state();
    make_instance(&state);
    state.arn = state.id = text(INSTANCE_ARN);
    state.source_snapshot_arn = text("arn:aws:rds:eu-west-1:111111111111:snapshot:a");
    return state;
}

static inline struct reencrypt_copy instance_config(void)
{
    struct reencrypt_copy config = copy_config();
    make_instance(&config);
    return config;
}

#endif
