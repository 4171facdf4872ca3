/* SPDX-License-Identifier: MPL-2.0
 *
 * A configuration and a finished state of snapshot_reencrypt_copy, to change
 * in a test: the copy "t" of "a", encrypted with key k1, in 111111111111.
 */
#ifndef TESTS_UNIT_PLUGIN_SNAPSHOT_COPY_FIXTURE_H
#define TESTS_UNIT_PLUGIN_SNAPSHOT_COPY_FIXTURE_H

#include <stdlib.h>

#include "plugin/snapshot/copy/model.h"
#include "tests/unit/plugin/snapshot/snapshot_world.h"

#define COPY_TIME "2026-01-02T00:00:00Z"
#define SOURCE_TIME "2026-01-01T00:00:00Z"
#define OTHER_KEY KEY("k2")

static const struct tf_string unknown_text = { .state = TF_UNKNOWN };

static inline struct tf_string text(const char *value)
{
    return value ? tf_known_string(str_from(value)) : (struct tf_string){ 0 };
}

static inline struct reencrypt_copy copy_config(void)
{
    return (struct reencrypt_copy){
        .target_snapshot_identifier = text("t"),
        .source_snapshot_identifier = text("a"),
        .kms_key_id = text(KEY("k1")),
    };
}

static inline struct reencrypt_copy copy_state(void)
{
    struct reencrypt_copy state = copy_config();
    state.snapshot_kind = text("cluster");
    state.region = text("eu-west-1");
    state.arn = state.id = text(SNAPSHOT("t"));
    state.account_id = text("111111111111");
    state.source_snapshot_arn = text(SNAPSHOT("a"));
    state.holder_id = text("hhhh");
    state.status = text("available");
    state.percent_progress = tf_known_int64(100);
    state.source_kms_key_arn = text(KEY("k1"));
    state.kms_key_arn = text(KEY("k1"));
    state.engine = text("aurora-mysql");
    state.snapshot_create_time = text(COPY_TIME);
    state.tags_all = (struct tf_string_map){ .state = TF_KNOWN };
    return state;
}

/* The state's copy as Describe shows it. */
static inline struct shown shown_copy(const char *status)
{
    return (struct shown){ .name = "t",
                           .status = status,
                           .source = SNAPSHOT("a"),
                           .key = KEY("k1"),
                           .time = COPY_TIME,
                           .engine = "aurora-mysql",
                           .mark = "1 hhhh - - -",
                           .percent = 50 };
}

static inline struct shown shown_source(const char *status)
{
    return (struct shown){ .name = "a", .status = status, .time = SOURCE_TIME, .key = KEY("k1") };
}

#define assert_str_not_equal(view, unwanted) assert_false(str_equal((view), str_from(unwanted)))

static inline int copy_setup(void **state)
{
    *state = world_new(&reencrypt_copy_resource.model);
    return 0;
}

#define IN_A_WORLD(test) cmocka_unit_test_setup_teardown(test, copy_setup, world_teardown)

#endif
