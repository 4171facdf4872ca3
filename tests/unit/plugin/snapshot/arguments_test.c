/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/arguments.h"

#include <string.h>

#include "tests/support/fake_call.h"
#include "tests/support/harness.h"

struct box {
    struct tf_string argument;
    struct tf_string_set accounts;
};

static const struct tf_attribute box_rows[] = {
    TF_ATTR(struct box, argument, .flags = TF_OPTIONAL, .description = "A text."),
    TF_ATTR(struct box, accounts, .flags = TF_OPTIONAL, .description = "Accounts."),
    TF_END,
};

static const struct tf_model box_model = TF_MODEL(struct box, box_rows);

static int setup(void **state)
{
    *state = fake_call_new(NULL, &box_model, NULL);
    return 0;
}

static int teardown(void **state)
{
    fake_call_free(*state);
    return 0;
}

static const char *said(struct fake_call *fake, void (*check)(struct tf_call *, const char *, const void *),
                        struct str text)
{
    const struct tf_string argument = tf_known_string(text);
    fake_call_again(fake);
    check(fake_call_of(fake), "argument", &argument);
    return fake_call_said(fake);
}

static void an_empty_name_is_refused(void **state)
{
    assert_string_equal(said(*state, argument_check_name, STR("")),
                        "error argument: Empty argument: argument must not be empty.\n");
    assert_string_not_equal(said(*state, argument_check_name, (struct str){ 0 }), "");
    assert_string_equal(said(*state, argument_check_name, STR("default:mysql-8-0")), "");
}

static void what_no_name_contains_is_refused_and_shown(void **state)
{
    static const struct {
        const char *text, *shown, *contains;
        bool is_at_end;
    } rows[] = {
        { "a ",         "\"a \"",            "a space;",               true  },
        { "a b",        "\"a b\"",           "a space;",               false },
        { "a\n",        "\"a\\n\"",          "a line break;",          true  },
        { "\ta",        "\"\\ta\"",          "a tab;",                 true  },
        { "a\r\n",      "\"a\\r\\n\"",       "a carriage return;",     true  },
        { "a\x01",      "\"a\\u0001\"",      "the character U+0001;",  false },
        { "a\x7f",      "\"a\\u007f\"",      "the character U+007F;",  false },
        { "\"\\ \"",    "\"\\\"\\\\ \\\"\"", "the character \";",      false },
        { "<arn>",      "\"<arn>\"",         "the character <;",       false },
        { "{}-a",       "\"{}-a\"",          "the character {;",       false },
        { "$(a)",       "\"$(a)\"",          "the character $;",       false },
        { "a\u00a0",    "\"a\u00a0\"",       "the character U+00A0;",  false },
        { "\u200ba",    "\"\u200ba\"",       "the character U+200B;",  false },
        { "\U0001f511", "\"\U0001f511\"",    "the character U+1F511;", false },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const char *text = said(*state, argument_check_name, str_from(rows[i].text));
        if (!strstr(text, "error argument: Invalid character: argument is ") || !strstr(text, rows[i].shown) ||
            !strstr(text, rows[i].contains) || !strstr(text, "trimspace()") == rows[i].is_at_end)
            fail_msg("row %zu: %s", i, text);
    }
    assert_non_null(strstr(said(*state, argument_check_snapshot, STR("a ")), "Invalid character"));
    assert_non_null(strstr(said(*state, argument_check_key, STR("alias/a\n")), "Invalid character"));
}

static void a_long_text_is_shown_in_part(void **state)
{
    char text[4000];
    memset(text, 'a', sizeof(text));
    text[sizeof(text) - 1] = '\n';
    const char *shown = said(*state, argument_check_name, (struct str){ text, sizeof(text) });
    assert_non_null(strstr(shown, "aaa...\" and contains a line break"));
    assert_true(strlen(shown) < 600);
}

static void a_key_is_an_id_an_alias_or_an_arn_of_one(void **state)
{
    static const struct {
        const char *text, *refusal; /* NULL: none */
    } rows[] = {
        { "1234abcd-12ab-34cd-56ef-1234567890ab",            NULL                                   },
        { "mrk-1234abcd12ab34cd56ef1234567890ab",            NULL                                   },
        { "alias/team/orders_1",                             NULL                                   },
        { "arn:aws:kms:eu-west-1:111111111111:key/mrk-12ab", NULL                                   },
        { "arn:aws:kms:eu-west-1:111111111111:alias/a/b",    NULL                                   },
        { "team/orders",                                     "write \"alias/team/orders\""          },
        { "aws/rds",                                         "write \"alias/aws/rds\""              },
        { "my_key",                                          "write \"alias/my_key\""               },
        { "key/12ab-34cd",                                   "Write the id alone, \"12ab-34cd\""    },
        { "key/a/b",                                         "write \"alias/key/a/b\""              },
        { "key/",                                            "write \"alias/key/\""                 },
        { "12ab:34cd",                                       "\"12ab:34cd\" is not the id of a key" },
        { "arn:aws:kms:eu-west-1:111111111111:key/",         "\"\" is not the id of a key"          },
        { "arn:aws:kms:eu-west-1:111111111111:key/a/b",      "\"a/b\" is not the id of a key"       },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const char *text = said(*state, argument_check_key, str_from(rows[i].text));
        if (rows[i].refusal ? !strstr(text, rows[i].refusal) : *text)
            fail_msg("%s: \"%s\"", rows[i].text, text);
    }
}

