/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/key_access.h"

#include <string.h>

#include "plugin/snapshot/key_policy.h"
#include "tests/support/aws_world.h"
#include "tests/unit/plugin/snapshot/rds_answers.h"

#define OWNER "111111111111"
#define READER "222222222222"
#define OTHER_READER "333333333333"
#define ROOT(account) "arn:aws:iam::" account ":root"

static const struct str reader = { READER, 12 };
static const struct str readers[] = {
    { READER,       12 },
    { OTHER_READER, 12 }
};

static const char *const access_names[] = { "open", "closed", "unusable", "hopeless", "maybe" };

static struct key_facts a_key(struct str policy)
{
    return (struct key_facts){
        .answer = KEY_FOUND,
        .key = { .arn = STR(KEY("k1")),
                .account = STR(OWNER),
                .key_manager = STR("CUSTOMER"),
                .key_state = STR("Enabled"),
                .key_spec = STR("SYMMETRIC_DEFAULT") },
        .policy = policy,
        .grants_answer = KEY_GRANTS_TOLD,
    };
}

/* The owner's role copies with the key, for a reader. */
static struct key_users the_users(void)
{
    return (struct key_users){ .part = KEY_PART_TARGET,
                               .account = STR(OWNER),
                               .arn = STR("arn:aws:sts::" OWNER ":assumed-role/mover/session"),
                               .region = STR("eu-west-1"),
                               .readers = &reader,
                               .reader_count = 1 };
}

struct judgement {
    enum key_access access;
    struct err refusal;
    struct str doubt;
};

static struct judgement judge(struct arena *arena, const struct key_facts *facts, const struct key_users *users)
{
    struct judgement out = { 0 };
    out.access = key_access_judge(arena, facts, users, &out.refusal, &out.doubt);
    bool refuses = out.access == KEY_CLOSED || out.access == KEY_UNUSABLE || out.access == KEY_HOPELESS;
    if (refuses != (out.refusal.kind != ERR_NONE) || (out.access == KEY_MAYBE) != (out.doubt.len > 0))
        fail_msg("%s: \"%s\", \"%.*s\"", access_names[out.access], out.refusal.text, STR_ARG(out.doubt));
    return out;
}

static struct judgement judge_policy(struct arena *arena, struct str policy)
{
    const struct key_facts facts = a_key(policy);
    const struct key_users users = the_users();
    return judge(arena, &facts, &users);
}

static void expect(const struct judgement *judgement, enum key_access access, struct str what)
{
    if (judgement->access != access)
        fail_msg("%.*s: %s, not %s: %s %.*s", STR_ARG(what), access_names[judgement->access], access_names[access],
                 judgement->refusal.text, STR_ARG(judgement->doubt));
}

static void expect_in(const char *text, const char *part, struct str what)
{
    if (!strstr(text, part))
        fail_msg("%.*s: \"%s\" is not in \"%s\"", STR_ARG(what), part, text);
}

static void expect_not_in(const char *text, const char *part, struct str what)
{
    if (strstr(text, part))
        fail_msg("%.*s: \"%s\" is in \"%s\"", STR_ARG(what), part, text);
}

/* ---- Policies -------------------------------------------------------------- */

static struct str source_policy(struct arena *arena)
{
    const struct str region = STR("eu-west-1");
    const struct tf_string_set accounts = tf_string_set_from(arena, readers, 2);
    const struct tf_string_set regions = tf_string_set_from(arena, &region, 1);
    struct str text;
    struct err err = { 0 };
    assert_true(key_policy_of_source(arena, STR(OWNER), &accounts, &regions, (struct tf_string){ 0 }, &text, &err));
    return text;
}

static struct str target_policy(struct arena *arena)
{
    struct str text;
    struct err err = { 0 };
    assert_true(key_policy_of_target(arena, STR(OWNER), (struct tf_string){ 0 }, &text, &err));
    return text;
}

/* The text with the first `old` after `anchor` replaced. */
static struct str replaced(struct arena *arena, struct str text, const char *anchor, const char *old, const char *new)
{
    ptrdiff_t from = str_find(text, str_from(anchor));
    if (from < 0)
        fail_msg("no %s", anchor);
    struct str rest = str_slice(text, (size_t)from, text.len);
    ptrdiff_t at = str_find(rest, str_from(old));
    if (at < 0)
        fail_msg("no %s after %s", old, anchor);
    return str_format(arena, "%.*s%.*s%s%.*s", (int)from, text.ptr, (int)at, rest.ptr, new,
                      STR_ARG(str_slice(rest, (size_t)at + strlen(old), rest.len)));
}

