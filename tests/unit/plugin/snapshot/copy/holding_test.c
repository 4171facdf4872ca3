/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/copy/holding.h"

#include <string.h>

#include "tests/support/harness.h"

#define SOURCE "arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:a"
#define KEY "arn:aws:kms:eu-west-1:111111111111:key/k1"
#define TIME "2026-01-01T00:00:00Z"

static bool is_ours(const struct holding *holding, const char *mark, const char *source, const char *key,
                    const char *time)
{
    struct aws_tag tag = { STR(MARK_TAG), str_from(mark) };
    const struct rds_snapshot found = {
        .source_arn = str_from(source),
        .kms_key_id = str_from(key),
        .create_time = str_from(time),
        .tags = { &tag, mark ? 1 : 0 },
    };
    return holding_is_ours(holding, &found);
}

static const struct holding held = {
    .kind = RDS_CLUSTER,
    .holder_id = { "hhhh", 4                  },
    .source_arn = { SOURCE, sizeof(SOURCE) - 1 },
    .key_arn = { KEY,    sizeof(KEY) - 1    },
    .create_time = { TIME,   sizeof(TIME) - 1   },
};

static void our_mark_makes_it_ours_whatever_else_differs(void **state)
{
    (void)state;
    assert_true(is_ours(&held, "1 hhhh - - -", SOURCE, KEY, TIME));
    assert_true(is_ours(&held, "1 hhhh s k t", "other", "other", "other"));
}

static void another_mark_makes_it_anothers_whatever_else_agrees(void **state)
{
    (void)state;
    assert_false(is_ours(&held, "1 hhhx - - -", SOURCE, KEY, TIME));
    assert_false(is_ours(&held, "1 hhh hhhh - - -", SOURCE, KEY, TIME));
    assert_false(is_ours(&held, "1 HHHH - - -", SOURCE, KEY, TIME));
}

static void a_mark_of_another_version_is_never_ours(void **state)
{
    (void)state;
    assert_false(is_ours(&held, "2 hhhh - - -", SOURCE, KEY, TIME));
    assert_false(is_ours(&held, "", SOURCE, KEY, TIME));
    assert_false(is_ours(&held, "hhhh", SOURCE, KEY, TIME));
}

static void a_missing_mark_is_ours_if_what_aws_tells_agrees(void **state)
{
    static const struct {
        const char *source, *key, *time;
        bool ours;
    } rows[] = {
        { SOURCE,                                                  KEY,                                         TIME,                   true  },
        { "arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:A", KEY,                                         TIME,                   true  },
        { SOURCE,                                                  NULL,                                        TIME,                   true  },
        { SOURCE,                                                  KEY,                                         NULL,                   true  },
        { SOURCE,                                                  KEY,                                         "2026-01-01T00:00:01Z", false },
        { SOURCE,                                                  "arn:aws:kms:eu-west-1:111111111111:key/k2", TIME,                   false },
        { "arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:b", KEY,                                         TIME,                   false },
        { NULL,                                                    KEY,                                         TIME,                   false }, /* made by hand: no copy */
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        if (is_ours(&held, NULL, rows[i].source, rows[i].key, rows[i].time) != rows[i].ours)
            fail_msg("row %zu", i);
}

static void of_an_instance_snapshot_aws_may_not_tell_the_source(void **state)
{
    struct holding instance = held;
    (void)state;
    instance.kind = RDS_INSTANCE;
    assert_true(is_ours(&instance, NULL, NULL, KEY, TIME));
    assert_false(is_ours(&instance, NULL, NULL, KEY, "2026-01-01T00:00:01Z"));
}

static void what_the_state_does_not_know_agrees(void **state)
{
    const struct holding imported = { .kind = RDS_CLUSTER };
    (void)state;
    assert_true(is_ours(&imported, NULL, SOURCE, KEY, TIME));
    assert_true(is_ours(&imported, NULL, NULL, NULL, NULL));
    assert_false(is_ours(&imported, "1 hhhh - - -", SOURCE, KEY, TIME));
}

static void what_is_not_ours_is_told_by_its_mark(void **state)
{
    static const struct {
        const char *mark, *told;
    } rows[] = {
        { "1 hhhh - - -",     "held by another configuration"              },
        { "9 of a later one", "does not know"                              },
        { NULL,               "no mark of this provider, and its source, " },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct aws_tag tag = { STR(MARK_TAG), str_from(rows[i].mark) };
        const struct rds_snapshot found = {
            .tags = { .items = &tag, .count = rows[i].mark ? 1 : 0 }
        };
        assert_non_null(strstr(holding_tell_other(&found), rows[i].told));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(our_mark_makes_it_ours_whatever_else_differs),
        cmocka_unit_test(another_mark_makes_it_anothers_whatever_else_agrees),
        cmocka_unit_test(a_mark_of_another_version_is_never_ours),
        cmocka_unit_test(a_missing_mark_is_ours_if_what_aws_tells_agrees),
        cmocka_unit_test(of_an_instance_snapshot_aws_may_not_tell_the_source),
        cmocka_unit_test(what_the_state_does_not_know_agrees),
        cmocka_unit_test(what_is_not_ours_is_told_by_its_mark),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
