/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/role.h"

#include <string.h>

#include "tests/support/fake_sts.h"
#include "tests/support/harness.h"

static void a_copy_has_nothing_of_the_original(void **state)
{
    struct credentials_world *world = *state;
    char arn[] = "arn:aws:iam::1:role/r";
    struct str policy_arns[] = { STR("p1"), STR("p2") };
    struct aws_tag tags[] = {
        { STR("k"), STR("v") }
    };
    struct str keys[] = { STR("k") };
    const struct sts_assume_role_options role = {
        .role_arn = str_from(arn),
        .policy_arns = { policy_arns, 2   },
        .tags = { tags,        1   },
        .transitive_tag_keys = { keys,        1   },
        .duration_seconds = { true,        900 },
        .external_id = STR("e"),
    };
    struct sts_assume_role_options copy = role_copy(world->arena, &role);
    arn[0] = 'X';
    policy_arns[1] = STR("x");
    tags[0].value = STR("x");
    keys[0] = STR("x");
    assert_str_equal(copy.role_arn, "arn:aws:iam::1:role/r");
    assert_str_equal(copy.policy_arns.items[1], "p2");
    assert_str_equal(copy.tags.items[0].value, "v");
    assert_str_equal(copy.transitive_tag_keys.items[0], "k");
    assert_str_equal(copy.external_id, "e");
    assert_true(copy.duration_seconds.present && copy.duration_seconds.value == 900);
    assert_null(copy.policy.ptr); /* absent stays absent */
}

static void a_session_name_is_kept_or_made_from_the_time(void **state)
{
    struct credentials_world *world = *state;
    const struct sts_assume_role_options named = { .session_name = STR("mine") };
    const struct sts_assume_role_options unnamed = { 0 };
    assert_str_equal(role_with_session(&world->call, &named).session_name, "mine");
    assert_str_equal(role_with_session(&world->call, &unnamed).session_name, "session-1767225600000");
}

static void an_answer_that_lacks_a_part_is_refused(void **state)
{
    static const struct sts_credentials refused[] = {
        { { 0 },      { "s", 1 },  { "t", 1 }, { "2026-01-01T00:00:00Z", 20 } },
        { { "a", 1 }, { 0 },       { "t", 1 }, { "2026-01-01T00:00:00Z", 20 } },
        { { "a", 1 }, { "s3", 2 }, { 0 },      { "2026-01-01T00:00:00Z", 20 } },
        { { "a", 1 }, { "s3", 2 }, { "t", 1 }, { 0 }                          },
        { { "a", 1 }, { "s3", 2 }, { "t", 1 }, { "tomorrow", 8 }              },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(refused); i++) {
        struct aws_credentials out;
        CLEANUP(err_clear) struct err err = { 0 };
        assert_false(role_take(&refused[i], "the role r", &out, &err));
        assert_int_equal(err.kind, ERR_IO);
        assert_null(strstr(err_text(&err), "s3"));
    }
}

static void not_found_never_leaves_as_such(void **state)
{
    CLEANUP(err_clear) struct err err = { 0 };
    (void)state;
    (void)err_set(&err, ERR_NOT_FOUND, "gone");
    assert_false(role_refuse("the role r", &err));
    assert_int_equal(err.kind, ERR_DENIED);
    assert_string_equal(err_text(&err), "assuming the role r: gone");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_has_nothing_of_the_original),
        cmocka_unit_test(a_session_name_is_kept_or_made_from_the_time),
        cmocka_unit_test(an_answer_that_lacks_a_part_is_refused),
        cmocka_unit_test(not_found_never_leaves_as_such),
    };
    return cmocka_run_group_tests(tests, credentials_world_setup, credentials_world_teardown);
}
