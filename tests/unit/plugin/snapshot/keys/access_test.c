/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/unit/plugin/snapshot/keys/access_fixture.h"

/* ---- Open ------------------------------------------------------------------- */

static void the_policies_that_we_write_are_open(void **state)
{
    CLEANUP(drop_judgement) struct judgement source = judge_policy(*state, source_policy(*state));
    expect(&source, KEY_OPEN, STR("source"));
    const struct key_facts facts = a_key(target_policy(*state));
    struct key_users users = the_users();
    users.reader_count = 0;
    CLEANUP(drop_judgement) struct judgement target = judge(*state, &facts, &users);
    expect(&target, KEY_OPEN, STR("target"));
}

/* What the account's own IAM makes of its roles, and the organization of an account, cannot be told from outside. */
static void a_policy_that_names_roles_or_an_organization_is_not_judged_closed(void **state)
{
    const struct str role = STR("arn:aws:iam::" READER ":role/team/mover");
    const struct tf_string organization = tf_known_string(STR("o-a1b2c3d4e5"));
    const struct key_policy_source rows[] = {
        { .reader_principals = tf_string_set_from(*state, &role, 1) },
        { .reader_account_ids = tf_string_set_from(*state, readers, 1), .principal_org_id = organization },
        { .reader_principals = tf_string_set_from(*state, &role, 1), .principal_org_id = organization },
    };
    static const char *const doubts[] = { "its principal", "aws:PrincipalOrgID", "its principal" };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        CLEANUP(drop_judgement) struct judgement got = judge_policy(*state, written_policy(*state, &rows[i]));
        expect(&got, KEY_MAYBE, str_from(doubts[i]));
        expect_in(str_c(*state, got.doubt), doubts[i], str_from(doubts[i]));
    }
}

/* The caller knows its own role, and that another one is not it. An account of which nobody is named is refused. */
static void who_is_named_is_allowed_and_who_is_not_is_refused(void **state)
{
    static const struct {
        const char *account, *arn;
        enum key_access access;
    } rows[] = {
        { READER,       "arn:aws:sts::" READER ":assumed-role/mover/session",       KEY_OPEN   },
        { READER,       "arn:aws:sts::" READER ":assumed-role/other/session",       KEY_CLOSED },
        { READER,       "arn:aws:iam::" READER ":user/mover",                       KEY_CLOSED },
        { READER,       "",                                                         KEY_MAYBE  },
        { OTHER_READER, "arn:aws:sts::" OTHER_READER ":assumed-role/mover/session", KEY_CLOSED },
        { OTHER_READER, "",                                                         KEY_CLOSED },
    };
    const struct str role = STR("arn:aws:iam::" READER ":role/team/mover");
    const struct key_policy_source source = { .reader_principals = tf_string_set_from(*state, &role, 1) };
    const struct key_facts facts = a_key(written_policy(*state, &source));
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const struct key_users users = { .part = KEY_PART_READER,
                                         .account = str_from(rows[i].account),
                                         .arn = str_from(rows[i].arn),
                                         .region = STR("eu-west-1") };
        CLEANUP(drop_judgement) struct judgement got = judge(*state, &facts, &users);
        expect(&got, rows[i].access, str_from(rows[i].arn));
    }
}

static void without_a_redundant_statement_nothing_is_said(void **state)
{
    static const char *const owner_use[] = { "kms:Encrypt",     "kms:Decrypt",          "kms:ReEncryptFrom",
                                             "kms:ReEncryptTo", "kms:GenerateDataKey*", "kms:DescribeKey" };
    for (size_t i = 0; i < ARRAY_LENGTH(owner_use); i++) {
        struct judgement got =
            judge_policy(*state, without(*state, source_policy(*state), "OwnerThroughRDS", owner_use[i]));
        expect(&got, KEY_OPEN, str_from(owner_use[i]));
    }
    static const char *const service_use[] = { "kms:ReEncryptTo", "kms:GenerateDataKey*", "kms:Encrypt",
                                               "kms:DescribeKey", "kms:Decrypt",          "kms:CreateGrant" };
    struct key_users users = the_users();
    users.reader_count = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(service_use); i++) {
        const struct key_facts facts = a_key(without(*state, target_policy(*state), "RDSForOwner", service_use[i]));
        CLEANUP(drop_judgement) struct judgement got = judge(*state, &facts, &users);
        expect(&got, KEY_OPEN, str_from(service_use[i]));
    }
}

struct policy_row {
    const char *statements;
    enum key_access access;
};

