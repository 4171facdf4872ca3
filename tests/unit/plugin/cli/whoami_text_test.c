/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/cli/whoami.h"

#include "tests/support/harness.h"

#define NOW_MS 1767225600000 /* 2026-01-01T00:00:00Z */

static int set_up(void **state)
{
    *state = arena_new();
    return 0;
}

static int tear_down(void **state)
{
    arena_free(*state);
    return 0;
}

/* The part of the text from "expires" on. */
static struct str expiry_of(struct arena *arena, int64_t expires_wall_ms, int64_t ends_wall_ms, const char *renewal)
{
    const struct whoami found = {
        .credentials = { .kind = "k",
                        .expires_wall_ms = expires_wall_ms,
                        .ends_wall_ms = ends_wall_ms,
                        .renewal = renewal },
        .now_wall_ms = NOW_MS,
    };
    const struct str text = whoami_text(arena, &found, false);
    const ptrdiff_t at = str_find(text, STR("expires"));
    assert_true(at >= 0);
    return str_slice(text, (size_t)at, text.len);
}

static void the_end_of_a_session_may_be_unknown_to_its_source(void **state)
{
    const struct whoami found = {
        .credentials = { .kind = "process", .session_token = STR("t"), .ends_wall_ms = AWS_ENDS_NEVER },
        .now_wall_ms = NOW_MS,
    };
    const struct str text = whoami_text(*state, &found, false);
    assert_str_equal(text, "expires    when AWS says so; the source is then asked again");
}

#define FRESH "\n           then the provider needs fresh ones from you"

static void expiry_says_when_and_what_then(void **state)
{
    static const struct {
        int64_t expires_ms, ends_ms;
        const char *renewal, *text;
    } rows[] = {
        { 0,                       AWS_ENDS_NEVER,         NULL,                               "expires    never"                                                            },
        { 0,                       AWS_ENDS_NEVER,         "run it",                           "expires    never"                                                            },
        { NOW_MS + 52 * MINUTE_MS, AWS_ENDS_NEVER,         NULL,
         "expires    2026-01-01T00:52:00Z, in 52 minutes; the provider renews them before"                                                                                   },
        { NOW_MS - 3 * MINUTE_MS,  AWS_ENDS_NEVER,         NULL,
         "expires    2025-12-31T23:57:00Z, 3 minutes ago: they had expired when they came. Is this clock right?"                                                             },
        { 0,                       AWS_ENDS_UNKNOWN,       NULL,                               "expires    with their session token, at a time that is not known here" FRESH },
        { NOW_MS + HOUR_MS,        AWS_ENDS_UNKNOWN,       NULL,
         "expires    2026-01-01T01:00:00Z, in 60 minutes; the provider renews them until the session below ends, at a "
          "time that is not known here" FRESH                                                                                                                                },
        { 0,                       NOW_MS + 3 * HOUR_MS,   NULL,                               "expires    2026-01-01T03:00:00Z, in 3 hours" FRESH                           },
        { NOW_MS + 5 * SECOND_MS,  NOW_MS + 5 * SECOND_MS, NULL,                               "expires    2026-01-01T00:00:05Z, in 5 seconds" FRESH                         },
        { NOW_MS + HOUR_MS,        NOW_MS + 8 * HOUR_MS,   "run aws sso login --profile work",
         "expires    2026-01-01T01:00:00Z, in 60 minutes; the provider renews them until 2026-01-01T08:00:00Z, in 8 "
          "hours\n           then run aws sso login --profile work"                                                                                                          },
        { NOW_MS - 3 * MINUTE_MS,  NOW_MS - 3 * MINUTE_MS, NULL,
         "expires    2025-12-31T23:57:00Z, 3 minutes ago" FRESH                                                                                                              },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        assert_str_equal(expiry_of(*state, rows[i].expires_ms, rows[i].ends_ms, rows[i].renewal), rows[i].text);
}

static void spans_have_the_unit_that_reads_well(void **state)
{
    static const struct {
        int64_t ms;
        const char *text;
    } rows[] = {
        { 1,                     "0 seconds"   },
        { SECOND_MS,             "1 second"    },
        { 119 * SECOND_MS,       "119 seconds" },
        { 120 * SECOND_MS,       "2 minutes"   },
        { 119 * MINUTE_MS,       "119 minutes" },
        { 2 * HOUR_MS,           "2 hours"     },
        { 47 * HOUR_MS,          "47 hours"    },
        { 48 * (int64_t)HOUR_MS, "2 days"      },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const struct str text = expiry_of(*state, NOW_MS + rows[i].ms, AWS_ENDS_NEVER, NULL);
        if (str_find(text, str_format(*state, ", in %s;", rows[i].text)) < 0)
            fail_msg("%lld ms: %s", (long long)rows[i].ms, text.ptr);
    }
}

static void a_chain_of_roles_is_told_from_its_end(void **state)
{
    struct whoami found = {
        .trail = { .arena = *state },
          .credentials = { .kind = "assume-role", .source = "the role b" }
    };
    aws_credentials_note(&found.trail, AWS_HAS_NONE, "environment: nothing");
    aws_credentials_note(&found.trail, AWS_USED, "the profile \"p\"");
    aws_credentials_note(&found.trail, AWS_USED, "the role a");
    aws_credentials_note(&found.trail, AWS_USED, "the role b");
    assert_str_equal(whoami_source(*state, &found),
                     "the role b, assumed with the role a, assumed with the profile \"p\"");
    found.trail = (struct aws_credentials_trail){ .arena = *state };
    assert_str_equal(whoami_source(*state, &found), "the role b");
}

static void what_was_not_found_has_no_line(void **state)
{
    struct whoami found = {
        .places.region = { STR("eu-west-1"), STR("") }
    };
    assert_str_equal(whoami_text(*state, &found, true), "region     eu-west-1");
    found.places.region = (struct aws_setting){ 0 };
    assert_str_equal(whoami_text(*state, &found, true), "");
}

static void what_was_tried_is_listed_in_its_order(void **state)
{
    struct whoami found = { .trail = { .arena = *state } };
    aws_credentials_note(&found.trail, AWS_HAS_NONE, "a");
    aws_credentials_note(&found.trail, AWS_NOT_ASKED, "d");
    aws_credentials_note(&found.trail, AWS_USED, "b");
    aws_credentials_note(&found.trail, AWS_FAILED, "c");
    assert_str_equal(whoami_text(*state, &found, true), "tried, in this order:\n"
                                                        "  has none   a\n"
                                                        "  used       b\n"
                                                        "  failed     c\n"
                                                        "  not asked  d");
    assert_str_equal(whoami_text(*state, &found, false), "");
}

static void text_from_outside_cannot_act_on_a_terminal(void **state)
{
    const struct whoami found = {
        .places.region = { STR("eu\x1b[2J"), STR("\xff") }
    };
    assert_str_equal(whoami_text(*state, &found, false), "region     eu\xef\xbf\xbd[2J (\xef\xbf\xbd)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(expiry_says_when_and_what_then, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_end_of_a_session_may_be_unknown_to_its_source, set_up, tear_down),
        cmocka_unit_test_setup_teardown(spans_have_the_unit_that_reads_well, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_chain_of_roles_is_told_from_its_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_not_found_has_no_line, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_tried_is_listed_in_its_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(text_from_outside_cannot_act_on_a_terminal, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