static void a_kind_is_one_of_two_words(void **state)
{
    assert_string_equal(said(*state, argument_check_kind, STR("cluster")), "");
    assert_string_equal(said(*state, argument_check_kind, STR("instance")), "");
    assert_non_null(strstr(said(*state, argument_check_kind, STR("Cluster")), "\"Cluster\" is neither"));
    assert_string_not_equal(said(*state, argument_check_kind, STR("")), "");
}

static void a_region_must_look_like_one(void **state)
{
    assert_string_equal(said(*state, argument_check_region, STR("eu-west-1")), "");
    assert_non_null(strstr(said(*state, argument_check_region, STR("EU-WEST-1")), "\"EU-WEST-1\" is not a Region"));
    assert_string_not_equal(said(*state, argument_check_region, (struct str){ 0 }), "");
}

static void a_snapshot_is_a_name_or_an_arn_of_one(void **state)
{
    assert_string_equal(said(*state, argument_check_snapshot, STR("a")), "");
    assert_string_equal(said(*state, argument_check_snapshot, STR("rds:a")), "");
    assert_string_equal(
        said(*state, argument_check_snapshot, STR("arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:a")), "");
    assert_string_not_equal(said(*state, argument_check_snapshot, STR("")), "");
    assert_string_not_equal(said(*state, argument_check_snapshot, STR("arn:")), "");
    assert_string_not_equal(said(*state, argument_check_snapshot, STR("arn:aws:rds:eu-west-1:1:snapshot:a")), "");
}

static const char *said_of_accounts(struct fake_call *fake, struct tf_string *items, size_t count)
{
    const struct tf_string_set set = { TF_KNOWN, items, count };
    fake_call_again(fake);
    argument_check_accounts(fake_call_of(fake), "accounts", &set);
    return fake_call_said(fake);
}

static void accounts_have_twelve_digits(void **state)
{
    struct tf_string items[] = { tf_known_string(STR("111111111111")), { .state = TF_UNKNOWN } };
    assert_string_equal(said_of_accounts(*state, items, 2), "");
    assert_string_equal(said_of_accounts(*state, NULL, 0), "");
    static const char *const bad[] = { "",    "1111111111111",  "11111111111a", "111111111111 ",
                                       "all", "1111-1111-1111", "\xff" };
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        items[0] = tf_known_string(str_from(bad[i]));
        assert_non_null(strstr(said_of_accounts(*state, items, 1), "error accounts: Invalid account id: "));
        assert_null(strstr(said_of_accounts(*state, items, 1), "leading zero"));
    }
    items[0] = tf_known_string(STR("12345678901"));
    assert_non_null(strstr(said_of_accounts(*state, items, 1), "leading zero"));
    items[0] = tf_known_string(STR("all"));
    assert_non_null(strstr(said_of_accounts(*state, items, 1), "name the accounts that need it"));
    static const char *const meant[] = { "1111-1111-1111", "111111111111}", "111111111111 ", "\"111111111111\"",
                                         "arn:aws:iam::111111111111:role/r2" };
    for (size_t i = 0; i < ARRAY_LENGTH(meant); i++) {
        items[0] = tf_known_string(str_from(meant[i]));
        assert_non_null(strstr(said_of_accounts(*state, items, 1), "12 digits. Write \"111111111111\"."));
    }
    items[0] = (struct tf_string){ 0 };
    assert_string_not_equal(said_of_accounts(*state, items, 1), "");
}

static void more_accounts_than_a_snapshot_is_shared_with_are_refused(void **state)
{
    struct arena *arena = fake_call_of(*state)->arena;
    struct tf_string items[SHARED_ACCOUNTS_MAX + 2];
    for (size_t i = 0; i <= SHARED_ACCOUNTS_MAX; i++)
        items[i] = tf_known_string(str_format(arena, "%012zu", i));
    assert_string_equal(said_of_accounts(*state, items, SHARED_ACCOUNTS_MAX), "");
    assert_non_null(
        strstr(said_of_accounts(*state, items, SHARED_ACCOUNTS_MAX + 1), "21 accounts are given; at most 20"));
    items[SHARED_ACCOUNTS_MAX - 1] = items[SHARED_ACCOUNTS_MAX] = (struct tf_string){ .state = TF_UNKNOWN };
    assert_string_equal(said_of_accounts(*state, items, SHARED_ACCOUNTS_MAX + 1), "");
}

#define WITH_CALL(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_CALL(an_empty_name_is_refused),
        WITH_CALL(what_no_name_contains_is_refused_and_shown),
        WITH_CALL(a_long_text_is_shown_in_part),
        WITH_CALL(a_key_is_an_id_an_alias_or_an_arn_of_one),
        WITH_CALL(a_kind_is_one_of_two_words),
        WITH_CALL(a_region_must_look_like_one),
        WITH_CALL(a_snapshot_is_a_name_or_an_arn_of_one),
        WITH_CALL(accounts_have_twelve_digits),
        WITH_CALL(more_accounts_than_a_snapshot_is_shared_with_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
