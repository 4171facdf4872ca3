/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/policy/decision.h"

#include "tests/support/harness.h"
#include "tests/support/noise.h"

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

#define KEY_ARN "arn:aws:kms:eu-west-1:111111111111:key/k1"
#define ROOT(account) "arn:aws:iam::" account ":root"

enum {
    NO = AWS_POLICY_NOT_ALLOWED,
    YES = AWS_POLICY_ALLOWED,
    DENIED = AWS_POLICY_DENIED,
    WHO_KNOWS = AWS_POLICY_CANNOT_TELL
};

static const char *const verdict_names[] = { "allowed", "denied", "not allowed", "cannot tell" };

static const struct str host = { "rds.eu-west-1.amazonaws.com", 27 };
static const struct str two_hosts[] = {
    { "rds.eu-west-1.amazonaws.com", 27 },
    { "rds.us-east-1.amazonaws.com", 27 }
};
static const struct str account_id = { "222222222222", 12 };
static const struct str truth = { "true", 4 };

/* A call of 222222222222's role through RDS. */
static struct aws_policy_question a_question(void)
{
    static const struct aws_policy_key keys[] = {
        { "kms:ViaService",            &host,       1 },
        { "kms:CallerAccount",         &account_id, 1 },
        { "kms:GrantIsForAWSResource", &truth,      1 },
        { "aws:SourceAccount",         NULL,        0 },
        { "x:Either",                  two_hosts,   2 },
    };
    return (struct aws_policy_question){
        .account = account_id,
        .caller_arn = STR("arn:aws:sts::222222222222:assumed-role/mover/session"),
        .action = STR("kms:CreateGrant"),
        .resource = STR(KEY_ARN),
        .keys = keys,
        .key_count = ARRAY_LENGTH(keys),
    };
}

static void check(struct arena *arena, const struct aws_policy_question *question, const char *statements, int expected)
{
    struct aws_policy policy;
    CLEANUP(err_clear) struct err err = { 0 };
    struct str reason = STR("");
    struct str text = str_format(arena, "{\"Version\":\"2012-10-17\",\"Statement\":[%s]}", statements);
    if (!aws_policy_read(arena, text, &policy, &err))
        fail_msg("%s: %s", statements, err_text(&err));
    enum aws_policy_verdict verdict = aws_policy_decide(arena, &policy, question, &reason);
    if ((int)verdict != expected)
        fail_msg("%s: %s, not %s: %.*s", statements, verdict_names[verdict], verdict_names[expected], STR_ARG(reason));
    if (verdict != AWS_POLICY_ALLOWED && !reason.len)
        fail_msg("%s: no reason is given", statements);
}

struct row {
    const char *element; /* what stands in the place of "everybody may do everything" */
    int verdict;
};

static void check_rows(struct arena *arena, const struct aws_policy_question *question, const char *rest,
                       const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        check(arena, question, str_c(arena, str_format(arena, "{\"Effect\":\"Allow\",%s,%s}", rows[i].element, rest)),
              rows[i].verdict);
}

#define ACTION_AND_RESOURCE "\"Action\":\"kms:*\",\"Resource\":\"*\""