/* Something else in the place of the action: a statement needs one. */
static struct str without(struct arena *arena, struct str policy, const char *sid, const char *action)
{
    return replaced(arena, policy, sid, str_c(arena, str_format(arena, "\"%s\"", action)), "\"kms:Verify\"");
}

static struct str with_statements(struct arena *arena, struct str policy, struct str statements)
{
    return replaced(arena, policy, "\"Statement\":[", "[",
                    str_c(arena, str_format(arena, "[%.*s,", STR_ARG(statements))));
}

static struct str pasted(struct arena *arena, struct str policy, const struct err *refusal)
{
    const char *statements = strchr(refusal->remedy, '{');
    assert_non_null(statements);
    return with_statements(arena, policy, str_from(statements));
}

static struct str with_root(struct arena *arena, const char *actions)
{
    return replaced(arena, target_policy(arena), "OwnerAccount", "\"kms:*\"", actions);
}

/* ---- Open ------------------------------------------------------------------- */

static void the_policies_that_we_write_are_open(void **state)
{
    struct judgement source = judge_policy(*state, source_policy(*state));
    expect(&source, KEY_OPEN, STR("source"));
    const struct key_facts facts = a_key(target_policy(*state));
    struct key_users users = the_users();
    users.reader_count = 0;
    struct judgement target = judge(*state, &facts, &users);
    expect(&target, KEY_OPEN, STR("target"));
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
        struct judgement got = judge(*state, &facts, &users);
        expect(&got, KEY_OPEN, str_from(service_use[i]));
    }
}

#define STATEMENT(effect, who, what, more)                                                                             \
    "{\"Sid\":\"S\",\"Effect\":\"" effect "\"," who "," what ",\"Resource\":\"*\"" more "}"
#define AWS(principal) "\"Principal\":{\"AWS\":\"" principal "\"}"
#define ALL "\"Action\":\"kms:*\""
#define READING "\"Action\":[\"kms:Decrypt\",\"kms:ReEncrypt*\",\"kms:DescribeKey\",\"kms:CreateGrant\"]"
#define OWNER_ALL STATEMENT("Allow", AWS(ROOT(OWNER)), ALL, "")
#define ON(operator, key, value) ",\"Condition\":{\"" operator"\":{\"" key "\":" value "}}"

static struct str policy_of(struct arena *arena, const char *statements)
{
    return str_format(arena, "{\"Version\":\"2012-10-17\",\"Statement\":[%s]}", statements);
}

/* The worst that a look before the copy can do is to refuse what works. */
static void what_may_suffice_is_never_refused(void **state)
{
    static const struct {
        const char *statements;
        enum key_access access;
    } rows[] = {
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
        { OWNER_ALL "," STATEMENT("Allow", AWS(ROOT(READER)), READING,
         ON("StringLike", "kms:ViaService", "\"rds.*.amazonaws.com\"")),
         KEY_OPEN },
        /* A reader may copy to another Region, and so call RDS there. */
        { OWNER_ALL "," STATEMENT("Allow", AWS(ROOT(READER)), READING,
         ON("StringEquals", "kms:ViaService", "\"rds.us-east-1.amazonaws.com\"")),
         KEY_MAYBE },
        { OWNER_ALL "," STATEMENT("Allow", AWS(ROOT(READER)), READING,
         ON("StringLike", "kms:ViaService", "\"*.us-east-1.amazonaws.com\"")),
         KEY_MAYBE },
        { OWNER_ALL "," STATEMENT("Allow", AWS(ROOT(READER)), READING,
         ON("StringLike", "kms:ViaService", "\"r*.us-*t-1.amazonaws.com\"")),
         KEY_MAYBE },
        { OWNER_ALL "," STATEMENT("Allow", AWS(ROOT(READER)), READING,
         ON("StringEqualsIgnoreCase", "kms:ViaService", "\"RDS.us-east-1.amazonaws.com\"")),
         KEY_MAYBE },
        { OWNER_ALL "," STATEMENT("Allow", AWS(ROOT(READER)), READING, ON("Bool", "aws:SecureTransport", "\"true\"")),
         KEY_MAYBE },
        { OWNER_ALL "," STATEMENT("Allow", AWS(ROOT(READER)), READING,
         ON("BoolIfExists", "kms:GrantIsForAWSResource", "\"true\"")),
         KEY_OPEN },
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
        { STATEMENT("Allow", AWS("arn:aws:iam::" OWNER ":role/mover"), READING,
         "") "," STATEMENT("Allow", AWS(ROOT(READER)), READING, ""),
         KEY_OPEN },
        { "{\"Effect\":\"Allow\"}", KEY_MAYBE },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct judgement got = judge_policy(*state, policy_of(*state, rows[i].statements));
        expect(&got, rows[i].access, str_from(rows[i].statements));
    }
}