static void expect_each(struct arena *arena, const struct policy_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        CLEANUP(drop_judgement) struct judgement got = judge_policy(arena, policy_of(arena, rows[i].statements));
        expect(&got, rows[i].access, str_from(rows[i].statements));
    }
}

/* The worst that a look before the copy can do is to refuse what works. */
static void whoever_may_be_a_reader_is_never_refused(void **state)
{
    static const struct policy_row rows[] = {
        { OWNER_ALL "," STATEMENT("Allow", AWS(ROOT(READER)), READING, ""), KEY_OPEN },
        { OWNER_ALL "," STATEMENT("Allow", AWS(READER), READING, ""), KEY_OPEN },
        { STATEMENT("Allow", AWS("*"), ALL, ""), KEY_OPEN },
        { STATEMENT("Allow", "\"Principal\":\"*\"", "\"Action\":\"*\"", ""), KEY_OPEN },
        { OWNER_ALL
          "," STATEMENT("Allow", AWS("*"), READING, ON("StringEquals", "kms:CallerAccount", "[\"" READER "\"]")),
         KEY_OPEN },
        { OWNER_ALL "," STATEMENT("Allow", AWS("*"), READING, ON("StringEquals", "aws:PrincipalAccount", READER)),
         KEY_OPEN },
        { OWNER_ALL "," STATEMENT("Allow", AWS("*"), READING, ON("StringEquals", "aws:PrincipalOrgID", "\"o-1\"")),
         KEY_MAYBE },
        { OWNER_ALL
          "," STATEMENT("Allow", AWS("*"), READING, ON("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "\"o-1/*\"")),
         KEY_MAYBE },
        { OWNER_ALL "," STATEMENT("Allow", AWS("*"), READING,
         ON("ArnLike", "aws:PrincipalArn", "\"arn:aws:iam::" READER ":role/*\"")),
         KEY_MAYBE },
        { OWNER_ALL "," STATEMENT("Allow", AWS("arn:aws:iam::" READER ":role/mover"), READING, ""), KEY_MAYBE },
        { OWNER_ALL "," STATEMENT("Allow", AWS("AROACKCEVSQ6C2EXAMPLE"), READING, ""), KEY_MAYBE },
        { OWNER_ALL "," STATEMENT("Allow", AWS(ROOT(READER)), "\"NotAction\":\"kms:ScheduleKeyDeletion\"", ""),
         KEY_OPEN },
        { OWNER_ALL "," STATEMENT("Allow", "\"NotPrincipal\":{\"AWS\":\"" OTHER_READER "\"}", READING, ""), KEY_OPEN },
        { STATEMENT("Allow", AWS("arn:aws:iam::" OWNER ":role/mover"), READING,
         "") "," STATEMENT("Allow", AWS(ROOT(READER)), READING, ""),
         KEY_OPEN },
    };
    expect_each(*state, rows, ARRAY_LENGTH(rows));
}

#define READER_IF(operator, key, value)                                                                                \
    OWNER_ALL "," STATEMENT("Allow", AWS(ROOT(READER)), READING, ON(operator, key, value))

static void a_condition_that_may_hold_is_never_refused(void **state)
{
    static const struct policy_row rows[] = {
        { READER_IF("StringLike",             "kms:ViaService",            "\"rds.*.amazonaws.com\""),         KEY_OPEN  },
        /* A reader may copy to another Region, and so call RDS there. */
        { READER_IF("StringEquals",           "kms:ViaService",            "\"rds.us-east-1.amazonaws.com\""), KEY_MAYBE },
        { READER_IF("StringLike",             "kms:ViaService",            "\"*.us-east-1.amazonaws.com\""),   KEY_MAYBE },
        { READER_IF("StringLike",             "kms:ViaService",            "\"r*.us-*t-1.amazonaws.com\""),    KEY_MAYBE },
        { READER_IF("StringEqualsIgnoreCase", "kms:ViaService",            "\"RDS.us-east-1.amazonaws.com\""), KEY_MAYBE },
        { READER_IF("Bool",                   "aws:SecureTransport",       "\"true\""),                        KEY_MAYBE },
        { READER_IF("BoolIfExists",           "kms:GrantIsForAWSResource", "\"true\""),                        KEY_OPEN  },
    };
    expect_each(*state, rows, ARRAY_LENGTH(rows));
}

