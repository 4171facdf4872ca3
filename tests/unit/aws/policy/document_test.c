/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/policy/document.h"

#include <string.h>

#include "tests/support/harness.h"

static int open_arena(void **state)
{
    *state = arena_new();
    return 0;
}

static int close_arena(void **state)
{
    arena_free(*state);
    return 0;
}

static const char *const every_action[] = { "kms:*", NULL };
static const char *const two_actions[] = { "kms:Decrypt", "kms:DescribeKey", NULL };

static void one_value_is_a_string_and_several_are_a_list(void **state)
{
    const struct str old_account = STR("arn:aws:iam::111111111111:root");
    const struct str readers[] = { STR("arn:aws:iam::222222222222:root"), STR("arn:aws:iam::333333333333:root") };
    const struct str hosts[] = { STR("rds.eu-west-1.amazonaws.com"), STR("rds.eu-west-2.amazonaws.com") };
    const struct aws_policy_statement statements[] = {
        { .sid = "OwnerAccount",
         .principal_type = "AWS",
         .principals = &old_account,
         .principal_count = 1,
         .actions = every_action },
        { .sid = "Readers",
         .principal_type = "AWS",
         .principals = readers,
         .principal_count = 2,
         .actions = two_actions,
         .conditions = { { "StringEquals", "kms:ViaService", hosts, 2 } },
         .condition_count = 1 },
    };
    struct str text;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(aws_policy_write(*state, statements, ARRAY_LENGTH(statements), &text, &err));
    assert_str_equal(
        text, "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"OwnerAccount\",\"Effect\":\"Allow\","
              "\"Principal\":{\"AWS\":\"arn:aws:iam::111111111111:root\"},\"Action\":\"kms:*\",\"Resource\":\"*\"},"
              "{\"Sid\":\"Readers\",\"Effect\":\"Allow\",\"Principal\":{\"AWS\":[\"arn:aws:iam::222222222222:root\","
              "\"arn:aws:iam::333333333333:root\"]},\"Action\":[\"kms:Decrypt\",\"kms:DescribeKey\"],"
              "\"Resource\":\"*\",\"Condition\":{\"StringEquals\":{\"kms:ViaService\":"
              "[\"rds.eu-west-1.amazonaws.com\",\"rds.eu-west-2.amazonaws.com\"]}}}]}");
}

static bool write_with_conditions(struct arena *arena, struct aws_policy_condition first,
                                  struct aws_policy_condition second, struct str *out, struct err *err)
{
    const struct str service = STR("rds.amazonaws.com");
    const struct aws_policy_statement statement = {
        .sid = "S",
        .principal_type = "Service",
        .principals = &service,
        .principal_count = 1,
        .actions = every_action,
        .conditions = { first, second },
        .condition_count = 2,
    };
    return aws_policy_write(arena, &statement, 1, out, err);
}

static void conditions_of_one_operator_share_its_object(void **state)
{
    const struct str host = STR("h");
    const struct str account = STR("1");
    const struct aws_policy_condition via = { "StringEquals", "kms:ViaService", &host, 1 };
    const struct aws_policy_condition of_account = { "StringEquals", "aws:SourceAccount", &account, 1 };
    struct str text;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(write_with_conditions(*state, via, of_account, &text, &err));
    assert_true(
        str_find(text, STR("\"Condition\":{\"StringEquals\":{\"kms:ViaService\":\"h\",\"aws:SourceAccount\":\"1\"}}")) >
        0);
}

static void conditions_of_two_operators_are_side_by_side(void **state)
{
    const struct str host = STR("h");
    const struct str yes = STR("true");
    const struct aws_policy_condition via = { "StringEquals", "kms:ViaService", &host, 1 };
    const struct aws_policy_condition grant = { "Bool", "kms:GrantIsForAWSResource", &yes, 1 };
    struct str text;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(write_with_conditions(*state, via, grant, &text, &err));
    assert_true(str_find(text, STR("\"Condition\":{\"StringEquals\":{\"kms:ViaService\":\"h\"},\"Bool\":"
                                   "{\"kms:GrantIsForAWSResource\":\"true\"}}")) > 0);
}

static void the_same_statements_give_the_same_bytes(void **state)
{
    const struct str values[] = { STR("b"), STR("a"), STR("c") };
    const struct aws_policy_condition one = { "StringEquals", "z", values, 3 };
    const struct aws_policy_condition two = { "Bool", "a", values, 1 };
    struct str first;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(write_with_conditions(*state, one, two, &first, &err));
    for (size_t i = 0; i < 20; i++) {
        struct str again;
        assert_true(write_with_conditions(*state, one, two, &again, &err));
        assert_true(str_equal(first, again));
    }
    assert_true(str_find(first, STR("[\"b\",\"a\",\"c\"]")) > 0); /* the caller's order */
}

static void text_is_escaped(void **state)
{
    const struct str quote = STR("a\"}\\\n\x01");
    const struct aws_policy_condition condition = { "StringEquals", "k", &quote, 1 };
    const struct aws_policy_condition other = { "Bool", "k", &quote, 1 };
    struct str text;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(write_with_conditions(*state, condition, other, &text, &err));
    assert_true(str_find(text, STR("\"k\":\"a\\\"}\\\\\\n\\u0001\"")) > 0);
}

static void text_that_is_not_utf8_is_refused_and_nothing_is_written(void **state)
{
    const struct str bad = STR("\xff\xfe");
    const struct str both[] = { STR("ok"), bad };
    const struct aws_policy_condition single = { "StringEquals", "k", &bad, 1 };
    const struct aws_policy_condition list = { "Bool", "k", both, 2 };
    const struct aws_policy_condition fine = { "Null", "k", both, 1 };
    struct str text = STR("untouched");
    CLEANUP(err_clear) struct err err = { 0 };
    assert_false(write_with_conditions(*state, single, fine, &text, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_non_null(strstr(err_text(&err), "\"S\""));
    assert_false(write_with_conditions(*state, fine, list, &text, &err));
    assert_str_equal(text, "untouched");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_value_is_a_string_and_several_are_a_list),
        cmocka_unit_test(conditions_of_one_operator_share_its_object),
        cmocka_unit_test(conditions_of_two_operators_are_side_by_side),
        cmocka_unit_test(the_same_statements_give_the_same_bytes),
        cmocka_unit_test(text_is_escaped),
        cmocka_unit_test(text_that_is_not_utf8_is_refused_and_nothing_is_written),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