static void what_cannot_be_read_is_no_refusal(void **state)
{
    const struct key_users users = the_users();
    static const char *const texts[] = { "",    "{", "[]", "{\"Statement\":1}", "{\"Statement\":[],\"Statement\":[]}",
                                         "null" };
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        struct judgement got = judge_policy(*state, str_from(texts[i]));
        expect(&got, KEY_MAYBE, str_from(texts[i]));
    }
    static const enum key_answer answers[] = { KEY_ABSENT, KEY_UNTOLD };
    for (size_t i = 0; i < ARRAY_LENGTH(answers); i++) {
        const struct key_facts facts = { .answer = answers[i], .policy_lack = STR("kms:DescribeKey") };
        struct judgement got = judge(*state, &facts, &users);
        expect(&got, KEY_MAYBE, STR("no facts"));
    }
    struct key_facts ungranted = a_key(policy_of(*state, OWNER_ALL));
    ungranted.grants_answer = KEY_GRANTS_UNTOLD;
    struct judgement got = judge(*state, &ungranted, &users);
    expect(&got, KEY_MAYBE, STR("grants not told"));
    expect_in(str_c(*state, got.doubt), "grants cannot be listed", STR("grants not told"));
}

/* ---- Closed ------------------------------------------------------------------ */

static const char *const reader_actions[] = { "kms:Decrypt", "kms:ReEncryptFrom", "kms:DescribeKey",
                                              "kms:CreateGrant" };

/* What is said names the action, the account and nothing else; pasting the statement mends it. */
static void every_action_that_readers_need_is_missed(void **state)
{
    for (size_t i = 0; i < ARRAY_LENGTH(reader_actions); i++) {
        const bool is_grant = str_equal(str_from(reader_actions[i]), STR("kms:CreateGrant"));
        struct str policy = without(*state, source_policy(*state),
                                    is_grant ? "ReadersGrantsThroughRDS" : "ReadersThroughRDS", reader_actions[i]);
        struct judgement got = judge_policy(*state, policy);
        expect(&got, KEY_CLOSED, str_from(reader_actions[i]));
        assert_int_equal(got.refusal.kind, ERR_DENIED);
        expect_in(
            got.refusal.text,
            str_c(*state, str_format(*state,
                                     "the policy of the key " KEY("k1") " does not let RDS use it for account " READER
                                                                        ": %s (no statement allows it)",
                                     reader_actions[i])),
            str_from(reader_actions[i]));
        expect_in(
            got.refusal.remedy,
            str_c(*state,
                  str_format(*state,
                             "{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"" ROOT(
                                 READER) "\"},\"Action\":\"%s\",\"Resource\":\"*\",\"Condition\":{\"StringEquals\":{"
                                         "\"kms:ViaService\":\"rds.eu-west-1.amazonaws.com\"}%s}}",
                             reader_actions[i], is_grant ? ",\"Bool\":{\"kms:GrantIsForAWSResource\":\"true\"}" : "")),
            str_from(reader_actions[i]));
        struct judgement mended = judge_policy(*state, pasted(*state, policy, &got.refusal));
        expect(&mended, KEY_OPEN, str_from(reader_actions[i]));
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
        struct judgement got = judge(*state, &facts, &users);
        expect(&got, rows[i].missed ? KEY_CLOSED : KEY_OPEN, str_from(rows[i].actions));
        if (!rows[i].missed)
            continue;
        expect_in(got.refusal.text,
                  str_c(*state, str_format(*state, "for account " OWNER ": %s (no statement", rows[i].missed)),
                  str_from(rows[i].actions));
        facts.policy = pasted(*state, policy, &got.refusal);
        struct judgement mended = judge(*state, &facts, &users);
        expect(&mended, KEY_OPEN, str_from(rows[i].actions));
    }
}

