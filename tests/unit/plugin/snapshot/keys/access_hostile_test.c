/* SPDX-License-Identifier: MPL-2.0
 *
 * Policies made to do harm: a key's owner writes what he likes into them, and
 * twenty accounts at most share a snapshot.
 */
#include "aws/policy/document.h"
#include "tests/support/bounded.h"
#include "tests/unit/plugin/snapshot/keys/access_fixture.h"

enum { READERS = 20, MIB = 1024 * 1024 };

struct looking {
    struct arena *arena;
    struct str policy;
};

static int open_looking(void **state)
{
    struct looking *looking = mem_alloc(sizeof(*looking));
    looking->arena = arena_new();
    *state = looking;
    return 0;
}

static int close_looking(void **state)
{
    struct looking *looking = *state;
    arena_free(looking->arena);
    mem_free(looking);
    return 0;
}

static bool is_judged(void *self)
{
    struct looking *looking = self;
    struct str all[READERS];
    struct key_users users = the_users();
    CLEANUP(err_clear) struct err refusal = { 0 };
    struct str doubt;
    for (size_t i = 0; i < READERS; i++)
        all[i] = str_format(looking->arena, "%012zu", 300 + i);
    users.readers = all;
    users.reader_count = READERS;
    const struct key_facts facts = a_key(looking->policy);
    return key_access_judge(looking->arena, &facts, &users, &refusal, &doubt) != KEY_UNUSABLE;
}

#define ALLOWING "{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\","
#define ON_CONDITION ALLOWING "\"Principal\":\"*\",\"Condition\":{"

/* The head, the piece as often as it fits into so many bytes, the tail. */
static struct str filled(struct arena *arena, size_t bytes, const char *head, const char *piece, const char *tail)
{
    struct str_builder text;
    CLEANUP(err_clear) struct err err = { 0 };
    str_builder_init(&text, arena, bytes);
    assert_true(str_builder_add(&text, str_from(head), &err));
    for (size_t i = 0; text.len + strlen(piece) + strlen(tail) + 8 < bytes; i++)
        assert_true(str_builder_format(&text, &err, piece, i));
    assert_true(str_builder_add(&text, str_from(tail), &err));
    return str_builder_text(&text);
}

static void the_longest_policies_are_judged_in_little_memory_and_time(void **state)
{
    struct looking *looking = *state;
    static const struct {
        const char *head, *piece, *tail;
    } cases[] = {
        { ALLOWING "\"Principal\":{",                                                                                "\"%zx\":\"a\",",         "\"AWS\":\"*\"}}]}" },
        { ALLOWING "\"Principal\":{\"AWS\":[",                                                                       "\"%zx\",",               "\"*\"]}}]}"        },
        { ALLOWING "\"Principal\":{\"AWS\":[",                                                                       "\"arn:%zx\",",           "\"*\"]}}]}"        },
        { "{\"Statement\":[",                                                                                        "0,",                     "0]}"               },
        { "{\"Statement\":[",                                                                                        "{},",                    "0]}"               },
        { "{\"Statement\":[",                                                                                        "{\"Sid\":\"%zx\"},",     "0]}"               },
        { ON_CONDITION,                                                                                              "\"%zx\":{\"k\":\"v\"},", "\"x\":{}}}]}"      },
        { "{\"Statement\":[{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"*\",\"Resource\":\"*\",\"Sid\":\"",
         "s",                                                                                                                                  "\"}]}"             },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        looking->policy = filled(looking->arena, AWS_POLICY_MAX_BYTES, cases[i].head, cases[i].piece, cases[i].tail);
        bounded_run(32 * MIB, is_judged, looking);
    }
}

static void a_long_operator_with_many_keys_is_kept_once(void **state)
{
    struct looking *looking = *state;
    const struct str name = filled(looking->arena, AWS_POLICY_MAX_BYTES / 2, "", "a", "");
    const struct str keys = filled(looking->arena, AWS_POLICY_MAX_BYTES / 2 - 300, "", "\"%zx\":1,", "\"x\":1");
    looking->policy = str_format(looking->arena, ON_CONDITION "\"%.*s\":{%.*s}}}]}", STR_ARG(name), STR_ARG(keys));
    bounded_run(32 * MIB, is_judged, looking);
}

/* Where a reader will call RDS is not known: each host that a policy names may be the one, and is compared with
 * each value. */
static void hosts_without_number_or_end_are_not_compared(void **state)
{
    struct looking *looking = *state;
    static const struct {
        const char *host, *next_host, *operator, * value, *next_value;
    } cases[] = {
        { "rds.%zx",     "\",\"rds.%zx",  "StringEqualsIgnoreCase", "%zx",        "\",\"%zx"        },
        { "rds.a%zx",    "\",\"rds.a%zx", "StringLike",             "*a*a*a*a*b", "\",\"*a*a*a*a*b" },
        { "rds.aaaa%zx", "aaaa",          "StringLike",             "*aaaa",      "aaaa"            },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        const struct str hosts =
            filled(looking->arena, AWS_POLICY_MAX_BYTES / 2, cases[i].host, cases[i].next_host, "");
        const struct str values =
            filled(looking->arena, AWS_POLICY_MAX_BYTES / 2 - 300, cases[i].value, cases[i].next_value, "");
        looking->policy = str_format(looking->arena,
                                     ON_CONDITION "\"StringEquals\":{\"kms:ViaService\":[\"%.*s\"]},\"%s\":{"
                                                  "\"kms:ViaService\":[\"%.*sb\"]}}}]}",
                                     STR_ARG(hosts), cases[i].operator, STR_ARG(values));
        bounded_run(32 * MIB, is_judged, looking);
    }
}

static void as_many_hosts_as_there_are_regions_are_compared(void **state)
{
    struct looking *looking = *state;
    static const struct {
        size_t bytes;
        enum key_access access;
    } cases[] = {
        { 40 * 32,  KEY_OPEN  },
        { 100 * 32, KEY_MAYBE },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        const struct str hosts = filled(looking->arena, cases[i].bytes, "\"rds.eu-west-1.amazonaws.com",
                                        "\",\"rds.ab-cdefg-%zu.amazonaws.com", "\"");
        const struct str policy =
            str_format(looking->arena, ON_CONDITION "\"StringEquals\":{\"kms:ViaService\":[%.*s]}}}]}", STR_ARG(hosts));
        CLEANUP(drop_judgement) struct judgement judgement = judge_policy(looking->arena, policy);
        expect(&judgement, cases[i].access, policy);
    }
}

#define LOOKING_TEST(function) cmocka_unit_test_setup_teardown(function, open_looking, close_looking)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LOOKING_TEST(the_longest_policies_are_judged_in_little_memory_and_time),
        LOOKING_TEST(a_long_operator_with_many_keys_is_kept_once),
        LOOKING_TEST(as_many_hosts_as_there_are_regions_are_compared),
        LOOKING_TEST(hosts_without_number_or_end_are_not_compared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
