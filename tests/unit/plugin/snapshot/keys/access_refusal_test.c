/* SPDX-License-Identifier: MPL-2.0
 *
 * What is said of a key that does not admit all who need it, and that the statement
 * which is given mends it.
 */
#include "tests/unit/plugin/snapshot/keys/access_fixture.h"

/* ---- Closed ------------------------------------------------------------------ */

static const struct {
    const char *action;
    enum key_access access;
    const char *said;
} reader_actions[] = {
    { "kms:Decrypt",       KEY_NARROW, "does not allow what AWS's examples list for" },
    { "kms:ReEncryptFrom", KEY_NARROW, "does not allow what AWS's examples list for" },
    { "kms:DescribeKey",   KEY_CLOSED, "does not let RDS use it for"                 },
    { "kms:CreateGrant",   KEY_CLOSED, "does not let RDS use it for"                 },
};

/* What is said names the action, the account and nothing else; pasting the statement mends it. */
static void every_action_that_readers_need_is_missed(void **state)
{
    for (size_t i = 0; i < ARRAY_LENGTH(reader_actions); i++) {
        const char *action = reader_actions[i].action;
        const bool is_grant = str_equal(str_from(action), STR("kms:CreateGrant"));
        struct str policy =
            without(*state, source_policy(*state), is_grant ? "ReadersGrantsThroughRDS" : "ReadersThroughRDS", action);
        CLEANUP(drop_judgement) struct judgement got = judge_policy(*state, policy);
        expect(&got, reader_actions[i].access, str_from(action));
        assert_int_equal(got.refusal.kind, ERR_DENIED);
        expect_in(err_text(&got.refusal),
                  str_c(*state, str_format(*state,
                                           "the policy of the key " KEY("k1") " %s account " READER
                                                                              ": %s (no statement allows it)",
                                           reader_actions[i].said, action)),
                  str_from(action));
        expect_in(
            err_remedy(&got.refusal),
            str_c(*state,
                  str_format(*state,
                             "{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"" ROOT(
                                 READER) "\"},\"Action\":\"%s\",\"Resource\":\"*\",\"Condition\":{\"StringEquals\":{"
                                         "\"kms:ViaService\":\"rds.eu-west-1.amazonaws.com\"}%s}}",
                             action, is_grant ? ",\"Bool\":{\"kms:GrantIsForAWSResource\":\"true\"}" : "")),
            str_from(action));
        CLEANUP(drop_judgement) struct judgement fixed = judge_policy(*state, pasted(*state, policy, &got.refusal));
        expect(&fixed, KEY_OPEN, str_from(action));
    }
}

/* The new account's key, its root narrowed to what the guide says: the statement
 * for RDS itself does not help the caller. */
static void every_action_that_the_caller_needs_is_missed(void **state)
{
    static const struct {
        const char *actions, *missed;
    } rows[] = {
        { "[\"kms:DescribeKey\",\"kms:CreateGrant\"]",                                                         NULL              },
        { "[\"kms:DescribeKey\"]",                                                                             "kms:CreateGrant" },
        { "[\"kms:CreateGrant\"]",                                                                             "kms:DescribeKey" },
        { "[\"kms:Describe*\",\"kms:Create*\",\"kms:Decrypt\",\"kms:ReEncrypt*\"]",                            NULL              },
        { "[\"kms:Encrypt\",\"kms:Decrypt\",\"kms:ReEncrypt*\",\"kms:GenerateDataKey*\",\"kms:DescribeKey\"]",
         "kms:CreateGrant"                                                                                                       },
        { "[\"kms:Encrypt\",\"kms:Decrypt\",\"kms:ReEncrypt*\",\"kms:GenerateDataKey*\",\"kms:CreateGrant\"]",
         "kms:DescribeKey"                                                                                                       },
        { "[\"kms:Encrypt\",\"kms:DescribeKey\",\"kms:CreateGrant\"]",                                         NULL              },
    };
    struct key_users users = the_users();
    users.reader_count = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct str policy = with_root(*state, rows[i].actions);
        struct key_facts facts = a_key(policy);
        CLEANUP(drop_judgement) struct judgement got = judge(*state, &facts, &users);
        expect(&got, rows[i].missed ? KEY_CLOSED : KEY_OPEN, str_from(rows[i].actions));
        if (!rows[i].missed)
            continue;
        expect_in(err_text(&got.refusal),
                  str_c(*state, str_format(*state, "for account " OWNER ": %s (no statement", rows[i].missed)),
                  str_from(rows[i].actions));
        facts.policy = pasted(*state, policy, &got.refusal);
        CLEANUP(drop_judgement) struct judgement fixed = judge(*state, &facts, &users);
        expect(&fixed, KEY_OPEN, str_from(rows[i].actions));
    }
}