static void all_that_is_missing_is_said_at_once(void **state)
{
    struct key_facts facts = a_key(policy_of(*state, OWNER_ALL));
    struct key_users users = the_users();
    users.readers = readers;
    users.reader_count = 2;
    struct judgement got = judge(*state, &facts, &users);
    expect(&got, KEY_CLOSED, STR("no readers"));
    expect_in(got.refusal.text,
              "for accounts " READER ", " OTHER_READER ": kms:DescribeKey, kms:CreateGrant, kms:Decrypt, "
              "kms:ReEncryptFrom (no statement allows it)",
              STR("no readers"));
    facts.policy = pasted(*state, facts.policy, &got.refusal);
    struct judgement mended = judge(*state, &facts, &users);
    expect(&mended, KEY_OPEN, STR("mended"));
}

static void the_common_mistake_with_grants_is_named(void **state)
{
    struct judgement got = judge_policy(
        *state, policy_of(*state, OWNER_ALL "," STATEMENT("Allow", AWS(ROOT(READER)), READING,
                                                          ON("Bool", "kms:GrantIsForAWSResource", "\"true\""))));
    expect(&got, KEY_CLOSED, STR("one statement for all"));
    expect_in(got.refusal.text,
              "kms:DescribeKey, kms:Decrypt, kms:ReEncryptFrom (no statement allows it; the statement \"S\" "
              "would, but its condition on kms:GrantIsForAWSResource is not met)",
              STR("one statement for all"));
}

static void a_denial_is_not_cured_by_a_statement(void **state)
{
    struct judgement got = judge_policy(
        *state,
        policy_of(*state, OWNER_ALL "," STATEMENT("Allow", AWS(ROOT(READER)), READING,
                                                  "") ",{\"Sid\":\"NoGrants\",\"Effect\":\"Deny\",\"Principal\":\"*\","
                                                      "\"Action\":\"kms:CreateGrant\",\"Resource\":\"*\"}"));
    expect(&got, KEY_CLOSED, STR("deny"));
    expect_in(got.refusal.text,
              "for accounts " OWNER ", " READER ": kms:CreateGrant (the statement \"NoGrants\" denies it)",
              STR("deny"));
    expect_in(got.refusal.remedy, "Remove or narrow the statement", STR("deny"));
    expect_not_in(got.refusal.remedy, "{", STR("deny"));
}

static void the_service_that_is_asked_through_decides(void **state)
{
    struct judgement got = judge_policy(
        *state, policy_of(*state, OWNER_ALL
                          "," STATEMENT("Allow", AWS(ROOT(READER)), READING,
                                        ON("StringEquals", "kms:ViaService", "\"ec2.eu-west-1.amazonaws.com\""))));
    expect(&got, KEY_CLOSED, STR("ec2"));
    expect_in(got.refusal.text, "its condition on kms:ViaService is not met", STR("ec2"));
    struct key_users users = the_users();
    users.reader_count = 0;
    const struct key_facts facts =
        a_key(policy_of(*state, STATEMENT("Allow", AWS(ROOT(OWNER)), ALL,
                                          ON("StringEquals", "kms:ViaService", "\"rds.us-east-1.amazonaws.com\""))));
    got = judge(*state, &facts, &users);
    expect(&got, KEY_CLOSED, STR("another Region")); /* the caller's Region is known */
    users.part = KEY_PART_SOURCE;
    users.region = STR("us-east-1");
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
    facts.key.arn = STR("arn:aws-us-gov:kms:us-gov-west-1:" OWNER ":key/k1");
    struct key_users users = the_users();
    users.region = STR("us-gov-west-1");
    users.readers = many;
    users.reader_count = ARRAY_LENGTH(many);
    struct judgement got = judge(*state, &facts, &users);
    expect(&got, KEY_CLOSED, STR("many"));
    expect_in(got.refusal.remedy, "arn:aws-us-gov:iam::222222222219:root", STR("many"));
    facts.policy = pasted(*state, facts.policy, &got.refusal);
    struct judgement mended = judge(*state, &facts, &users);
    expect(&mended, KEY_OPEN, STR("mended"));
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
        facts.key.arn = STR("arn:aws-cn:kms:cn-north-1:" OWNER ":key/k1");
        struct judgement got = judge(*state, &facts, &users);
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
    } rows[] = {
        { "arn:aws:iam::" READER ":role/mover",              4, KEY_MAYBE  },
        { ROOT(READER),                                      4, KEY_MAYBE  },
        { ROOT(READER),                                      3, KEY_CLOSED },
        { ROOT(OTHER_READER),                                4, KEY_CLOSED },
        { "rds.eu-west-1.amazonaws.com",                     4, KEY_CLOSED },
        { "arn:aws:sts::" OWNER ":assumed-role/aws:rds/i-1", 4, KEY_CLOSED },
        { "AROACKCEVSQ6C2EXAMPLE",                           4, KEY_MAYBE  },
    };
    struct key_facts facts = a_key(policy_of(*state, OWNER_ALL));
    const struct key_users users = the_users();
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct kms_grant grant = {
            .grantee = str_from(rows[i].grantee), .operations = { .items = every, .count = rows[i].operations }
        };
        facts.grants = (struct kms_grants){ .items = &grant, .count = 1 };
        struct judgement got = judge(*state, &facts, &users);
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
        facts.key.key_state = str_from(rows[i].key_state);
        facts.key.key_spec = str_from(rows[i].spec);
        facts.key.key_manager = str_from(rows[i].manager);
        struct judgement got = judge(*state, &facts, &users);
        expect(&got, rows[i].access, str_from(rows[i].key_state));
    }
}

