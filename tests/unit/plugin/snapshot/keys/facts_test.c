/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/keys/facts.h"

#include "plugin/snapshot/keys/access.h"
#include "tests/support/aws_world.h"
#include "tests/unit/plugin/snapshot/rds_answers.h"

static const struct str reader = { "222222222222", 12 };

static struct fake_answer the_key(const char *manager)
{
    static const char *const texts[] = {
        "{\"KeyMetadata\":{\"Arn\":\"" KEY("k1") "\",\"AWSAccountId\":\"111111111111\",\"KeyManager\":\"CUSTOMER\","
                                                 "\"KeyState\":\"Enabled\",\"KeySpec\":\"SYMMETRIC_DEFAULT\"}}",
        "{\"KeyMetadata\":{\"Arn\":\"" KEY("k1") "\",\"AWSAccountId\":\"111111111111\",\"KeyManager\":\"AWS\","
                                                 "\"KeyState\":\"Enabled\",\"KeySpec\":\"SYMMETRIC_DEFAULT\"}}",
    };
    return (struct fake_answer){ .status = 200, .text = texts[str_equal(str_from(manager), STR("AWS"))] };
}

static struct fake_answer has_policy(const char *account)
{
    static const char *const texts[] = {
        "{\"Policy\":\"{\\\"Statement\\\":{\\\"Effect\\\":\\\"Allow\\\",\\\"Principal\\\":\\\"*\\\",\\\"Action\\\":"
        "\\\"*\\\","
        "\\\"Resource\\\":\\\"*\\\"}}\"}",
        "{\"Policy\":\"{\\\"Statement\\\":{\\\"Effect\\\":\\\"Allow\\\",\\\"Principal\\\":{\\\"AWS\\\":"
        "\\\"111111111111\\\"},"
        "\\\"Action\\\":\\\"*\\\",\\\"Resource\\\":\\\"*\\\"}}\"}",
    };
    return (struct fake_answer){ .status = 200, .text = texts[account != NULL] };
}

static struct fake_answer no_grants(void)
{
    return (struct fake_answer){ .status = 200, .text = "{\"Grants\":[],\"Truncated\":false}" };
}

static struct fake_answer denied(void)
{
    return (struct fake_answer){ .status = 400, .text = "{\"__type\":\"AccessDeniedException\",\"Message\":\"no\"}" };
}

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

static struct key_users the_users(void)
{
    return (struct key_users){ .part = KEY_PART_TARGET,
                               .account = STR("111111111111"),
                               .arn = STR("arn:aws:iam::111111111111:user/me"),
                               .region = STR("eu-west-1"),
                               .readers = &reader,
                               .reader_count = 1 };
}

static enum key_access find(struct aws_world *world, struct key_cache *cache)
{
    struct key_cache *own = cache ? NULL : key_cache_new();
    CLEANUP(key_access_drop) struct key_access_found found = { 0 };
    const struct key_users users = the_users();
    assert_true(key_access_find(&world->call, cache ? cache : own, STR(KEY("k1")), &users, &found, &world->err));
    key_cache_free(own);
    return found.access;
}

static enum key_access look(struct aws_world *world)
{
    CLEANUP(key_access_drop) struct key_access_found found = { 0 };
    enum key_answer answer;
    struct kms_key key;
    const struct key_users users = the_users();
    assert_true(key_look_up(&world->call, STR(KEY("k1")), &answer, &key, &world->err));
    key_access_look(&world->call, &key, &users, &found);
    return found.access;
}

static void an_open_key_costs_two_calls(void **state)
{
    struct aws_world *world = *state;
    aws_world_answers(world, the_key("CUSTOMER"), has_policy(NULL));
    assert_int_equal(find(world, NULL), KEY_OPEN);
    check_asked(world, "DescribeKey GetKeyPolicy");
}