static void all_that_is_missing_is_said_at_once(void **state)
{
    struct key_facts facts = a_key(policy_of(*state, OWNER_ALL));
    struct key_users users = the_users();
    users.readers = readers;
    users.reader_count = 2;
    CLEANUP(drop_judgement) struct judgement got = judge(*state, &facts, &users);
    expect(&got, KEY_CLOSED, STR("no readers"));
    expect_in(err_text(&got.refusal),
              "for accounts " READER ", " OTHER_READER ": kms:DescribeKey, kms:CreateGrant, kms:Decrypt, "
              "kms:ReEncryptFrom (no statement allows it)",
              STR("no readers"));
    facts.policy = pasted(*state, facts.policy, &got.refusal);
    CLEANUP(drop_judgement) struct judgement fixed = judge(*state, &facts, &users);
    expect(&fixed, KEY_OPEN, STR("fixed"));
}

/* Of another action the policy may say that it is not known. */
static void what_is_narrow_hides_no_doubt(void **state)
{
    CLEANUP(drop_judgement)
    struct judgement got = judge_policy(
        *state, policy_of(*state, OWNER_ALL
                          "," STATEMENT("Allow", AWS(ROOT(READER)), "\"Action\":\"kms:DescribeKey\"",
                                        "") "," STATEMENT("Allow", AWS(ROOT(READER)), "\"Action\":\"kms:CreateGrant\"",
                                                          ON("StringEquals", "aws:PrincipalOrgID", "\"o-1\""))));
    expect(&got, KEY_NARROW, STR("narrow"));
    expect_in(err_text(&got.refusal), "account " READER ": kms:Decrypt, kms:ReEncryptFrom (no", STR("narrow"));
    expect_in(str_c(*state, got.doubt), "is not known: kms:CreateGrant", STR("narrow"));
}

static void a_lack_of_both_kinds_is_closed_and_names_all(void **state)
{
    CLEANUP(drop_judgement)
    struct judgement got = judge_policy(
        *state,
        policy_of(*state, OWNER_ALL "," STATEMENT("Allow", AWS(ROOT(READER)), "\"Action\":\"kms:DescribeKey\"", "")));
    expect(&got, KEY_CLOSED, STR("both"));
    expect_in(err_text(&got.refusal), "kms:CreateGrant, kms:Decrypt, kms:ReEncryptFrom", STR("both"));
}

static void the_common_mistake_with_grants_is_named(void **state)
{
    CLEANUP(drop_judgement)
    struct judgement got = judge_policy(
        *state, policy_of(*state, OWNER_ALL "," STATEMENT("Allow", AWS(ROOT(READER)), READING,
                                                          ON("Bool", "kms:GrantIsForAWSResource", "\"true\""))));
    expect(&got, KEY_CLOSED, STR("one statement for all"));
    expect_in(err_text(&got.refusal),
              "kms:DescribeKey, kms:Decrypt, kms:ReEncryptFrom (no statement allows it; the statement \"S\" "
              "would, but its condition on kms:GrantIsForAWSResource is not met)",
              STR("one statement for all"));
}