static void a_principal_admits_its_account_its_role_and_nobody_else(void **state)
{
    static const struct row rows[] = {
        { "\"Principal\":\"*\"",                                                              YES       },
        { "\"Principal\":{\"AWS\":\"*\"}",                                                    YES       },
        { "\"Principal\":{\"AWS\":\"" ROOT("222222222222") "\"}",                             YES       },
        { "\"Principal\":{\"AWS\":\"222222222222\"}",                                         YES       },
        { "\"Principal\":{\"AWS\":222222222222}",                                             YES       },
        { "\"Principal\":{\"AWS\":[\"111111111111\",\"" ROOT("222222222222") "\"]}",          YES       },
        { "\"Principal\":{\"AWS\":\"arn:aws:iam::222222222222:role/mover\"}",                 YES       },
        { "\"Principal\":{\"AWS\":\"arn:aws:iam::222222222222:role/a/path/mover\"}",          YES       },
        { "\"Principal\":{\"AWS\":\"arn:aws:sts::222222222222:assumed-role/mover/session\"}", YES       },
        { "\"Principal\":{\"AWS\":\"arn:aws:sts::222222222222:assumed-role/mover/another\"}", WHO_KNOWS },
        { "\"Principal\":{\"AWS\":\"arn:aws:sts::222222222222:assumed-role/other/session\"}", NO        },
        { "\"Principal\":{\"AWS\":\"arn:aws:iam::222222222222:role/other\"}",                 NO        },
        { "\"Principal\":{\"AWS\":\"arn:aws:iam::222222222222:role/mover/other\"}",           NO        },
        { "\"Principal\":{\"AWS\":\"arn:aws:iam::222222222222:user/mover\"}",                 NO        },
        { "\"Principal\":{\"AWS\":\"arn:aws:iam::333333333333:role/mover\"}",                 NO        },
        { "\"Principal\":{\"AWS\":\"" ROOT("111111111111") "\"}",                             NO        },
        { "\"Principal\":{\"AWS\":\"arn:aws:iam::222222222222:role/*\"}",                     WHO_KNOWS },
        { "\"Principal\":{\"AWS\":\"AIDACKCEVSQ6C2EXAMPLE\"}",                                WHO_KNOWS },
        { "\"Principal\":{\"AWS\":\"arn:aws:iam::${aws:PrincipalAccount}:root\"}",            WHO_KNOWS },
        { "\"Principal\":{\"Service\":\"rds.amazonaws.com\"}",                                NO        },
        { "\"Principal\":{\"Service\":\"rds.amazonaws.com\",\"AWS\":\"222222222222\"}",       YES       },
        { "\"Principal\":{\"Federated\":\"cognito-identity.amazonaws.com\"}",                 WHO_KNOWS },
        { "\"Principal\":{\"CanonicalUser\":\"79a5\"}",                                       WHO_KNOWS },
        { "\"NotPrincipal\":{\"AWS\":\"" ROOT("111111111111") "\"}",                          YES       },
        { "\"NotPrincipal\":{\"AWS\":\"" ROOT("222222222222") "\"}",                          WHO_KNOWS },
        { "\"NotPrincipal\":{\"AWS\":\"arn:aws:iam::222222222222:role/mover\"}",              WHO_KNOWS },
        { "\"NotPrincipal\":{\"AWS\":\"arn:aws:iam::222222222222:role/other\"}",              YES       },
        { "\"NotPrincipal\":\"*\"",                                                           NO        },
        { "\"Sid\":\"nobody\"",                                                               WHO_KNOWS },
        { "\"Principal\":\"222222222222\"",                                                   WHO_KNOWS },
        { "\"Principal\":{}",                                                                 WHO_KNOWS },
        { "\"Principal\":{\"AWS\":\"*\"},\"NotPrincipal\":{\"AWS\":\"111111111111\"}",        WHO_KNOWS },
    };
    const struct aws_policy_question question = a_question();
    check_rows(*state, &question, ACTION_AND_RESOURCE, rows, ARRAY_LENGTH(rows));
}

/* Which of its roles will call is not known: an account is refused only if all of it is. */
static void an_account_is_admitted_as_a_whole_or_not_to_be_told(void **state)
{
    static const struct row rows[] = {
        { "\"Principal\":{\"AWS\":\"" ROOT("222222222222") "\"}",             YES       },
        { "\"Principal\":{\"AWS\":\"arn:aws:iam::222222222222:role/mover\"}", WHO_KNOWS },
        { "\"Principal\":{\"AWS\":\"arn:aws:iam::222222222222:user/mover\"}", WHO_KNOWS },
        { "\"Principal\":{\"AWS\":\"arn:aws:iam::333333333333:role/mover\"}", NO        },
    };
    struct aws_policy_question question = a_question();
    question.caller_arn = STR("");
    check_rows(*state, &question, ACTION_AND_RESOURCE, rows, ARRAY_LENGTH(rows));
}