static void grants_are_asked_for_where_the_policy_says_no(void **state)
{
    struct aws_world *world = *state;
    aws_world_answers(world, the_key("CUSTOMER"), has_policy("111111111111"), no_grants());
    assert_int_equal(find(world, NULL), KEY_CLOSED);
    check_asked(world, "DescribeKey GetKeyPolicy ListGrants");
    aws_world_answers(world, the_key("CUSTOMER"), has_policy("111111111111"), denied());
    assert_int_equal(find(world, NULL), KEY_MAYBE);
    struct key_facts facts;
    aws_world_answers(world, the_key("CUSTOMER"), has_policy("111111111111"), denied());
    key_facts_read(&world->call, STR(KEY("k1")), &facts);
    key_facts_read_grants(&world->call, &facts);
    assert_str_equal(facts.grants_lack, "kms:ListGrants: AccessDeniedException");
    aws_world_answers(world, the_key("CUSTOMER"), has_policy("111111111111"), no_grants());
    assert_int_equal(look(world), KEY_CLOSED);
    check_asked(world, "DescribeKey GetKeyPolicy ListGrants");
}

static void of_a_key_of_awss_own_the_policy_is_not_asked(void **state)
{
    struct aws_world *world = *state;
    aws_world_answers(world, the_key("AWS"));
    assert_int_equal(find(world, NULL), KEY_HOPELESS);
    check_asked(world, "DescribeKey");
}

static void of_another_accounts_key_neither(void **state)
{
    struct aws_world *world = *state;
    struct key_facts facts;
    world->call.account = STR("222222222222");
    aws_world_answers(world, the_key("CUSTOMER"));
    key_facts_read(&world->call, STR(KEY("k1")), &facts);
    check_asked(world, "DescribeKey");
    assert_str_equal(facts.policy_lack, "it belongs to account 111111111111");
}

/* What the policy lacks may be kms:DescribeKey itself. */
static void without_describe_key_the_policy_is_asked_by_id_or_arn(void **state)
{
    static const struct {
        const char *key, *caller, *asked;
        enum key_answer answer;
    } rows[] = {
        { KEY("k1"),                                    "111111111111", "DescribeKey GetKeyPolicy", KEY_FOUND  },
        { "k1",                                         "111111111111", "DescribeKey GetKeyPolicy", KEY_FOUND  },
        { "k1",                                         "",             "DescribeKey",              KEY_UNTOLD },
        { KEY("k1"),                                    "222222222222", "DescribeKey",              KEY_FOUND  },
        { "alias/x",                                    "111111111111", "DescribeKey",              KEY_UNTOLD },
        { "arn:aws:kms:eu-west-1:111111111111:alias/x", "111111111111", "DescribeKey",              KEY_UNTOLD },
    };
    struct aws_world *world = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct key_facts facts;
        world->call.account = str_from(rows[i].caller);
        aws_world_answers(world, denied(), has_policy("111111111111"));
        key_facts_read(&world->call, str_from(rows[i].key), &facts);
        check_asked(world, rows[i].asked);
        assert_int_equal(facts.answer, rows[i].answer);
        if (facts.answer == KEY_FOUND)
            assert_str_equal(facts.key.arn, KEY("k1"));
    }
    world->call.account = STR("111111111111");
    aws_world_answers(world, denied(), has_policy("111111111111"), no_grants());
    assert_int_equal(find(world, NULL), KEY_CLOSED);
}

static void a_failure_of_any_kind_tells_nothing_and_is_no_error(void **state)
{
    static const struct fake_answer failures[] = {
        { .status = 400, .text = "{\"__type\":\"AccessDeniedException\",\"Message\":\"no\"}" },
        { .status = 400, .text = "{\"__type\":\"NotFoundException\"}" },
        { .status = 400, .text = "{\"__type\":\"ValidationException\"}" },
        { .status = 200, .text = "<html/>" },
        { .kind = ERR_TIMEOUT },
    };
    struct aws_world *world = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(failures); i++) {
        struct fake_answer failure = failures[i];
        failure.repeats = REPEATS_FOR_EVER;
        world->call.deadline_ms = clock_after_ms(&world->clock.clock, MINUTE_MS);
        fake_transport_script(&world->transport, &failure, 1);
        assert_int_equal(find(world, NULL), KEY_MAYBE);
        const struct fake_answer late[] = { the_key("CUSTOMER"), failure };
        fake_transport_script(&world->transport, late, 2);
        assert_int_equal(find(world, NULL), KEY_MAYBE);
    }
}

static void a_hundred_plans_ask_once(void **state)
{
    struct aws_world *world = *state;
    struct key_cache *cache = key_cache_new();
    aws_world_answers(world, the_key("CUSTOMER"), has_policy("111111111111"), no_grants());
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(find(world, cache), KEY_CLOSED);
    check_asked(world, "DescribeKey GetKeyPolicy ListGrants");
    key_cache_free(cache);
}