static void a_statement_that_may_not_bind_is_never_refused(void **state)
{
    static const struct policy_row rows[] = {
        { OWNER_ALL "," STATEMENT("Allow", AWS(ROOT(READER)), READING,
         "") "," STATEMENT("Deny", AWS("*"), "\"Action\":\"kms:ScheduleKeyDeletion\"", ""),
         KEY_OPEN },
        { OWNER_ALL "," STATEMENT("Allow", AWS(ROOT(READER)), READING, "") "," STATEMENT(
              "Deny", "\"Principal\":\"*\"", ALL, ON("StringNotEquals", "aws:PrincipalOrgID", "\"o-1\"")),
         KEY_MAYBE },
        { OWNER_ALL "," STATEMENT("Allow", AWS(ROOT(READER)), READING, "") "," STATEMENT(
              "Deny", "\"Principal\":\"*\"", ALL,
         ON("StringNotEquals", "kms:CallerAccount", "[\"" READER "\",\"" OWNER "\"]")),
         KEY_OPEN },
        { OWNER_ALL "," STATEMENT("Allow", AWS(ROOT(READER)), READING, "") ",{\"Effect\":\"Allow\",\"Future\":true}",
         KEY_MAYBE },
        { "{\"Effect\":\"Allow\"}", KEY_MAYBE },
    };
    expect_each(*state, rows, ARRAY_LENGTH(rows));
}

static void what_cannot_be_read_is_no_refusal(void **state)
{
    const struct key_users users = the_users();
    static const char *const texts[] = { "",    "{", "[]", "{\"Statement\":1}", "{\"Statement\":[],\"Statement\":[]}",
                                         "null" };
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        CLEANUP(drop_judgement) struct judgement got = judge_policy(*state, str_from(texts[i]));
        expect(&got, KEY_MAYBE, str_from(texts[i]));
    }
    static const enum key_answer answers[] = { KEY_ABSENT, KEY_UNTOLD };
    for (size_t i = 0; i < ARRAY_LENGTH(answers); i++) {
        const struct key_facts facts = { .lookup.answer = answers[i], .policy_lack = STR("kms:DescribeKey") };
        CLEANUP(drop_judgement) struct judgement got = judge(*state, &facts, &users);
        expect(&got, KEY_MAYBE, STR("no facts"));
    }
    struct key_facts ungranted = a_key(policy_of(*state, OWNER_ALL));
    ungranted.grants_answer = KEY_GRANTS_UNTOLD;
    ungranted.grants_lack = STR("kms:ListGrants: timeout");
    CLEANUP(drop_judgement) struct judgement got = judge(*state, &ungranted, &users);
    expect(&got, KEY_MAYBE, STR("grants not told"));
    expect_in(str_c(*state, got.doubt), "grants cannot be listed: kms:ListGrants: timeout", STR("grants not told"));
}

static void a_partition_with_a_domain_of_its_own_is_known_by_both_forms(void **state)
{
    static const char *const hosts[] = { "rds.cn-north-1.amazonaws.com.cn", "rds.cn-north-1.amazonaws.com" };
    struct key_users users = the_users();
    users.reader_count = 0;
    users.region = STR("cn-north-1");
    for (size_t i = 0; i < ARRAY_LENGTH(hosts); i++) {
        struct str statements = str_format(*state,
                                           STATEMENT("Allow", AWS("arn:aws-cn:iam::" OWNER ":root"), ALL,
                                                     ",\"Condition\":{\"StringEquals\":{\"kms:ViaService\":\"%s\"}}"),
                                           hosts[i]);
        struct key_facts facts = a_key(policy_of(*state, str_c(*state, statements)));
        facts.lookup.key.arn = STR("arn:aws-cn:kms:cn-north-1:" OWNER ":key/k1");
        CLEANUP(drop_judgement) struct judgement got = judge(*state, &facts, &users);
        expect(&got, KEY_MAYBE, str_from(hosts[i]));
    }
}

/* ---- Grants ------------------------------------------------------------------ */

static void a_grant_may_stand_for_a_statement(void **state)
{
    static struct str every[] = {
        { "DescribeKey",   11 },
        { "CreateGrant",   11 },
        { "Decrypt",       7  },
        { "ReEncryptFrom", 13 }
    };
    static const struct {
        const char *grantee;
        size_t operations;
        enum key_access access;
        const char *service;
    } rows[] = {
        { "arn:aws:iam::" READER ":role/mover",              4, KEY_MAYBE,  NULL                },
        { ROOT(READER),                                      4, KEY_MAYBE,  NULL                },
        { ROOT(READER),                                      1, KEY_CLOSED, NULL                },
        { ROOT(READER),                                      2, KEY_NARROW, NULL                },
        { ROOT(READER),                                      3, KEY_NARROW, NULL                },
        { ROOT(OTHER_READER),                                4, KEY_CLOSED, NULL                },
        { "rds.eu-west-1.amazonaws.com",                     4, KEY_CLOSED, NULL                },
        { "arn:aws:sts::" OWNER ":assumed-role/aws:rds/i-1", 4, KEY_CLOSED, NULL                },
        { "AROACKCEVSQ6C2EXAMPLE",                           4, KEY_MAYBE,  NULL                },
        { NULL,                                              4, KEY_CLOSED, "rds.amazonaws.com" },
        { "arn:aws:iam::" READER ":role/mover",              4, KEY_CLOSED, "rds.amazonaws.com" },
    };
    struct key_facts facts = a_key(policy_of(*state, OWNER_ALL));
    const struct key_users users = the_users();
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct kms_grant grant = {
            .grantee = str_from(rows[i].grantee),
            .grantee_service = str_from(rows[i].service),
            .operations = { .items = every, .count = rows[i].operations },
        };
        facts.grants = (struct kms_grants){ .items = &grant, .count = 1 };
        CLEANUP(drop_judgement) struct judgement got = judge(*state, &facts, &users);
        expect(&got, rows[i].access, str_from(rows[i].grantee));
    }
}

