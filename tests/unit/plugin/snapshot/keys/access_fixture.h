/* SPDX-License-Identifier: MPL-2.0
 *
 * A key with a policy, who is to use it, and what access.h makes of that.
 */
#ifndef TESTS_UNIT_PLUGIN_SNAPSHOT_KEYS_ACCESS_FIXTURE_H
#define TESTS_UNIT_PLUGIN_SNAPSHOT_KEYS_ACCESS_FIXTURE_H

#include <string.h>

#include "plugin/snapshot/keys/access.h"
#include "plugin/snapshot/policies/key.h"
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

static const char *const access_names[] = { "open", "closed", "narrow", "unusable", "hopeless", "maybe" };

static inline struct key_facts a_key(struct str policy)
{
    return (struct key_facts){
        .lookup.key = { .arn = STR(KEY("k1")),
                       .account = STR(OWNER),
                       .key_manager = STR("CUSTOMER"),
                       .key_state = STR("Enabled"),
                       .key_spec = STR("SYMMETRIC_DEFAULT") },
        .policy = policy,
        .grants_answer = KEY_GRANTS_TOLD,
    };
}

/* The owner's role copies with the key, for a reader. */
static inline struct key_users the_users(void)
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

static inline void drop_judgement(struct judgement *judgement)
{
    err_clear(&judgement->refusal);
}

static inline struct judgement judge(struct arena *arena, const struct key_facts *facts, const struct key_users *users)
{
    struct judgement out = { 0 };
    out.access = key_access_judge(arena, facts, users, &out.refusal, &out.doubt);
    bool refuses = out.access != KEY_OPEN && out.access != KEY_MAYBE;
    if (refuses != (out.refusal.kind != ERR_NONE) || (!refuses && (out.access == KEY_MAYBE) != (out.doubt.len > 0)))
        fail_msg("%s: \"%s\", \"%.*s\"", access_names[out.access], err_text(&out.refusal), STR_ARG(out.doubt));
    return out;
}

static inline struct judgement judge_policy(struct arena *arena, struct str policy)
{
    const struct key_facts facts = a_key(policy);
    const struct key_users users = the_users();
    return judge(arena, &facts, &users);
}

static inline void expect(const struct judgement *judgement, enum key_access access, struct str what)
{
    if (judgement->access != access)
        fail_msg("%.*s: %s, not %s: %s %.*s", STR_ARG(what), access_names[judgement->access], access_names[access],
                 err_text(&judgement->refusal), STR_ARG(judgement->doubt));
}

static inline void expect_in(const char *text, const char *part, struct str what)
{
    if (!strstr(text, part))
        fail_msg("%.*s: \"%s\" is not in \"%s\"", STR_ARG(what), part, text);
}

static inline void expect_not_in(const char *text, const char *part, struct str what)
{
    if (strstr(text, part))
        fail_msg("%.*s: \"%s\" is in \"%s\"", STR_ARG(what), part, text);
}

/* ---- Policies -------------------------------------------------------------- */

static inline struct str written_policy(struct arena *arena, const struct key_policy_source *source)
{
    const struct str region = STR("eu-west-1");
    struct key_policy_source whole = *source;
    whole.owner_account_id = STR(OWNER);
    whole.regions = tf_string_set_from(arena, &region, 1);
    struct str text;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(key_policy_of_source(arena, &whole, &text, &err));
    return text;
}

static inline struct str source_policy(struct arena *arena)
{
    const struct key_policy_source source = { .reader_account_ids = tf_string_set_from(arena, readers, 2) };
    return written_policy(arena, &source);
}

static inline struct str target_policy(struct arena *arena)
{
    struct str text;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(key_policy_of_target(arena, STR(OWNER), (struct tf_string){ 0 }, &text, &err));
    return text;
}

/* The text with the first `old` after `anchor` replaced. */
static inline struct str replaced(struct arena *arena, struct str text, const char *anchor, const char *old,
                                  const char *new)
{
    ptrdiff_t from = str_find(text, str_from(anchor));
    if (from < 0)
        fail_msg("no %s", anchor);
    struct str rest = str_slice(text, (size_t)from, text.len);
    ptrdiff_t at = str_find(rest, str_from(old));
    if (at < 0)
        fail_msg("no %s after %s", old, anchor);
    const struct str after = str_slice(rest, (size_t)at + strlen(old), rest.len);
    return str_format(arena, "%.*s%.*s%s%.*s", (int)from, text.ptr, (int)at, rest.ptr, new, STR_ARG(after));
}

/* Something else in the place of the action: a statement needs one. */
static inline struct str without(struct arena *arena, struct str policy, const char *sid, const char *action)
{
    return replaced(arena, policy, sid, str_c(arena, str_format(arena, "\"%s\"", action)), "\"kms:Verify\"");
}

static inline struct str with_statements(struct arena *arena, struct str policy, struct str statements)
{
    return replaced(arena, policy, "\"Statement\":[", "[",
                    str_c(arena, str_format(arena, "[%.*s,", STR_ARG(statements))));
}

static inline struct str pasted(struct arena *arena, struct str policy, const struct err *refusal)
{
    const char *statements = strchr(err_remedy(refusal), '{');
    assert_non_null(statements);
    return with_statements(arena, policy, str_from(statements));
}

static inline struct str with_root(struct arena *arena, const char *actions)
{
    return replaced(arena, target_policy(arena), "OwnerAccount", "\"kms:*\"", actions);
}

#define STATEMENT(effect, who, what, more)                                                                             \
    "{\"Sid\":\"S\",\"Effect\":\"" effect "\"," who "," what ",\"Resource\":\"*\"" more "}"
#define AWS(principal) "\"Principal\":{\"AWS\":\"" principal "\"}"
#define ALL "\"Action\":\"kms:*\""
#define READING "\"Action\":[\"kms:Decrypt\",\"kms:ReEncrypt*\",\"kms:DescribeKey\",\"kms:CreateGrant\"]"
#define OWNER_ALL STATEMENT("Allow", AWS(ROOT(OWNER)), ALL, "")
#define ON(operator, key, value) ",\"Condition\":{\"" operator"\":{\"" key "\":" value "}}"

static inline struct str policy_of(struct arena *arena, const char *statements)
{
    return str_format(arena, "{\"Version\":\"2012-10-17\",\"Statement\":[%s]}", statements);
}

static inline int open_arena(void **state)
{
    *state = arena_new();
    return 0;
}

static inline int close_arena(void **state)
{
    arena_free(*state);
    return 0;
}

#define WITH_ARENA(test) cmocka_unit_test_setup_teardown(test, open_arena, close_arena)

#endif