static void a_user_is_told_from_a_role(void **state)
{
    static const struct row rows[] = {
        { "\"Principal\":{\"AWS\":\"arn:aws:iam::222222222222:user/a/mover\"}", YES },
        { "\"Principal\":{\"AWS\":\"arn:aws:iam::222222222222:user/mover\"}",   NO  },
        { "\"Principal\":{\"AWS\":\"arn:aws:iam::222222222222:role/mover\"}",   NO  },
    };
    struct aws_policy_question question = a_question();
    question.caller_arn = STR("arn:aws:iam::222222222222:user/a/mover");
    check_rows(*state, &question, ACTION_AND_RESOURCE, rows, ARRAY_LENGTH(rows));
    question.caller_arn = STR("arn:aws:sts::222222222222:federated-user/mover");
    static const struct row unclear[] = {
        { "\"Principal\":{\"AWS\":\"arn:aws:iam::222222222222:user/mover\"}", WHO_KNOWS },
    };
    check_rows(*state, &question, ACTION_AND_RESOURCE, unclear, ARRAY_LENGTH(unclear));
}

#define EVERYBODY "\"Principal\":\"*\""

static void actions_match_in_any_case_and_by_wildcards(void **state)
{
    static const struct row rows[] = {
        { "\"Action\":\"kms:CreateGrant\"",                   YES       },
        { "\"Action\":\"KMS:creategrant\"",                   YES       },
        { "\"Action\":\"*\"",                                 YES       },
        { "\"Action\":\"kms:*\"",                             YES       },
        { "\"Action\":\"kms:Create*\"",                       YES       },
        { "\"Action\":\"kms:*Grant\"",                        YES       },
        { "\"Action\":\"*:*e*G*t\"",                          YES       },
        { "\"Action\":\"kms:CreateGran?\"",                   YES       },
        { "\"Action\":[\"kms:Decrypt\",\"kms:CreateGrant\"]", YES       },
        { "\"Action\":\"kms:Decrypt\"",                       NO        },
        { "\"Action\":\"kms:CreateGrant?\"",                  NO        },
        { "\"Action\":\"kms:\"",                              NO        },
        { "\"Action\":\"kms:Create\"",                        NO        },
        { "\"NotAction\":\"kms:Decrypt\"",                    YES       },
        { "\"NotAction\":[\"kms:Decrypt\",\"kms:Create*\"]",  NO        },
        { "\"NotAction\":\"kms:*\"",                          NO        },
        { "\"Action\":\"kms:${x}\"",                          WHO_KNOWS },
        { "\"Action\":\"*\",\"NotAction\":\"*\"",             WHO_KNOWS },
        { "\"Action\":[]",                                    WHO_KNOWS },
        { "\"Sid\":\"x\"",                                    WHO_KNOWS },
    };
    const struct aws_policy_question question = a_question();
    check_rows(*state, &question, EVERYBODY ",\"Resource\":\"*\"", rows, ARRAY_LENGTH(rows));
}

static void resources_match_in_their_case(void **state)
{
    static const struct row rows[] = {
        { "\"Resource\":\"*\"",                            YES       },
        { "\"Resource\":\"" KEY_ARN "\"",                  YES       },
        { "\"Resource\":\"arn:aws:kms:*:111111111111:*\"", YES       },
        { "\"Resource\":\"arn:aws:KMS:*\"",                NO        },
        { "\"Resource\":[\"arn:x\",\"" KEY_ARN "\"]",      YES       },
        { "\"NotResource\":\"" KEY_ARN "\"",               NO        },
        { "\"NotResource\":\"arn:aws:s3:*\"",              YES       },
        { "\"Resource\":\"arn:aws:kms:${region}:*\"",      WHO_KNOWS },
        { "\"Sid\":\"none\"",                              WHO_KNOWS },
    };
    const struct aws_policy_question question = a_question();
    check_rows(*state, &question, EVERYBODY ",\"Action\":\"*\"", rows, ARRAY_LENGTH(rows));
}

#define ON(operator, key, value) "\"Condition\":{\"" operator"\":{\"" key "\":" value "}}"

