/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/keys/facts.h"

#include "tests/support/aws_world.h"
#include "tests/unit/plugin/snapshot/rds_answers.h"

static int setup(void **state)
{
    int result = aws_world_setup(state);
    struct aws_world *world = *state;
    world->call.account = STR("111111111111");
    world->call.region = STR("eu-west-1");
    return result;
}

static void check_asked(struct aws_world *world, const char *wanted)
{
    assert_str_equal(operations(&world->transport, world->arena), wanted);
}

static struct fake_answer the_key(struct aws_world *world)
{
    return own_key(world->arena, KEY("k1"), "SYMMETRIC_DEFAULT", "Enabled");
}

/* ---- What a key is ---------------------------------------------------------- */

static void a_key_is_found_with_its_arn(void **state)
{
    struct aws_world *world = *state;
    struct key_facts facts;
    aws_world_answers(world, the_key(world));
    assert_true(key_facts_begin(&world->call, STR("alias/mine"), &facts, &world->err));
    assert_int_equal(facts.lookup.answer, KEY_FOUND);
    assert_str_equal(facts.lookup.text, "alias/mine");
    assert_str_equal(facts.lookup.key.arn, KEY("k1"));
    assert_int_equal(facts.lookup.asked_ms, waiter_now_ms(world->waiter));
    assert_true(str_find(world->transport.requests[0].body, STR("alias/mine")) >= 0);
    check_asked(world, "DescribeKey");
}

static void a_key_that_is_not_there_is_absent(void **state)
{
    struct aws_world *world = *state;
    struct key_facts facts;
    aws_world_answers(world, { .status = 400, .text = "{\"__type\":\"NotFoundException\",\"message\":\"none\"}" });
    assert_true(key_facts_begin(&world->call, STR(KEY("k1")), &facts, &world->err));
    assert_int_equal(facts.lookup.answer, KEY_ABSENT);
    assert_str_equal(facts.lookup.key.arn, "");
    assert_string_equal(err_text(&world->err), "none"); /* what AWS said */
}

/* What the policy lacks may be kms:DescribeKey itself. */
static void a_denied_answer_leaves_what_the_text_says(void **state)
{
    static const struct {
        const char *key, *caller, *arn, *asked;
    } rows[] = {
        { KEY("k1"),                                    "111111111111", KEY("k1"), "DescribeKey GetKeyPolicy" },
        { "k1",                                         "111111111111", KEY("k1"), "DescribeKey GetKeyPolicy" },
        { "k1",                                         "",             "",        "DescribeKey"              },
        { KEY("k1"),                                    "222222222222", KEY("k1"), "DescribeKey"              },
        { "alias/x",                                    "111111111111", "",        "DescribeKey"              },
        { "arn:aws:kms:eu-west-1:111111111111:alias/x", "111111111111", "",        "DescribeKey"              },
        { "arn:aws:kms",                                "111111111111", "",        "DescribeKey"              },
    };
    struct aws_world *world = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct key_facts facts;
        world->call.account = str_from(rows[i].caller);
        aws_world_answers(world, no_key("AccessDeniedException"), admits(world->arena, "111111111111"));
        assert_true(key_facts_begin(&world->call, str_from(rows[i].key), &facts, &world->err));
        assert_int_equal(facts.lookup.answer, KEY_UNTOLD);
        assert_str_equal(facts.lookup.key.arn, rows[i].arn);
        assert_str_equal(facts.lookup.key.key_state, "");
        key_facts_complete(&world->call, KEY_POLICY, &facts);
        check_asked(world, rows[i].asked);
        if (!rows[i].arn[0])
            assert_str_equal(facts.policy_lack, "kms:DescribeKey does not tell what it is");
    }
}

static void any_other_failure_is_an_error_that_names_the_key(void **state)
{
    struct aws_world *world = *state;
    struct key_facts facts = { .policy = STR("untouched") };
    aws_world_answers(world, { .status = 400, .text = "{\"__type\":\"ValidationException\",\"message\":\"bad\"}" });
    assert_false(key_facts_begin(&world->call, STR("alias/mine"), &facts, &world->err));
    assert_string_equal(err_text(&world->err), "looking up the key \"alias/mine\": bad");
    assert_string_equal(err_code(&world->err), "ValidationException");
    assert_str_equal(facts.policy, "untouched");
    aws_world_answers(world, { .status = 200, .text = "<html/>" });
    assert_false(key_facts_begin(&world->call, STR("alias/mine"), &facts, &world->err));
}

/* ---- Policy and grants ------------------------------------------------------ */

static struct key_facts begun(struct aws_world *world)
{
    struct key_facts facts;
    assert_true(key_facts_begin(&world->call, STR(KEY("k1")), &facts, &world->err));
    return facts;
}