/* ---- The key itself ---------------------------------------------------------- */

static void a_key_that_is_no_use_is_told_from_one_that_can_be_mended(void **state)
{
    static const struct {
        const char *key_state, *spec, *manager;
        enum key_access access;
    } rows[] = {
        { "Enabled",                "SYMMETRIC_DEFAULT", "CUSTOMER", KEY_OPEN     },
        { "Creating",               "SYMMETRIC_DEFAULT", "CUSTOMER", KEY_OPEN     },
        { "Disabled",               "SYMMETRIC_DEFAULT", "CUSTOMER", KEY_UNUSABLE },
        { "PendingImport",          "SYMMETRIC_DEFAULT", "CUSTOMER", KEY_UNUSABLE },
        { "Unavailable",            "SYMMETRIC_DEFAULT", "CUSTOMER", KEY_UNUSABLE },
        { "PendingDeletion",        "SYMMETRIC_DEFAULT", "CUSTOMER", KEY_HOPELESS },
        { "PendingReplicaDeletion", "SYMMETRIC_DEFAULT", "CUSTOMER", KEY_HOPELESS },
        { "Enabled",                "RSA_2048",          "CUSTOMER", KEY_HOPELESS },
        { "Enabled",                "HMAC_256",          "CUSTOMER", KEY_HOPELESS },
        { "Disabled",               "RSA_2048",          "CUSTOMER", KEY_HOPELESS },
        { "Enabled",                "SYMMETRIC_DEFAULT", "AWS",      KEY_HOPELESS },
    };
    const struct key_users users = the_users();
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct key_facts facts = a_key(source_policy(*state));
        facts.lookup.key.key_state = str_from(rows[i].key_state);
        facts.lookup.key.key_spec = str_from(rows[i].spec);
        facts.lookup.key.key_manager = str_from(rows[i].manager);
        CLEANUP(drop_judgement) struct judgement got = judge(*state, &facts, &users);
        expect(&got, rows[i].access, str_from(rows[i].key_state));
    }
}

static void a_key_of_awss_own_serves_its_account_alone(void **state)
{
    struct key_facts facts = a_key(STR(""));
    const struct str owner = STR(OWNER);
    struct key_users users = the_users();
    facts.lookup.key.key_manager = STR("AWS");
    users.readers = &owner;
    CLEANUP(drop_judgement) struct judgement got = judge(*state, &facts, &users);
    expect(&got, KEY_OPEN, STR("its own account"));
    users.readers = &reader;
    drop_judgement(&got);
    got = judge(*state, &facts, &users);
    expect(&got, KEY_HOPELESS, STR("another account"));
    expect_in(err_text(&got.refusal), "can never be read by another account", STR("another account"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(the_policies_that_we_write_are_open),
        WITH_ARENA(a_policy_that_names_roles_or_an_organization_is_not_judged_closed),
        WITH_ARENA(who_is_named_is_allowed_and_who_is_not_is_refused),
        WITH_ARENA(without_a_redundant_statement_nothing_is_said),
        WITH_ARENA(whoever_may_be_a_reader_is_never_refused),
        WITH_ARENA(a_condition_that_may_hold_is_never_refused),
        WITH_ARENA(a_statement_that_may_not_bind_is_never_refused),
        WITH_ARENA(what_cannot_be_read_is_no_refusal),
        WITH_ARENA(a_partition_with_a_domain_of_its_own_is_known_by_both_forms),
        WITH_ARENA(a_grant_may_stand_for_a_statement),
        WITH_ARENA(a_key_that_is_no_use_is_told_from_one_that_can_be_mended),
        WITH_ARENA(a_key_of_awss_own_serves_its_account_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