static void what_was_not_told_is_not_asked_again(void **state)
{
    struct aws_world *world = *state;
    struct key_cache *cache = key_cache_new();
    aws_world_answers(world, denied(), denied());
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(find(world, cache), KEY_MAYBE);
    check_asked(world, "DescribeKey GetKeyPolicy");
    key_cache_free(cache);
}

static void one_spelling_in_two_regions_is_two_keys(void **state)
{
    struct aws_world *world = *state;
    struct key_cache *cache = key_cache_new();
    struct key_facts facts;
    aws_world_answers(world, the_key("AWS"), denied());
    assert_true(key_cache_get(cache, &world->call, STR("alias/x"), false, &facts, &world->err));
    assert_int_equal(facts.answer, KEY_FOUND);
    world->call.region = STR("us-east-1");
    assert_true(key_cache_get(cache, &world->call, STR("alias/x"), false, &facts, &world->err));
    assert_int_equal(facts.answer, KEY_UNTOLD);
    key_cache_free(cache);
}

static void a_stop_is_not_remembered_as_an_answer(void **state)
{
    struct aws_world *world = *state;
    struct key_cache *cache = key_cache_new();
    struct key_facts facts;
    aws_world_answers(world, { .kind = ERR_CANCELLED, .cancels = world->waiter });
    assert_false(key_cache_get(cache, &world->call, STR("alias/x"), false, &facts, &world->err));
    assert_int_equal(world->err.kind, ERR_CANCELLED);
    struct waiter *another = waiter_new(&world->clock.clock);
    world->call.waiter = another;
    aws_world_answers(world, the_key("AWS"));
    assert_true(key_cache_get(cache, &world->call, STR("alias/x"), false, &facts, &world->err));
    assert_int_equal(facts.answer, KEY_FOUND);
    key_cache_free(cache);
    key_cache_free(NULL);
    world->call.waiter = world->waiter;
    waiter_free(another);
}

#define IN_A_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, aws_world_teardown)

/* For applies: a "no" of a moment ago, or what was not said, is asked for again. */
static void what_was_open_a_moment_ago_needs_no_call(void **state)
{
    static const struct {
        const char *policy_of; /* NULL: open to all */
        bool is_told, is_open;
        int64_t later_ms;
    } rows[] = {
        { NULL,           true,  true,  0              },
        { NULL,           true,  true,  59 * SECOND_MS },
        { NULL,           true,  false, MINUTE_MS      },
        { "111111111111", true,  false, 0              },
        { NULL,           false, false, 0              },
    };
    struct aws_world *world = *state;
    const struct key_users users = the_users();
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct key_cache *cache = key_cache_new();
        struct kms_key key;
        assert_false(key_access_was_open(&world->call, cache, STR(KEY("k1")), &users, &key));
        aws_world_answers(world, rows[i].is_told ? the_key("CUSTOMER") : denied(), has_policy(rows[i].policy_of),
                          no_grants());
        (void)find(world, cache);
        const size_t asked = world->transport.request_count;
        fake_clock_advance(&world->clock, rows[i].later_ms);
        if (key_access_was_open(&world->call, cache, STR(KEY("k1")), &users, &key) != rows[i].is_open)
            fail_msg("row %zu", i);
        if (rows[i].is_open)
            assert_str_equal(key.arn, KEY("k1"));
        assert_int_equal(world->transport.request_count, asked);
        key_cache_free(cache);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_WORLD(an_open_key_costs_two_calls),
        IN_A_WORLD(grants_are_asked_for_where_the_policy_says_no),
        IN_A_WORLD(of_a_key_of_awss_own_the_policy_is_not_asked),
        IN_A_WORLD(of_another_accounts_key_neither),
        IN_A_WORLD(without_describe_key_the_policy_is_asked_by_id_or_arn),
        IN_A_WORLD(a_failure_of_any_kind_tells_nothing_and_is_no_error),
        IN_A_WORLD(a_hundred_plans_ask_once),
        IN_A_WORLD(what_was_not_told_is_not_asked_again),
        IN_A_WORLD(one_spelling_in_two_regions_is_two_keys),
        IN_A_WORLD(a_stop_is_not_remembered_as_an_answer),
        IN_A_WORLD(what_was_open_a_moment_ago_needs_no_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