static void a_key_of_awss_own_serves_its_account_alone(void **state)
{
    struct key_facts facts = a_key(STR(""));
    const struct str owner = STR(OWNER);
    struct key_users users = the_users();
    facts.key.key_manager = STR("AWS");
    users.readers = &owner;
    struct judgement got = judge(*state, &facts, &users);
    expect(&got, KEY_OPEN, STR("its own account"));
    users.readers = &reader;
    got = judge(*state, &facts, &users);
    expect(&got, KEY_HOPELESS, STR("another account"));
    expect_in(got.refusal.text, "can never be read by another account", STR("another account"));
}

static void what_each_part_needs_can_be_asked(void **state)
{
    const char *actions[KEY_ACTIONS_MAX];
    (void)state;
    key_access_actions(KEY_PART_READER, actions);
    assert_string_equal(actions[3], "kms:ReEncryptFrom");
    assert_null(actions[4]);
    key_access_actions(KEY_PART_TARGET, actions);
    assert_string_equal(actions[0], "kms:DescribeKey");
    assert_null(actions[2]);
    key_access_actions(KEY_PART_NONE, actions);
    assert_null(actions[0]);
    assert_true(key_access_is_grant_action("kms:CreateGrant"));
    assert_false(key_access_is_grant_action("kms:Decrypt"));
    assert_false(key_access_is_grant_action("kms:Sign"));
}

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

#define WITH_ARENA(test) cmocka_unit_test_setup_teardown(test, open_arena, close_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(the_policies_that_we_write_are_open),
        WITH_ARENA(without_a_redundant_statement_nothing_is_said),
        WITH_ARENA(what_may_suffice_is_never_refused),
        WITH_ARENA(what_cannot_be_read_is_no_refusal),
        WITH_ARENA(every_action_that_readers_need_is_missed),
        WITH_ARENA(every_action_that_the_caller_needs_is_missed),
        WITH_ARENA(all_that_is_missing_is_said_at_once),
        WITH_ARENA(the_common_mistake_with_grants_is_named),
        WITH_ARENA(a_denial_is_not_cured_by_a_statement),
        WITH_ARENA(the_service_that_is_asked_through_decides),
        WITH_ARENA(the_statements_for_many_readers_are_whole),
        WITH_ARENA(a_partition_with_a_domain_of_its_own_is_known_by_both_forms),
        WITH_ARENA(a_grant_may_stand_for_a_statement),
        WITH_ARENA(a_key_that_is_no_use_is_told_from_one_that_can_be_mended),
        WITH_ARENA(a_key_of_awss_own_serves_its_account_alone),
        WITH_ARENA(what_each_part_needs_can_be_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