static void conditions_are_judged_as_far_as_their_keys_are_known(void **state)
{
    static const struct row rows[] = {
        { ON("StringEquals", "kms:ViaService", "\"rds.eu-west-1.amazonaws.com\""), YES },
        { ON("stringequals", "KMS:viaservice", "\"rds.eu-west-1.amazonaws.com\""), YES },
        { ON("StringEquals", "kms:ViaService", "[\"x\",\"rds.eu-west-1.amazonaws.com\"]"), YES },
        { ON("StringEquals", "kms:ViaService", "\"RDS.eu-west-1.amazonaws.com\""), NO },
        { ON("StringEquals", "kms:ViaService", "\"rds.*.amazonaws.com\""), NO },
        { ON("StringLike", "kms:ViaService", "\"rds.*.amazonaws.com\""), YES },
        { ON("StringLike", "kms:ViaService", "\"ec2.*\""), NO },
        { ON("StringNotLike", "kms:ViaService", "\"rds.*\""), NO },
        { ON("StringNotEquals", "kms:ViaService", "\"x\""), YES },
        { ON("StringNotEquals", "kms:ViaService", "[\"x\",\"rds.eu-west-1.amazonaws.com\"]"), NO },
        { ON("StringEqualsIgnoreCase", "kms:ViaService", "\"RDS.EU-WEST-1.AMAZONAWS.COM\""), YES },
        { ON("StringNotEqualsIgnoreCase", "kms:ViaService", "\"RDS.EU-WEST-1.AMAZONAWS.COM\""), NO },
        { ON("StringEqualsIfExists", "kms:ViaService", "\"x\""), NO },
        { ON("StringEquals", "kms:CallerAccount", "222222222222"), YES },
        { ON("StringEquals", "kms:CallerAccount", "\"111111111111\""), NO },
        { ON("Bool", "kms:GrantIsForAWSResource", "\"true\""), YES },
        { ON("Bool", "kms:GrantIsForAWSResource", "true"), YES },
        { ON("Bool", "kms:GrantIsForAWSResource", "\"FALSE\""), NO },
        { ON("Bool", "kms:GrantIsForAWSResource", "\"yes\""), WHO_KNOWS },
        { ON("Null", "kms:ViaService", "\"false\""), YES },
        { ON("Null", "kms:ViaService", "true"), NO },
        { ON("Null", "aws:SourceAccount", "\"true\""), YES },
        { ON("StringEquals", "aws:SourceAccount", "\"111111111111\""), NO },
        { ON("StringEqualsIfExists", "aws:SourceAccount", "\"111111111111\""), YES },
        { ON("StringNotEquals", "aws:SourceAccount", "\"111111111111\""), YES },
        { ON("Bool", "aws:SourceAccount", "\"true\""), NO },
        { ON("StringEquals", "aws:PrincipalOrgID", "\"o-1\""), WHO_KNOWS },
        { ON("ArnLike", "aws:PrincipalArn", "\"arn:aws:iam::*:role/mover\""), WHO_KNOWS },
        { ON("StringEquals", "aws:PrincipalTag/team", "\"x\""), WHO_KNOWS },
        { ON("Null", "aws:PrincipalOrgID", "\"true\""), WHO_KNOWS },
        { ON("ArnLike", "kms:ViaService", "\"x\""), WHO_KNOWS },
        { ON("ForAnyValue:StringEquals", "kms:ViaService", "\"x\""), WHO_KNOWS },
        { ON("NumericLessThan", "kms:CallerAccount", "5"), WHO_KNOWS },
        { ON("NoSuchOperator", "kms:ViaService", "\"x\""), WHO_KNOWS },
        { ON("StringEquals", "kms:ViaService", "\"rds.${aws:RequestedRegion}.amazonaws.com\""), WHO_KNOWS },
        { ON("StringEquals", "kms:ViaService", "[]"), WHO_KNOWS },
        { ON("StringEquals", "kms:ViaService", "{}"), WHO_KNOWS },
        { ON("StringEquals", "kms:ViaService", "null"), WHO_KNOWS },
        { ON("StringLike", "x:Either", "\"rds.*\""), YES },
        { ON("StringLike", "x:Either", "\"s3.*\""), NO },
        { ON("StringEquals", "x:Either", "\"rds.us-east-1.amazonaws.com\""), WHO_KNOWS },
        { "\"Condition\":\"x\"", WHO_KNOWS },
        { "\"Condition\":{\"StringEquals\":1}", WHO_KNOWS },
        { "\"Condition\":{}", YES },
        { "\"Principals\":{}", WHO_KNOWS },
        { "\"Condition\":{\"StringEquals\":{\"aws:PrincipalOrgID\":\"o\",\"kms:CallerAccount\":\"1\"}}", NO },
        { "\"Condition\":{\"StringEquals\":{\"aws:PrincipalOrgID\":\"o\"},\"Bool\":{\"kms:GrantIsForAWSResource\":true}"
          "}", WHO_KNOWS },
    };
    const struct aws_policy_question question = a_question();
    check_rows(*state, &question, EVERYBODY "," ACTION_AND_RESOURCE, rows, ARRAY_LENGTH(rows));
}