static void a_denial_is_not_cured_by_a_statement(void **state)
{
    CLEANUP(drop_judgement)
    struct judgement got = judge_policy(
        *state,
        policy_of(*state, OWNER_ALL "," STATEMENT("Allow", AWS(ROOT(READER)), READING,
                                                  "") ",{\"Sid\":\"NoGrants\",\"Effect\":\"Deny\",\"Principal\":\"*\","
                                                      "\"Action\":\"kms:CreateGrant\",\"Resource\":\"*\"}"));
    expect(&got, KEY_CLOSED, STR("deny"));
    expect_in(err_text(&got.refusal),
              "for accounts " OWNER ", " READER ": kms:CreateGrant (the statement \"NoGrants\" denies it)",
              STR("deny"));
    expect_in(err_remedy(&got.refusal), "Remove or narrow the statement", STR("deny"));
    expect_not_in(err_remedy(&got.refusal), "{", STR("deny"));
}

static void the_service_that_is_asked_through_decides(void **state)
{
    CLEANUP(drop_judgement)
    struct judgement got = judge_policy(
        *state, policy_of(*state, OWNER_ALL
                          "," STATEMENT("Allow", AWS(ROOT(READER)), READING,
                                        ON("StringEquals", "kms:ViaService", "\"ec2.eu-west-1.amazonaws.com\""))));
    expect(&got, KEY_CLOSED, STR("ec2"));
    expect_in(err_text(&got.refusal), "its condition on kms:ViaService is not met", STR("ec2"));
    struct key_users users = the_users();
    users.reader_count = 0;
    const struct key_facts facts =
        a_key(policy_of(*state, STATEMENT("Allow", AWS(ROOT(OWNER)), ALL,
                                          ON("StringEquals", "kms:ViaService", "\"rds.us-east-1.amazonaws.com\""))));
    drop_judgement(&got);
    got = judge(*state, &facts, &users);
    expect(&got, KEY_CLOSED, STR("another Region")); /* the caller's Region is known */
    users.part = KEY_PART_SOURCE;
    users.region = STR("us-east-1");
    drop_judgement(&got);
    got = judge(*state, &facts, &users);
    expect(&got, KEY_MAYBE, STR("from the key's Region to another one"));
}

/* Up to 20 accounts and the longest names: the statements come whole. */
static void the_statements_for_many_readers_are_whole(void **state)
{
    struct str many[20];
    for (size_t i = 0; i < ARRAY_LENGTH(many); i++)
        many[i] = str_format(*state, "2222222222%02zu", i);
    struct key_facts facts = a_key(policy_of(*state, STATEMENT("Allow", AWS("*"), "\"Action\":\"kms:Verify\"", "")));
    facts.lookup.key.arn = STR("arn:aws-us-gov:kms:us-gov-west-1:" OWNER ":key/k1");
    struct key_users users = the_users();
    users.region = STR("us-gov-west-1");
    users.readers = many;
    users.reader_count = ARRAY_LENGTH(many);
    CLEANUP(drop_judgement) struct judgement got = judge(*state, &facts, &users);
    expect(&got, KEY_CLOSED, STR("many"));
    expect_in(err_remedy(&got.refusal), "arn:aws-us-gov:iam::222222222219:root", STR("many"));
    facts.policy = pasted(*state, facts.policy, &got.refusal);
    CLEANUP(drop_judgement) struct judgement fixed = judge(*state, &facts, &users);
    expect(&fixed, KEY_OPEN, STR("fixed"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(every_action_that_readers_need_is_missed),
        WITH_ARENA(every_action_that_the_caller_needs_is_missed),
        WITH_ARENA(all_that_is_missing_is_said_at_once),
        WITH_ARENA(the_common_mistake_with_grants_is_named),
        WITH_ARENA(a_denial_is_not_cured_by_a_statement),
        WITH_ARENA(the_service_that_is_asked_through_decides),
        WITH_ARENA(the_statements_for_many_readers_are_whole),
        WITH_ARENA(what_is_narrow_hides_no_doubt),
        WITH_ARENA(a_lack_of_both_kinds_is_closed_and_names_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