static void each_depth_costs_one_call_and_is_asked_once(void **state)
{
    struct aws_world *world = *state;
    aws_world_answers(world, the_key(world), admits(world->arena, "111111111111"), has_no_grants());
    struct key_facts facts = begun(world);
    key_facts_complete(&world->call, KEY_ITSELF, &facts);
    assert_true(key_facts_reach(&facts, KEY_ITSELF) && !key_facts_reach(&facts, KEY_POLICY));
    check_asked(world, "DescribeKey");
    key_facts_complete(&world->call, KEY_POLICY, &facts);
    key_facts_complete(&world->call, KEY_POLICY, &facts);
    assert_true(key_facts_reach(&facts, KEY_POLICY) && !key_facts_reach(&facts, KEY_GRANTS));
    assert_true(facts.policy.len > 0);
    check_asked(world, "DescribeKey GetKeyPolicy");
    key_facts_complete(&world->call, KEY_GRANTS, &facts);
    key_facts_complete(&world->call, KEY_GRANTS, &facts);
    assert_true(key_facts_reach(&facts, KEY_GRANTS));
    assert_int_equal(facts.grants_answer, KEY_GRANTS_TOLD);
    check_asked(world, "DescribeKey GetKeyPolicy ListGrants");
    aws_world_answers(world, the_key(world), admits(world->arena, "111111111111"), has_no_grants());
    facts = begun(world);
    key_facts_complete(&world->call, KEY_GRANTS, &facts);
    check_asked(world, "DescribeKey GetKeyPolicy ListGrants");
}

static void what_is_not_told_is_said_why(void **state)
{
    struct aws_world *world = *state;
    aws_world_answers(world, the_key(world), no_key("AccessDeniedException"), no_key("AccessDeniedException"));
    struct key_facts facts = begun(world);
    key_facts_complete(&world->call, KEY_GRANTS, &facts);
    assert_str_equal(facts.policy_lack, "kms:GetKeyPolicy: AccessDeniedException");
    assert_int_equal(facts.grants_answer, KEY_GRANTS_UNTOLD);
    assert_str_equal(facts.grants_lack, "kms:ListGrants: AccessDeniedException");
}

static void of_a_key_of_awss_own_the_policy_is_not_asked(void **state)
{
    struct aws_world *world = *state;
    aws_world_answers(world,
                      { .status = 200,
                        .text = "{\"KeyMetadata\":{\"Arn\":\"" KEY("k1") "\",\"AWSAccountId\":"
                                                                         "\"111111111111\",\"KeyManager\":\"AWS\"}}" });
    struct key_facts facts = begun(world);
    key_facts_complete(&world->call, KEY_POLICY, &facts);
    assert_str_equal(facts.policy_lack, "");
    assert_true(key_facts_reach(&facts, KEY_POLICY));
    check_asked(world, "DescribeKey");
}

static void of_another_accounts_key_neither(void **state)
{
    static const char *const callers[] = { "222222222222", "" };
    struct aws_world *world = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(callers); i++) {
        world->call.account = str_from(callers[i]);
        aws_world_answers(world, the_key(world));
        struct key_facts facts = begun(world);
        key_facts_complete(&world->call, KEY_POLICY, &facts);
        check_asked(world, "DescribeKey");
        assert_str_equal(facts.policy_lack, "it belongs to account 111111111111");
    }
}

static void kept_facts_need_nothing_of_what_they_came_from(void **state)
{
    struct aws_world *world = *state;
    struct arena *kept = arena_new(), *own = arena_new(), *calls = world->call.arena;
    aws_world_answers(world, the_key(world), admits(world->arena, "111111111111"), no_key("AccessDeniedException"));
    world->call.arena = own;
    struct key_facts facts = begun(world);
    key_facts_complete(&world->call, KEY_GRANTS, &facts);
    key_facts_keep(kept, &facts);
    arena_free(own);
    world->call.arena = calls;
    assert_str_equal(facts.lookup.key.arn, KEY("k1"));
    assert_true(str_find(facts.policy, STR("111111111111")) >= 0);
    assert_str_equal(facts.grants_lack, "kms:ListGrants: AccessDeniedException");
    arena_free(kept);
}

#define IN_A_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, aws_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_WORLD(a_key_is_found_with_its_arn),
        IN_A_WORLD(a_key_that_is_not_there_is_absent),
        IN_A_WORLD(a_denied_answer_leaves_what_the_text_says),
        IN_A_WORLD(any_other_failure_is_an_error_that_names_the_key),
        IN_A_WORLD(each_depth_costs_one_call_and_is_asked_once),
        IN_A_WORLD(what_is_not_told_is_said_why),
        IN_A_WORLD(of_a_key_of_awss_own_the_policy_is_not_asked),
        IN_A_WORLD(of_another_accounts_key_neither),
        IN_A_WORLD(kept_facts_need_nothing_of_what_they_came_from),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