#define STATEMENT(effect, rest) "{\"Effect\":\"" effect "\"," EVERYBODY "," ACTION_AND_RESOURCE rest "}"
#define UNCLEAR "," ON("StringEquals", "aws:PrincipalOrgID", "\"o-1\"")
#define UNMET "," ON("StringEquals", "kms:ViaService", "\"x\"")

static void statements_together_make_a_verdict(void **state)
{
    static const struct {
        const char *statements;
        int verdict;
    } rows[] = {
        { "", NO },
        { STATEMENT("Allow", ""), YES },
        { STATEMENT("Deny", ""), DENIED },
        { STATEMENT("Allow", "") "," STATEMENT("Deny", ""), DENIED },
        { STATEMENT("Deny", "") "," STATEMENT("Allow", ""), DENIED },
        { STATEMENT("Allow", "") "," STATEMENT("Deny", UNCLEAR), WHO_KNOWS },
        { STATEMENT("Allow", "") "," STATEMENT("Deny", UNMET), YES },
        { STATEMENT("Allow", UNCLEAR) "," STATEMENT("Allow", ""), YES },
        { STATEMENT("Allow", UNCLEAR) "," STATEMENT("Deny", ""), DENIED },
        { STATEMENT("Allow", UNMET) "," STATEMENT("Deny", UNCLEAR), NO },
        { STATEMENT("Allow", UNMET) "," STATEMENT("Allow", UNCLEAR), WHO_KNOWS },
        { STATEMENT("Allow", "") "," STATEMENT("allow", ""), WHO_KNOWS },
        { STATEMENT("Permit", ""), WHO_KNOWS },
        { STATEMENT("Allow", "") ",1", WHO_KNOWS },
        { STATEMENT("Allow", "") "," STATEMENT("Deny", ",\"Sids\":1"), WHO_KNOWS },
    };
    const struct aws_policy_question question = a_question();
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        check(*state, &question, rows[i].statements, rows[i].verdict);
}

static void an_identity_policy_has_no_principal(void **state)
{
    struct aws_policy_question question = a_question();
    const char *const statement = "{\"Effect\":\"Allow\",\"Action\":\"kms:CreateGrant\",\"Resource\":\"" KEY_ARN "\"}";
    check(*state, &question, statement, WHO_KNOWS);
    question.is_own_policy = true;
    check(*state, &question, statement, YES);
    question.action = STR("kms:Decrypt");
    check(*state, &question, statement, NO);
}

static struct str reason_of(struct arena *arena, const char *statements)
{
    const struct aws_policy_question question = a_question();
    struct aws_policy policy;
    CLEANUP(err_clear) struct err err = { 0 };
    struct str reason = STR("");
    assert_true(aws_policy_read(arena, str_format(arena, "{\"Statement\":[%s]}", statements), &policy, &err));
    (void)aws_policy_decide(arena, &policy, &question, &reason);
    return reason;
}

static void the_reason_names_the_statement(void **state)
{
    assert_str_equal(reason_of(*state, STATEMENT("Deny", ",\"Sid\":\"NoGrants\"")),
                     "the statement \"NoGrants\" denies it");
    assert_str_equal(reason_of(*state, STATEMENT("Deny", UNMET) "," STATEMENT("Deny", "")),
                     "the statement number 2 denies it");
    assert_str_equal(reason_of(*state, STATEMENT("Allow", ",\"Sid\":\"Readers\"" UNMET)),
                     "no statement allows it; the statement \"Readers\" would, but its condition on kms:ViaService is "
                     "not met");
    assert_str_equal(reason_of(*state, STATEMENT("Allow", ",\"Sid\":\"Org\"" UNCLEAR)),
                     "whether the statement \"Org\" applies is not known from outside, for its condition on "
                     "aws:PrincipalOrgID");
    assert_str_equal(reason_of(*state, ""), "no statement allows it");
}

static void what_is_no_policy_is_refused(void **state)
{
    static const char *const texts[] = { "",
                                         "{}",
                                         "[]",
                                         "null",
                                         "{\"Statement\":1}",
                                         "{\"Statement\":[]",
                                         "<xml/>",
                                         "{\"Statement\":[],\"Statement\":[]}",
                                         "{\"Statement\":{\"Effect\":\"Deny\",\"Effect\":\"Allow\"}}" };
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        struct aws_policy policy = { .count = 77 };
        CLEANUP(err_clear) struct err err = { 0 };
        if (aws_policy_read(*state, str_from(texts[i]), &policy, &err))
            fail_msg("%s", texts[i]);
        assert_int_equal(err.kind, ERR_INVALID);
        assert_int_equal(policy.count, 77);
    }
    struct aws_policy policy;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_false(aws_policy_read(*state, noise(*state, 1, AWS_POLICY_MAX_BYTES + 1, STR(" ")), &policy, &err));
    assert_int_equal(err.kind, ERR_INVALID);
}

static void one_statement_may_stand_without_a_list(void **state)
{
    struct aws_policy policy;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(aws_policy_read(*state, STR("{\"Statement\":" STATEMENT("Allow", "") "}"), &policy, &err));
    assert_int_equal(policy.count, 1);
    assert_null(policy.rules[0].strange);
}

static void noise_is_refused_or_understood_in_part(void **state)
{
    const struct aws_policy_question question = a_question();
    const struct str alphabet = STR("{}[]\":,*?ADIWSacdefilnorstuw$ \\1-");
    for (uint64_t seed = 0; seed < 3000; seed++) {
        struct arena *arena = arena_new();
        struct aws_policy policy;
        CLEANUP(err_clear) struct err err = { 0 };
        struct str reason = STR("");
        struct str body = noise(arena, seed, 1 + seed % 200, seed % 3 ? alphabet : (struct str){ 0 });
        struct str text =
            seed % 2
                ? body
                : str_format(arena, "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"%.*s\"}]}", STR_ARG(body));
        if (aws_policy_read(arena, text, &policy, &err))
            assert_int_not_equal(aws_policy_decide(arena, &policy, &question, &reason), AWS_POLICY_ALLOWED);
        else
            assert_int_equal(err.kind, ERR_INVALID);
        arena_free(arena);
    }
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_principal_admits_its_account_its_role_and_nobody_else),
        cmocka_unit_test(an_account_is_admitted_as_a_whole_or_not_to_be_told),
        cmocka_unit_test(a_user_is_told_from_a_role),
        cmocka_unit_test(actions_match_in_any_case_and_by_wildcards),
        cmocka_unit_test(resources_match_in_their_case),
        cmocka_unit_test(conditions_are_judged_as_far_as_their_keys_are_known),
        cmocka_unit_test(statements_together_make_a_verdict),
        cmocka_unit_test(an_identity_policy_has_no_principal),
        cmocka_unit_test(the_reason_names_the_statement),
        cmocka_unit_test(what_is_no_policy_is_refused),
        cmocka_unit_test(one_statement_may_stand_without_a_list),
        cmocka_unit_test(noise_is_refused_or_understood_in_part),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
